// A change that staff ask for, judged as if the customer had asked for it so: by the policy, or by a decision that another
// member of staff gave.
import { Decision, Verdict } from "#gen/backhaul/eligibility/v1/decision.js";
import type { EligibilityServiceService, RequestedLine } from "#gen/backhaul/eligibility/v1/eligibility_service.js";
import type { Kind } from "#gen/backhaul/type/v1/kind.js";
import type { Call } from "#kit/call.js";
import type { ClientOf } from "#kit/client.js";
import { check, DomainError } from "#kit/pure/check.js";
import type { Rejudged } from "./core/resolution.js";
import type { Resolution } from "./core/types.js";
import { freeze, kinds, mismatch, toLines, toTerms, verdicts } from "./proto.js";

/** What staff want of it. */
export type Wanted = {
  readonly requestId: string;
  readonly kind: Kind;
  readonly lines: RequestedLine[];
  /** Empty to have the policy judge. */
  readonly decisionId: string;
};

/**
 * How it is judged.
 * @throws DomainError POLICY_REFUSES, DECISION_MISMATCH, SELF_APPROVAL
 */
export function rejudges(eligibility: ClientOf<typeof EligibilityServiceService>) {
  async function byStaff({ orderId, resolutionId }: Resolution, { kind, lines, decisionId }: Wanted, call: Call) {
    const { decision, overriddenBy } = await eligibility.getDecision({ decisionId }, call);
    const asked = { orderId, kind, lines };
    const problem = decision ? mismatch(decision, overriddenBy, asked) : "it does not exist";
    const metadata = { decision_id: decisionId, problem: problem ?? "" };
    check(problem === undefined, "DECISION_MISMATCH", `${decisionId} does not fit: ${problem}`, metadata);
    const own = decision?.override?.subject === call.caller.subject;
    check(!own, "SELF_APPROVAL", `${decisionId} is your own: somebody else has to change ${resolutionId} by it`, {
      resolution_id: resolutionId,
      actor: call.caller.subject,
    });
    return decision;
  }

  return async (r: Resolution, wanted: Wanted, call: Call): Promise<Rejudged> => {
    const { requestId, kind, lines, decisionId } = wanted;
    const given =
      decisionId === ""
        ? (await eligibility.decideEligibility({ requestId, orderId: r.orderId, kind, lines }, call)).decision
        : await byStaff(r, wanted, call);
    const decision = given ?? Decision.fromPartial({});
    const refused = decision.lines.find(({ verdict }) => verdict !== Verdict.VERDICT_ACCEPT);
    if (refused || decision.verdict !== Verdict.VERDICT_ACCEPT) throw refusal(r, decision, refused);
    return {
      kind: kinds.word(kind) ?? r.kind,
      lines: toLines(decision, lines),
      terms: toTerms(decision, r.terms),
      decision: freeze(decision),
      staffDecisionId: decisionId,
    };
  };
}

function refusal({ resolutionId }: Resolution, { verdict }: Decision, line: Decision["lines"][number] | undefined) {
  const word = verdicts.word(line?.verdict ?? verdict) ?? "";
  const why = line?.text || "it would have to be looked at first";
  return new DomainError("POLICY_REFUSES", `the policy does not accept the change of ${resolutionId}: ${why}`, {
    resolution_id: resolutionId,
    verdict: word,
    rule_id: line?.ruleId ?? "",
    line_id: line?.lineId ?? "",
  });
}
