// The official calendars that the sandbox publishes: the files of ./calendars, and what was published since.
import { readdirSync, readFileSync } from "node:fs";
import type { Calendar as CalendarMessage } from "#gen/backhaul/partner/calendar/v1/calendar_service.js";
import { type Calendar, type CalendarData, calendarOf } from "#kit/pure/calendar.js";

/** Calendars by market. */
export type Calendars = Map<string, Calendar>;

/** @throws DomainError CALENDAR_INVALID if a file contradicts itself */
export function readCalendars(folder = new URL("calendars/", import.meta.url)): Calendars {
  const files = readdirSync(folder).filter((name) => name.endsWith(".json"));
  const all = files.map((name) => calendarOf(JSON.parse(readFileSync(new URL(name, folder), "utf8")) as CalendarData));
  return new Map(all.map((calendar) => [calendar.market, calendar]));
}

/**
 * Takes a published calendar in, in the place of the market's one before.
 * @throws DomainError CALENDAR_INVALID, DATE_INVALID
 */
export function publish(calendars: Calendars, message: CalendarMessage): void {
  const { market, version, timeZone, fromDate: from, toDate: to, weekend, holidays, workdays } = message;
  const worked = Object.fromEntries(workdays.map((day) => [day, "make-up working day"]));
  calendars.set(market, calendarOf({ market, version, timeZone, from, to, weekend, holidays, workdays: worked }));
}

/** For drivers of a market without a calendar: weekdays, by universal time. */
export const weekdays: Calendar = calendarOf({
  market: "",
  version: "none",
  from: "2000-01-01",
  to: "2000-01-01",
  timeZone: "UTC",
  weekend: [0, 6],
  holidays: {},
  workdays: {},
});
