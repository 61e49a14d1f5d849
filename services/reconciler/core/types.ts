// The words of a comparison: what the outside systems say, what we have booked, and what does not fit. Nothing here is
// shared with the services whose books are read: whoever checks must not repeat their mistakes.
import type { Money } from "#kit/pure/money.js";

export type BreakKind =
  | "MISSING"
  | "DOUBLE"
  | "WRONG_AMOUNT"
  | "WRONG_CURRENCY"
  | "LATE"
  | "ORPHAN"
  | "REVERSED"
  | "UNMATCHED_DOCUMENT"
  | "LEDGER";

export type BreakState = "OPEN" | "EXPLAINED" | "GONE";

/** One movement on the provider's statement. */
export type StatementLine = {
  readonly lineId: string;
  /** "REVERSAL" brings money back to us, "CHARGEBACK" is no payment of ours, everything else is one. */
  readonly kind: string;
  readonly paymentId: string;
  readonly key: string;
  /** Undefined where the statement has none that can be read. */
  readonly amount: Money | undefined;
  readonly bookTime: Date | undefined;
};

/** One correction in the tax system's book. */
export type Correction = {
  readonly correctionNumber: string;
  readonly key: string;
  readonly amount: Money | undefined;
};

/** What we asked for under one provider key. */
export type OurTender = {
  readonly providerKey: string;
  readonly paymentId: string;
  readonly route: string;
  readonly amount: Money;
  readonly state: string;
  readonly requestTime: Date | undefined;
  readonly settleTime: Date | undefined;
};

/** A journal that moves money of a tender: PAY out, REVERSE back. */
export type OurJournal = {
  readonly kind: "PAY" | "REVERSE";
  /** The provider key; of a payment after a reversal with "#2" behind it. */
  readonly source: string;
  /** What it moves; undefined if it has no entries, or several currencies. */
  readonly amount: Money | undefined;
  readonly createTime: Date;
};

/** A tax document that must be corrected along with a refund. */
export type OurTaxTwin = { readonly key: string; readonly amount: Money | undefined };

/** All that our books say of one refund. */
export type OurRefund = {
  readonly refundId: string;
  readonly state: string;
  /** Undefined where tenders or journals name a refund that is not there. */
  readonly createTime: Date | undefined;
  readonly settleTime: Date | undefined;
  readonly taxTwins: readonly OurTaxTwin[];
  readonly tenders: readonly OurTender[];
  readonly journals: readonly OurJournal[];
};

/** Something that does not fit. Kind and reference name it for good: a later run finds the same one again. */
export type Finding = {
  readonly kind: BreakKind;
  /** A statement line's id, a provider key, a correction's number or its key. */
  readonly reference: string;
  /** "" where no refund of ours is concerned. */
  readonly refundId: string;
  readonly ours: Money | undefined;
  readonly theirs: Money | undefined;
  /** In words, for finance. */
  readonly text: string;
};

/** How long the books may differ before that is a break, counted back from `now`. */
export type Patience = {
  readonly now: Date;
  /** For news to get from one book to the other. */
  readonly missingAfterMs: number;
  /** For a refund to be paid. */
  readonly lateAfterMs: number;
};

/** A finding, kept. */
export type Break = Finding & {
  readonly breakId: string;
  readonly state: BreakState;
  readonly owner: string;
  readonly findTime: Date;
  readonly closeTime: Date | undefined;
  readonly explanation: string;
};

/** One comparison of all books. */
export type Run = {
  readonly runId: string;
  readonly startTime: Date;
  readonly endTime: Date;
  readonly statementLines: bigint;
  readonly refunds: bigint;
  readonly corrections: bigint;
  readonly found: number;
  readonly gone: number;
  readonly open: number;
};
