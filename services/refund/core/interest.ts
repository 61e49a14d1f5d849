// Interest for paying late: simple, by the day, from the day after the money was due until the day it is paid. Rounded up
// to what is paid in the currency, so that nobody gets less than the law gives.
import { type Money, stepOf } from "#kit/pure/money.js";
import type { Interest } from "./types.js";

const dayMs = 86_400_000;

/** Days begun after a due time; 0 while it has not passed. The due time is the end of the last day, in the market. */
export function daysLate(due: Date, now: Date): number {
  return Math.max(0, Math.ceil((now.getTime() - due.getTime()) / dayMs));
}

/**
 * owed · rate · days / 365, rounded up to the currency's step.
 * @param owedDays what was owed, summed over the days it was owed: ₩100,000 for five days is ₩500,000
 */
export function interestOn(owedDays: Money, ratePpm: number): Money {
  const step = stepOf(owedDays.currency);
  const divisor = 365n * 1_000_000n * step;
  const exact = owedDays.minor * BigInt(ratePpm);
  return { minor: ((exact + divisor - 1n) / divisor) * step, currency: owedDays.currency };
}

/** The interest with every day that has begun, on what is owed now; a day on which nothing is owed adds nothing. */
export function accrue(interest: Interest, owed: Money, now: Date): Interest {
  const days = daysLate(interest.dueTime, now);
  if (days <= interest.days) return interest;
  const more = owed.minor * BigInt(days - interest.days);
  const owedDays = { ...interest.owedDays, minor: interest.owedDays.minor + more };
  return { ...interest, days, owedDays, amount: interestOn(owedDays, interest.ratePpm) };
}

/** When the n-th day of interest begins: the moment the n-1-th has ended, and a little later. */
export function accrualTime(due: Date, day: number): Date {
  return new Date(due.getTime() + (day - 1) * dayMs + 1);
}
