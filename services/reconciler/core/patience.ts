// What several comparisons ask: is it long enough ago, and how is an amount said.
import { format, type Money } from "#kit/pure/money.js";

/** Whether a time is at least so long ago. What has no time has been there for ever. */
export function isPast(time: Date | undefined, forMs: number, now: Date): boolean {
  return time === undefined || now.getTime() - time.getTime() >= forMs;
}

/** An amount for people; one that cannot be read says so. */
export function said(amount: Money | undefined): string {
  if (!amount) return "an amount that cannot be read";
  try {
    return format(amount, "en-GB");
  } catch {
    return `${amount.minor} minor units of ${amount.currency}`;
  }
}

export function day(time: Date | undefined): string {
  return time ? time.toISOString().slice(0, 10) : "an unknown day";
}
