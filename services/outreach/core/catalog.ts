// Which entries of a resolution's history are told outside, and under which type. What is not listed is our own affair: a
// step tried again, a clock counted anew, a call for a person.

const told = [
  "Requested",
  "Approved",
  "Declined",
  "Withdrawn",
  "Canceled",
  "Reopened",
  "Closed",
  "ReleaseStopped",
  "AlreadyShipped",
  "Intercepted",
  "InterceptRefused",
  "ReturnGranted",
  "ReturnDeclined",
  "ComesBack",
  "VisitBooked",
  "PickupAttemptFailed",
  "CollectionFailed",
  "ParcelPickedUp",
  "HandOverConfirmed",
  "ParcelDelivered",
  "ParcelReceived",
  "ParcelLost",
  "NeverHandedOver",
  "InspectionCompleted",
  "DisputeDecided",
  "DisputePaid",
  "ReplacementHeld",
  "ReplacementShipped",
  "SoldOut",
  "DifferencePaid",
  "DifferenceUnpaid",
  "GuaranteeSet",
  "GuaranteeRefused",
  "GuaranteeTaken",
  "RefundSucceeded",
  "RefundFailed",
  "RefundHeld",
  "RefundReversed",
  "GiftRefunded",
  "PaidByHand",
  "Recovered",
  "WrittenOff",
  "AutoWithdrawn",
  "GuaranteedRefund",
] as const;

const everyType = "resolution.*";
const types = new Map<string, string>(told.map((name) => [name, `resolution.${snake(name)}`]));

/** Every type there is to subscribe to. */
export const eventTypes: readonly string[] = [...types.values()];

/** The type of an entry that is told outside; undefined for all others. */
export function typeOf(name: string): string | undefined {
  return types.get(name);
}

/** Whether somebody can subscribe to it. */
export function isKnownType(type: string): boolean {
  return type === everyType || eventTypes.includes(type);
}

/** Whether who wants these types gets this one. */
export function wants(wanted: readonly string[], type: string): boolean {
  return wanted.length === 0 || wanted.includes(everyType) || wanted.includes(type);
}

function snake(name: string): string {
  return name.replace(/(?<=.)[A-Z]/g, "_$&").toLowerCase();
}
