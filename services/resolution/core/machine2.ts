// Version 2 of the statechart: what has left is called back, goods come back unasked, nothing is refunded that was never
// captured, and a replacement may cost more or less than what it replaces.
import { assign, setup } from "xstate";
import type { ChartEvent } from "./chart.js";
import { progress, refundRefused, shortfall } from "./context.js";
import {
  type Context,
  doorPassed,
  early,
  isPaidByHand,
  type Owing,
  paymentDue,
  promiseHolds,
  refundDue,
  reshipDue,
  turnedRound,
  unreturned,
  untouched,
} from "./context2.js";
import { goods } from "./goods2.js";
import { money } from "./money2.js";
import { stock } from "./stock2.js";

/** The request ends, and its goods are on their way to the dock: it is told of them, and a person of both. */
const comesAllTheSame = [
  { type: "attention", params: { step: "comes-back" } },
  { type: "call", params: { step: "inspection.expect" } },
] as const;

/** Staff hold back what would go out, again and again, and let it go on. */
const heldBack = {
  HOLD: { actions: "holdBack" },
  RELEASE: { guard: "isHeldBack", actions: "goOn" },
} as const;

/** Staff take up again what had ended with nothing moved; what was never granted goes back to its review. */
const takenUp = { TAKE_UP: [{ guard: "wasGranted", target: "OPEN" }, { target: "PENDING_REVIEW" }] } as const;

export const machine = setup({
  types: { context: {} as Context, events: {} as ChartEvent, input: {} as Context },
  guards: {
    accepted: ({ event }) => event.type === "DECIDED" && event.verdict === "ACCEPT",
    needsReview: ({ event }) => event.type === "DECIDED" && event.verdict === "REVIEW",
    isCancellation: ({ context }) => context.kind === "CANCELLATION",
    alreadyComesBack: ({ context }) => context.comesBack,
    collects: ({ context }) => context.collection,
    collectsNow: ({ event }) => event.type === "RETURN_GRANTED" && event.terms.collection === true,
    withoutInspection: ({ context }) => !context.inspection,
    nothingAccepted: ({ event }) => event.type === "INSPECTED" && event.accepted === "NONE",
    someAccepted: ({ event }) => event.type === "INSPECTED" && event.accepted === "SOME",
    wantsReplacement: ({ context }) => context.replacement,
    captured: ({ context }) => context.captured,
    refundDue: ({ context }) => refundDue(context),
    byHandDue: ({ context }) => isPaidByHand(context) && refundDue(context),
    refundRefused: ({ context }) => refundRefused(context),
    shortfall: ({ context }) => shortfall(context),
    unreturned: ({ context }) => unreturned(context),
    untouched: ({ context }) => untouched(context),
    outOfPocket: ({ context }) => context.refundedEarly || context.sentOut,
    paymentDue: ({ context }) => paymentDue(context),
    shopOwes: ({ context }) => context.owing === "SHOP" && context.captured,
    shopOwesByHand: ({ context }) => context.owing === "SHOP" && isPaidByHand(context),
    unpaidCancels: ({ context }) => context.onUnpaid === "CANCEL" && untouched(context),
    converted: ({ context }) => context.converted,
    guaranteeWanted: ({ context }) => context.guarantee === "WANTED" && context.accepted === "UNKNOWN",
    guaranteeAsked: ({ context }) => context.guarantee === "ASKED",
    mayLeave: ({ context }) => reshipDue(context) && !paymentDue(context),
    waitsForDoor: ({ context }) => context.atDoor && !doorPassed(context),
    handedOutAtDoor: ({ context }) => context.atDoor && context.loaded && doorPassed(context),
    unconfirmed: ({ context }) => context.confirmed !== true,
    promiseHolds: ({ context }) => promiseHolds(context),
    isHeldBack: ({ context }) => context.heldBack !== undefined,
    wasGranted: ({ event }) => event.type === "TAKE_UP" && event.granted,
    converts: ({ context, event }) => event.type === "CONVERTED" && untouched(context),
    wantsGoodsNow: ({ context, event }) =>
      event.type === "CONVERTED" && untouched(context) && event.terms.replacement === true,
    wantsMoneyNow: ({ context, event }) =>
      event.type === "CONVERTED" && untouched(context) && event.terms.replacement !== true,
    wantsCapturedNow: ({ context, event }) =>
      event.type === "CONVERTED" && untouched(context) && event.terms.replacement !== true && context.captured,
  },
  actions: {
    stopped: assign({ stopped: true }),
    lost: assign({ lost: true }),
    booked: assign({ booked: true }),
    loaded: assign({ loaded: true }),
    handedOver: assign(({ event }) => ({
      progress: progress.HANDED_OVER,
      ...(event.type === "PICKED_UP" && event.unverified && { unverified: true }),
      ...(event.type === "PICKED_UP" && event.swapped && { swapped: true }),
    })),
    unproven: assign({ unverified: true }),
    confirmed: assign({ confirmed: true }),
    comesBack: assign(({ context }) => ({ ...turnedRound(context), progress: progress.HANDED_OVER })),
    received: assign({ progress: progress.RECEIVED }),
    acceptAll: assign({ accepted: "ALL", progress: progress.INSPECTED }),
    inspected: assign({
      progress: progress.INSPECTED,
      accepted: ({ event }) => (event.type === "INSPECTED" ? event.accepted : "UNKNOWN"),
    }),
    neverCame: assign({ accepted: "NONE" }),
    guaranteeDue: assign({ guaranteeDue: true }),
    held: assign({
      held: true,
      owing: ({ event }): Owing => (event.type === "HELD" ? (event.owing ?? "NOBODY") : "NOBODY"),
    }),
    letGo: assign({ held: false, owing: "NOBODY" }),
    paid: assign(({ context, event }) => ({
      paid: true,
      owing: event.type === "PAID" ? (event.owing ?? context.owing) : context.owing,
    })),
    byHand: assign(({ context, event }) => ({
      byHand: true,
      owing: event.type === "PAID_BEFORE" && context.held ? event.owing : context.owing,
    })),
    askGuarantee: assign({ guarantee: "ASKED" }),
    guaranteed: assign({ guarantee: "SET_ASIDE" }),
    guaranteeRefused: assign({ guarantee: "REFUSED" }),
    convert: assign({ converted: true }),
    // With the driver it is the shop's until the door.
    sendOut: assign(({ context }) => (context.atDoor ? {} : { sentOut: true, sentEarly: early(context) })),
    handedOut: assign(({ context }) => ({
      sentOut: true,
      sentEarly: context.sentEarly || (context.atDoor && early(context)),
    })),
    markEarly: assign({ refundedEarly: ({ context }) => early(context) }),
    takeTerms: assign(({ context, event }) =>
      event.type === "RETURN_GRANTED" ? { ...context, ...event.terms } : context,
    ),
    takeConversion: assign(({ context, event }) =>
      event.type === "CONVERTED" ? { ...context, converted: false, ...event.terms } : context,
    ),
    holdBack: assign({ heldBack: ({ event }) => (event.type === "HOLD" ? event.held : undefined) }),
    goOn: assign({ heldBack: undefined }),
    // What the host does: the core turns these into steps, deadlines and attention items.
    call: (_, _params: { step: string }) => {},
    attention: (_, _params: { step: string }) => {},
    startHandover: () => {},
    endHandover: () => {},
    startRefundClock: () => {},
    startHold: () => {},
    endHold: () => {},
    endPayment: () => {},
    endCollection: () => {},
    windDown: () => {},
  },
}).createMachine({
  id: "resolution/2",
  context: ({ input }) => input,
  initial: "REQUESTED",
  states: {
    REQUESTED: {
      on: {
        DECIDED: [
          { guard: "accepted", target: "OPEN" },
          { guard: "needsReview", target: "PENDING_REVIEW" },
          { target: "DECLINED" },
        ],
      },
    },
    PENDING_REVIEW: {
      on: {
        APPROVE: "OPEN",
        DECLINE: [{ guard: "alreadyComesBack", target: "DECLINED", actions: comesAllTheSame }, { target: "DECLINED" }],
        WITHDRAW: [
          { guard: "alreadyComesBack", target: "WITHDRAWN", actions: comesAllTheSame },
          { target: "WITHDRAWN" },
        ],
        CANCEL: [{ guard: "alreadyComesBack", target: "CANCELED", actions: comesAllTheSame }, { target: "CANCELED" }],
        COMES_BACK: { actions: "comesBack" },
        CONVERTED: { guard: "converts", actions: "takeConversion" },
        ...heldBack,
      },
    },
    OPEN: {
      type: "parallel",
      states: { goods, money, stock },
      on: { CLOSE: "CLOSED", ...heldBack },
    },
    DECLINED: { id: "declined" },
    WITHDRAWN: { id: "withdrawn", on: takenUp },
    AUTO_WITHDRAWN: { id: "auto-withdrawn", on: { REOPEN: "OPEN", ...takenUp } },
    CANCELED: { id: "canceled", on: takenUp },
    CLOSED: {},
  },
});
