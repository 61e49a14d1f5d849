// Where the money is, in version 2: nothing goes back that was never captured, and a replacement of another price is paid
// for when it may leave, so that no difference ever has to be given back.
const settled = [{ guard: "shortfall", target: "RECOVERING" }, { target: "REFUNDED" }] as const;

export const money = {
  initial: "DECIDING",
  states: {
    DECIDING: {
      always: [
        { guard: "wantsReplacement", target: "NONE" },
        { guard: "captured", target: "WAITING" },
        { target: "NONE" },
      ],
    },
    NONE: {
      always: [
        { guard: "paymentDue", target: "AWAITING_PAYMENT" },
        { guard: "unreturned", target: "RECOVERING" },
      ],
      on: {
        SOLD_OUT: { guard: "captured", target: "WAITING" },
        CONVERTED: { guard: "wantsCapturedNow", target: "WAITING" },
        PAID_BEFORE: { actions: "byHand" },
        // The replacement is cheaper: the rest goes back with it.
        RESHIPPED: [
          { guard: "shopOwesByHand", target: "MANUAL_REQUIRED", actions: "markEarly" },
          { guard: "shopOwes", target: "REFUNDING" },
        ],
      },
    },
    AWAITING_PAYMENT: {
      entry: { type: "call", params: { step: "payment.request" } },
      exit: { type: "endPayment" },
      always: { guard: "refundRefused", target: "REFUSED" },
      on: {
        PAID: { target: "NONE", actions: "paid" },
        // An earlier demand was paid: that is enough, or the rest is asked for.
        PAID_BEFORE: { target: "NONE", actions: "byHand" },
        // Fewer units are held anew: this demand is for too many.
        INSPECTED: { guard: "someAccepted", target: "NONE" },
        UNPAID: [
          { guard: "unpaidCancels", target: "#canceled", actions: "windDown" },
          { target: "WAITING", actions: "convert" },
        ],
        SOLD_OUT: "WAITING",
        CONVERTED: { guard: "wantsMoneyNow", target: "WAITING" },
      },
    },
    WAITING: {
      always: [
        { guard: "refundRefused", target: "REFUSED" },
        { guard: "byHandDue", target: "MANUAL_REQUIRED", actions: "markEarly" },
        { guard: "refundDue", target: "REFUNDING" },
      ],
      on: { PAID_BEFORE: { actions: "byHand" }, CONVERTED: { guard: "wantsGoodsNow", target: "NONE" } },
    },
    REFUNDING: {
      entry: ["markEarly", { type: "call", params: { step: "refund.issue" } }],
      on: { REFUNDED: settled, REFUND_FAILED: "MANUAL_REQUIRED" },
    },
    MANUAL_REQUIRED: {
      entry: { type: "attention", params: { step: "refund.issue" } },
      on: { REFUNDED: settled },
    },
    REFUNDED: {
      always: { guard: "shortfall", target: "RECOVERING" },
      on: { REFUND_REVERSED: "MANUAL_REQUIRED" },
    },
    REFUSED: {},
    // Refunded or replaced early, but the goods did not come as promised.
    RECOVERING: {
      entry: [
        { type: "attention", params: { step: "recovery" } },
        { type: "call", params: { step: "refund.recover" } },
        { type: "call", params: { step: "payment.capture" } },
      ],
      on: { RECOVERED: "RECOVERED", WRITTEN_OFF: "WRITTEN_OFF" },
    },
    RECOVERED: {},
    WRITTEN_OFF: {},
  },
} as const;
