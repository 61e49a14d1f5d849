// Where the goods are, in version 2: what has left is called back first, and goods may come back unasked.
const received = [
  { guard: "withoutInspection", target: "RECEIVED", actions: ["received", "acceptAll"] },
  { target: "INSPECTING", actions: ["received", "startRefundClock"] },
] as const;
const inspected = [
  { guard: "nothingAccepted", target: "RETURNED_TO_CUSTOMER", actions: ["inspected"] },
  { target: "INSPECTED", actions: ["inspected"] },
] as const;
const lost = { target: "LOST", actions: "lost" } as const;
const expectReceipt = { type: "call", params: { step: "inspection.expect" } } as const;
/** On their way to us, though nobody collected them. */
const turnsRound = { target: "IN_TRANSIT", actions: ["comesBack", expectReceipt] } as const;
/** Nobody said who handed them over: what goes out at the pickup waits, and a person looks. */
const unproven = ["unproven", { type: "attention", params: { step: "hand-over" } }] as const;

export const goods = {
  initial: "DECIDING",
  states: {
    DECIDING: {
      always: [
        { guard: "alreadyComesBack", target: "IN_TRANSIT", actions: expectReceipt },
        { guard: "isCancellation", target: "STOPPING" },
        { guard: "collects", target: "COLLECTING" },
        { target: "NOT_REQUIRED" },
      ],
    },
    NOT_REQUIRED: {},
    STOPPING: {
      entry: { type: "call", params: { step: "shipment.stop" } },
      on: {
        STOPPED: { target: "STOPPED", actions: "stopped" },
        ALREADY_SHIPPED: "INTERCEPTING",
        COMES_BACK: turnsRound,
      },
    },
    STOPPED: {},
    INTERCEPTING: {
      entry: { type: "call", params: { step: "shipment.intercept" } },
      on: { INTERCEPTED: turnsRound, INTERCEPT_REFUSED: "ALREADY_SHIPPED", COMES_BACK: turnsRound },
    },
    // It reaches the customer: the same units are judged as a return, and go on as one.
    ALREADY_SHIPPED: {
      entry: { type: "call", params: { step: "eligibility.decide" } },
      on: {
        RETURN_GRANTED: [
          { guard: "collectsNow", target: "COLLECTING", actions: "takeTerms" },
          { target: "NOT_REQUIRED", actions: "takeTerms" },
        ],
        RETURN_DECLINED: { target: "#declined", actions: "windDown" },
        COMES_BACK: turnsRound,
      },
    },
    COLLECTING: {
      entry: [{ type: "call", params: { step: "collection.schedule" } }, expectReceipt, { type: "startHandover" }],
      exit: { type: "endHandover" },
      on: {
        BOOKED: { actions: "booked" },
        PICKED_UP: { target: "IN_TRANSIT", actions: "handedOver" },
        CONFIRMED: { guard: "unconfirmed", actions: "confirmed" },
        // Heard of before the pickup that it is about.
        UNVERIFIED: {
          guard: "unconfirmed",
          target: "IN_TRANSIT",
          actions: ["handedOver", ...unproven],
        },
        CONVERTED: { guard: "converts", actions: "takeConversion" },
        COMES_BACK: { target: "IN_TRANSIT", actions: ["comesBack", { type: "endCollection" }] },
        RECEIVED: received,
        INSPECTED: inspected,
        LOST: lost,
        WITHDRAW: { guard: "untouched", target: "#withdrawn", actions: "windDown" },
        CANCEL: { guard: "untouched", target: "#canceled", actions: "windDown" },
        HANDOVER_DUE: [
          { guard: "untouched", target: "#auto-withdrawn", actions: "windDown" },
          // Paid for or replaced already, and kept: the customer owes it.
          { guard: "outOfPocket", target: "RETURNED_TO_CUSTOMER", actions: ["neverCame", "windDown"] },
          { actions: { type: "attention", params: { step: "handover" } } },
        ],
      },
    },
    IN_TRANSIT: {
      on: {
        RECEIVED: received,
        INSPECTED: inspected,
        LOST: lost,
        CONFIRMED: { guard: "unconfirmed", actions: "confirmed" },
        UNVERIFIED: {
          guard: "unconfirmed",
          actions: unproven,
        },
        // The law may count from the pickup, or from the carrier's word that they are here.
        GUARANTEE_DUE: { guard: "promiseHolds", actions: "guaranteeDue" },
      },
    },
    INSPECTING: { on: { INSPECTED: inspected, GUARANTEE_DUE: { actions: "guaranteeDue" } } },
    // Where nobody looks into the parcel, its arrival is the end of it.
    RECEIVED: {},
    INSPECTED: {},
    LOST: {},
    RETURNED_TO_CUSTOMER: {},
  },
} as const;
