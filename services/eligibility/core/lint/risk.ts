// A risk score may change when and how: the trigger, inspection, verification, the way of an exchange. It never decides
// whether a statutory right is granted, and never costs anything. Neither does standing on the block list cost somebody
// a right, or money where there is one.
import type { TermsRow } from "../facts.js";
import { verdicts } from "../words.js";
import { onePerKey } from "./collect.js";
import { amountOf, exampleOf } from "./example.js";
import { belowLaw, type Finding } from "./finding.js";
import { type Lines, linesFor, protectedLines } from "./lines.js";
import { constraintOf, type Facts, meet } from "./space.js";
import { pathOf, type Trial } from "./trial.js";

const lowest = { risk_score: 0 };
const unlisted = { listed: "NONE" };

/** @throws TooComplex */
export function lintRisk(trial: Trial): Finding[] {
  const { tables } = trial;
  return [
    ...(tables.reads("verdict", "risk_score") ? riskDecides(trial) : []),
    ...(tables.reads("terms", "risk_score") ? riskCosts(trial) : []),
    ...(tables.reads("terms", "listed") ? listingCosts(trial) : []),
  ];
}

function riskDecides(trial: Trial): Finding[] {
  const { tables } = trial;
  const found = onePerKey();
  for (const lines of protectedLines(trial, "verdict")) {
    for (const { rule, box } of tables.split("verdict", lines.box, lines.fixed)) {
      const { verdict } = rule.answer;
      if (verdict === "ACCEPT") continue;
      for (const other of tables.split("verdict", box, { ...lines.fixed, ...lowest })) {
        const trusted = other.rule.answer.verdict;
        if (verdicts.indexOf(trusted) >= verdicts.indexOf(verdict)) continue;
        found.add(rule.id, other.box, () => {
          const outcome = `${rule.id} says ${verdict}, where at risk 0 ${other.rule.id} says ${trusted}`;
          const example = exampleOf(trial, other.box, lines.fixed, lines.moment, outcome);
          const problem = `risk may not decide about ${lines.right.about}: ${outcome}`;
          const advice = "take risk_score out of the verdict, and be careful in the terms";
          const path = pathOf(trial, "verdict", rule.at);
          return belowLaw("RISK_DECIDES", lines.right.article, path, `${problem}; ${advice}`, example);
        });
      }
    }
  }
  return found.findings();
}

function riskCosts(trial: Trial): Finding[] {
  const found = onePerKey();
  for (const lines of linesFor(trial, "terms")) {
    for (const { rule, box, outcome } of dearer(trial, lines, lowest, "at risk 0")) {
      found.add(rule.id, box, () => {
        const example = exampleOf(trial, box, lines.fixed, lines.moment, outcome);
        const problem = `risk may not cost anything: ${outcome}; set the same fee for both`;
        const path = pathOf(trial, "terms", rule.at);
        return belowLaw("RISK_DECIDES", trial.law.fees.article, path, problem, example);
      });
    }
  }
  return found.findings();
}

function listingCosts(trial: Trial): Finding[] {
  const blocked = constraintOf(trial.space, "listed", (value) => value === "BLOCKED");
  const found = onePerKey();
  for (const { right, ...lines } of protectedLines(trial, "terms")) {
    const here = meet(lines.box, [blocked]);
    if (!here) continue;
    for (const { rule, box, outcome } of dearer(trial, { ...lines, box: here }, unlisted, "for who is not listed")) {
      found.add(rule.id, box, () => {
        const example = exampleOf(trial, box, lines.fixed, lines.moment, outcome);
        const problem = `a list may not make ${right.about} dearer: ${outcome}; set the same fee for both`;
        return belowLaw("LISTING_DECIDES", right.article, pathOf(trial, "terms", rule.at), problem, example);
      });
    }
  }
  return found.findings();
}

/** Lines that cost more than they would if some facts were others. @param where those facts in words */
function* dearer(trial: Trial, { box: lines, fixed }: Lines, others: Facts, where: string) {
  const { tables } = trial;
  const feeOf = ({ fee_code, fee_minor }: TermsRow) =>
    fixed.fault === "CUSTOMER" && fee_code !== null ? fee_minor : 0;
  for (const { rule, box } of tables.split("terms", lines, fixed)) {
    if (feeOf(rule.answer) === 0) continue;
    for (const { rule: other, box: dear } of tables.split("terms", box, { ...fixed, ...others })) {
      const [fee, least] = [feeOf(rule.answer), feeOf(other.answer)];
      if (least >= fee) continue;
      const charges = `${other.id} charges ${amountOf(trial, least)}`;
      yield { rule, box: dear, outcome: `${rule.id} charges ${amountOf(trial, fee)}, where ${where} ${charges}` };
    }
  }
}
