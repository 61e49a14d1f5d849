// Calendars that were published while the sandbox ran, as SQL. Those it ships stand in files.
import { Calendar } from "#gen/backhaul/partner/calendar/v1/calendar_service.js";
import type { Database, Statement } from "#kit/postgres.js";

const save: Statement = {
  name: "calendar.save",
  text: `INSERT INTO published_calendar (market, body) VALUES ($1, $2)
    ON CONFLICT (market) DO UPDATE SET body = excluded.body`,
};
const all: Statement = { name: "calendar.all", text: "SELECT body FROM published_calendar" };

export function openCalendarStore(db: Database) {
  return {
    save: async (calendar: Calendar): Promise<void> => {
      await db.query(save, [calendar.market, Calendar.encode(calendar).finish()]);
    },
    all: async (): Promise<Calendar[]> =>
      (await db.query<{ body: Buffer }>(all, [])).map(({ body }) => Calendar.decode(body)),
  };
}
