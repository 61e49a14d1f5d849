// The days on which a carrier works: its weekdays, the market's calendar, and its own days of rest.
import { addDays, type Calendar, covers, endOfLocalDay, type LocalDate, weekdayOf } from "#kit/pure/calendar.js";
import type { Works } from "./network.js";

/** The longest run of days of rest that is searched through; a carrier that never works again promises nothing. */
const longestRest = 60;

/** Why a carrier rests that day; undefined: it works. Days that the calendar does not know go by their weekday. */
export function restOn(works: Works, calendar: Calendar, date: LocalDate): string | undefined {
  const own = works.closed[date] ?? works.closed[date.slice(5)];
  if (own !== undefined) return own;
  const known = covers(calendar, date);
  const holiday = known ? calendar.holidays.get(date) : undefined;
  if (holiday !== undefined && !works.holidays) return holiday;
  // A make-up workday is one for carriers, too.
  if (known && calendar.workdays.has(date)) return undefined;
  return works.weekdays.includes(weekdayOf(date)) ? undefined : "weekend";
}

export function worksOn(works: Works, calendar: Calendar, date: LocalDate): boolean {
  return restOn(works, calendar, date) === undefined;
}

/** The first day from this one on that is worked. */
export function nextWorkday(works: Works, calendar: Calendar, date: LocalDate): LocalDate | undefined {
  for (let i = 0, day = date; i <= longestRest; i++, day = addDays(day, 1))
    if (worksOn(works, calendar, day)) return day;
  return undefined;
}

/** The end of the n-th working day after that day. */
export function workdayEnd(works: Works, calendar: Calendar, date: LocalDate, days: number): Date | undefined {
  let day: LocalDate | undefined = date;
  for (let i = 0; i < days && day !== undefined; i++) day = nextWorkday(works, calendar, addDays(day, 1));
  return day === undefined ? undefined : endOfLocalDay(day, calendar.timeZone);
}
