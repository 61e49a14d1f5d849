// How each provider behaves, per method of payment: what a caller must know to never pay twice. Each number has its
// source; "from memory" means that nobody has checked it. The record tells what a caller meets at this adapter's door:
// where the adapter mends a provider's behaviour, the comment says how the provider itself behaves.
import {
  Capabilities,
  KeyMismatch,
  PartialRefunds,
  RefundLookup,
} from "#gen/backhaul/partner/payment/v1/payment_service.js";

const daySeconds = 24 * 3600;

/** Sources: https://docs.stripe.com/api/idempotent_requests, https://docs.stripe.com/refunds. */
const stripe: Capabilities = {
  provider: "stripe",
  keyHeader: "Idempotency-Key", // up to 255 characters
  // "Keys can be removed automatically once they are at least 24 hours old": not a second longer is promised.
  keyLifetimeSeconds: BigInt(daySeconds),
  // Stripe compares the parameters and answers idempotency_error.
  keyMismatch: KeyMismatch.KEY_MISMATCH_REFUSED,
  // Status and body of the first request are kept once its execution began, 500 included. What failed validation, or
  // met a request under way, is not kept.
  errorsKept: true,
  // No lookup by key; our key stands in the refund's metadata, and the refunds of a payment are listed.
  lookup: RefundLookup.REFUND_LOOKUP_BY_REFERENCE,
  // pending, requires_action; and a refund may still fail after it succeeded, up to 30 days on (the days from memory).
  asynchronous: true,
  // Any number up to the amount captured. A few payment methods know no partial refund, or none at all: Stripe then
  // refuses it, see the table at https://docs.stripe.com/payments/payment-methods/payment-method-support.
  partial: PartialRefunds.PARTIAL_REFUNDS_ANY,
  // "Refunds can only be sent back to the original payment method."
  accountNeeded: false,
  customerDays: 10, // "5-10 business days"; from memory
};

/** Every method alike. */
export function stripeCapabilities(_method: string): Capabilities {
  return Capabilities.fromPartial(stripe);
}

/**
 * Sources: https://docs.tosspayments.com/guides/using-api/idempotency-key (멱등키),
 * https://docs.tosspayments.com/reference (결제 취소, Payment 객체), https://docs.tosspayments.com/guides/apis/cancel-payment.
 */
const toss: Capabilities = {
  provider: "toss",
  keyHeader: "Idempotency-Key", // up to 300 characters
  keyLifetimeSeconds: BigInt(15 * daySeconds), // "처음 요청에 사용한 날부터 15일간 유효합니다"
  // Toss itself gives the first answer, whatever the body: it compares key, API key, address and HTTP method only. The
  // adapter holds the amount of that answer against what was asked, and refuses. Another payment is another address, so
  // the same key for two payments is two refunds: a key must name one refund, as the contract says.
  keyMismatch: KeyMismatch.KEY_MISMATCH_REFUSED,
  // "the same response … even in the case of an error" (English API guide, as others quote it); not tried by us.
  errorsKept: true,
  // GET /v1/payments/{paymentKey}: our key stands in cancels[].cancelReason.
  lookup: RefundLookup.REFUND_LOOKUP_BY_REFERENCE,
  asynchronous: false, // cancelStatus is DONE in the answer
  // As long as the payment says isPartialCancelable: not for escrow orders, cash cards and cards with a cup deposit.
  partial: PartialRefunds.PARTIAL_REFUNDS_ANY,
  accountNeeded: false,
  customerDays: 5, // cards: "3~5영업일" says https://faq.iamport.kr of Korean gateways; not Toss's own word
};

const tossByMethod: Readonly<Record<string, Partial<Capabilities>>> = {
  // refundReceiveAccount is required, and "환불은 취소 요청 후 2일 후에 진행됩니다": the cancel is done at once, the transfer
  // follows and may fail (virtualAccount.refundStatus).
  VIRTUAL_ACCOUNT: { accountNeeded: true, asynchronous: true, customerDays: 2 },
  // The phone bill of the month is corrected as a whole, or not at all once the month is over; from memory.
  MOBILE_PHONE: { partial: PartialRefunds.PARTIAL_REFUNDS_FULL_ONLY, customerDays: 0 },
};

/** A method that is not named behaves as a card. */
export function tossCapabilities(method: string): Capabilities {
  return Capabilities.fromPartial({ ...toss, ...tossByMethod[method] });
}
