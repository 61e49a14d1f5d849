// What version 2 of the statechart remembers besides what version 1 does, and the questions its guards ask.
import { type Context as First, progress, untouched as untouchedBefore } from "./context.js";
import type { Kind, OnUnpaid, Terms, Trigger } from "./types.js";

/** Who owes the difference between a replacement and what it replaces. */
export type Owing = "NOBODY" | "CUSTOMER" | "SHOP";

export type Context = First & {
  /** Something was captured for the order: only then is there money to give back. */
  readonly captured: boolean;
  /** The money goes to the receiver of a gift, past the payment and its buyer: a person sees to it. */
  readonly gift: boolean;
  /** The goods turned round, or were never taken: the customer has not had them, so no finding is held against them. */
  readonly comesBack: boolean;
  /** The replacement comes with the driver who collects. */
  readonly atDoor: boolean;
  /** The driver's visit is booked, and the replacement is with the driver. */
  readonly booked: boolean;
  readonly loaded: boolean;
  /** The replacement is set aside, and who owes what it costs more or less. */
  readonly held: boolean;
  readonly owing: Owing;
  readonly paid: boolean;
  /** The replacement is no longer wanted: money goes back instead. */
  readonly converted: boolean;
  /** The replacement left before anybody knew what was accepted. */
  readonly sentEarly: boolean;
  readonly onUnpaid: OnUnpaid;
};

/** What the request says beyond its kind and terms. */
export type Begun = Pick<Context, "captured" | "gift" | "comesBack" | "onUnpaid">;

/** The contract's COLLECTION_METHOD_SWAP_AT_DOOR. */
export const swapAtDoor = 7;

/** The context a resolution starts with. */
export function contextOf(kind: Kind, terms: Terms, begun: Begun): Context {
  const context: Context = {
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
    ...begun,
    atDoor: terms.replacement && terms.collection && terms.method === swapAtDoor,
    booked: false,
    loaded: false,
    held: false,
    owing: "NOBODY",
    paid: false,
    converted: false,
    sentEarly: false,
  };
  return begun.comesBack ? turnedRound(context) : context;
}

/** Goods on their way back that the customer never had: they are looked at, and paid for once they are here. */
export function turnedRound(c: Context): Context {
  return { ...c, comesBack: true, collection: true, inspection: true, trigger: notBeforeReceipt(c.trigger) };
}

function notBeforeReceipt(trigger: Trigger): Trigger {
  return trigger === "ON_APPROVAL" || trigger === "ON_PICKUP_SCAN" ? "ON_RECEIPT" : trigger;
}

/** Whether refunding now is refunding before anybody knows what the customer gave back. */
export function early(c: Context): boolean {
  return c.accepted === "UNKNOWN" && c.collection && !c.lost && !c.comesBack;
}

/** Whether the replacement may leave now, once it is paid for. */
export function reshipDue(c: Context): boolean {
  if (!c.held || c.converted) return false;
  if (!c.collection || c.lost) return true;
  if (c.atDoor) return c.booked || c.progress >= progress.HANDED_OVER;
  if (c.exchange === "ADVANCE") return true;
  if (c.exchange === "CROSS_SHIP") return c.progress >= progress.HANDED_OVER;
  return c.accepted === "ALL" || c.accepted === "SOME";
}

/** Whether the customer has to pay before it leaves. */
export function paymentDue(c: Context): boolean {
  return c.owing === "CUSTOMER" && !c.paid && reshipDue(c);
}

/** Whether the customer has the replacement, and we have less than all of what it was for. */
export function unreturned(c: Context): boolean {
  return c.sentEarly && (c.accepted === "SOME" || c.accepted === "NONE");
}

/** Whether it can still be taken back: neither goods nor money have moved. */
export function untouched(c: Context): boolean {
  return untouchedBefore(c) && !c.paid && !c.comesBack;
}
