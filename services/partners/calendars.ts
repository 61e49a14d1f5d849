// The official calendars that the sandbox publishes: the files of ./calendars, read once.
import { readdirSync, readFileSync } from "node:fs";
import { type Calendar, type CalendarData, calendarOf } from "#kit/pure/calendar.js";

/** Calendars by market. */
export type Calendars = ReadonlyMap<string, Calendar>;

/** @throws DomainError CALENDAR_INVALID if a file contradicts itself */
export function readCalendars(folder = new URL("calendars/", import.meta.url)): Calendars {
  const files = readdirSync(folder).filter((name) => name.endsWith(".json"));
  const all = files.map((name) => calendarOf(JSON.parse(readFileSync(new URL(name, folder), "utf8")) as CalendarData));
  return new Map(all.map((calendar) => [calendar.market, calendar]));
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
