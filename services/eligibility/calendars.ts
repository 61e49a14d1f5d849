// The calendars of the markets, read from whoever publishes them and kept. They are read again from time to time, for
// holidays are announced at short notice; while that fails, the last ones hold. A market that nobody publishes a calendar
// of is judged by one that knows no day: every end is provisional and in the customer's favour, never "no holidays".
import type { CalendarServiceService } from "#gen/backhaul/partner/calendar/v1/calendar_service.js";
import type { ClientOf } from "#kit/client.js";
import { RpcError } from "#kit/errors.js";
import type { Log } from "#kit/log.js";
import { type Calendar, calendarOf } from "#kit/pure/calendar.js";
import { DomainError } from "#kit/pure/check.js";
import type { PolicyDocument } from "./core/document.js";
import { toCalendar } from "./proto.js";

/** Where a market's days begin and which of them rest each week: its policy knows that much. */
type Civil = PolicyDocument["civil"];

export type Calendars = {
  /** @throws RpcError while it was never read and cannot be; DomainError CALENDAR_INVALID */
  of(market: string, civil: Civil): Calendar | Promise<Calendar>;
  stop(): void;
};

/** The version of a calendar that nobody published. */
const unpublished = "unpublished";

/** Opens them; `markets` are read at once, and a failure to do so is only logged: the next request tries again. */
export async function openCalendars(
  client: ClientOf<typeof CalendarServiceService>,
  markets: readonly string[],
  refreshMs: number,
  log: Log,
): Promise<Calendars> {
  const kept = new Map<string, Calendar>();

  /** Undefined: nobody publishes it. */
  async function read(market: string): Promise<Calendar | undefined> {
    const calendar = await publishedOf(client, market);
    const known = kept.get(market);
    if (!calendar || known?.version === calendar.version) return known;
    const read = toCalendar(calendar);
    kept.set(market, read);
    log.info({ market, version: read.version, to: read.to }, "calendar read");
    return read;
  }
  const readAll = (names: readonly string[]) =>
    Promise.all(names.map((market) => read(market).catch((error) => log.warn({ market, error }, "calendar not read"))));

  async function readOrMake(market: string, civil: Civil): Promise<Calendar> {
    const published = await read(market);
    if (published) return published;
    log.warn({ market }, "nobody publishes a calendar of this market: ends of windows are provisional");
    const made = knowingNothing(market, civil);
    kept.set(market, made);
    return made;
  }

  await readAll(markets);
  const timer = setInterval(() => void readAll([...new Set([...markets, ...kept.keys()])]), refreshMs);
  timer.unref();
  return {
    of: (market, civil) => kept.get(market) ?? readOrMake(market, civil),
    stop: () => clearInterval(timer),
  };
}

async function publishedOf(client: ClientOf<typeof CalendarServiceService>, market: string) {
  try {
    return (await client.getCalendar({ market })).calendar;
  } catch (error) {
    const unknown = (error instanceof RpcError || error instanceof DomainError) && error.reason === "PARTNER_NOT_FOUND";
    if (unknown) return undefined;
    throw error;
  }
}

/** A calendar that has to suppose every day. */
function knowingNothing(market: string, { time_zone: timeZone, weekend }: Civil): Calendar {
  const none = { from: "1970-01-01", to: "1970-01-01", holidays: {}, workdays: {} };
  return calendarOf({ market, version: unpublished, timeZone, weekend, ...none });
}
