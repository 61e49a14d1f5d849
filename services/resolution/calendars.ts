// The official calendars, read from whoever publishes them and kept. Statutory clocks count by them, so a market without
// one cannot be served; deciding is synchronous, so a calendar is there before, or the work begins anew. They are read
// again from time to time, and whoever asked for it hears of each that is not the one before.
import type { CalendarServiceService } from "#gen/backhaul/partner/calendar/v1/calendar_service.js";
import type { ClientOf } from "#kit/client.js";
import { Unavailable } from "#kit/errors.js";
import type { Log } from "#kit/log.js";
import { type Calendar, calendarOf } from "#kit/pure/calendar.js";

/** The calendars of all markets met so far. */
export type Calendars = {
  /** Reads a market's calendar if it is not there. */
  load(market: string): Promise<Calendar>;
  /** A calendar that was read before. @throws Unavailable if it was not */
  get(market: string): Calendar;
  /** Does what decides by `get`; if a calendar is not there yet it is read, and the work begun anew. */
  within<T>(work: () => Promise<T>): Promise<T>;
  /** Hears of every calendar at hand now and of each that comes anew; called again at the next reading if it fails. */
  follow(changed: (calendar: Calendar) => Promise<void>): void;
  stop(): Promise<void>;
};

/** A calendar that nobody has read yet. */
class Unread extends Unavailable {
  constructor(readonly market: string) {
    super("UPSTREAM_UNAVAILABLE", `the calendar of ${market} is not read yet`, { target: "calendar" });
  }
}

/** Reads each calendar again every `refreshMs`, real time; a failed refresh keeps the one before. */
export function openCalendars(client: ClientOf<typeof CalendarServiceService>, refreshMs: number, log: Log): Calendars {
  const known = new Map<string, Calendar>();
  /** Markets that somebody asked for, whether their calendar could be read or not. */
  const wanted = new Set<string>();
  /** The version that was followed to its end, by market. */
  const followed = new Map<string, string>();
  let follower: ((calendar: Calendar) => Promise<void>) | undefined;
  let following: Promise<void> = Promise.resolve();

  async function read(market: string): Promise<Calendar> {
    wanted.add(market);
    const { calendar } = await client.getCalendar({ market });
    if (!calendar)
      throw new Unavailable("UPSTREAM_UNAVAILABLE", `there is no calendar of ${market}`, { target: "calendar" });
    const { version, timeZone, fromDate: from, toDate: to, weekend, holidays } = calendar;
    const workdays = Object.fromEntries(calendar.workdays.map((day) => [day, "make-up working day"]));
    const fresh = calendarOf({ market, version, timeZone, from, to, weekend, holidays, workdays });
    if (known.get(market)?.version !== version) log.info({ market, version, to }, "calendar read");
    known.set(market, fresh);
    tell(fresh);
    return fresh;
  }

  /** One after the other: the work is long, and two of one market would do it twice. */
  function tell(calendar: Calendar): void {
    const { market, version } = calendar;
    following = following.then(async () => {
      if (!follower || followed.get(market) === version || known.get(market)?.version !== version) return;
      try {
        await follower(calendar);
        followed.set(market, version);
      } catch (error) {
        log.warn({ market, version, error }, "deadlines not counted again yet");
      }
    });
  }

  const load = async (market: string): Promise<Calendar> => known.get(market) ?? read(market);
  const timer = setInterval(() => {
    for (const market of wanted) {
      read(market).catch((error) => log.warn({ market, error }, "calendar not read"));
    }
  }, refreshMs);
  timer.unref();

  return {
    load,
    get: (market) => {
      const calendar = known.get(market);
      if (calendar) return calendar;
      throw new Unread(market);
    },
    within: async (work) => {
      try {
        return await work();
      } catch (error) {
        if (!(error instanceof Unread)) throw error;
        await load(error.market);
        return work();
      }
    },
    follow: (changed) => {
      follower = changed;
      for (const calendar of known.values()) tell(calendar);
    },
    stop: async () => {
      clearInterval(timer);
      follower = undefined;
      await following;
    },
  };
}
