// What no policy of a market may take away, whatever its tables say. The numbers and articles stand in
// policies/floors.json, or in the document of a market that is not among them. Here every line that the document's tables
// tell apart is held against them, up to the last moment of each statutory period.

import type { VerdictRow } from "./facts.js";
import { timeOf } from "./judge.js";
import { endOfRight } from "./law.js";
import { onePerKey } from "./lint/collect.js";
import { dayOf, exampleOf } from "./lint/example.js";
import { belowLaw, type Finding } from "./lint/finding.js";
import { linesFor, type Protected, protectedLines } from "./lint/lines.js";
import { floorsOfNumbers } from "./lint/numbers.js";
import { type Box, constraintsOf, meet, without } from "./lint/space.js";
import type { Rule } from "./lint/split.js";
import { pathOf, type Trial } from "./lint/trial.js";

/** Everything by which a document gives less than the law. @throws TooComplex */
export function lintFloors(trial: Trial): Finding[] {
  return [...floorsOfNumbers(trial), ...rightsDenied(trial), ...chargesForbidden(trial)];
}

function rightsDenied(trial: Trial): Finding[] {
  const found = onePerKey();
  for (const lines of protectedLines(trial, "verdict")) {
    for (const { rule, box } of trial.tables.split("verdict", lines.box, lines.fixed)) {
      if (rule.answer.verdict !== "DECLINE") continue;
      const late = isOnlyLate(trial, lines, box);
      const path = late ? pathOf(trial, "window", lines.window.at) : pathOf(trial, "verdict", rule.at);
      found.add(`${lines.right.id} ${path}`, box, () => denied(trial, lines, rule, box, { path, late }));
    }
  }
  return found.findings();
}

/** Whether it would have been granted on the day of delivery. */
function isOnlyLate({ tables }: Trial, { fixed }: Protected, box: Box): boolean {
  const early = tables.split("verdict", box, { ...fixed, in_window: true, in_review: true });
  return early.some(({ rule }) => rule.answer.verdict !== "DECLINE");
}

function denied(
  trial: Trial,
  { right, window, fixed, moment }: Protected,
  rule: Rule<VerdictRow>,
  box: Box,
  { path, late }: { readonly path: string; readonly late: boolean },
): Finding {
  const { counting, law, calendar } = trial;
  const day = (end: { readonly time: Date } | undefined) => end && dayOf(trial, new Date(end.time.getTime() - 1));
  const until = day(endOfRight(law, right, calendar, moment.times));
  const { last } = timeOf(counting, calendar, window.answer, moment.times, moment.now);
  const grants = until ? `the law gives until ${until}` : "the law has it granted";
  const problem = late
    ? `${window.id} ends on ${day(last)}, though ${grants}: make it longer`
    : `${rule.id} declines it, though ${grants}: narrow its conditions, or answer REVIEW`;
  const example = exampleOf(trial, box, fixed, moment, `${rule.id} declines it, though ${grants}`);
  return belowLaw("BELOW_FLOOR", right.article, path, `takes away ${right.about}: ${problem}`, example);
}

function chargesForbidden(trial: Trial): Finding[] {
  const { document, law, space, tables } = trial;
  const found = onePerKey();
  for (const { box: lines, fixed, moment } of linesFor(trial, "terms")) {
    if (fixed.fault !== "CUSTOMER") continue; // nobody else is ever charged
    for (const { rule, box } of tables.split("terms", lines, fixed)) {
      const { fee_code, fee_minor } = rule.answer;
      if (fee_code === null || fee_minor === 0) continue;
      const path = pathOf(trial, "terms", rule.at);
      const tell = (key: string, article: string, charged: Box, problem: string) =>
        found.add(`${key} ${path}`, charged, () => {
          const example = exampleOf(trial, charged, fixed, moment, `${rule.id} charges ${fee_code} for it`);
          return belowLaw("BELOW_FLOOR", article, path, problem, example);
        });
      let open = [box];
      for (const { id, article, when } of law.free) {
        const exempt = constraintsOf(space, when, fixed);
        if (!exempt) continue;
        for (const piece of open) {
          const charged = meet(piece, exempt);
          if (charged)
            tell(id, article, charged, `${rule.id} charges what must cost nothing: set its fee to null and 0`);
        }
        open = open.flatMap((piece) => without(piece, exempt));
      }
      const [rest] = open;
      if (rest && !law.fees.codes.includes(fee_code)) {
        const known = law.fees.codes.join(", ") || "none";
        tell("fees", law.fees.article, rest, `${fee_code} is a penalty: a customer may be charged ${known}`);
      }
      if (law.fee_notice && !Object.hasOwn(document.notices, "return_fee")) {
        const problem = "customers bear a fee only if they were told: say where, in notices.return_fee";
        tell("notice", law.fee_notice, box, problem);
      }
    }
  }
  return found.findings();
}
