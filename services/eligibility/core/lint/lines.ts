// The lines that a table answers, and those that the law protects, at each moment that makes a difference to them.
import type { Rows, TableName } from "../facts.js";
import type { Right } from "../law.js";
import { beforeDelivery, dayAfterDelivery, distinct, factsAt, type Moment, momentsOf } from "./moments.js";
import { type Box, constraintOf, constraintsOf, type Facts, meet, without } from "./space.js";
import type { Rule } from "./split.js";
import { type Cause, causesOf, once, type Trial } from "./trial.js";

/** Lines of one fault and one window, at one moment. */
export type Lines = {
  readonly box: Box;
  /** Whose fault they are, and what the time says. */
  readonly fixed: Facts;
  readonly moment: Moment;
};

/** Lines that may not be declined at that moment. */
export type Protected = Lines & { readonly right: Right; readonly window: Rule<Rows["window"]> };

/** All lines as a table sees them. One that has no eye for time sees them once. */
export function* linesFor(trial: Trial, table: TableName): Generator<Lines> {
  const timeless = !["in_window", "in_review", "days_since"].some((field) => trial.tables.reads(table, field));
  for (const cause of causesOf(trial)) {
    const fixed = { fault: cause.fault };
    if (timeless) yield { box: cause.box, fixed, moment: dayAfterDelivery(trial) };
    else
      for (const { box, facts, moment } of timesOf(trial, cause, table))
        yield { box, fixed: { ...fixed, ...facts }, moment };
  }
}

/** As linesFor, for any table: the fault table is asked before it is known whose fault it is. */
export function allLines(trial: Trial, table: TableName): Iterable<Lines> {
  if (table !== "fault") return linesFor(trial, table);
  return [{ box: trial.space.all, fixed: {}, moment: dayAfterDelivery(trial) }];
}

/** The lines of each right as a table sees them, at the moments within its period. */
export function* protectedLines(trial: Trial, table: TableName): Generator<Protected> {
  for (const right of trial.law.rights) {
    for (const cause of causesOf(trial)) {
      const fixed = { fault: cause.fault };
      for (const covered of coveredBy(trial, right, cause)) {
        for (const { box, facts, moment, window } of timesOf(trial, { ...cause, box: covered }, table, right)) {
          yield { right, window, box, fixed: { ...fixed, ...facts }, moment };
        }
      }
    }
  }
}

function coveredBy({ space }: Trial, { kinds, when, unless = [] }: Right, { fault, box }: Cause): Box[] {
  const conditions = constraintsOf(space, when, { fault });
  const asked = constraintOf(space, "kind", (kind) => kinds.some((own) => own === kind));
  const all = conditions && meet(box, [asked, ...conditions]);
  let covered = all ? [all] : [];
  for (const exception of unless) {
    const named = constraintsOf(space, exception, { fault });
    if (named) covered = covered.flatMap((piece) => without(piece, named));
  }
  return covered;
}

/** Lines split by their window, at each moment that makes a difference by it or to the table that is asked. */
function* timesOf(trial: Trial, { fault, box }: Cause, table: TableName, right?: Right) {
  const { space, tables } = trial;
  const delivered = constraintOf(space, "delivered", (value) => value === true);
  for (const { rule: window, box: lines } of tables.split("window", box, { fault })) {
    for (const waiting of without(lines, [delivered])) yield { box: waiting, window, ...beforeDelivery(trial) };
    const here = meet(lines, [delivered]);
    if (!here) continue;
    const factsOf = (moment: Moment) => factsAt(trial, window.answer, moment);
    const times = once(trial, JSON.stringify(["times", table, window.at, right?.id]), () =>
      distinct(trial, momentsOf(trial, [window.answer], [table], right), [table], factsOf),
    );
    for (const timed of times) yield { box: here, window, ...timed };
  }
}
