// What version 2 of the statechart remembers besides what version 1 does, and the questions its guards ask.
import {
  type Context as First,
  progress,
  refundDue as refundDueBefore,
  untouched as untouchedBefore,
} from "./context.js";
import type { Kind, OnUnpaid, Terms, Trigger } from "./types.js";

/** Who owes the difference between a replacement and what it replaces. */
export type Owing = "NOBODY" | "CUSTOMER" | "SHOP";

/** What staff hold back: nothing goes out meanwhile that is not promised or due by law. */
export type HeldBack = { readonly by: string; readonly reason: string; readonly until: string };

export type Context = First & {
  /** Something was captured for the order: only then is there money to give back. */
  readonly captured: boolean;
  /** The money goes to the receiver of a gift, past the payment and its buyer: a person sees to it. */
  readonly gift: boolean;
  /** Another amount than what was paid for the line goes back: a person pays it; absent in what was stored before. */
  readonly byHand?: boolean;
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
  /** The carrier has the goods, and the policy asks who handed them over; absent in what was stored before it was kept. */
  readonly unverified?: boolean;
  /** The driver or a person has said who it was; absent likewise. */
  readonly confirmed?: boolean;
  /** The driver's word that the replacement was handed out at the door; absent likewise. */
  readonly swapped?: boolean;
  /** Of a replacement that goes out first; absent where no guarantee is asked for. */
  readonly guarantee?: "WANTED" | "ASKED" | "SET_ASIDE" | "REFUSED";
  /** Absent where nothing is held back. */
  readonly heldBack?: HeldBack | undefined;
};

/** What the request says beyond its kind and terms. */
export type Begun = Pick<Context, "captured" | "gift" | "byHand" | "comesBack" | "onUnpaid">;

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
  const asks = terms.exchangeGuarantee && goesFirst(context);
  const guarded: Context = asks ? { ...context, guarantee: "WANTED" } : context;
  return begun.comesBack ? turnedRound(guarded) : guarded;
}

/** What of a context hangs on kind and terms: all that another kind changes. */
export function convertedTo(kind: Kind, terms: Terms, before: Context): Partial<Context> {
  const { captured, gift, comesBack, onUnpaid } = before;
  const begun: Begun = { captured, gift, comesBack, onUnpaid };
  const { trigger, collection, inspection, replacement, exchange, atDoor, guarantee } = contextOf(kind, terms, begun);
  return { kind, trigger, collection, inspection, replacement, exchange, atDoor, ...(guarantee && { guarantee }) };
}

/** Whether the replacement goes out before anybody knows what comes back for it. */
function goesFirst({ replacement, collection, atDoor, exchange }: Context): boolean {
  return replacement && collection && !atDoor && (exchange === "ADVANCE" || exchange === "CROSS_SHIP");
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

/** Whether the carrier has goods of which nobody has said who handed them over. What is here needs no driver's word. */
export function awaitsProof(c: Context): boolean {
  return c.unverified === true && c.confirmed !== true && c.progress === progress.HANDED_OVER && !c.lost;
}

/** Whether the money is due now: nothing goes out at a pickup that still awaits its proof. */
export function refundDue(c: Context): boolean {
  if (c.heldBack && !c.guaranteeDue) return false;
  return refundDueBefore(awaitsProof(c) ? { ...c, progress: progress.NOWHERE } : c);
}

/** Whether nothing but the hold of staff keeps the money here. */
export function dueButHeld(c: Context): boolean {
  return c.heldBack !== undefined && refundDue({ ...c, heldBack: undefined });
}

/** Whether a person pays what goes back: it does not go over the payment of the order. */
export function isPaidByHand({ gift, byHand }: Partial<Context>): boolean {
  return gift === true || byHand === true;
}

/** Whether a promise to refund by a time holds for goods that are under way: the customer had them, and handed them over. */
export function promiseHolds(c: Context): boolean {
  return !c.guaranteeDue && !c.comesBack && !awaitsProof(c);
}

/** Whether a replacement that left with the driver is with the customer. */
export function doorPassed(c: Context): boolean {
  return c.progress >= progress.HANDED_OVER && (!awaitsProof(c) || c.swapped === true);
}

/** Whether the replacement may leave now, once it is paid for. */
export function reshipDue(c: Context): boolean {
  if (!c.held || c.converted || c.heldBack) return false;
  if (!c.collection || c.lost) return true;
  if (c.guarantee && c.guarantee !== "SET_ASIDE") return c.accepted === "ALL" || c.accepted === "SOME";
  if (c.atDoor) return c.booked || c.progress >= progress.HANDED_OVER;
  if (c.exchange === "ADVANCE") return true;
  if (c.exchange === "CROSS_SHIP") return c.progress >= progress.HANDED_OVER && !awaitsProof(c);
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
