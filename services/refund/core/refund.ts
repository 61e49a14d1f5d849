// The verbs of a refund. The intent is stored with its provider keys before anybody is asked; each outcome is booked when
// it is known. Pure: time, ids and what was granted before come in.
import { check } from "#kit/pure/check.js";
import { toProto } from "#kit/pure/money.js";
import { allows } from "#kit/pure/moves.js";
import { quote, split } from "./quote.js";
import {
  type Booking,
  type GrantedSoFar,
  type Journal,
  type Refund,
  type RefundFact,
  type RefundState,
  refundMoves,
  type SoldOrder,
  type Tender,
  type Wanted,
} from "./types.js";

/** What a verb comes to: the refund as it becomes, what to announce, to book, and to do. */
export type Outcome = {
  readonly next: Refund;
  readonly facts: readonly RefundFact[];
  readonly journals: readonly Journal[];
  /** Tenders to ask their provider for. */
  readonly toPay: readonly Tender[];
};

export type Grant = {
  readonly refundId: string;
  readonly resolutionId: string;
  readonly order: SoldOrder;
  readonly wanted: Wanted;
  readonly soFar: GrantedSoFar;
  readonly newKey: () => string;
  readonly now: Date;
};

/**
 * Stores the intent. An amount of nothing is VOIDED and done.
 * @throws DomainError as quote and split
 */
export function grant({ refundId, resolutionId, order, wanted, soFar, newKey, now }: Grant): Outcome {
  const quoted = quote(order, wanted, soFar);
  const { orderId, customerId, market } = order;
  const base = { refundId, resolutionId, orderId, customerId, market, quote: quoted, createTime: now, version: 1 };
  const granted: RefundFact = {
    name: "RefundGranted",
    body: { refundId, resolutionId, amount: toProto(quoted.amount), grantTime: now },
  };
  if (quoted.amount.minor === 0n) {
    const next: Refund = { ...base, state: "VOIDED", tenders: [], settleTime: now };
    return { next, facts: [granted, succeeded(next, now)], journals: grantJournals(next), toPay: [] };
  }
  const tenders = split(order, quoted.amount, soFar, newKey);
  const next: Refund = { ...base, state: "GRANTED", tenders, settleTime: undefined };
  return { next, facts: [granted], journals: grantJournals(next), toPay: tenders };
}

/**
 * A provider paid one tender back. The last one settles the refund.
 * @throws DomainError REFUND_STATE if this payment has nothing to pay back
 */
export function settleTender(refund: Refund, paymentId: string, providerRefundId: string, now: Date): Outcome {
  const tender = tenderOf(refund, paymentId);
  const tenders = refund.tenders.map((t) =>
    t === tender ? { ...t, state: "SUCCEEDED" as const, providerRefundId, failure: "" } : t,
  );
  const paid: Journal = {
    bookings: [
      { account: "refunds_payable", amount: tender.amount },
      { account: `psp:${paymentId}`, amount: negative(tender) },
    ],
  };
  const done = tenders.every((t) => t.state === "SUCCEEDED");
  if (!done)
    return { next: { ...refund, tenders, version: refund.version + 1 }, facts: [], journals: [paid], toPay: [] };
  const next = { ...moved(refund, "SUCCEEDED"), tenders, settleTime: now };
  return { next, facts: [succeeded(next, now)], journals: [paid], toPay: [] };
}

/** A provider refused one tender for good: finance must look. Tenders already paid stay paid. */
export function failTender(refund: Refund, paymentId: string, failure: string, now: Date): Outcome {
  const tender = tenderOf(refund, paymentId);
  const tenders = refund.tenders.map((t) => (t === tender ? { ...t, state: "FAILED" as const, failure } : t));
  const next = { ...(refund.state === "FAILED" ? refund : moved(refund, "FAILED")), tenders };
  const { refundId, resolutionId } = refund;
  const fact: RefundFact = { name: "RefundFailed", body: { refundId, resolutionId, failure, failTime: now } };
  return { next: { ...next, version: refund.version + 1 }, facts: [fact], journals: [], toPay: [] };
}

/** FAILED → REQUESTED: the refused tenders are asked for again, each under the key it always had. */
export function retry(refund: Refund): Outcome {
  const next = moved(refund, "REQUESTED", "retry");
  const tenders = refund.tenders.map((t) => (t.state === "FAILED" ? { ...t, state: "REQUESTED" as const } : t));
  return { next: { ...next, tenders }, facts: [], journals: [], toPay: tenders.filter((t) => t.state === "REQUESTED") };
}

/** The tender that waits for its provider's answer. */
function tenderOf(refund: Refund, paymentId: string): Tender {
  const tender = refund.tenders.find((t) => t.paymentId === paymentId);
  check(tender !== undefined && tender.state !== "SUCCEEDED", "REFUND_STATE", `nothing to pay back over ${paymentId}`, {
    refund_id: refund.refundId,
    state: refund.state,
    verb: "settle",
  });
  return tender;
}

function moved(refund: Refund, state: RefundState, verb = "settle"): Refund {
  check(
    allows<RefundState>(refundMoves, refund.state, state),
    "REFUND_STATE",
    `refund ${refund.refundId} is ${refund.state} and cannot become ${state}`,
    { refund_id: refund.refundId, state: refund.state, verb },
  );
  return { ...refund, state, version: refund.version + 1 };
}

function succeeded({ refundId, resolutionId, quote: { amount } }: Refund, now: Date): RefundFact {
  return { name: "RefundSucceeded", body: { refundId, resolutionId, amount: toProto(amount), settleTime: now } };
}

/** Returned sales against what we now owe the customer, and what we keep as fees. */
function grantJournals({ quote: { items, fees, amount } }: Refund): Journal[] {
  const debits: Booking[] = items
    .filter((i) => i.amount.minor > 0n)
    .map((i) => ({ account: `sales_returns:${i.lineId}`, amount: i.amount }));
  const credits: Booking[] = fees.map((fee) => ({ account: `fee:${fee.code}`, amount: negative(fee) }));
  if (amount.minor > 0n) credits.push({ account: "refunds_payable", amount: negative({ amount }) });
  return debits.length > 0 ? [{ bookings: [...debits, ...credits] }] : [];
}

function negative({ amount }: { amount: Booking["amount"] }): Booking["amount"] {
  return { minor: -amount.minor, currency: amount.currency };
}
