// A later day never turns a no into a yes.
import type { WindowRow } from "../facts.js";
import { verdicts } from "../words.js";
import { onePerKey } from "./collect.js";
import { exampleOf } from "./example.js";
import { type Finding, fault } from "./finding.js";
import { factsAt, type Moment, momentsOf } from "./moments.js";
import { constraintOf, type Facts, meet } from "./space.js";
import { causesOf, once, pathOf, type Trial } from "./trial.js";

/** @throws TooComplex */
export function lintLater(trial: Trial): Finding[] {
  const { space, tables } = trial;
  const delivered = constraintOf(space, "delivered", (value) => value === true);
  const found = onePerKey();
  for (const { fault: party, box: caused } of causesOf(trial)) {
    for (const { rule: window, box: lines } of tables.split("window", caused, { fault: party })) {
      const here = meet(lines, [delivered]);
      const stages = here ? once(trial, `stages ${window.at}`, () => stagesOf(trial, window.answer)) : [];
      for (const [at, { facts, moment }] of stages.slice(1).entries()) {
        const before = { fault: party, ...stages[at]?.facts };
        const after = { fault: party, ...facts };
        for (const early of tables.split("verdict", here ?? lines, before)) {
          for (const late of tables.split("verdict", early.box, after)) {
            const [said, says] = [early.rule.answer.verdict, late.rule.answer.verdict];
            if (verdicts.indexOf(says) >= verdicts.indexOf(said)) continue;
            found.add(late.rule.id, late.box, () => {
              const outcome = `${early.rule.id} says ${said} as long as ${window.id} runs, then ${late.rule.id} says ${says}`;
              const example = exampleOf(trial, late.box, after, moment, outcome);
              const problem = `a later day turns a no into a yes: ${outcome}`;
              const advice = `narrow ${early.rule.id}, or let ${late.rule.id} ask for in_window or in_review`;
              return fault("LATER_GETS_MORE", pathOf(trial, "verdict", late.rule.at), `${problem}; ${advice}`, example);
            });
          }
        }
      }
    }
  }
  return found.findings();
}

/** What the verdict sees of a window as time goes by: within it, within its review, after both. */
function stagesOf(trial: Trial, row: WindowRow): { readonly facts: Facts; readonly moment: Moment }[] {
  const seen = new Map<string, { facts: Facts; moment: Moment }>();
  for (const moment of momentsOf(trial, [row], ["verdict"])) {
    const { in_window, in_review } = factsAt(trial, row, moment) as { in_window: boolean; in_review: boolean };
    const stage = [in_window, in_review].join();
    if (!seen.has(stage)) seen.set(stage, { facts: { in_window, in_review }, moment });
  }
  return ["true,true", "false,true", "false,false"].flatMap((stage) => seen.get(stage) ?? []);
}
