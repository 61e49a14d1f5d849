// What becomes of a line from day to day: the answer under way, and on each day around each limit.
import { calendarOf, type Deadline, dayNumber, endOfLocalDay, lastDayOf, windowEndMonths } from "#kit/pure/calendar.js";
import type { PolicyDocument } from "../../core/document.js";
import { answerOf, type Policy } from "../../core/engine.js";
import type { WindowRow } from "../../core/facts.js";
import { type Answer, judge } from "../../core/judge.js";
import { endOfPeriod, type Times } from "../../core/periods.js";
import { type Ask, type Combination, viewOf } from "./dimensions.js";

/** A calendar without days of rest, so that a window of 7 days ends on day 7. */
export function plainCalendar({ market, civil }: PolicyDocument) {
  const range = { from: "2000-01-01", to: "2099-12-31" };
  const none = { weekend: [], holidays: {}, workdays: {} };
  return calendarOf({ market, version: "plain", ...range, timeZone: civil.time_zone, ...none });
}

const deliveryDay = "2026-06-02";
const dayMs = 86_400_000;

/** The first moment of a day since delivery, day 0 being the one of the delivery. */
export function startOfDay({ civil }: PolicyDocument, day: number): Date {
  const before = new Date((dayNumber(deliveryDay) + day - 1) * dayMs).toISOString().slice(0, 10);
  return endOfLocalDay(before, civil.time_zone);
}

/** When things happened to a line that arrived on day 0. */
export function timesOf(document: PolicyDocument, { notice, known }: Pick<Combination, "notice" | "known">): Times {
  const discovered = known === "unsaid" ? undefined : startOfDay(document, Number(known.split(" ")[1]));
  return { start: startOfDay(document, 0), known: discovered, notice };
}

/** The last days of all windows, reviews and statutory periods, for who was told or not, and whenever they knew. */
export function limitsOf({ document, law }: Policy): number[] {
  const calendar = plainCalendar(document);
  const { outputs, rules } = document.tables.window;
  const windows = rules.map((cells) =>
    Object.fromEntries(outputs.map(({ id, field }) => [field, answerOf(cells[id] ?? "") as number | null])),
  );
  const limits = new Set<number>();
  for (const given of [...windows, ...(law?.rights ?? [])] as Partial<WindowRow>[]) {
    const { days = null, months = null, known_days = null, uninformed_months = null, review_months = null } = given;
    const period = { days, months, known_days, uninformed_months };
    for (const notice of ["WITH_ORDER", "NEVER"] as const) {
      for (const known of ["unsaid", "day 0", "day 45"]) {
        const times = timesOf(document, { notice, known });
        const options = { lastDayMoves: false, favour: "later" } as const;
        const reviewed =
          review_months !== null && times.start && windowEndMonths(calendar, times.start, review_months, options);
        for (const end of [endOfPeriod(calendar, period, times, false), reviewed]) {
          if (end) limits.add(dayNumber(lastDayOf(end, calendar.timeZone)) - dayNumber(deliveryDay));
        }
      }
    }
  }
  return [...limits].sort((a, b) => a - b);
}

/** The days on which something could be other than the day before: around each limit, and the first. */
export function daysAround(limits: readonly number[]): number[] {
  const days = limits.flatMap((limit) => [limit - 1, limit, limit + 1]);
  return [...new Set([0, ...days])].filter((day) => day >= 0).sort((a, b) => a - b);
}

/** What is answered while a line is under way, in its window, in the review after it, and later; empty where none is. */
export type Phases = Readonly<Record<"underWay" | "granted" | "reviewed" | "after", string>>;

/** Asks a policy about lines on every day around every limit. */
export function calendarOfAnswers(policy: Policy) {
  const { document } = policy;
  const calendar = plainCalendar(document);
  const limits = limitsOf(policy);
  const days = daysAround(limits).map((day) => ({
    day,
    morning: startOfDay(document, day),
    evening: limits.includes(day) ? new Date(startOfDay(document, day + 1).getTime() - 1) : undefined,
  }));
  const lastDay = (end: Deadline | undefined) =>
    end ? dayNumber(lastDayOf(end, calendar.timeZone)) - dayNumber(deliveryDay) : Number.POSITIVE_INFINITY;
  const asked = (ask: Ask, combination: Combination, now: Date, delivered = true): Answer => {
    const { start, ...times } = timesOf(document, combination);
    const view = viewOf(document, ask, combination, delivered);
    return judge(policy, calendar, view, { ...times, start: delivered ? start : undefined }, now);
  };
  return {
    /** Under way, and so many days. */
    times: days.length + 1,

    /** The last days on which it is granted, and looked at; infinite where there is no end. And the window's rule. */
    window: (ask: Ask, combination: Combination) => {
      const { end, last, window } = asked(ask, combination, startOfDay(document, 0));
      return { granted: lastDay(end), reviewed: lastDay(last), rule: window };
    },

    /** @throws Error if answers change within a phase */
    phases: (ask: Ask, combination: Combination): Phases => {
      const said = ({ verdict, rule }: Answer) => `${verdict} ${rule}`;
      const phases = {
        underWay: said(asked(ask, combination, startOfDay(document, 0), false)),
        granted: "",
        reviewed: "",
        after: "",
      };
      for (const { day, morning, evening } of days) {
        for (const now of evening ? [morning, evening] : [morning]) {
          const answer = asked(ask, combination, now);
          const phase = day <= lastDay(answer.end) ? "granted" : day <= lastDay(answer.last) ? "reviewed" : "after";
          phases[phase] ||= said(answer);
          if (phases[phase] !== said(answer)) throw new Error(`day ${day}: ${phases[phase]} becomes ${said(answer)}`);
        }
      }
      return phases;
    },
  };
}
