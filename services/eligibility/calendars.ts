// The calendars of the markets, read from whoever publishes them and kept. They are read again from time to time, for
// holidays are announced at short notice; while that fails, the last ones hold.
import type { CalendarServiceService } from "#gen/backhaul/partner/calendar/v1/calendar_service.js";
import type { ClientOf } from "#kit/client.js";
import type { Log } from "#kit/log.js";
import type { Calendar } from "#kit/pure/calendar.js";
import { DomainError } from "#kit/pure/check.js";
import { toCalendar } from "./proto.js";

export type Calendars = {
  /** @throws RpcError while it was never read and cannot be; DomainError PARTNER_NOT_FOUND, CALENDAR_INVALID */
  of(market: string): Calendar | Promise<Calendar>;
  stop(): void;
};

/** Opens them; `markets` are read at once, and a failure to do so is only logged: the next request tries again. */
export async function openCalendars(
  client: ClientOf<typeof CalendarServiceService>,
  markets: readonly string[],
  refreshMs: number,
  log: Log,
): Promise<Calendars> {
  const kept = new Map<string, Calendar>();

  async function read(market: string): Promise<Calendar> {
    const { calendar } = await client.getCalendar({ market });
    if (!calendar)
      throw new DomainError("PARTNER_NOT_FOUND", `no calendar of ${market}`, { partner: "calendar", id: market });
    const known = kept.get(market);
    if (known && known.version === calendar.version) return known;
    const read = toCalendar(calendar);
    kept.set(market, read);
    log.info({ market, version: read.version, to: read.to }, "calendar read");
    return read;
  }
  const readAll = (names: readonly string[]) =>
    Promise.all(
      names.map((market) =>
        read(market).catch((error) => log.warn({ market, error: String(error) }, "calendar not read")),
      ),
    );

  await readAll(markets);
  const timer = setInterval(() => void readAll([...new Set([...markets, ...kept.keys()])]), refreshMs);
  timer.unref();
  return { of: (market) => kept.get(market) ?? read(market), stop: () => clearInterval(timer) };
}
