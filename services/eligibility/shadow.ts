// The version that judges beside the one in force: what it would have answered goes on record with each decision, in the
// same commit, and nobody ever sees it in an answer.
import type { Decision } from "#gen/backhaul/eligibility/v1/decision.js";
import type { Calendar } from "#kit/pure/calendar.js";
import { type Comparison, compare, noComparison } from "./core/compare.js";
import type { Seen } from "./core/decide.js";
import type { Policy } from "./core/engine.js";
import { toGiven } from "./labProto.js";

export type Shadow = {
  readonly policyId: string;
  readonly documentHash: string;
  /** Undefined if it cannot be had now: then its lines are unknown, and the decision is made all the same. */
  readonly policy: Policy | undefined;
};

/** What the shadow would have changed about one decision. */
export type ShadowNote = Pick<Shadow, "policyId" | "documentHash"> & { readonly comparison: Comparison };

/** Judges a decision that is about to be kept by the shadow too. Costs its own judging, asks nobody, never throws. */
export function noteOf(
  shadow: Shadow | undefined,
  calendar: Calendar,
  decision: Decision,
  seen: readonly Seen[],
): ShadowNote | undefined {
  if (!shadow) return undefined;
  const { policyId, documentHash, policy } = shadow;
  const comparison = noComparison(policy?.document.currency ?? decision.currencyCode);
  compare(comparison, policy, calendar, toGiven(decision, seen));
  return { policyId, documentHash, comparison };
}
