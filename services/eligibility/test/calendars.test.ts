// When windows end around the holidays of each market. The ends in golden/calendars.txt were counted by hand, from the
// civil codes and the official calendars; each line says how.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { type Calendar, calendarOf } from "#kit/pure/calendar.js";
import { decide, type Judgement } from "../core/decide.js";
import { asked, calendars, line, type Market, order, policies } from "./builders.js";

type Case = Record<"market" | "asked" | "delivered" | "besides" | "ends" | "answers" | "why", string>;

const [head = [], ...rows] = readFileSync(new URL("./golden/calendars.txt", import.meta.url), "utf8")
  .trimEnd()
  .split("\n")
  .map((row) => row.split("|").map((cell) => cell.trim()));
const cases = rows.map((row) => Object.fromEntries(head.map((name, at) => [name, row[at] ?? ""])) as Case);

const reasons: Readonly<Record<string, string>> = {
  "change of mind": "NO_LONGER_NEEDED",
  "not as agreed": "DEFECTIVE",
};

/** Besides: "tier PLUS", "known 2026-07-15T09:00+09:00", "not told", "provisional", "reviewed". */
function judge({ market, asked: what, delivered, besides }: Case, now: Date, calendar: Calendar): Judgement {
  const known = /known (\S+)/.exec(besides)?.[1];
  const bought = order(market as Market, [line({}, market as Market)], delivered, {
    tier: besides.includes("tier PLUS") ? "PLUS" : "NONE",
    notice: besides.includes("not told") ? "NEVER" : "WITH_ORDER",
  });
  const ask = { reason: reasons[what] ?? "", discovered: known ? new Date(known) : undefined };
  return decide(policies[market as Market], calendar, bought, asked("RETURN", ask), now);
}

const weekday = (time: string) =>
  new Date(`${time.slice(0, 10)}T00:00:00Z`).toLocaleDateString("en-GB", {
    weekday: "short",
    day: "numeric",
    month: "short",
    year: "numeric",
    timeZone: "UTC",
  });

describe("a window", () => {
  for (const each of cases) {
    const { market, asked: what, delivered, besides, ends, answers, why } = each;
    it(`${market}, ${what}, delivered ${weekday(delivered)}${besides && `, ${besides}`}: ${why}`, () => {
      const calendar = calendars[market as Market];
      const end = new Date(ends);
      const before = judge(each, new Date(end.getTime() - 1), calendar);
      const after = judge(each, end, calendar);
      assert.equal(`${before.verdict}, then ${after.verdict}`, answers);
      assert.equal(after.lines[0]?.windowEnd?.provisional, besides.includes("provisional"));
    });
  }
  it("has the names of the days right in these cases", () => {
    const dates = /(Mon|Tue|Wed|Thu|Fri|Sat|Sun) (\d+) (Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)(?: (\d{4}))?/g;
    for (const { why, delivered, ends } of cases) {
      for (const [text, day, date, month, year = ends.slice(0, 4)] of why.matchAll(dates)) {
        // Without a year it is the one that the window ends in, unless that would be later than the end.
        const time = new Date(`${date} ${month} ${year} UTC`);
        if (time >= new Date(ends)) time.setUTCFullYear(Number(delivered.slice(0, 4)));
        assert.equal(time.toLocaleDateString("en-GB", { weekday: "short", timeZone: "UTC" }), day, `${text} ${year}`);
      }
    }
  });
});

describe("a holiday that is announced at short notice", () => {
  const data = JSON.parse(readFileSync(new URL("../../partners/calendars/KR.json", import.meta.url), "utf8"));
  const { "2025-01-27": announced, ...before } = data.holidays;
  const each: Case = { ...(cases[0] as Case), delivered: "2025-01-20T15:00+09:00", besides: "" };
  const endBy = (holidays: Record<string, string>) =>
    judge(
      each,
      new Date("2025-01-21T00:00:00Z"),
      calendarOf({ ...data, holidays }),
    ).lines[0]?.windowEnd?.time.toISOString();

  it("moves the end of a window that would have fallen on it, from Mon 27 Jan 2025 past Seollal to Fri 31", () => {
    assert.equal(announced, "임시공휴일");
    assert.equal(endBy(before), "2025-01-27T15:00:00.000Z");
    assert.equal(endBy(data.holidays), "2025-01-31T15:00:00.000Z");
  });
});

describe("a year that nobody has published", () => {
  const data = JSON.parse(readFileSync(new URL("../../partners/calendars/KR.json", import.meta.url), "utf8"));
  const until = (last: string) => {
    const known = Object.entries(data.holidays).filter(([day]) => day <= last);
    return calendarOf({ ...data, to: last, holidays: Object.fromEntries(known) });
  };
  const known = cases.filter(({ market, besides }) => market === "KR" && !besides.includes("provisional"));

  it("never ends a window before its publication does", () => {
    for (const each of known) {
      const now = new Date(each.delivered);
      const published = judge(each, now, calendars.KR).lines[0]?.windowEnd;
      const supposed = judge(each, now, until("2018-12-31")).lines[0]?.windowEnd;
      assert.equal(supposed?.provisional, true);
      assert.ok(published && supposed && supposed.time >= published.time, each.why);
    }
  });
  it("makes a window certain once it is there", () => {
    for (const each of known) {
      assert.equal(judge(each, new Date(each.delivered), calendars.KR).lines[0]?.windowEnd?.provisional, false);
    }
  });
});
