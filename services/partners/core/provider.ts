// A refund in the payment provider's book: where it may go, and what each move of it books. Pure.
import type { Moves } from "#kit/pure/moves.js";

export type RefundState = keyof typeof refundMoves;

export const refundMoves = {
  PENDING: ["SUCCEEDED", "FAILED"],
  SUCCEEDED: ["REVERSED"],
  FAILED: [],
  REVERSED: [],
} as const satisfies Moves<"PENDING" | "SUCCEEDED" | "FAILED" | "REVERSED">;

/** What a line of the provider's statement says. */
export type LineKind = "REFUND" | "PAYOUT" | "REVERSAL" | "CHARGEBACK";

/** How a refund is moved along. */
export type RefundMove = {
  readonly from: RefundState;
  readonly to: RefundState;
  /** Why it failed or came back, in the provider's words. */
  readonly failure: string;
  /** The statement's line: the refund's own, a reversal, or none. */
  readonly line: "OWN" | "REVERSAL" | undefined;
};

export const refundMoveOf = {
  SETTLE: { from: "PENDING", to: "SUCCEEDED", failure: "", line: "OWN" },
  FAIL: { from: "PENDING", to: "FAILED", failure: "the customer's bank declined it", line: undefined },
  REVERSE: { from: "SUCCEEDED", to: "REVERSED", failure: "the customer's bank sent it back", line: "REVERSAL" },
} as const satisfies Record<string, RefundMove>;

/** What becomes of a dispute. */
export type DisputeMove = "OPEN" | "WIN" | "LOSE";
