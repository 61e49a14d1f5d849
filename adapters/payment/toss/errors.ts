// What Toss's no means. Source of the codes: https://docs.tosspayments.com/reference/error-codes (결제 취소, 결제 조회).
// None of it was seen at Toss itself.
import { notFound, refused, unavailable } from "../provider.js";
import { TossError } from "./client.js";

const name = "toss";

/**
 * "Not now", or nobody knows: the bank or Toss itself failed on the way, an earlier request of the same key is under
 * way, or two came within a second. PROVIDER_ERROR is a 400, so the status does not tell.
 */
const notNow = new Set(["PROVIDER_ERROR", "IDEMPOTENT_REQUEST_PROCESSING", "FORBIDDEN_CONSECUTIVE_REQUEST"]);
/** Our own key is wrong: nobody's refund's fault, and mended by a person. */
const notLetIn = new Set(["UNAUTHORIZED_KEY", "INVALID_API_KEY", "INCORRECT_BASIC_AUTH_FORMAT"]);
const unknown = new Set(["NOT_FOUND_PAYMENT", "NOT_FOUND"]);
const tooLarge = new Set(["NOT_CANCELABLE_AMOUNT", "ALREADY_CANCELED_PAYMENT", "ALREADY_REFUND_PAYMENT"]);

/** Toss would not cancel so much. */
export function isTooLarge(error: unknown): boolean {
  return error instanceof TossError && tooLarge.has(error.code);
}

/** A no of Toss's in our words; what is none stays as it is. A code that is not known here is a no for good. */
export function explain(error: unknown, paymentId: string): unknown {
  if (!(error instanceof TossError)) return error;
  const { status, code } = error;
  if (status >= 500 || status === 429 || status === 401 || notNow.has(code) || notLetIn.has(code))
    return unavailable(name, code);
  if (unknown.has(code)) return notFound(name, paymentId);
  return refused(name, code, `Toss says no: ${code}`);
}
