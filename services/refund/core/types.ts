// The words of a refund. State words are the contract's, without their prefix.

import type * as events from "#gen/backhaul/refund/v1/refund_events.js";
import type { FactOf } from "#kit/facts.js";
import type { Money } from "#kit/pure/money.js";

export type RefundState =
  | "GRANTED"
  | "REQUESTED"
  | "PENDING"
  | "HELD"
  | "FAILED"
  | "MANUAL_REQUIRED"
  | "SUCCEEDED"
  | "VOIDED";
export type TenderState =
  | "GRANTED"
  | "REQUESTED"
  | "PENDING"
  | "SUCCEEDED"
  | "FAILED"
  | "HELD"
  | "MANUAL_REQUIRED"
  | "REVERSED"
  | "VOIDED";

/** How a tender's share goes back: over the payment itself, to a bank account, as stored value, or by a person's hand. */
export type Route = "ORIGINAL" | "BANK_TRANSFER" | "POINTS" | "STORE_CREDIT" | "MANUAL";

export type Fault = "CUSTOMER" | "SELLER" | "PLATFORM" | "LOGISTICS" | "GENERAL";

/** Units of a line, as a range of its units: which ones decides their exact share. */
export type Item = {
  readonly lineId: string;
  readonly quantity: number;
  readonly fromUnit: number;
  readonly purchased: number;
  readonly amount: Money;
  /** What all units of the line brought: the cap of its refunds. */
  readonly paid: Money;
};

export type Fee = { readonly code: string; readonly amount: Money; readonly ruleId: string };

/** A correction that is neither a unit's share nor a fee; negative takes from the customer. */
export type Adjustment = {
  readonly code: AdjustmentCode;
  readonly amount: Money;
  readonly reference: string;
  /** Of a deduction: why, and what the inspector saw. */
  readonly cause?: string;
  readonly note?: string;
};
export type AdjustmentCode =
  | "COUPON_BELOW_MINIMUM"
  | "COUPON_RETURNED"
  | "PAID_BEFORE"
  | "CHARGED_BACK"
  | "DEDUCTION"
  | "DEDUCTION_RETURNED";

/** Something an inspection takes off what units of a line bring, or that is given back of it. */
export type LineDeduction = {
  readonly lineId: string;
  readonly cause: string;
  readonly amount: Money;
  readonly note: string;
};

/** Something given or taken besides money. Points are negative when they are taken back. */
export type Restored = {
  readonly kind: "COUPON" | "POINTS_EARNED";
  readonly reference: string;
  readonly points: number;
};

/** A difference between what was promised and what is paid; paid less promised. */
export type Difference = {
  readonly code: "REJECTED" | "MISSING" | "DEDUCTION" | "UNITS" | "ADJUSTMENT";
  readonly lineId: string;
  readonly quantity: number;
  readonly amount: Money;
  readonly reason: string;
};

/** How an amount comes about. */
export type Quote = {
  readonly items: readonly Item[];
  readonly fees: readonly Fee[];
  readonly shipping: Money;
  readonly adjustments: readonly Adjustment[];
  readonly restored: readonly Restored[];
  /** The tax contained in the items, where the order tells. */
  readonly tax: Money | undefined;
  readonly amount: Money;
};

/** One payment's share. `providerKey` is made once and never again. */
export type Tender = {
  readonly paymentId: string;
  readonly method: string;
  readonly captured: Money;
  readonly amount: Money;
  readonly route: Route;
  readonly state: TenderState;
  readonly heldFor: "" | "ACCOUNT" | "DISPUTE";
  readonly providerKey: string;
  readonly providerRefundId: string;
  readonly accountToken: string;
  readonly failure: string;
  /** When the provider was or will first be asked: from here its memory of the key counts. */
  readonly requestTime: Date | undefined;
  readonly expectedTime: Date | undefined;
  /** How often it was paid: a payment that came back may be paid again by hand. */
  readonly payments: number;
};

/** What another system must do with a refund before it closes. */
export type Twin = {
  readonly kind: "TAX_DOCUMENT" | "COUPON" | "POINTS_EARNED" | "SETTLEMENT";
  readonly state: "OPEN" | "MATCHED" | "FAILED";
  readonly reference: string;
  /** Signed for a seller: negative takes from them. */
  readonly amount: Money | undefined;
  readonly tax: Money | undefined;
  readonly points: number;
  readonly correction: Correction | "";
  /** When the document of the sale was issued. */
  readonly documentTime: Date | undefined;
  readonly key: string;
  readonly counterpartId: string;
  readonly failure: string;
};
export type Correction = "CASH_RECEIPT_CANCEL" | "VOID" | "ALLOWANCE" | "CREDIT_NOTE";

/** Interest for paying late. */
export type Interest = {
  readonly dueTime: Date;
  readonly article: string;
  readonly ratePpm: number;
  readonly days: number;
  /** What was owed, summed over the days: interest is computed from it in one go, so that daily rounding never adds up. */
  readonly owedDays: Money;
  readonly amount: Money;
};

/** What the customer owes us of it. */
export type Recovery = {
  readonly state: "OPEN" | "RECOVERED" | "WRITTEN_OFF";
  readonly amount: Money;
  readonly reason: string;
  readonly reference: string;
};

export type Refund = {
  readonly refundId: string;
  readonly resolutionId: string;
  readonly orderId: string;
  readonly customerId: string;
  readonly market: string;
  /** The place among the order's refunds, from 1: no two are decided from the same past. */
  readonly sequence: number;
  readonly origin: "RESOLUTION" | "GOODWILL";
  readonly reason: string;
  readonly fault: Fault;
  readonly grantedBy: string;
  readonly issuedBy: string;
  readonly state: RefundState;
  readonly quote: Quote;
  readonly differences: readonly Difference[];
  readonly tenders: readonly Tender[];
  readonly twins: readonly Twin[];
  readonly interest: Interest | undefined;
  readonly recovery: Recovery | undefined;
  readonly createTime: Date;
  readonly settleTime: Date | undefined;
  readonly version: number;
};

/** A discount on several lines together, not yet in what they brought. */
export type Discount = {
  readonly discountId: string;
  readonly kind: "PROMOTION" | "COUPON";
  readonly amount: Money;
  readonly lineIds: readonly string[];
  readonly minimumSpend: Money | undefined;
};

export type SoldLine = {
  readonly lineId: string;
  readonly quantity: number;
  readonly paid: Money;
  readonly tax: Money | undefined;
  readonly sellerId: string;
};

export type Payment = { readonly paymentId: string; readonly method: string; readonly captured: Money };

/** What we need to know of the order, from the order system. */
export type SoldOrder = {
  readonly orderId: string;
  readonly customerId: string;
  readonly market: string;
  readonly currency: string;
  readonly lines: readonly SoldLine[];
  readonly discounts: readonly Discount[];
  readonly shipping: Money;
  readonly payments: readonly Payment[];
  readonly taxDocument:
    | { readonly kind: "CASH_RECEIPT" | "E_INVOICE" | "VAT_INVOICE"; readonly number: string; readonly issueTime: Date }
    | undefined;
  readonly earnedPoints: number;
};

/** A payment as it stands in our books. */
export type PaymentSoFar = {
  readonly refunded: bigint;
  readonly goodwill: bigint;
  readonly chargedBack: bigint;
  readonly disputeOpen: boolean;
};

/** What was granted back of an order before. */
export type GrantedSoFar = {
  /** How many refunds the order has. */
  readonly refunds: number;
  readonly units: ReadonlyMap<string, number>;
  readonly payments: ReadonlyMap<string, PaymentSoFar>;
  /** Corrections of earlier refunds, by discount: what is taken back now, as a positive amount. */
  readonly takenBack: ReadonlyMap<string, bigint>;
  /** What was deducted and not given back, by line; undefined where nobody asked, for nothing is given back. */
  readonly deducted?: ReadonlyMap<string, bigint>;
  readonly pointsRevoked: number;
};

/** What to refund. */
export type Wanted = {
  readonly lines: readonly { readonly lineId: string; readonly quantity: number }[];
  readonly fees: readonly Fee[];
  readonly refundShipping: boolean;
  /** Taken off accepted units, and given back of what earlier refunds took; undefined where there is none. */
  readonly deductions?: readonly LineDeduction[];
  readonly returned?: readonly LineDeduction[];
};

/** What the customer was promised of a line, and why it became less. */
export type Promised = {
  readonly lineId: string;
  readonly quantity: number;
  readonly rejected: number;
  readonly missing: number;
  readonly reason: string;
};

/** How a provider behaves for one method of payment; see Capabilities in the contract. */
export type Abilities = {
  readonly partial: "ANY" | "FULL_ONLY" | "NONE";
  readonly accountNeeded: boolean;
  /** 0 for ever. */
  readonly keyLifetimeSeconds: number;
  readonly lookup: "BY_KEY" | "BY_REFERENCE" | "NONE";
  readonly errorsKept: boolean;
  readonly customerDays: number;
};
export type AbilitiesOf = (method: string) => Abilities;

export type JournalKind =
  | "GRANT"
  | "PAY"
  | "REVERSE"
  | "VOID"
  | "INTEREST"
  | "RECOVER"
  | "WRITE_OFF"
  | "SETTLEMENT"
  | "TAX_DOCUMENT"
  | "CHARGEBACK";

/** One side of a booking: positive is debit, negative is credit. */
export type Booking = { readonly account: string; readonly amount: Money };

/** A journal: bookings that sum to zero, of one source. */
export type Journal = { readonly kind: JournalKind; readonly source: string; readonly bookings: readonly Booking[] };

export type RefundFact = FactOf<typeof events>;

/** Something still to do for a refund, at a business time. */
export type Step = { readonly step: string; readonly due: Date; readonly payload: object };

/** What a verb comes to: the refund as it becomes, what to announce, to book, and to do. */
export type Outcome = {
  readonly next: Refund;
  readonly facts: readonly RefundFact[];
  readonly journals: readonly Journal[];
  readonly steps: readonly Step[];
};
