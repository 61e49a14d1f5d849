// Toss's Payment object as this adapter reads it: https://docs.tosspayments.com/reference (Payment 객체). Its fields have
// these names from API version 2022-07-27 on; the version belongs to the shop's key.
import { ProviderRefundState as State } from "#gen/backhaul/partner/payment/v1/payment_service.js";
import { type Money, parseMoney, subtract, zero } from "#kit/pure/money.js";
import { array, type Fields, moment, object, objectIfAny, text, textIfAny, unreadable } from "../fields.js";
import type { Booked, Payment } from "../provider.js";

export type TossPayment = Payment & { readonly isPartialCancelable: boolean };

/**
 * Where our key stands: the reason of the cancel, which Toss keeps and shows in the shop's dashboard; 200 characters.
 * A cancel made there by hand has another reason, and so no key.
 */
export function reasonOf(key: string): string {
  return `backhaul refund ${key}`;
}

function keyOf(reason: string): string {
  return /^backhaul refund ([A-Za-z0-9_.:-]{1,128})$/.exec(reason)?.[1] ?? "";
}

/** Toss answers in Korean unless it is asked for English. */
const methods: Readonly<Record<string, string>> = {
  카드: "CARD",
  가상계좌: "VIRTUAL_ACCOUNT",
  간편결제: "EASY_PAY",
  휴대폰: "MOBILE_PHONE",
  계좌이체: "TRANSFER",
  문화상품권: "CULTURE_GIFT_CERTIFICATE",
  도서문화상품권: "BOOK_GIFT_CERTIFICATE",
  게임문화상품권: "GAME_GIFT_CERTIFICATE",
};

/** Money has come in for these: Toss's status words. */
const paid = new Set(["DONE", "CANCELED", "PARTIAL_CANCELED"]);

export function toPayment(value: unknown): TossPayment {
  const payment = object(value, "payment");
  const currency = text(payment, "currency");
  const isPaid = paid.has(text(payment, "status"));
  const captured = isPaid ? amountOf(payment, "totalAmount", currency) : zero(currency);
  const left = isPaid ? amountOf(payment, "balanceAmount", currency) : zero(currency);
  const method = textIfAny(payment, "method");
  const virtual = objectIfAny(payment, "virtualAccount");
  return {
    paymentId: text(payment, "paymentKey"),
    method: methods[method] ?? method.toUpperCase().replace(/[^A-Z]+/g, "_"),
    captured,
    refunded: subtract(captured, left),
    refunds: cancelsOf(payment).map((cancel) => toBooked(cancel, currency, textIfAny(virtual, "refundStatus"))),
    isPartialCancelable: payment.isPartialCancelable !== false,
  };
}

function cancelsOf(payment: Fields): Fields[] {
  if (payment.cancels === null || payment.cancels === undefined) return [];
  return array(payment.cancels, "cancels").map((cancel) => object(cancel, "cancels"));
}

function toBooked(cancel: Fields, currency: string, refundStatus: string): Booked {
  const state = stateOf(textIfAny(cancel, "cancelStatus"), refundStatus);
  return {
    providerRefundId: text(cancel, "transactionKey"),
    key: keyOf(textIfAny(cancel, "cancelReason")),
    amount: amountOf(cancel, "cancelAmount", currency),
    createTime: moment(cancel, "canceledAt"),
    state,
    failure: state === State.PROVIDER_REFUND_STATE_FAILED ? refundStatus || textIfAny(cancel, "cancelStatus") : "",
  };
}

/**
 * A cancel is DONE at once. Where money goes to a bank account, `refundStatus` of the payment tells of the transfer two
 * days later: NONE, PENDING, COMPLETED, FAILED, PARTIAL_FAILED. It tells of all cancels together, so PARTIAL_FAILED
 * leaves each of them open: a person must look.
 */
function stateOf(cancelStatus: string, refundStatus: string): State {
  if (cancelStatus === "ABORTED") return State.PROVIDER_REFUND_STATE_FAILED; // from memory
  if (cancelStatus !== "DONE") return State.PROVIDER_REFUND_STATE_PENDING;
  if (refundStatus === "FAILED") return State.PROVIDER_REFUND_STATE_FAILED;
  if (refundStatus === "" || refundStatus === "COMPLETED") return State.PROVIDER_REFUND_STATE_SUCCEEDED;
  return State.PROVIDER_REFUND_STATE_PENDING;
}

/**
 * Toss writes amounts as JSON numbers, 1000 or 181.56. A double of up to fifteen digits prints as it was written, so the
 * text is read exactly; nothing is computed with it. @throws NoAnswer
 */
function amountOf(from: Fields, field: string, currency: string): Money {
  const value = from[field];
  if (typeof value !== "number" || value < 0 || value >= 1e13) throw unreadable(field);
  try {
    return parseMoney(String(value), currency);
  } catch {
    throw unreadable(field);
  }
}

/** The same way back: a JSON number. Undefined for what a double could not carry. */
export function toNumber({ minor, currency }: Money): number | undefined {
  if (minor >= 10n ** 15n) return undefined;
  const unit = parseMoney("1", currency).minor;
  const [units, rest] = [minor / unit, minor % unit];
  const number = Number(`${units}.${String(rest + unit).slice(1)}`);
  return parseMoney(String(number), currency).minor === minor ? number : undefined;
}
