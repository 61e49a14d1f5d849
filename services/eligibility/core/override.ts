// What staff put in the place of a decision: other verdicts, no fees. How it is carried out still comes from the policy that
// judged; only whether is theirs. They may give more than the policy, never less than the law.
import type { Calendar } from "#kit/pure/calendar.js";
import { check, DomainError } from "#kit/pure/check.js";
import { type Seen, verdictOf } from "./decide.js";
import type { Policy } from "./engine.js";
import { judge } from "./judge.js";
import { rightOf } from "./law.js";
import { type Alone, aloneOf, type FiredRule, firedRule, rowsOf, wordsOf } from "./line.js";
import { type Fee, joinTerms, type KeptLine, type Terms } from "./terms.js";
import type { Verdict } from "./words.js";

/** What staff say. */
export type Overruling = {
  readonly verdicts: ReadonlyMap<string, Verdict>;
  readonly waiveFees: boolean;
};

/** A line of the overridden decision, as far as it matters here; they stand in the order of `seen`. */
export type GivenLine = { readonly lineId: string; readonly verdict: Verdict };

/** What becomes of one line. */
export type OverruledLine = {
  readonly verdict: Verdict;
  /** Undefined where it stays as it was given. */
  readonly changed: (ReturnType<typeof wordsOf> & { readonly fired: FiredRule }) | undefined;
  /** Undefined when declined. */
  readonly alone: Alone | undefined;
};

export type Overruled = {
  readonly verdict: Verdict;
  readonly lines: readonly OverruledLine[];
  /** Undefined when declined. */
  readonly terms: Terms | undefined;
};

/**
 * Windows are judged as they stood when the customer asked, however often staff have decided since.
 * @throws DomainError LINE_NOT_IN_ORDER for a line that was not asked for; POLICY_BELOW_FLOOR if the law grants what staff
 * would decline
 */
export function overrule(
  policy: Policy,
  calendar: Calendar,
  given: readonly GivenLine[],
  seen: readonly Seen[],
  { verdicts, waiveFees }: Overruling,
): Overruled {
  const known = new Set(given.map(({ lineId }) => lineId));
  for (const lineId of verdicts.keys()) {
    check(known.has(lineId), "LINE_NOT_IN_ORDER", `the decision is not about line ${lineId}`, { line_id: lineId });
  }
  const judged = given.map((line, nth) => {
    const { view, times, at } = seen[nth] as Seen;
    const answer = judge(policy, calendar, view, times, at);
    const verdict = verdicts.get(line.lineId) ?? line.verdict;
    if (verdict === "DECLINE" && line.verdict !== "DECLINE") refuseBelowLaw(policy, calendar, line, seen[nth] as Seen);
    const changed = verdict !== line.verdict;
    const kept: KeptLine = { view: answer.view, terms: answer.terms, ...rowsOf(policy, answer) };
    const alone = verdict === "DECLINE" ? undefined : freed(waived(aloneOf(policy, answer), waiveFees), waiveFees);
    return { verdict, changed, kept, alone };
  });
  const kept = judged.filter(({ verdict }) => verdict !== "DECLINE");
  const terms =
    kept.length > 0
      ? joinTerms(
          policy.document,
          kept.map((line) => line.kept),
        )
      : undefined;
  const rule = policy.document.override_rule;
  return {
    verdict: verdictOf(judged.map(({ verdict }) => verdict)),
    terms: terms && waived(terms, waiveFees),
    lines: judged.map(({ verdict, changed, alone }) => ({
      verdict,
      alone,
      changed: changed ? { ...wordsOf(policy, rule), fired: firedRule(policy, "verdict", rule) } : undefined,
    })),
  };
}

function waived<T extends { readonly fees: readonly Fee[] }>(terms: T, waive: boolean): T {
  return waive ? { ...terms, fees: [] } : terms;
}

/** What the customer does not bear, we do. */
function freed(alone: Alone, waive: boolean): Alone {
  return waive && alone.payer === "CUSTOMER" ? { ...alone, payer: "PLATFORM" } : alone;
}

function refuseBelowLaw({ law }: Policy, calendar: Calendar, { lineId }: GivenLine, { view, times, at }: Seen): void {
  const right = law && rightOf(law, calendar, view, times, at);
  if (!right) return;
  const message = `line ${lineId} may not be declined: ${right.about} (${right.article})`;
  throw new DomainError("POLICY_BELOW_FLOOR", message, { article: right.article, path: `lines.${lineId}` });
}
