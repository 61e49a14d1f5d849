// Between the contract's messages and the core's words.
import type { Fee as FeeMessage } from "#gen/backhaul/eligibility/v1/decision.js";
import { DiscountKind, type Order, TaxDocumentKind } from "#gen/backhaul/partner/order/v1/order_service.js";
import {
  LedgerEntry,
  Quote as QuoteMessage,
  RecoveryState,
  Refund as RefundMessage,
  RefundState,
  Tender as TenderMessage,
  TenderState,
  Twin as TwinMessage,
  TwinState,
} from "#gen/backhaul/refund/v1/refund.js";
import type { LineDeduction as DeductionMessage } from "#gen/backhaul/refund/v1/refund_service.js";
import { Fault } from "#gen/backhaul/type/v1/kind.js";
import type { Money as MoneyMessage } from "#gen/google/type/money.js";
import { InvalidRequest } from "#kit/errors.js";
import { fromProto, type Money, toProto, zero } from "#kit/pure/money.js";
import { words } from "#kit/words.js";
import type { Fee, LineDeduction, Quote, Refund, SoldOrder, Tender, Twin } from "./core/types.js";
import type { LedgerRow } from "./store.js";
import { corrections } from "./twins.js";

export const refundStates = words(RefundState, "REFUND_STATE_");
export const faults = words(Fault, "FAULT_");
const tenderStates = words(TenderState, "TENDER_STATE_");
const twinStates = words(TwinState, "TWIN_STATE_");
const recoveryStates = words(RecoveryState, "RECOVERY_STATE_");
const discountKinds = words(DiscountKind, "DISCOUNT_KIND_");
const documentKinds = words(TaxDocumentKind, "TAX_DOCUMENT_KIND_");

/** @throws InvalidRequest for one without an amount; DomainError CURRENCY_UNKNOWN, MONEY_INVALID */
export function readDeductions(field: string, deductions: readonly DeductionMessage[]): LineDeduction[] {
  return deductions.map(({ amount, ...deduction }, at) => {
    if (!amount) throw new InvalidRequest([{ field: `${field}[${at}].amount`, description: "must be given" }]);
    return { ...deduction, amount: fromProto(amount) };
  });
}

/** An order as the order system tells it. */
export function soldOrder(order: Order): SoldOrder {
  const amount = (value: MoneyMessage | undefined) => (value ? fromProto(value) : zero(order.currencyCode));
  const { taxDocument } = order;
  const documentKind = taxDocument && documentKinds.word(taxDocument.kind);
  return {
    orderId: order.orderId,
    customerId: order.customerId,
    market: order.market,
    currency: order.currencyCode,
    lines: order.lines.map(({ lineId, quantity, paid, tax, sellerId }) => ({
      lineId,
      quantity,
      paid: amount(paid),
      tax: optional(tax),
      sellerId,
    })),
    discounts: order.discounts.map(({ discountId, kind, amount: off, lineIds, minimumSpend }) => ({
      discountId,
      kind: discountKinds.word(kind) ?? "PROMOTION",
      amount: amount(off),
      lineIds,
      minimumSpend: optional(minimumSpend),
    })),
    shipping: amount(order.shipping),
    payments: order.payments.map(({ paymentId, method, captured }) => ({
      paymentId,
      method,
      captured: amount(captured),
    })),
    taxDocument:
      documentKind && taxDocument.issueTime
        ? { kind: documentKind, number: taxDocument.number, issueTime: taxDocument.issueTime }
        : undefined,
    earnedPoints: Number(order.earnedPoints),
  };
}

function optional(value: MoneyMessage | undefined): Money | undefined {
  return value && fromProto(value);
}

/** Fees as asked for; one without an amount is no fee. */
export function toFees(fees: readonly FeeMessage[]): Fee[] {
  return fees.flatMap(({ code, amount, ruleId }) => (amount ? [{ code, amount: fromProto(amount), ruleId }] : []));
}

export function toRefund(refund: Refund): RefundMessage {
  const { orderId, quote, tenders, interest, recovery } = refund;
  return RefundMessage.fromPartial({
    refundId: refund.refundId,
    resolutionId: refund.resolutionId,
    orderId,
    customerId: refund.customerId,
    market: refund.market,
    state: refundStates.value(refund.state),
    quote: toQuote(orderId, quote, tenders),
    createTime: refund.createTime,
    settleTime: refund.settleTime,
    version: BigInt(refund.version),
    differences: refund.differences.map((d) => ({ ...d, amount: toProto(d.amount) })),
    twins: refund.twins.map(toTwin),
    interest: interest && {
      dueTime: interest.dueTime,
      article: interest.article,
      ratePpm: interest.ratePpm,
      days: interest.days,
      amount: toProto(interest.amount),
    },
    recovery: recovery && {
      state: recoveryStates.value(recovery.state),
      amount: toProto(recovery.amount),
      reason: recovery.reason,
      reference: recovery.reference,
    },
    origin: refund.origin,
    reason: refund.reason,
    grantedBy: refund.grantedBy,
    issuedBy: refund.issuedBy,
    fault: faults.value(refund.fault),
  });
}

export function toQuote(orderId: string, quote: Quote, tenders: readonly Tender[]): QuoteMessage {
  return QuoteMessage.fromPartial({
    orderId,
    items: quote.items.map(({ lineId, quantity, amount }) => ({ lineId, quantity, amount: toProto(amount) })),
    fees: quote.fees.map(({ code, amount, ruleId }) => ({ code, amount: toProto(amount), ruleId })),
    shipping: toProto(quote.shipping),
    amount: toProto(quote.amount),
    tenders: tenders.map(toTender),
    adjustments: quote.adjustments.map(({ amount, cause = "", note = "", ...adjustment }) => {
      return { ...adjustment, amount: toProto(amount), cause, note };
    }),
    restored: quote.restored.map(({ kind, reference, points }) => ({ kind, reference, points: BigInt(points) })),
    tax: quote.tax && toProto(quote.tax),
  });
}

function toTender(tender: Tender): TenderMessage {
  const { paymentId, method, amount, state, providerKey, providerRefundId, failure, heldFor, expectedTime, route } =
    tender;
  return TenderMessage.fromPartial({
    paymentId,
    method,
    amount: toProto(amount),
    state: tenderStates.value(state),
    providerKey,
    providerRefundId,
    failure,
    heldFor,
    expectedTime,
    route,
  });
}

function toTwin({ kind, state, reference, amount, key, counterpartId, failure, correction }: Twin): TwinMessage {
  return TwinMessage.fromPartial({
    kind,
    state: twinStates.value(state),
    reference,
    amount: amount && toProto(amount),
    key,
    counterpartId,
    failure,
    correction: correction === "" ? 0 : corrections.value(correction),
  });
}

export function toLedgerEntry(row: LedgerRow): LedgerEntry {
  const { entryId, journalId, refundId, account, currency, amountMinor, createTime, journal } = row;
  const amount = toProto({ minor: amountMinor, currency });
  return LedgerEntry.fromPartial({ entryId, journalId, refundId, account, amount, createTime, kind: journal.kind });
}
