// What the words of each source mean to a parcel on its way to us. The customer is the sender here: an attempt that failed
// before the first scan failed at their door, and what "returns to the sender" is on its way back to them. Where a source
// does not say whose fault it was, nobody is blamed.

const failed = (fault: string) => `ATTEMPT_FAILED:${fault}`;

/** karrio's unified status. */
export const karrioStatus: Readonly<Record<string, string>> = {
  pending: "CARRIER_NOTIFIED",
  picked_up: "PICKED_UP",
  in_transit: "IN_TRANSIT",
  out_for_delivery: "OUT_FOR_DELIVERY",
  ready_for_pickup: "OUT_FOR_DELIVERY",
  delivered: "DELIVERED",
  delivery_failed: failed("GENERAL"),
  on_hold: "NO_PLACE",
  delivery_delayed: "NO_PLACE",
  cancelled: "NEEDS_A_PERSON",
  return_to_sender: "NEEDS_A_PERSON",
  unknown: "UNCLEAR",
};

/** karrio's incidents, by meaning: why something went wrong. */
const karrioIncidents: Readonly<Record<string, readonly string[]>> = {
  LOST: ["carrier_parcel_lost"],
  [failed("CUSTOMER")]: [
    "consignee_refused",
    "consignee_not_home",
    "consignee_not_available",
    "consignee_business_closed",
    "consignee_access_restricted",
    "consignee_identification_failed",
    "consignee_verification_failed",
    "consignee_safe_place_unavailable",
    "no_access_to_delivery_location",
    "signature_required",
    "recipient_moved",
  ],
  [failed("LOGISTICS")]: ["carrier_not_enough_time", "carrier_vehicle_issue", "carrier_capacity_exceeded"],
  // An address may be wrong on either side, and the weather is nobody's.
  [failed("GENERAL")]: [
    "carrier_address_not_found",
    "consignee_incorrect_address",
    "delivery_address_issue",
    "delivery_attempt_failed",
    "delivery_attempted",
    "weather_delay",
    "natural_disaster",
    "force_majeure",
    "retailer_not_ready",
    "retailer_incorrect_data",
    "retailer_incorrect_parcel",
    "retailer_incorrect_dimensions",
    "retailer_packaging_issue",
  ],
  NO_PLACE: [
    "carrier_sorting_error",
    "carrier_delay",
    "carrier_mechanical_delay",
    "delivery_delayed",
    "delivery_exception_delayed",
    "delivery_exception_hold",
    "delivery_exception_redelivery",
    "delivery_exception_action_required",
    "delivery_exception_incomplete_data",
    "shipment_on_hold",
    "customs_delay",
    "customs_documentation",
    "customs_duties_unpaid",
    "customs_inspection",
    "parcel_being_researched",
    "security_issue",
    "regulatory_hold",
  ],
  NEEDS_A_PERSON: [
    "carrier_damaged_parcel",
    "consignee_cancelled",
    "retailer_cancelled",
    "customs_prohibited",
    "delivery_exception_undeliverable",
    "delivery_exception_cancelled",
    "delivery_exception_high_value_rejected",
    "return_by_agreement",
    "return_destroyed",
  ],
  UNCLEAR: ["unknown"],
};
export const karrioIncident = inverted(karrioIncidents);

/** The event codes of delivery-tracker. */
export const koreanEvent: Readonly<Record<string, string>> = {
  InformationReceived: "CARRIER_NOTIFIED",
  AtPickup: "PICKED_UP",
  InTransit: "IN_TRANSIT",
  OutForDelivery: "OUT_FOR_DELIVERY",
  AvailableForPickup: "OUT_FOR_DELIVERY",
  Delivered: "DELIVERED",
  AttemptFail: failed("GENERAL"),
  Exception: "NEEDS_A_PERSON",
  Unknown: "UNCLEAR",
};

/** ECPay's codes: the customer brings a parcel to a store, the shop takes it from another. */
const ecpayCodes: Readonly<Record<string, readonly string[]>> = {
  CARRIER_NOTIFIED: ["300", "310"],
  DROPPED_OFF: ["2068", "3032", "4001"],
  IN_TRANSIT: ["2030", "3024", "4002"],
  OUT_FOR_DELIVERY: ["2063", "2073", "3018", "3029"],
  DELIVERED: ["2067", "3022"],
  LOST: ["2088", "7006", "7007", "7020"],
  NO_PLACE: ["2087", "2101", "2102", "2104", "2105", "7012", "7014", "7015", "7019", "7032"],
  // Nobody took it from the store, or it never fitted: it goes back to the customer.
  NEEDS_A_PERSON: [
    ...["2069", "2074", "2076", "2077", "2078", "2079", "2080", "2081", "2082", "2083", "2084", "2085", "2086", "2089"],
    ...["2092", "2093", "2103", "3019", "3020", "3021", "3023", "3025", "3031", "5009"],
    ...["7008", "7009", "7010", "7011", "7013", "7016"],
  ],
};
export const ecpayCode = inverted(ecpayCodes);

/** The words of aggregators, each with its own spelling. */
const aggregatorWords: Readonly<Record<string, readonly string[]>> = {
  CARRIER_NOTIFIED: ["pre_transit", "Pending", "InfoReceived", "PRE_TRANSIT", "INFORMATION_RECEIVED", "pending"],
  PICKED_UP: ["picked_up", "InTransit_PickedUp", "AT_PICKUP"],
  IN_TRANSIT: ["in_transit", "InTransit", "TRANSIT", "IN_TRANSIT"],
  OUT_FOR_DELIVERY: [
    ...["out_for_delivery", "OutForDelivery", "OUT_FOR_DELIVERY"],
    ...["available_for_pickup", "AvailableForPickup", "AVAILABLE_FOR_PICKUP", "ready_for_pickup"],
  ],
  DELIVERED: ["delivered", "Delivered", "DELIVERED"],
  LOST: ["Exception_Lost"],
  [failed("CUSTOMER")]: ["DeliveryFailure_NoBody", "DeliveryFailure_Rejected"],
  [failed("GENERAL")]: ["AttemptFail", "DeliveryFailure", "ATTEMPT_FAIL", "delivery_failed"],
  // Expired: nothing was heard for long, which dwell time finds by itself.
  NO_PLACE: ["Expired", "Exception_Delayed", "on_hold", "delivery_delayed"],
  NEEDS_A_PERSON: [...["return_to_sender", "failure", "cancelled", "Exception", "RETURNED", "FAILURE", "EXCEPTION"]],
  UNCLEAR: ["unknown", "error", "UNKNOWN", "NotFound"],
};
const aggregatorWord = inverted(aggregatorWords);

/** A sub-status without a meaning of its own has its status's: "InTransit_Other" is InTransit. */
export function aggregatorMeaning(word: string): string | undefined {
  return aggregatorWord[word] ?? aggregatorWord[word.split("_")[0] ?? ""];
}

function inverted(byMeaning: Readonly<Record<string, readonly string[]>>): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(byMeaning).flatMap(([meaning, all]) => all.map((word) => [word, meaning])));
}
