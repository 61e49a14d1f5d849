// The words of a refund. State words are the contract's, without their prefix.

import type * as events from "#gen/backhaul/refund/v1/refund_events.js";
import type { FactOf } from "#kit/facts.js";
import type { Money } from "#kit/pure/money.js";
import type { Moves } from "#kit/pure/moves.js";

export type RefundState = "GRANTED" | "REQUESTED" | "SUCCEEDED" | "FAILED" | "VOIDED";
export type TenderState = "GRANTED" | "REQUESTED" | "SUCCEEDED" | "FAILED";

/** Where a refund may go. FAILED → REQUESTED is finance trying again. */
export const refundMoves = {
  GRANTED: ["SUCCEEDED", "FAILED"],
  REQUESTED: ["SUCCEEDED", "FAILED"],
  FAILED: ["REQUESTED"],
  SUCCEEDED: [],
  VOIDED: [],
} as const satisfies Moves<RefundState>;

/** Units of a line, as a range of its units: which ones decides their exact share. */
export type Item = {
  readonly lineId: string;
  readonly quantity: number;
  readonly fromUnit: number;
  readonly purchased: number;
  readonly amount: Money;
};

export type Fee = { readonly code: string; readonly amount: Money; readonly ruleId: string };

/** One payment's share. `providerKey` is made once and never again. */
export type Tender = {
  readonly paymentId: string;
  readonly method: string;
  readonly captured: Money;
  readonly amount: Money;
  readonly state: TenderState;
  readonly providerKey: string;
  readonly providerRefundId: string;
  readonly failure: string;
};

/** How an amount comes about. */
export type Quote = {
  readonly items: readonly Item[];
  readonly fees: readonly Fee[];
  readonly shipping: Money;
  readonly amount: Money;
};

export type Refund = {
  readonly refundId: string;
  readonly resolutionId: string;
  readonly orderId: string;
  readonly customerId: string;
  readonly market: string;
  readonly state: RefundState;
  readonly quote: Quote;
  readonly tenders: readonly Tender[];
  readonly createTime: Date;
  readonly settleTime: Date | undefined;
  readonly version: number;
};

/** What we need to know of the order, from the order system. */
export type SoldOrder = {
  readonly orderId: string;
  readonly customerId: string;
  readonly market: string;
  readonly currency: string;
  readonly lines: readonly { readonly lineId: string; readonly quantity: number; readonly paid: Money }[];
  readonly shipping: Money;
  readonly payments: readonly { readonly paymentId: string; readonly method: string; readonly captured: Money }[];
};

/** What was granted back of an order before. */
export type GrantedSoFar = {
  readonly units: ReadonlyMap<string, number>;
  readonly payments: ReadonlyMap<string, bigint>;
};

/** What to refund. */
export type Wanted = {
  readonly lines: readonly { readonly lineId: string; readonly quantity: number }[];
  readonly fees: readonly Fee[];
  readonly refundShipping: boolean;
};

/** One side of a booking: positive is debit, negative is credit. */
export type Booking = { readonly account: string; readonly amount: Money };

/** A journal: bookings that sum to zero. */
export type Journal = { readonly bookings: readonly Booking[] };

export type RefundFact = FactOf<typeof events>;
