// Between the messages of an override and the core's words.
import type { Decision } from "#gen/backhaul/eligibility/v1/decision.js";
import type { DecisionOverridden } from "#gen/backhaul/eligibility/v1/eligibility_events.js";
import type { OverrideDecisionRequest } from "#gen/backhaul/eligibility/v1/eligibility_service.js";
import { InvalidRequest } from "#kit/errors.js";
import type { GivenLine, Overruled, Overruling } from "./core/override.js";
import type { Verdict } from "./core/words.js";
import { toAlone, toQuote, toTerms, verdicts } from "./proto.js";

/**
 * What staff say of a decision. A fee that was waived once stays waived.
 * @throws InvalidRequest for a line that is named twice
 */
export function toOverruling({ lines, waiveFees }: OverrideDecisionRequest, decision: Decision): Overruling {
  const verdictsByLine = new Map(lines.map(({ lineId, verdict }) => [lineId, verdicts.word(verdict) as Verdict]));
  if (verdictsByLine.size < lines.length) {
    throw new InvalidRequest([{ field: "lines", description: "names a line twice" }]);
  }
  return { verdicts: verdictsByLine, waiveFees: waiveFees || decision.override?.waiveFees === true };
}

/** What was answered before. */
export function toGiven({ lines }: Decision): GivenLine[] {
  return lines.map(({ lineId, verdict }) => ({ lineId, verdict: verdicts.word(verdict) as Verdict }));
}

/** Who overrides, why, and under which id. */
export type OverriddenBy = {
  readonly decisionId: string;
  readonly subject: string;
  readonly reason: string;
  readonly now: Date;
  readonly waiveFees: boolean;
};

/** The decision that holds instead. */
export function toOverridden(decision: Decision, overruled: Overruled, by: OverriddenBy): Decision {
  const { decisionId, subject, reason, now, waiveFees } = by;
  const lines = decision.lines.map((line, nth) => {
    const { verdict, changed, alone } = overruled.lines[nth] as Overruled["lines"][number];
    const { rule: ruleId, fired, ...words } = changed ?? { rule: line.ruleId, fired: undefined };
    const firedRules = fired
      ? [...line.firedRules, { ruleId: fired.rule, article: fired.article, table: fired.table }]
      : line.firedRules;
    const own = changed ? { ruleId, ...words, texts: { ...changed.texts }, counterfactuals: [], statutory: false } : {};
    // What would have made it cheaper is no news once it costs nothing.
    const counterfactuals = waiveFees
      ? line.counterfactuals.filter((each) => each.verdict !== line.verdict)
      : line.counterfactuals;
    return { ...line, counterfactuals, ...own, firedRules, ...toAlone(alone), verdict: verdicts.value(verdict) };
  });
  const units = decision.lines.map(({ lineId, quantity }, nth) => {
    return { lineId, quantity, verdict: overruled.lines[nth]?.verdict ?? "DECLINE" };
  });
  return {
    ...decision,
    decisionId,
    lines,
    verdict: verdicts.value(overruled.verdict),
    terms: overruled.terms && toTerms(overruled.terms),
    quote: toQuote(decision.orderId, units, overruled.terms),
    createTime: now,
    override: { decisionId: decision.decisionId, subject, reason, waiveFees },
  };
}

/** What is announced of it. */
export function toOverriddenFact({ decisionId, orderId, market, override, createTime }: Decision): DecisionOverridden {
  const { decisionId: overriddenDecisionId = "", subject = "", reason = "" } = override ?? {};
  return { decisionId, overriddenDecisionId, orderId, market, subject, reason, overrideTime: createTime };
}
