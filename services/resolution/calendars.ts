// The official calendars, read from whoever publishes them and kept. Statutory clocks count by them, so a market without
// one cannot be served; deciding is synchronous, so a calendar is there before, or the caller tries again.
import type { CalendarServiceService } from "#gen/backhaul/partner/calendar/v1/calendar_service.js";
import type { ClientOf } from "#kit/client.js";
import { Unavailable } from "#kit/errors.js";
import { type Calendar, calendarOf } from "#kit/pure/calendar.js";

/** The calendars of all markets met so far. */
export type Calendars = {
  /** Reads a market's calendar if it is not there or has grown old. */
  load(market: string): Promise<Calendar>;
  /** A calendar that was read before. @throws Unavailable if it was not; it is read meanwhile */
  get(market: string): Calendar;
};

/** Reads each calendar again after `refreshMs`, real time; a failed refresh keeps the one before. */
export function openCalendars(client: ClientOf<typeof CalendarServiceService>, refreshMs: number): Calendars {
  const known = new Map<string, { calendar: Calendar; readMs: number }>();

  async function read(market: string): Promise<Calendar> {
    const { calendar } = await client.getCalendar({ market });
    if (!calendar)
      throw new Unavailable("UPSTREAM_UNAVAILABLE", `there is no calendar of ${market}`, { target: "calendar" });
    const { version, timeZone, fromDate: from, toDate: to, weekend, holidays } = calendar;
    const workdays = Object.fromEntries(calendar.workdays.map((day) => [day, "make-up working day"]));
    return calendarOf({ market, version, timeZone, from, to, weekend, holidays, workdays });
  }

  async function load(market: string): Promise<Calendar> {
    const before = known.get(market);
    if (before && Date.now() - before.readMs < refreshMs) return before.calendar;
    try {
      const calendar = await read(market);
      known.set(market, { calendar, readMs: Date.now() });
      return calendar;
    } catch (error) {
      if (before) return before.calendar;
      throw error;
    }
  }

  return {
    load,
    get: (market) => {
      const calendar = known.get(market)?.calendar;
      if (calendar) return calendar;
      void load(market).catch(() => {}); // the next try says what is wrong with it
      throw new Unavailable("UPSTREAM_UNAVAILABLE", `the calendar of ${market} is being read`, { target: "calendar" });
    },
  };
}
