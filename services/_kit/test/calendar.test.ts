import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import fc from "fast-check";
import {
  addDays,
  addMonths,
  businessDaysAfter,
  type Calendar,
  type CalendarData,
  calendarOf,
  type Deadline,
  dateOf,
  dayNumber,
  endOfLocalDay,
  isBusinessDay,
  lastDayOf,
  localDate,
  weekdayOf,
  windowEnd,
  windowEndMonths,
} from "../pure/calendar.js";
import { DomainError } from "../pure/check.js";

const read = (market: string): CalendarData =>
  JSON.parse(readFileSync(new URL(`../../partners/calendars/${market}.json`, import.meta.url), "utf8"));
const [KR, TW, GB] = [read("KR"), read("TW"), read("GB")].map(calendarOf) as [Calendar, Calendar, Calendar];
const reason = (word: string) => (error: unknown) => error instanceof DomainError && error.reason === word;
const civil = { lastDayMoves: true, favour: "later" } as const;
const plain = { lastDayMoves: false, favour: "later" } as const;
const last = (deadline: Deadline, calendar: Calendar) => lastDayOf(deadline, calendar.timeZone);
const daysOff = (calendar: Calendar, from: string, to: string) => {
  const off: string[] = [];
  for (let date = from; date <= to; date = addDays(date, 1))
    if (!isBusinessDay(calendar, date)) off.push(date.slice(5));
  return off;
};

/** A calendar of one's own: weekends off, the given holidays and workdays. */
const small = (over: Partial<CalendarData> = {}) =>
  calendarOf({
    market: "XX",
    version: "XX.1",
    from: "2026-01-01",
    to: "2026-12-31",
    timeZone: "Asia/Seoul",
    weekend: [0, 6],
    holidays: {},
    workdays: {},
    ...over,
  });

describe("dates", () => {
  it("counts days and months without a time zone", () => {
    assert.equal(addDays("2026-02-28", 1), "2026-03-01");
    assert.equal(addDays("2028-02-28", 1), "2028-02-29");
    assert.equal(addDays("2027-01-01", -1), "2026-12-31");
    assert.equal(addMonths("2026-01-31", 1), "2026-02-28");
    assert.equal(addMonths("2027-11-30", 3), "2028-02-29");
    assert.equal(addMonths("2028-02-29", 12), "2029-02-28");
    assert.equal(weekdayOf("2026-11-23"), 1);
    assert.equal(weekdayOf("1969-12-31"), 3);
    fc.assert(fc.property(fc.integer({ min: -680_000, max: 2_900_000 }), (n) => assert.equal(dayNumber(dateOf(n)), n)));
  });

  it("refuses text that is no day", () => {
    for (const text of ["", "2026-02-29", "2026-13-01", "2026-1-1", "20260101", "2026-01-01T00:00:00Z", "0026-02-30"]) {
      assert.throws(() => dayNumber(text), reason("DATE_INVALID"), text);
    }
  });

  it("knows the local day of an instant", () => {
    assert.equal(localDate(new Date("2026-02-17T14:59:59.999Z"), "Asia/Seoul"), "2026-02-17");
    assert.equal(localDate(new Date("2026-02-17T15:00:00Z"), "Asia/Seoul"), "2026-02-18");
    assert.equal(localDate(new Date("2026-07-01T22:59:59Z"), "Europe/London"), "2026-07-01");
    assert.equal(localDate(new Date("2026-07-01T23:00:00Z"), "Europe/London"), "2026-07-02");
    assert.throws(() => localDate(new Date(), "Mars/Olympus"), RangeError);
  });

  it("ends London's days right when the clocks change", () => {
    const ends = ["2026-03-28", "2026-03-29", "2026-10-24", "2026-10-25", "2010-12-31"].map((date) =>
      endOfLocalDay(date, "Europe/London").toISOString(),
    );
    assert.deepEqual(ends, [
      "2026-03-29T00:00:00.000Z",
      "2026-03-29T23:00:00.000Z",
      "2026-10-24T23:00:00.000Z",
      "2026-10-26T00:00:00.000Z",
      "2011-01-01T00:00:00.000Z",
    ]);
  });

  it("ends every day at the first instant of the next, also where midnight is skipped or comes twice", () => {
    const zones = ["Europe/London", "Asia/Seoul", "Asia/Taipei", "America/Sao_Paulo", "America/Havana", "Asia/Beirut"];
    const days = fc.integer({ min: dayNumber("2008-01-01"), max: dayNumber("2030-01-01") });
    const changes = fc.constantFrom(...["2018-11-03", "2018-02-17", "2026-10-31", "2026-03-28"].map(dayNumber));
    fc.assert(
      fc.property(fc.constantFrom(...zones), fc.oneof({ weight: 9, arbitrary: days }, changes), (zone, day) => {
        const end = endOfLocalDay(dateOf(day), zone).getTime();
        assert.equal(localDate(new Date(end), zone), dateOf(day + 1));
        assert.equal(localDate(new Date(end - 1), zone), dateOf(day));
      }),
      { numRuns: 500 },
    );
  });
});

describe("calendar data", () => {
  it("refuses a calendar that contradicts itself", () => {
    const bad: Partial<CalendarData>[] = [
      { from: "2027-01-01" },
      { weekend: [0, 7] },
      { weekend: [0, 1, 2, 3, 4, 5, 6] },
      { holidays: { "2027-01-01": "beyond" } },
      { workdays: { "2026-01-05": "a Monday" } },
      { holidays: { "2026-01-03": "both" }, workdays: { "2026-01-03": "both" } },
      { timeZone: "Mars/Olympus" },
    ];
    for (const over of bad) assert.throws(() => small(over), reason("CALENDAR_INVALID"), JSON.stringify(over));
    assert.throws(() => small({ holidays: { "2026-1-1": "malformed" } }), reason("DATE_INVALID"));
  });

  it("never takes an unknown day for a business day", () => {
    assert.throws(() => isBusinessDay(TW, "2027-01-04"), reason("CALENDAR_RANGE"));
    assert.throws(() => isBusinessDay(KR, "2017-12-29"), reason("CALENDAR_RANGE"));
  });

  it("has Korea's Seollal and Chuseok of every year, with the day before and after", () => {
    const seollal =
      "2018-02-16 2019-02-05 2020-01-25 2021-02-12 2022-02-01 2023-01-22 2024-02-10 2025-01-29 2026-02-17";
    const chuseok =
      "2018-09-24 2019-09-13 2020-10-01 2021-09-21 2022-09-10 2023-09-29 2024-09-17 2025-10-06 2026-09-25";
    const check = (days: string, name: string) => {
      for (const day of days.split(" ")) {
        for (const n of [-1, 0, 1]) assert.ok(KR.holidays.get(addDays(day, n))?.includes(name), `${day} ${n}`);
      }
    };
    check(`${seollal} 2027-02-07`, "설날");
    check(`${chuseok} 2027-09-15`, "추석");
  });

  it("has Korea's substitute, temporary and election holidays", () => {
    assert.deepEqual(daysOff(KR, "2027-02-05", "2027-02-10"), ["02-06", "02-07", "02-08", "02-09"]);
    assert.deepEqual(daysOff(KR, "2026-02-13", "2026-02-20"), ["02-14", "02-15", "02-16", "02-17", "02-18"]);
    assert.deepEqual(daysOff(KR, "2026-09-23", "2026-09-28"), ["09-24", "09-25", "09-26", "09-27"]);
    assert.deepEqual(daysOff(KR, "2026-10-02", "2026-10-06"), ["10-03", "10-04", "10-05"]);
    for (const date of ["2025-01-27", "2025-06-03", "2026-05-01", "2026-06-03", "2026-07-17", "2027-05-03"]) {
      assert.ok(!isBusinessDay(KR, date), date);
    }
    assert.ok(isBusinessDay(KR, "2025-05-01"), "Labour Day became a public holiday in 2026");
  });

  it("has Taiwan's Lunar New Year and the make-up Saturday of 2025", () => {
    assert.deepEqual(
      daysOff(TW, "2025-01-24", "2025-02-03"),
      "01-25 01-26 01-27 01-28 01-29 01-30 01-31 02-01 02-02".split(" "),
    );
    assert.ok(isBusinessDay(TW, "2025-02-08"));
    assert.deepEqual(
      daysOff(TW, "2026-02-13", "2026-02-23"),
      "02-14 02-15 02-16 02-17 02-18 02-19 02-20 02-21 02-22".split(" "),
    );
  });

  it("has the days that Taiwan's Act of May 2025 added, from September 2025 on", () => {
    for (const date of [
      "2025-09-29",
      "2025-10-24",
      "2025-12-25",
      "2026-05-01",
      "2026-09-28",
      "2026-10-26",
      "2026-12-25",
    ]) {
      assert.ok(!isBusinessDay(TW, date), date);
    }
    assert.ok(isBusinessDay(TW, "2025-05-01"));
  });

  it("counts Taiwan's days off as the Executive Yuan did: 118 in 2025 as revised, 120 in 2026", () => {
    assert.equal(daysOff(TW, "2025-01-01", "2025-12-31").length, 118);
    assert.equal(daysOff(TW, "2026-01-01", "2026-12-31").length, 120);
  });

  it("has England's bank holidays as rule and proclamation give them, and no other", () => {
    const expected: string[] = [];
    for (let year = 2009; year <= 2027; year++) expected.push(...bankHolidays(year));
    assert.deepEqual([...GB.holidays.keys()], expected.sort());
    assert.deepEqual(
      [...GB.holidays.keys()].filter((date) => date.startsWith("2011")),
      [
        ...["2011-01-03", "2011-04-22", "2011-04-25", "2011-04-29", "2011-05-02", "2011-05-30", "2011-08-29"],
        ...["2011-12-26", "2011-12-27"],
      ],
    );
    assert.deepEqual(daysOff(GB, "2012-06-01", "2012-06-06"), ["06-02", "06-03", "06-04", "06-05"]);
    assert.deepEqual(daysOff(GB, "2010-12-24", "2011-01-04"), "12-25 12-26 12-27 12-28 01-01 01-02 01-03".split(" "));
    assert.deepEqual(daysOff(GB, "2026-12-24", "2026-12-29"), ["12-25", "12-26", "12-27", "12-28"]);
  });
});

/** Easter Sunday by Oudin's algorithm (Explanatory Supplement to the Astronomical Almanac, 1992, p. 581). */
function easter(year: number): string {
  const div = (a: number, b: number) => Math.floor(a / b);
  const g = year % 19;
  const c = div(year, 100);
  const h = (c - div(c, 4) - div(8 * c + 13, 25) + 19 * g + 15) % 30;
  const i = h - div(h, 28) * (1 - div(h, 28) * div(29, h + 1) * div(21 - g, 11));
  const l = i - ((year + div(year, 4) + i + 2 - c + div(c, 4)) % 7);
  const month = 3 + div(l + 40, 44);
  return `${year}-0${month}-${String(l + 28 - 31 * div(month, 4)).padStart(2, "0")}`;
}

/** England and Wales: fixed days on the next free weekday, Easter, three Mondays, proclamations. */
function bankHolidays(year: number): string[] {
  const proclaimed: Record<number, string[]> = {
    2011: ["04-29"],
    2012: ["06-05"],
    2022: ["06-03", "09-19"],
    2023: ["05-08"],
  };
  const moved: Record<string, string> = { "2012-05-28": "06-04", "2020-05-04": "05-08", "2022-05-30": "06-02" };
  const mondayFrom = (date: string) => addDays(date, (8 - weekdayOf(date)) % 7);
  const days = new Set([addDays(easter(year), -2), addDays(easter(year), 1)]);
  for (const date of ["05-01", "05-25", "08-25"].map((day) => mondayFrom(`${year}-${day}`))) {
    days.add(moved[date] === undefined ? date : `${year}-${moved[date]}`);
  }
  for (const day of proclaimed[year] ?? []) days.add(`${year}-${day}`);
  const fixed = ["01-01", "12-25", "12-26"].map((day) => `${year}-${day}`);
  const onWeekend = (date: string) => [0, 6].includes(weekdayOf(date));
  for (const date of fixed) if (!onWeekend(date)) days.add(date);
  for (let date of fixed.filter(onWeekend)) {
    while (onWeekend(date) || days.has(date)) date = addDays(date, 1);
    days.add(date);
  }
  return [...days];
}

describe("deadlines", () => {
  it("gives three business days over a holiday run: received Thu 17:00, Fri–Tue off, due Fri 24:00", () => {
    const off = { "2026-03-06": "run", "2026-03-09": "run", "2026-03-10": "run" };
    const received = new Date("2026-03-05T08:00:00Z"); // Thursday 17:00 in Seoul
    assert.deepEqual(businessDaysAfter(small({ holidays: off }), received, 3, "earlier"), {
      time: new Date("2026-03-13T15:00:00Z"),
      provisional: false,
      calendarVersion: "XX.1",
    });
  });

  it("gives three business days over Seollal 2027: received Fri 5 Feb, due Fri 12 Feb 24:00", () => {
    const due = businessDaysAfter(KR, new Date("2027-02-05T01:00:00Z"), 3, "earlier");
    assert.equal(due.time.toISOString(), "2027-02-12T15:00:00.000Z");
    assert.equal(due.calendarVersion, KR.version);
  });

  it("counts a make-up Saturday as a business day in Taiwan", () => {
    assert.equal(last(businessDaysAfter(TW, "2025-02-07", 1, "earlier"), TW), "2025-02-08");
  });

  it("excludes the first day by the local clock, not by UTC", () => {
    assert.equal(last(windowEnd(KR, new Date("2026-03-02T14:59:59Z"), 7, civil), KR), "2026-03-09");
    assert.equal(last(windowEnd(KR, new Date("2026-03-02T15:00:00Z"), 7, civil), KR), "2026-03-10");
  });

  it("moves a last day on Saturday, Sunday or holiday to the next business day (KR 161, TW 122)", () => {
    assert.equal(last(windowEnd(KR, "2026-10-24", 7, civil), KR), "2026-11-02"); // Sat 31 Oct
    assert.equal(last(windowEnd(KR, "2026-02-09", 7, civil), KR), "2026-02-19"); // Seollal eve, Mon 16 Feb
    assert.equal(last(windowEnd(TW, "2026-02-07", 7, civil), TW), "2026-02-23"); // Sat 14 Feb, nine days off
    assert.equal(last(windowEnd(TW, "2025-02-01", 7, civil), TW), "2025-02-08"); // make-up Saturday
    assert.equal(last(windowEnd(KR, "2026-03-03", 7, civil), KR), "2026-03-10");
  });

  it("counts plain days in Britain, across the change of clocks", () => {
    const end = windowEnd(GB, new Date("2026-10-17T12:00:00Z"), 14, plain);
    assert.equal(end.time.toISOString(), "2026-11-01T00:00:00.000Z"); // Saturday 31 October stays
    assert.equal(
      windowEnd(GB, new Date("2026-03-20T12:00:00Z"), 14, plain).time.toISOString(),
      "2026-04-03T23:00:00.000Z",
    );
    assert.equal(windowEnd(GB, "2031-01-01", 14, plain).provisional, false);
  });

  it("ends a period of months on the day before the corresponding one, or on the last of a short month", () => {
    const end = (start: string, months: number) => last(windowEndMonths(KR, start, months, plain), KR);
    assert.equal(end("2026-01-15", 3), "2026-04-15");
    assert.equal(end("2026-01-31", 1), "2026-02-28");
    assert.equal(end("2026-02-28", 1), "2026-03-31");
    assert.equal(end("2026-01-30", 1), "2026-02-28"); // 31 February does not exist
    assert.equal(end("2023-11-29", 3), "2024-02-29");
    assert.equal(end("2023-11-30", 3), "2024-02-29");
    assert.equal(end("2024-02-28", 12), "2025-02-28"); // begins on 29 February
    assert.equal(end("2025-09-30", 4), "2026-01-31"); // 30 January as English law counts
    assert.equal(last(windowEndMonths(KR, "2026-01-16", 1, civil), KR), "2026-02-19");
  });

  it("never ends a period of months before the corresponding date", () => {
    const starts = fc.integer({ min: dayNumber("2018-01-01"), max: dayNumber("2027-12-31") }).map(dateOf);
    fc.assert(
      fc.property(starts, fc.integer({ min: 0, max: 24 }), (start, months) => {
        const end = last(windowEndMonths(GB, start, months, plain), GB);
        assert.ok(end >= addMonths(start, months) && end <= addDays(addMonths(start, months), 3), `${start} ${end}`);
      }),
    );
  });

  it("continues one period from another's last day", () => {
    const first = windowEnd(TW, "2026-03-02", 7, civil);
    assert.equal(last(first, TW), "2026-03-09");
    assert.equal(last(windowEndMonths(TW, last(first, TW), 4, civil), TW), "2026-07-09");
  });

  it("marks a deadline beyond the range provisional, later for the customer, earlier for the merchant", () => {
    assert.equal(last(businessDaysAfter(KR, "2027-12-29", 2, "earlier"), KR), "2027-12-31");
    const refund = businessDaysAfter(KR, "2027-12-30", 3, "earlier");
    assert.deepEqual([last(refund, KR), refund.provisional], ["2028-01-04", true]); // 1 and 2 January: the weekend
    const window = windowEnd(KR, "2027-12-27", 7, civil);
    assert.deepEqual([last(window, KR), window.provisional], ["2028-01-13", true]); // ten days of rest from 3 January
    const merchant = windowEnd(KR, "2027-12-27", 7, { lastDayMoves: true, favour: "earlier" });
    assert.deepEqual([last(merchant, KR), merchant.provisional], ["2028-01-03", true]);
    assert.equal(windowEnd(KR, "2027-12-22", 7, civil).provisional, false);
    assert.equal(windowEnd(TW, "2024-12-01", 7, civil).provisional, true);
  });

  it("never makes a provisional deadline that the full calendar turns against the customer", () => {
    const days = fc.integer({ min: dayNumber("2018-02-01"), max: dayNumber("2027-10-31") });
    const cases = fc.record({ day: days, known: fc.integer({ min: -5, max: 20 }), n: fc.integer({ min: 1, max: 15 }) });
    const shortened = new Map<string, Calendar>();
    const upTo = (to: string) => {
      const before = (date: string) => date <= to;
      const cut = shortened.get(to) ?? {
        ...KR,
        to,
        holidays: new Map([...KR.holidays].filter(([date]) => before(date))),
      };
      shortened.set(to, cut);
      return cut;
    };
    fc.assert(
      fc.property(cases, ({ day, known, n }) => {
        const cut = upTo(dateOf(day + known));
        const verbs = [
          (calendar: Calendar, favour: "later" | "earlier") => businessDaysAfter(calendar, dateOf(day), n, favour),
          (calendar: Calendar, favour: "later" | "earlier") =>
            windowEnd(calendar, dateOf(day), n, { lastDayMoves: true, favour }),
        ];
        for (const verb of verbs) {
          const [later, full, earlier] = [verb(cut, "later"), verb(KR, "later"), verb(cut, "earlier")];
          assert.ok(!full.provisional && later.time >= full.time && earlier.time <= full.time);
          if (!later.provisional) assert.deepEqual(later, full);
          if (!earlier.provisional) assert.deepEqual(earlier, full);
        }
      }),
      { numRuns: 500 },
    );
  });

  it("refuses a negative or broken number of days", () => {
    for (const n of [-1, 1.5, Number.NaN]) {
      assert.throws(() => windowEnd(KR, "2026-01-01", n, civil), RangeError);
      assert.throws(() => windowEndMonths(KR, "2026-01-01", n, civil), RangeError);
      assert.throws(() => businessDaysAfter(KR, "2026-01-01", n, "later"), RangeError);
    }
  });
});
