// What carriers send of a parcel on its way, each in the format it really uses: CJ and EasyPost repeat with every message
// all that came before, ECPay and our own JSON tell one thing at a time.
import { newId } from "#kit/ids.js";
import { cjMessage, easypostMessage, ecpayMessage } from "../../services/collection/test/messages.js";

/** A parcel that is on its way. */
export type Parcel = { readonly carrier: string; readonly trackingNumber: string };

export type Message = {
  /** Who signs. */
  readonly reporter: string;
  readonly path: "" | "/messages";
  readonly body: string;
};

export const formats = ["cj", "ecpay", "easypost", "standard"] as const;
export type FormatName = (typeof formats)[number];

const cjCodes = ["11", "41", "42", "82", "91"];
const ecpayCodes = ["2068", "2030", "2073", "2067"];
const easypostCodes = [
  "pre_transit/label_created",
  "in_transit/arrived_at_facility",
  "out_for_delivery/out_for_delivery",
  "delivered/arrived_at_destination",
];
/** A driver who found nobody the first time: two of these stand on the resolution's timeline. */
const standardKinds = [
  "CARRIER_NOTIFIED",
  "OUT_FOR_PICKUP",
  "ATTEMPT_FAILED",
  "OUT_FOR_PICKUP",
  "PICKED_UP",
  "IN_TRANSIT",
  "OUT_FOR_DELIVERY",
  "DELIVERED",
];

/** Where parcels are sold that are told in a format. */
export const marketOf: Readonly<Record<FormatName, string>> = { cj: "KR", ecpay: "TW", easypost: "GB", standard: "GB" };

const formatOf: Readonly<Record<string, FormatName>> = { cj: "cj", seven: "ecpay", family: "ecpay" };

/** How a carrier tells: in its own format, in ours, or through EasyPost where that was wanted and speaks for it. */
export function spokenBy(carrier: string, wanted: FormatName): FormatName {
  if (wanted === "easypost" && carrier === "hermes") return wanted;
  return formatOf[carrier] ?? "standard";
}

/** What of it the resolution's timeline shows: the failed attempt and the pick-up. */
export const entriesOf: Readonly<Record<FormatName, number>> = { cj: 1, ecpay: 1, easypost: 1, standard: 2 };

/** All messages of one parcel, in order; each tells one thing that is new. */
export function wayOf(format: FormatName, { carrier, trackingNumber }: Parcel): Message[] {
  const upTo = (codes: readonly string[], nth: number) => codes.slice(0, nth + 1);
  switch (format) {
    case "cj":
      return cjCodes.map((_, nth) => own("cj", cjMessage(trackingNumber, upTo(cjCodes, nth))));
    case "easypost":
      return easypostCodes.map((_, nth) =>
        own("easypost", easypostMessage("Hermes", trackingNumber, upTo(easypostCodes, nth))),
      );
    case "ecpay":
      return ecpayCodes.map((code) => own(carrier, ecpayMessage(trackingNumber, code)));
    case "standard":
      return standardKinds.map((kind) => {
        const fault = kind === "ATTEMPT_FAILED" ? { fault: "FAULT_CUSTOMER" } : {};
        const time = new Date().toISOString();
        const event = { eventId: newId("trk"), kind: `TRACKING_KIND_${kind}`, code: kind, eventTime: time, ...fault };
        return { reporter: carrier, path: "", body: JSON.stringify({ trackingNumber, event }) };
      });
  }
}

function own(reporter: string, body: string): Message {
  return { reporter, path: "/messages", body };
}
