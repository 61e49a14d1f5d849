// Between the contract's messages and the core's words.
import type { Fee as FeeMessage } from "#gen/backhaul/eligibility/v1/decision.js";
import type { Order } from "#gen/backhaul/partner/order/v1/order_service.js";
import {
  LedgerEntry,
  Quote as QuoteMessage,
  Refund as RefundMessage,
  RefundState,
  type Tender as TenderMessage,
  TenderState,
} from "#gen/backhaul/refund/v1/refund.js";
import type { Money as MoneyMessage } from "#gen/google/type/money.js";
import { fromProto, toProto, zero } from "#kit/pure/money.js";
import { words } from "#kit/words.js";
import type { Fee, Quote, Refund, SoldOrder, Tender } from "./core/types.js";
import type { LedgerRow } from "./store.js";

export const refundStates = words(RefundState, "REFUND_STATE_");
const tenderStates = words(TenderState, "TENDER_STATE_");

/** An order as the order system tells it. */
export function soldOrder(order: Order): SoldOrder {
  const amount = (value: MoneyMessage | undefined) => (value ? fromProto(value) : zero(order.currencyCode));
  return {
    orderId: order.orderId,
    customerId: order.customerId,
    market: order.market,
    currency: order.currencyCode,
    lines: order.lines.map(({ lineId, quantity, paid }) => ({ lineId, quantity, paid: amount(paid) })),
    shipping: amount(order.shipping),
    payments: order.payments.map(({ paymentId, method, captured }) => ({
      paymentId,
      method,
      captured: amount(captured),
    })),
  };
}

/** Fees as asked for; one without an amount is no fee. */
export function toFees(fees: readonly FeeMessage[]): Fee[] {
  return fees.flatMap(({ code, amount, ruleId }) => (amount ? [{ code, amount: fromProto(amount), ruleId }] : []));
}

export function toRefund(refund: Refund): RefundMessage {
  const { refundId, resolutionId, orderId, customerId, market, state, createTime, settleTime, version } = refund;
  return RefundMessage.fromPartial({
    refundId,
    resolutionId,
    orderId,
    customerId,
    market,
    state: refundStates.value(state),
    quote: toQuote(orderId, refund.quote, refund.tenders),
    createTime,
    settleTime,
    version: BigInt(version),
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
  });
}

function toTender({ paymentId, method, amount, state, providerKey, providerRefundId, failure }: Tender): TenderMessage {
  return {
    paymentId,
    method,
    amount: toProto(amount),
    state: tenderStates.value(state),
    providerKey,
    providerRefundId,
    failure,
  };
}

export function toLedgerEntry(row: LedgerRow): LedgerEntry {
  const { entryId, journalId, refundId, account, currency, amountMinor, createTime } = row;
  const amount = toProto({ minor: amountMinor, currency });
  return LedgerEntry.fromPartial({ entryId, journalId, refundId, account, amount, createTime });
}
