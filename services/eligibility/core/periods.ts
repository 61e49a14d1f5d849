// When a window ends: days or months from delivery by the market's civil code, earlier by what the customer knew, later by
// what they were not told.
import { type Calendar, type Deadline, lastDayOf, windowEnd, windowEndMonths } from "#kit/pure/calendar.js";

/** When the customer was told of the right: with the order, at a time of its own, or never. */
export type Notice = "WITH_ORDER" | "NEVER" | Date;

/** What a window is counted from. */
export type Times = {
  /** When the goods came; undefined while they have not. */
  readonly start: Date | undefined;
  /** When the customer came to know that they are not as agreed; undefined if nobody said. */
  readonly known: Date | undefined;
  readonly notice: Notice;
};

export type Period = {
  readonly days: number | null;
  readonly months: number | null;
  readonly known_days: number | null;
  readonly uninformed_months: number | null;
};

/** The end of a period; undefined while it has not begun, or where it has none. */
export function endOfPeriod(
  calendar: Calendar,
  period: Period,
  times: Times,
  lastDayMoves: boolean,
): Deadline | undefined {
  const { start, known, notice } = times;
  if (start === undefined) return undefined;
  const options = { lastDayMoves, favour: "later" } as const;
  const counted = (from: Date) => {
    if (period.days !== null) return windowEnd(calendar, from, period.days, options);
    return period.months === null ? undefined : windowEndMonths(calendar, from, period.months, options);
  };
  let end = counted(start);
  if (end === undefined) return undefined;
  if (period.uninformed_months !== null && notice !== "WITH_ORDER" && (notice === "NEVER" || notice > start)) {
    const most = windowEndMonths(calendar, lastDayOf(end, calendar.timeZone), period.uninformed_months, options);
    const told = notice === "NEVER" ? most : earlier(counted(notice) ?? most, most);
    end = later(end, told);
  }
  if (period.known_days !== null && known !== undefined) {
    // Nobody can have known before the goods came.
    const from = new Date(Math.max(known.getTime(), start.getTime()));
    end = earlier(end, windowEnd(calendar, from, period.known_days, options));
  }
  return end;
}

/** Whether there is still time. */
export function isBefore(now: Date, end: Deadline | undefined): boolean {
  return end === undefined || now < end.time;
}

const earlier = (a: Deadline, b: Deadline): Deadline => (b.time < a.time ? b : a);
export const later = (a: Deadline, b: Deadline): Deadline => (b.time > a.time ? b : a);
