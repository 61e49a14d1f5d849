// What the statechart remembers, and the questions its guards ask of it. Small JSON: it is stored with every resolution.
import type { ExchangeMode, Kind, Terms, Trigger } from "./types.js";

/** How far the goods have come; only ever grows. */
export const progress = { NOWHERE: 0, HANDED_OVER: 1, RECEIVED: 2, INSPECTED: 3 } as const;

export type Context = {
  readonly kind: Kind;
  readonly trigger: Trigger;
  readonly collection: boolean;
  readonly inspection: boolean;
  readonly replacement: boolean;
  readonly exchange: ExchangeMode | null;
  readonly progress: number;
  /** What the inspection accepted of what was asked for. */
  readonly accepted: "UNKNOWN" | "ALL" | "SOME" | "NONE";
  /** The goods never left, or are gone for good: either way the money is due. */
  readonly stopped: boolean;
  readonly lost: boolean;
  /** The guaranteed refund fell due. */
  readonly guaranteeDue: boolean;
  /** Refunded in full before anybody knew what was accepted. */
  readonly refundedEarly: boolean;
  /** The replacement is on its way. */
  readonly sentOut: boolean;
};

/** The context a resolution starts with. */
export function contextOf(kind: Kind, terms: Terms): Context {
  return {
    kind,
    trigger: terms.trigger,
    collection: terms.collection,
    inspection: terms.inspection,
    replacement: terms.replacement,
    exchange: terms.exchange ?? null,
    progress: progress.NOWHERE,
    accepted: "UNKNOWN",
    stopped: false,
    lost: false,
    guaranteeDue: false,
    refundedEarly: false,
    sentOut: false,
  };
}

/** The part of the context that the policy's terms set anew when a cancellation goes on as a return. */
export function termsContext(terms: Terms): Partial<Context> {
  const { trigger, collection, inspection } = terms;
  return { kind: "RETURN", trigger, collection, inspection };
}

/** Whether the money is due now. */
export function refundDue(c: Context): boolean {
  if (c.stopped || c.lost || c.guaranteeDue) return true;
  // Nothing comes back that could be waited for.
  if (!c.collection && c.kind !== "CANCELLATION") return true;
  if (c.accepted === "ALL" || c.accepted === "SOME") return true;
  switch (c.trigger) {
    case "ON_APPROVAL":
      return c.kind !== "CANCELLATION"; // a cancellation first has to be stopped
    case "ON_PICKUP_SCAN":
      return c.progress >= progress.HANDED_OVER;
    case "ON_RECEIPT":
      return c.progress >= progress.RECEIVED;
    case "ON_INSPECTION":
    case "ON_DEADLINE":
      return false; // what was accepted has to be known, or the guarantee to fall due
  }
}

/** Whether it is settled that no money is due: nothing was accepted. */
export function refundRefused(c: Context): boolean {
  return c.accepted === "NONE" && !c.lost && !c.guaranteeDue;
}

/** Whether it can still be taken back: neither goods nor money have moved. */
export function untouched(c: Context): boolean {
  return c.progress === progress.NOWHERE && !c.refundedEarly && !c.sentOut;
}

/** Whether more was refunded than was accepted. */
export function shortfall(c: Context): boolean {
  return c.refundedEarly && (c.accepted === "SOME" || c.accepted === "NONE");
}

/** Whether the replacement may leave now. */
export function reshipDue(c: Context): boolean {
  if (!c.collection || c.lost) return true;
  if (c.exchange === "ADVANCE") return true;
  if (c.exchange === "CROSS_SHIP") return c.progress >= progress.HANDED_OVER;
  return c.accepted === "ALL" || c.accepted === "SOME";
}
