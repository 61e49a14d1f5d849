// What a golden file shows of a policy: the answer from day to day, and what each table says of how it is carried out.
import type { Policy } from "../../core/engine.js";
import { type TableName, type TimedView, tableNames } from "../../core/facts.js";
import { chargeOf } from "../../core/judge.js";
import { calendarOfAnswers } from "./days.js";
import { type Ask, type Combination, viewOf } from "./dimensions.js";

export type Section = {
  readonly title: string;
  /** The tables that its answers come from. */
  readonly tables: readonly TableName[];
  /** How many times each is decided: under way and on days. */
  readonly times: number;
  /** Whether the law has a say besides. */
  readonly lawful: boolean;
  readonly columns: readonly string[];
  readonly answer: (ask: Ask, combination: Combination) => readonly string[];
};

export const titles = {
  answers: "What is answered",
  window: "On which days since delivery",
  fault: "Whose cause it is",
  outcomes: "What the customer may have",
  terms: "How it is carried out",
  methods: "How the goods are handed over",
  deadlines: "How long there is to hand over",
} as const;

/** What changes with the time; only the verdicts may ask for it, and the answers show it. */
const timely = ["delivered", "in_window", "in_review", "days_since"];

/** @throws Error for a document whose tables ask for what a golden file does not show */
export function sectionsOf(policy: Policy): Section[] {
  const { document, tables } = policy;
  for (const name of tableNames) {
    const hidden = name === "verdict" ? ["replacement"] : ["replacement", ...timely];
    const asked = document.tables[name].inputs.find(({ field }) => hidden.includes(field));
    if (asked) throw new Error(`${name} asks for ${asked.field}, which a golden file does not show`);
  }
  const lineOf = (ask: Ask, combination: Combination): TimedView => {
    const given = viewOf(document, ask, combination, true);
    const { fault } = tables.fault.answer(given);
    return { ...given, fault: fault ?? given.fault, in_window: true, in_review: true, days_since: 0 };
  };
  const { times, window, phases } = calendarOfAnswers(policy);
  const section = (
    name: Exclude<TableName, "window" | "verdict">,
    columns: readonly string[],
    answer: (line: TimedView) => readonly string[],
  ): Section => ({
    title: titles[name],
    tables: [name],
    times: 1,
    lawful: false,
    columns: [...columns, "rule"],
    answer: (ask, combination) => answer(lineOf(ask, combination)),
  });
  return [
    {
      title: titles.answers,
      tables: ["window", "verdict"],
      times,
      lawful: true,
      columns: ["under way", "in the window", "in the review", "later"],
      answer: (ask, combination) => {
        const { underWay, granted, reviewed, after } = phases(ask, combination);
        return [underWay, granted, reviewed, after];
      },
    },
    {
      title: titles.window,
      tables: ["window"],
      times: 1,
      lawful: false,
      columns: ["window", "review", "rule"],
      answer: (ask, combination) => {
        const { granted, reviewed, rule } = window(ask, combination);
        return [daysOf(0, granted), daysOf(granted + 1, reviewed), rule];
      },
    },
    section("fault", ["fault"], (line) => [line.fault, tables.fault.answer(line).rule]),
    section("outcomes", ["outcomes"], (line) => {
      const { outcomes, rule } = tables.outcomes.answer(line);
      return [outcomes.join(", "), rule];
    }),
    section("terms", ["money back", "goods", "replacement", "check", "charge"], (line) => {
      const terms = tables.terms.answer(line);
      const { refund_trigger, collect, inspect, exchange_mode, verification, rule } = terms;
      const goods = collect ? (inspect ? "sent back, looked at" : "sent back") : "nothing to send";
      const charge = chargeOf({ view: line, terms });
      return [
        refund_trigger,
        goods,
        exchange_mode,
        verification,
        charge ? `${charge.code} ${charge.minor}` : "free",
        rule,
      ];
    }),
    section("methods", ["ways, best first"], (line) => {
      const { methods, rule } = tables.methods.answer(line);
      return [methods.join(", "), rule];
    }),
    section("deadlines", ["days", "failed pickups"], (line) => {
      const { handover_days, max_pickup_attempts, rule } = tables.deadlines.answer(line);
      return [String(handover_days), String(max_pickup_attempts), rule];
    }),
  ];
}

/** "0–7", "8+" without an end, empty if there are none. */
function daysOf(from: number, last: number): string {
  if (last < from || from === Number.POSITIVE_INFINITY) return "";
  return last === Number.POSITIVE_INFINITY ? `${from}+` : `${from}–${last}`;
}
