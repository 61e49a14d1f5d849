// The calendars of the markets, as whoever publishes them has them. Kept for a minute: holidays are announced at short
// notice. While they cannot be read again the last ones hold.
import type { CalendarServiceService } from "#gen/backhaul/partner/calendar/v1/calendar_service.js";
import type { ClientOf } from "#kit/client.js";
import type { Clock } from "#kit/clock.js";
import type { Log } from "#kit/log.js";
import { type Calendar, calendarOf } from "#kit/pure/calendar.js";
import { DomainError } from "#kit/pure/check.js";

const freshMs = 60_000;

export type MarketCalendars = {
  /** @throws RpcError while it was never read and cannot be; DomainError CALENDAR_INVALID */
  of(market: string): Promise<Calendar>;
};

type Kept = { calendar: Calendar; readTime: number };

/** @param real what is fresh is judged by real time */
export function openMarketCalendars(
  client: ClientOf<typeof CalendarServiceService>,
  log: Log,
  real: Clock,
): MarketCalendars {
  const kept = new Map<string, Kept>();

  async function read(market: string): Promise<Calendar> {
    const { calendar } = await client.getCalendar({ market });
    if (!calendar) throw new DomainError("CALENDAR_INVALID", `publish a calendar of ${market}`, { market });
    const { fromDate: from, toDate: to, workdays, ...same } = calendar;
    const read = calendarOf({ ...same, from, to, workdays: Object.fromEntries(workdays.map((day) => [day, ""])) });
    kept.set(market, { calendar: read, readTime: real.now().getTime() });
    return read;
  }

  return {
    of: async (market) => {
      const known = kept.get(market);
      if (!known) return read(market);
      if (real.now().getTime() - known.readTime > freshMs) {
        known.readTime = real.now().getTime();
        read(market).catch((error) => log.warn({ market, error }, "calendar not read"));
      }
      return known.calendar;
    },
  };
}
