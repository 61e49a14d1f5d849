// When a line is tried: around the ends of its window and its statutory period, on the days that the tables tell apart,
// for customers who were told of their right and who were not.
import { addDays, endOfLocalDay, type LocalDate, weekdayOf } from "#kit/pure/calendar.js";
import { domainOf } from "../domains.js";
import type { TableName, WindowRow } from "../facts.js";
import { timeOf } from "../judge.js";
import { endOfRight, type Right } from "../law.js";
import { isBefore, type Notice, type Times } from "../periods.js";
import type { Facts } from "./space.js";
import type { Trial } from "./trial.js";

const [minute, hour, day] = [60_000, 3_600_000, 86_400_000];

/** When a request is made, and what is counted from. */
export type Moment = { readonly times: Times; readonly now: Date };

/** A moment with what the tables see of it. */
export type Timed = { readonly moment: Moment; readonly facts: Facts };

const day0: LocalDate = "2030-01-02";

/** Before the goods arrive, when no window has begun. */
export function beforeDelivery(trial: Trial): Timed {
  const moment = {
    times: { start: undefined, known: undefined, notice: "WITH_ORDER" },
    now: noonOf(trial, day0),
  } as const;
  return { moment, facts: { in_window: true, in_review: true, days_since: 0 } };
}

/** The day after the goods arrived. */
export function dayAfterDelivery(trial: Trial): Moment {
  const start = noonOf(trial, day0);
  return { times: { start, known: undefined, notice: "WITH_ORDER" }, now: new Date(start.getTime() + day) };
}

function noonOf({ calendar }: Pick<Trial, "calendar">, date: LocalDate): Date {
  return new Date(endOfLocalDay(addDays(date, -1), calendar.timeZone).getTime() + 12 * hour);
}

/**
 * Moments after delivery at which one of some window rows, or one of the tables that are asked then, may say another
 * thing than at others.
 * @param right to stay within its period
 */
export function momentsOf(
  trial: Trial,
  rows: readonly WindowRow[],
  asked: readonly TableName[],
  right?: Right,
): Moment[] {
  const { counting, law, calendar } = trial;
  const limits = [...rows, ...(right ? [right] : [])];
  const told = limits.some(({ uninformed_months }) => (uninformed_months ?? null) !== null);
  const knowing = limits.some(({ known_days }) => (known_days ?? null) !== null);
  const found: Moment[] = [];
  for (const date of datesOf(trial, limits)) {
    const start = noonOf(trial, date);
    const after = (days: number) => new Date(start.getTime() + days * day);
    const notices: Notice[] = told ? ["WITH_ORDER", "NEVER", after(40)] : ["WITH_ORDER"];
    // Found out before the goods came, with them, and long after: whoever counts days from it may not end a right early.
    const knowns = knowing ? [undefined, after(-1), start, after(75)] : [undefined];
    for (const notice of notices) {
      for (const known of knowns) {
        const times: Times = { start, known, notice };
        const until = right && endOfRight(law, right, calendar, times);
        const ends = rows.flatMap((row) => {
          const { end, last } = timeOf(counting, calendar, row, times, start);
          return [end, last];
        });
        const instants = [...ends, until].flatMap((end) =>
          end ? [end.time.getTime() - minute, end.time.getTime()] : [],
        );
        const days = notice === "WITH_ORDER" && known === undefined ? daysRead(trial, asked) : [];
        for (const time of [start.getTime() + hour, ...instants, ...days.map((n) => after(n).getTime())]) {
          const now = new Date(time);
          if (now >= start && isBefore(now, until)) found.push({ times, now });
        }
      }
    }
  }
  return found;
}

/** Days of delivery: months of 31 days ahead, of 28, and one from which a period of days ends on a day of rest. */
function datesOf({ document }: Trial, limits: readonly { readonly days?: number | null | undefined }[]): LocalDate[] {
  const { weekend } = document.civil;
  const rests = limits.flatMap(({ days }) => {
    if (!days || weekend.length === 0) return [];
    let date = day0;
    while (!weekend.includes(weekdayOf(addDays(date, days))) || weekend.includes(weekdayOf(addDays(date, days - 1))))
      date = addDays(date, 1);
    return [date];
  });
  return [...new Set(["2027-07-01", "2030-02-01", ...rests])];
}

/** What the tables see at a moment. */
export function factsAt({ counting, calendar }: Trial, row: WindowRow, { times, now }: Moment): Facts {
  const { in_window, in_review, days_since } = timeOf(counting, calendar, row, times, now);
  return { in_window, in_review, days_since };
}

/** Of moments that the tables asked then cannot tell apart, the first. @param factsOf what the tables see, by one row or several */
export function distinct<F>(
  trial: Trial,
  moments: readonly Moment[],
  asked: readonly TableName[],
  factsOf: (moment: Moment) => F,
) {
  const days = daysRead(trial, asked);
  const seen = new Map<string, { moment: Moment; facts: F }>();
  for (const moment of moments) {
    const facts = factsOf(moment);
    const key = JSON.stringify(facts, (name, value) =>
      name === "days_since" ? days.findLastIndex((known) => known <= value) : value,
    );
    if (!seen.has(key)) seen.set(key, { moment, facts });
  }
  return [...seen.values()];
}

/** The days since delivery that some tables tell apart. */
function daysRead({ document, tables }: Trial, asked: readonly TableName[]): readonly number[] {
  const readers = asked.filter((name) => tables.reads(name, "days_since"));
  return readers.length > 0 ? (domainOf(document, readers, "days_since") as number[]) : [0];
}
