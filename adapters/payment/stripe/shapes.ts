// Stripe's objects as this adapter reads them. The SDK's types say what should be there; what is there is checked.
import { ProviderRefundState as State } from "#gen/backhaul/partner/payment/v1/payment_service.js";
import { array, type Fields, idIfAny, object, objectIfAny, text, textIfAny, whole } from "../fields.js";
import type { Booked } from "../provider.js";
import { fromStripe } from "./amounts.js";

/** Where our key and the payment as we name it stand on a refund. Metadata comes back with every read of it. */
export const keyField = "backhaul_key";
export const paymentField = "backhaul_payment";

/** An amount with its currency. */
export function amountOf(from: Fields) {
  return fromStripe(whole(from, "amount"), text(from, "currency"));
}

/** Seconds since 1970. */
export function created(from: Fields): Date {
  return new Date(whole(from, "created") * 1000);
}

export function toBooked(value: unknown): Booked {
  const refund = object(value, "refund");
  return {
    providerRefundId: text(refund, "id"),
    key: textIfAny(objectIfAny(refund, "metadata"), keyField),
    amount: amountOf(refund),
    createTime: created(refund),
    state: stateOf(refund),
    failure: textIfAny(refund, "failure_reason"),
  };
}

/**
 * A refund fails in two ways. With a failure balance transaction its money had left our balance and came back: REVERSED,
 * and the statement shows both movements. Without one it never left: FAILED. "succeeded" may become "failed" for weeks, when
 * the customer's bank sends the money back.
 */
function stateOf(refund: Fields): State {
  switch (textIfAny(refund, "status")) {
    case "succeeded":
      return State.PROVIDER_REFUND_STATE_SUCCEEDED;
    case "failed":
    case "canceled":
      return idIfAny(refund, "failure_balance_transaction")
        ? State.PROVIDER_REFUND_STATE_REVERSED
        : State.PROVIDER_REFUND_STATE_FAILED;
    default:
      // pending, requires_action, null, and words to come: accepted, the outcome is open.
      return State.PROVIDER_REFUND_STATE_PENDING;
  }
}

/** Whether a refund's money is gone from the payment, or about to go. */
export function counts({ state }: Booked): boolean {
  return state === State.PROVIDER_REFUND_STATE_SUCCEEDED || state === State.PROVIDER_REFUND_STATE_PENDING;
}

/** The customer's bank still decides, or we may still answer. warning_closed ended without a dispute. */
const openDisputes = new Set([
  "warning_needs_response",
  "warning_under_review",
  "needs_response",
  "under_review",
  "appeal_needs_response",
  "appeal_under_review",
]);

export function disputeOf(value: unknown) {
  const dispute = object(value, "dispute");
  const status = text(dispute, "status");
  return { amount: amountOf(dispute), open: openDisputes.has(status), lost: status === "lost" };
}

/** A page of a list. */
export function pageOf(value: unknown): { data: readonly Fields[]; more: boolean } {
  const page = object(value, "list");
  const data = array(page.data, "data").map((item) => object(item, "data"));
  return { data, more: page.has_more === true };
}
