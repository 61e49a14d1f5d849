// What the ways of handing over have in common, and the carrier that nobody follows.
import type { Method } from "./types.js";

/** Whether a driver comes to the door: there is a visit to move, a hand-over to prove, and a carrier to be heard of. */
export function isFetched(method: Method): boolean {
  return method.startsWith("PICKUP_") || method === "SWAP_AT_DOOR";
}

/** A carrier of the customer's own that is not on file. */
export const otherCarrier = "other";
