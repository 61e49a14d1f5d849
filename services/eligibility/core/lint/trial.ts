// What the linter tries a document's tables with: all lines there can be, the rules that answer them, and a calendar
// without holidays in the market's own time zone.
import { type Calendar, calendarOf } from "#kit/pure/calendar.js";
import type { PolicyDocument } from "../document.js";
import type { Law } from "../law.js";
import type { Fault } from "../words.js";
import { type Box, byFault, type Space, spaceOf } from "./space.js";
import { type Tables, tablesOf } from "./split.js";

export type Trial = {
  readonly document: PolicyDocument;
  readonly law: Law;
  readonly space: Space;
  readonly tables: Tables;
  readonly calendar: Calendar;
  /** How periods are counted: by the law where the document counts worse, for that is a finding of its own. */
  readonly counting: Pick<PolicyDocument, "window">;
  /** What was found out before; see once. */
  readonly known: Map<string, unknown>;
};

/** @param document one whose tables read */
export function trialOf(document: PolicyDocument, law: Law): Trial {
  const space = spaceOf(document, law);
  const { time_zone, weekend } = document.civil;
  const calendar = calendarOf({
    market: document.market,
    version: "without holidays",
    from: "2000-01-01",
    to: "2199-12-31",
    timeZone: time_zone,
    weekend,
    holidays: {},
    workdays: {},
  });
  const { window } = document;
  const counting = { window: { ...window, last_day_moves: window.last_day_moves || law.window.last_day_moves } };
  return { document, law, space, tables: tablesOf(document, space), calendar, counting, known: new Map() };
}

/** Finds something out the first time, and remembers it. */
export function once<T>({ known }: Trial, key: string, find: () => T): T {
  if (!known.has(key)) known.set(key, find());
  return known.get(key) as T;
}

/** Lines that are one party's fault: the leaf's, or what the fault table says instead. */
export type Cause = { readonly fault: Fault; readonly box: Box };

export function causesOf(trial: Trial): Cause[] {
  const { space, tables } = trial;
  return once(trial, "causes", () =>
    tables.split("fault", space.all, {}).flatMap(({ rule, box }) => {
      const { fault } = rule.answer;
      return fault === null ? byFault(space, box) : [{ fault, box }];
    }),
  );
}

/** The path of a rule's row. */
export function pathOf({ document }: Trial, table: keyof PolicyDocument["tables"], at: number): string {
  return `${document.tables[table].path}.rules[${at}]`;
}
