// Where the goods are: one region of the statechart. A fact that skips states is accepted, an older one is not.
const received = [
  { guard: "withoutInspection", target: "RECEIVED", actions: ["received", "acceptAll"] },
  { target: "INSPECTING", actions: ["received", "startRefundClock"] },
] as const;
const inspected = [
  { guard: "nothingAccepted", target: "RETURNED_TO_CUSTOMER", actions: ["inspected"] },
  { target: "INSPECTED", actions: ["inspected"] },
] as const;

export const goods = {
  initial: "DECIDING",
  states: {
    DECIDING: {
      always: [
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
        ALREADY_SHIPPED: "ALREADY_SHIPPED",
      },
    },
    STOPPED: {},
    // Too late: the same units are judged as a return, and go on as one.
    ALREADY_SHIPPED: {
      entry: { type: "call", params: { step: "eligibility.decide" } },
      on: {
        RETURN_GRANTED: [
          { guard: "collectsNow", target: "COLLECTING", actions: "takeTerms" },
          { target: "NOT_REQUIRED", actions: "takeTerms" },
        ],
      },
    },
    COLLECTING: {
      entry: [
        { type: "call", params: { step: "collection.schedule" } },
        { type: "call", params: { step: "inspection.expect" } },
        { type: "startHandover" },
      ],
      exit: { type: "endHandover" },
      on: {
        PICKED_UP: { target: "IN_TRANSIT", actions: "handedOver" },
        RECEIVED: received,
        INSPECTED: inspected,
        LOST: { target: "LOST", actions: "lost" },
        WITHDRAW: { guard: "untouched", target: "#withdrawn", actions: "windDown" },
        CANCEL: { guard: "untouched", target: "#canceled", actions: "windDown" },
        HANDOVER_DUE: [
          { guard: "untouched", target: "#auto-withdrawn", actions: "windDown" },
          // Paid for already, and kept: the customer owes it back.
          { guard: "refundedEarly", target: "RETURNED_TO_CUSTOMER", actions: ["neverCame", "windDown"] },
          { actions: { type: "attention", params: { step: "handover" } } },
        ],
      },
    },
    IN_TRANSIT: {
      on: { RECEIVED: received, INSPECTED: inspected, LOST: { target: "LOST", actions: "lost" } },
    },
    INSPECTING: {
      on: { INSPECTED: inspected, GUARANTEE_DUE: { actions: "guaranteeDue" } },
    },
    // Where nobody looks into the parcel, its arrival is the end of it.
    RECEIVED: {},
    INSPECTED: {},
    LOST: {},
    RETURNED_TO_CUSTOMER: {},
  },
} as const;
