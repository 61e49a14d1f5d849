// What is still owed of a refund, and what its delay costs: interest by the day, on what was not paid that day.
import { isZero, type Money, subtract, sum } from "#kit/pure/money.js";
import { accrualTime, accrue } from "./interest.js";
import * as journals from "./journals.js";
import type { Interest, Journal, Refund, Step, Tender } from "./types.js";

/** Interest is paid as a share of its own: it was never captured. */
export function isInterest({ paymentId }: Pick<Tender, "paymentId">): boolean {
  return paymentId === "interest";
}

/** What is still to be paid of it, interest aside: a share that is void is owed by nobody. */
export function outstanding({ tenders, quote: { amount } }: Pick<Refund, "tenders" | "quote">): Money {
  const open = tenders.filter((t) => t.state !== "SUCCEEDED" && t.state !== "VOIDED" && !isInterest(t));
  return sum(
    open.map((t) => t.amount),
    amount.currency,
  );
}

/** The interest of every day that has begun, on what is owed before anything is paid now. */
export function upToNow(refund: Refund, now: Date): { readonly refund: Refund; readonly journals: readonly Journal[] } {
  if (!refund.interest) return { refund, journals: [] };
  const interest = accrue(refund.interest, outstanding(refund), now);
  const more = subtract(interest.amount, refund.interest.amount);
  return { refund: { ...refund, interest }, journals: isZero(more) ? [] : journals.accrued(interest, more) };
}

/** Counts the days from the n-th on. */
export function accrueStep({ dueTime }: Interest, day: number): Step {
  return { step: "accrue", due: accrualTime(dueTime, day), payload: {} };
}
