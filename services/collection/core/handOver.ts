// What goes along with the goods from hand to hand, and what it is taken for: whether it is proved who gave them. A scan
// tells that the goods are gone; only this tells how. The verbs stand in confirm.ts.
import { type HandOver, handOverOf } from "./handOverTypes.js";
import { isFetched } from "./methods.js";
import type { Collection } from "./types.js";

/** The contract's HandOverProof. */
export type Proof = "NOT_NEEDED" | "AWAITED" | "CONFIRMED" | "MISSING" | "LOCKED";

/** One in 200,000 for a guesser with six digits, and room for a driver's cold fingers. */
export const wrongCodesMax = 5;

/** Derived, in this order: confirmed counts for good; then whether anybody asks; gone unconfirmed; locked. */
export function proofOf(collection: Pick<Collection, "handOver" | "method" | "handOverTime">): Proof {
  const { method, handOverTime } = collection;
  const handOver = handOverOf(collection.handOver);
  if (handOver.confirmation) return "CONFIRMED";
  if (handOver.verification === "NONE" || !isFetched(method)) return "NOT_NEEDED";
  if (handOverTime) return "MISSING";
  return handOver.wrongCodes >= wrongCodesMax ? "LOCKED" : "AWAITED";
}

/** Codes that may still be wrong. */
export function triesLeft({ handOver }: Pick<Collection, "handOver">): number {
  return Math.max(0, wrongCodesMax - handOverOf(handOver).wrongCodes);
}

/** The goods are gone: nobody needs to know any more how to get in. */
export function forgotten(handOver: HandOver | undefined): HandOver | undefined {
  return handOver?.doorMemo ? { ...handOver, doorMemo: "" } : handOver;
}
