// Where the replacement is, in version 2: it is held for a time that is renewed, leaves only when its difference is paid,
// and may travel with the driver who collects.

/** Another kind wants a replacement after all. */
const wanted = { CONVERTED: { guard: "wantsGoodsNow", target: "HOLDING" } } as const;

export const stock = {
  initial: "DECIDING",
  states: {
    DECIDING: {
      always: [{ guard: "wantsReplacement", target: "HOLDING" }, { target: "NONE" }],
    },
    NONE: { on: wanted },
    HOLDING: {
      entry: { type: "call", params: { step: "stock.hold" } },
      on: { HELD: { target: "HELD", actions: "held" }, SOLD_OUT: "SOLD_OUT" },
    },
    HELD: {
      entry: { type: "startHold" },
      exit: { type: "endHold" },
      always: [
        { guard: "refundRefused", target: "RELEASED" },
        { guard: "converted", target: "RELEASED" },
        {
          guard: "guaranteeWanted",
          actions: ["askGuarantee", { type: "call", params: { step: "payment.authorize" } }],
        },
        { guard: "mayLeave", target: "RESHIPPING" },
      ],
      on: {
        // Only a part was accepted: hold anew what the customer will get.
        INSPECTED: { guard: "someAccepted", target: "HOLDING", actions: "letGo" },
        CONVERTED: { guard: "wantsMoneyNow", target: "RELEASED" },
        // Its time ran out, and somebody else has it.
        SOLD_OUT: { target: "SOLD_OUT", actions: "letGo" },
        GUARANTEED: { guard: "guaranteeAsked", actions: "guaranteed" },
        GUARANTEE_REFUSED: { guard: "guaranteeAsked", actions: "guaranteeRefused" },
      },
    },
    RESHIPPING: {
      entry: ["sendOut", { type: "call", params: { step: "shipment.replace" } }],
      always: { guard: "handedOutAtDoor", target: "FULFILLED" },
      on: {
        RESHIPPED: [{ guard: "waitsForDoor", actions: "loaded" }, { target: "FULFILLED" }],
      },
    },
    FULFILLED: { entry: "handedOut" },
    SOLD_OUT: { on: wanted },
    RELEASED: { entry: [{ type: "call", params: { step: "stock.release" } }, "letGo"], on: wanted },
  },
} as const;
