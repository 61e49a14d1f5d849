/**
 * Days as the law counts them: business days of a market, ends of periods, deadlines. Cores call this with a Calendar
 * made from services/partners/calendars or from a partner's newer one.
 *
 * A calendar knows the days [from, to] and nothing else. A deadline that had to judge another day is *provisional*:
 * computed so that the customer cannot lose by it, marked, and to be computed again when the year is loaded.
 */
import { check } from "./check.js";
import {
  addDays,
  addMonths,
  dayNumber,
  endOfLocalDay,
  isTimeZone,
  type LocalDate,
  localDate,
  weekdayOf,
} from "./days.js";

export * from "./days.js";

/** A calendar as JSON. `source` and `credit` are for people. */
export type CalendarData = {
  readonly market: string;
  readonly version: string;
  readonly from: LocalDate;
  readonly to: LocalDate;
  readonly timeZone: string;
  /** Weekly days of rest, 0 = Sunday … 6 = Saturday. */
  readonly weekend: readonly number[];
  readonly source?: string;
  readonly credit?: string;
  readonly holidays: Readonly<Record<LocalDate, string>>;
  /** Days of the weekend that are worked, with their names (Taiwan's make-up Saturdays). */
  readonly workdays: Readonly<Record<LocalDate, string>>;
};

export type Calendar = {
  readonly market: string;
  readonly version: string;
  readonly from: LocalDate;
  readonly to: LocalDate;
  readonly timeZone: string;
  readonly weekend: readonly number[];
  readonly holidays: ReadonlyMap<LocalDate, string>;
  readonly workdays: ReadonlySet<LocalDate>;
};

/** `time`: the first instant at which it is too late (24:00 of the last day). */
export type Deadline = { readonly time: Date; readonly provisional: boolean; readonly calendarVersion: string };

/**
 * What to suppose of days that the calendar does not know. "later": the customer has to act, so they may be days of
 * rest. "earlier": the merchant has to act, so they are business days.
 */
export type Favour = "later" | "earlier";

/**
 * Checks and indexes a calendar's JSON.
 * @throws DomainError CALENDAR_INVALID naming the first fault: an empty range, a holiday or workday outside it, a
 * workday that is a holiday or no day of the weekend, an unknown time zone; DATE_INVALID for a malformed date
 */
export function calendarOf(data: CalendarData): Calendar {
  const { market, version, from, to, timeZone, weekend } = data;
  const fault = (text: string) => `calendar ${market} ${version}: ${text}`;
  const ensure = (condition: boolean, text: string) =>
    check(condition, "CALENDAR_INVALID", fault(text), { market, version });
  ensure(dayNumber(from) <= dayNumber(to), `from ${from} is after to ${to}`);
  ensure(
    new Set(weekend).size < 7 && weekend.every((day) => Number.isInteger(day) && day >= 0 && day <= 6),
    "weekend must name at most six days, 0 to 6",
  );
  const holidays = new Map(Object.entries(data.holidays));
  const workdays = new Set(Object.keys(data.workdays));
  for (const date of [...holidays.keys(), ...workdays]) {
    dayNumber(date);
    ensure(from <= date && date <= to, `${date} is outside ${from} … ${to}`);
  }
  for (const date of workdays) {
    ensure(!holidays.has(date), `${date} is both a holiday and a workday`);
    ensure(weekend.includes(weekdayOf(date)), `workday ${date} is no day of the weekend`);
  }
  ensure(isTimeZone(timeZone), `unknown time zone ${timeZone}`);
  return { market, version, from, to, timeZone, weekend, holidays, workdays };
}

/** Whether the calendar knows the day. */
export function covers(calendar: Calendar, date: LocalDate): boolean {
  return calendar.from <= date && date <= calendar.to;
}

function works(calendar: Calendar, date: LocalDate): boolean {
  if (calendar.holidays.has(date)) return false;
  return calendar.workdays.has(date) || !calendar.weekend.includes(weekdayOf(date));
}

/**
 * Whether the day is worked: no holiday, and no day of the weekend unless it is a make-up workday.
 * @throws DomainError CALENDAR_RANGE for a day that the calendar does not know; DATE_INVALID
 */
export function isBusinessDay(calendar: Calendar, date: LocalDate): boolean {
  const { market, version, from, to } = calendar;
  dayNumber(date);
  check(covers(calendar, date), "CALENDAR_RANGE", `load a calendar of ${market} that holds ${date}`, {
    market,
    version,
    date,
    from,
    to,
  });
  return works(calendar, date);
}

/**
 * The longest run of days of rest on record: 10 (Korea 30 Sep – 9 Oct 2017, Taiwan 20 – 29 Jan 2023).
 * "later" supposes one of them at the start of every 30 unknown days, and weekends between.
 */
const longestRest = 10;
const restEvery = 30;

/**
 * Judges days one after the other and remembers whether it had to suppose. "earlier" supposes that every unknown day
 * is worked, but for the weekend, and for that too in a market that has make-up workdays.
 */
function judge(calendar: Calendar, favour: Favour) {
  let unknown = 0;
  return {
    isBusinessDay(date: LocalDate): boolean {
      if (covers(calendar, date)) return works(calendar, date);
      const inRun = unknown++ % restEvery < longestRest;
      if (favour === "later") return !inRun && works(calendar, date);
      return calendar.workdays.size > 0 || works(calendar, date);
    },
    deadline(last: LocalDate): Deadline {
      const time = endOfLocalDay(last, calendar.timeZone);
      return { time, provisional: unknown > 0, calendarVersion: calendar.version };
    },
  };
}

/** `lastDayMoves`: a last day of rest gives way to the next business day. `favour`: read only if it may move. */
export type WindowOptions = { readonly lastDayMoves: boolean; readonly favour: Favour };

function windowOf(calendar: Calendar, last: LocalDate, options: WindowOptions): Deadline {
  const days = judge(calendar, options.favour);
  let end = last;
  if (options.lastDayMoves) while (!days.isBusinessDay(end)) end = addDays(end, 1);
  return days.deadline(end);
}

function whole(count: number): void {
  if (!Number.isInteger(count) || count < 0) throw new RangeError(`not a number of days or months: ${count}`);
}

/** An instant is read as its local day; a date is taken as it is. */
function firstDay(calendar: Calendar, start: Date | LocalDate): LocalDate {
  return typeof start === "string" ? start : localDate(start, calendar.timeZone);
}

/**
 * A civil period of days. The day of `start` is not counted, the period ends at 24:00 of its last local day (KR Civil
 * Act 157, 159; TW Civil Code 120, 121). `lastDayMoves` for KR (Civil Act 161: Saturday or public holiday) and TW
 * (Civil Code 122: Sunday, holiday or other day of rest), not for GB (S.I. 2013/3134 reg. 30 counts plain days).
 * To continue a period from another's end hand in its last *date* (`lastDayOf`): 24:00 is already the next day.
 * @param days whole, 0 or more
 * @throws RangeError for other days; DomainError DATE_INVALID
 */
export function windowEnd(calendar: Calendar, start: Date | LocalDate, days: number, options: WindowOptions): Deadline {
  whole(days);
  return windowOf(calendar, addDays(firstDay(calendar, start), days), options);
}

/**
 * A civil period of months: it begins on the day after `start` and ends on the day before the one that corresponds to
 * that beginning, or on the last day of a month that has none (KR Civil Act 160, TW Civil Code 121). Never ends before
 * the corresponding date of `start`, as English law counts (Dodds v Walker [1981] 1 WLR 1027).
 * @param months whole, 0 or more
 * @throws as windowEnd
 */
export function windowEndMonths(
  calendar: Calendar,
  start: Date | LocalDate,
  months: number,
  options: WindowOptions,
): Deadline {
  whole(months);
  const begin = addDays(firstDay(calendar, start), 1);
  const match = addMonths(begin, months);
  return windowOf(calendar, match.slice(8) === begin.slice(8) ? addDays(match, -1) : match, options);
}

/**
 * 24:00 of the n-th business day after the local day of `start`, which is not counted (KR E-Commerce Act 18(2): three
 * business days from the goods' return).
 * @param n whole, 0 or more; 0 is the day of start itself
 * @throws RangeError for other n; DomainError DATE_INVALID
 */
export function businessDaysAfter(calendar: Calendar, start: Date | LocalDate, n: number, favour: Favour): Deadline {
  whole(n);
  const days = judge(calendar, favour);
  let date = firstDay(calendar, start);
  for (let counted = 0; counted < n; ) {
    date = addDays(date, 1);
    if (days.isBusinessDay(date)) counted += 1;
  }
  return days.deadline(date);
}

/** The last local day on which a deadline can be met. */
export function lastDayOf(deadline: Deadline, timeZone: string): LocalDate {
  return localDate(new Date(deadline.time.getTime() - 1), timeZone);
}
