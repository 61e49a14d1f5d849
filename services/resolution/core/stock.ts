// Where the replacement is: one region of the statechart.

export const stock = {
  initial: "DECIDING",
  states: {
    DECIDING: {
      always: [{ guard: "wantsReplacement", target: "HOLDING" }, { target: "NONE" }],
    },
    NONE: {},
    HOLDING: {
      entry: { type: "call", params: { step: "stock.hold" } },
      on: { HELD: "HELD", SOLD_OUT: "SOLD_OUT" },
    },
    HELD: {
      always: [
        { guard: "refundRefused", target: "RELEASED" },
        { guard: "reshipDue", target: "RESHIPPING" },
      ],
      // Only a part was accepted: hold anew what the customer will get.
      on: { INSPECTED: { guard: "someAccepted", target: "HOLDING" } },
    },
    RESHIPPING: {
      entry: ["sendOut", { type: "call", params: { step: "shipment.replace" } }],
      on: { RESHIPPED: "FULFILLED" },
    },
    FULFILLED: {},
    SOLD_OUT: {},
    RELEASED: { entry: { type: "call", params: { step: "stock.release" } } },
  },
} as const;
