import assert from "node:assert/strict";
import { Calendar } from "#gen/backhaul/partner/calendar/v1/calendar_service.js";
import type { Log } from "#kit/log.js";
import { until } from "#kit/testing/peers.js";
import { openCalendars } from "../calendars.js";

const quiet = { info: () => {}, warn: () => {} } as unknown as Log;
const published = (version: string) =>
  Calendar.fromPartial({ market: "KR", version, timeZone: "Asia/Seoul", fromDate: "2026-01-01", toDate: "2026-12-31" });

describe("resolution: calendars", () => {
  it("that could not be read at first are read again, and whoever follows hears of each new one", async () => {
    let away = true;
    let version = "one";
    const getCalendar = async () => {
      if (away) throw new Error("away");
      return { calendar: published(version) };
    };
    const calendars = openCalendars({ getCalendar } as never, 10, quiet);
    const heard: string[] = [];
    calendars.follow(async (calendar) => {
      heard.push(calendar.version);
    });
    await assert.rejects(calendars.load("KR"), /away/);
    away = false;
    await until("it is read", async () => heard.length === 1);
    version = "two";
    await until("the next one is read", async () => heard.length === 2);
    version = "one";
    await until("the one before is back", async () => heard.length === 3);
    await calendars.stop();
    assert.deepEqual(heard, ["one", "two", "one"]);
  });

  it("that nobody has read yet is read when a work asks for it, and the work begins anew", async () => {
    const calendars = openCalendars(
      { getCalendar: async () => ({ calendar: published("one") }) } as never,
      60_000,
      quiet,
    );
    assert.throws(() => calendars.get("KR"), { reason: "UPSTREAM_UNAVAILABLE" });
    let begun = 0;
    const version = await calendars.within(async () => {
      begun += 1;
      return calendars.get("KR").version;
    });
    assert.deepEqual([version, begun], ["one", 2]);
    await assert.rejects(
      calendars.within(() => Promise.reject(new Error("another fault"))),
      /another fault/,
    );
    await calendars.stop();
  });
});
