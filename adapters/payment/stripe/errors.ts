// What Stripe's no means. Sources: https://docs.stripe.com/api/errors and https://docs.stripe.com/error-codes.
import Stripe from "stripe";
import { NoAnswer } from "../http.js";
import { keyReused, notFound, refused, unavailable } from "../provider.js";

const name = "stripe";

/**
 * Makes one request.
 * @throws NoAnswer; Unavailable while Stripe is away, busy with the same key or does not accept ours; Stripe's other
 * errors as they are, for explain
 */
export async function ask<T>(request: () => Promise<T>): Promise<T> {
  try {
    return await request();
  } catch (error) {
    if (!(error instanceof Stripe.errors.StripeError)) throw new NoAnswer("unreadable");
    if (isAway(error)) throw unavailable(name, codeOf(error));
    throw error;
  }
}

/** Codes that say "not now" whatever the status they come with. */
const notNow = new Set(["lock_timeout", "idempotency_key_in_use", "rate_limit"]);

/**
 * 401 and 403 are here, too: our key is wrong, which is nobody's refund's fault. Once a person has mended it the same
 * call goes through; told as a refusal it would have failed the refund for good.
 */
function isAway({ statusCode = 0, code = "" }: Stripe.errors.StripeError): boolean {
  if (notNow.has(code)) return true;
  return ![400, 402, 404].includes(statusCode);
}

function codeOf(error: Stripe.errors.StripeError): string {
  const cause: unknown = error.detail;
  if (cause instanceof NoAnswer) return cause.reason;
  return error.code ?? (error.statusCode ? `http_${error.statusCode}` : "connection");
}

/** Codes of a refund that is too large. */
const tooLarge = new Set(["charge_already_refunded", "amount_too_large"]);

/** "Refund amount (…) is greater than unrefunded amount on charge (…)": seen with a code, and without one. */
export function isTooLarge(error: unknown): boolean {
  if (!(error instanceof Stripe.errors.StripeError) || error.statusCode !== 400) return false;
  return tooLarge.has(error.code ?? "") || (error.param === "amount" && !error.code);
}

/** A no of Stripe's in our words; what is none stays as it is. */
export function explain(error: unknown, paymentId: string, key = ""): unknown {
  if (!(error instanceof Stripe.errors.StripeError)) return error;
  if (error.rawType === "idempotency_error") return keyReused(key);
  return error.code === "resource_missing" ? notFound(name, paymentId) : refusal(error);
}

/** For good: charge_disputed, refund_disputed_payment, charge_not_refundable, insufficient_funds, … */
function refusal(error: Stripe.errors.StripeError): Error {
  const code = error.code ?? error.decline_code ?? error.rawType ?? `http_${error.statusCode}`;
  return refused(name, code, `Stripe says no: ${code}`);
}
