// Where the money is: one region of the statechart. It waits for what the policy's trigger names, never for an event of
// its own: whatever moved the goods, the guards look at how far they have come.

export const money = {
  initial: "DECIDING",
  states: {
    DECIDING: {
      always: [{ guard: "wantsReplacement", target: "NONE" }, { target: "WAITING" }],
    },
    // The customer wants goods, not money; when those are sold out, money takes over.
    NONE: { on: { SOLD_OUT: "WAITING" } },
    WAITING: {
      always: [
        { guard: "refundRefused", target: "REFUSED" },
        { guard: "refundDue", target: "REFUNDING" },
      ],
    },
    REFUNDING: {
      entry: ["markEarly", { type: "call", params: { step: "refund.issue" } }],
      on: {
        REFUNDED: [{ guard: "shortfall", target: "RECOVERING" }, { target: "REFUNDED" }],
        REFUND_FAILED: "MANUAL_REQUIRED",
      },
    },
    MANUAL_REQUIRED: {
      entry: { type: "attention", params: { step: "refund.issue" } },
      on: { REFUNDED: [{ guard: "shortfall", target: "RECOVERING" }, { target: "REFUNDED" }] },
    },
    REFUNDED: {
      always: { guard: "shortfall", target: "RECOVERING" },
      on: { REFUND_REVERSED: "MANUAL_REQUIRED" },
    },
    REFUSED: {},
    // Refunded early, but the goods did not come as promised.
    RECOVERING: {
      entry: [
        { type: "attention", params: { step: "recovery" } },
        { type: "call", params: { step: "refund.recover" } },
      ],
      on: { RECOVERED: "RECOVERED", WRITTEN_OFF: "WRITTEN_OFF" },
    },
    RECOVERED: {},
    WRITTEN_OFF: {},
  },
} as const;
