/**
 * Moves the record of 2010–2011 to where a mesh's clock can play it: that clock only goes forward, and starts today.
 * Whole weeks, so that each day keeps its weekday and each time its hour in UTC; UK wall clocks read an hour more or less
 * on the days that lie in summer time in one of the two years only. Pure.
 */

const dayMs = 86_400_000;
const weekMs = 7 * dayMs;

/** The fewest whole weeks that bring the first day's 00:00 UTC to `now` or later, in milliseconds; may be negative. */
export function shiftOf(first: Date, now: Date): number {
  return Math.ceil((now.getTime() - startOfDay(first).getTime()) / weekMs) * weekMs;
}

export function startOfDay(time: Date): Date {
  return new Date(Math.floor(time.getTime() / dayMs) * dayMs);
}

export function later(time: Date, ms: number): Date {
  return new Date(time.getTime() + ms);
}

/** "1 Dec 2010 is played as Wed 2 Dec 2026", for the report. */
export function describeShift(first: Date, shiftMs: number): string {
  const day = (time: Date) =>
    time.toLocaleDateString("en-GB", {
      weekday: "short",
      day: "numeric",
      month: "short",
      year: "numeric",
      timeZone: "UTC",
    });
  return `${day(first)} of the record was played as ${day(later(first, shiftMs))}: ${shiftMs / weekMs} weeks later`;
}
