// The rpcs that look at a stored decision again: staff put another in its place, or its windows are counted anew.
import type { Decision } from "#gen/backhaul/eligibility/v1/decision.js";
import { EligibilityServiceService } from "#gen/backhaul/eligibility/v1/eligibility_service.js";
import { byRequest } from "#kit/aggregate.js";
import type { Clock } from "#kit/clock.js";
import { InvalidRequest } from "#kit/errors.js";
import { newId } from "#kit/ids.js";
import type { Handlers } from "#kit/server.js";
import { announce } from "../announced.js";
import type { Calendars } from "../calendars.js";
import { judge } from "../core/judge.js";
import { type Overruled, type Overruling, overrule } from "../core/override.js";
import { toGiven, toOverridden, toOverriddenFact, toOverruling } from "../overrideProto.js";
import type { Shelf } from "../shelf.js";
import type { Store } from "../store.js";

export type OverrideParts = {
  readonly store: Store;
  readonly shelf: Shelf;
  readonly calendars: Calendars;
  readonly clock: Clock;
};

type Rpcs = Pick<Handlers<typeof EligibilityServiceService>, "overrideDecision" | "recountWindows">;

export function overrideRpc({ store, shelf, calendars, clock }: OverrideParts): Rpcs {
  /** A stored decision with what was seen of its lines, the policy that judged it, and the calendar of today. */
  async function judgedBefore(decisionId: string) {
    const { decision, seen } = await store.findDecisionWithSeen(decisionId);
    const policy = await shelf.byId(decision.policyId);
    const calendar = await calendars.of(decision.market, policy.document.civil);
    return { decision, seen, policy, calendar };
  }

  return {
    async overrideDecision(request, call) {
      const answer = (decision: Decision) => ({ decision });
      const spend = byRequest(EligibilityServiceService.overrideDecision, request, call, answer);
      const { decision, seen, policy, calendar } = await judgedBefore(request.decisionId);
      const overruling = toOverruling(request, decision);
      const overruled = overrule(policy, calendar, toGiven(decision), seen, overruling);
      refuseEmpty(overruled, overruling, decision);
      const { subject } = call.caller;
      const by = { decisionId: newId("dec"), subject, reason: request.reason, now: clock.now(), ...overruling };
      const next = toOverridden(decision, overruled, by);
      const fact = { name: "DecisionOverridden" as const, body: toOverriddenFact(next) };
      return store.createDecision(
        spend,
        async () => (await store.bookVersion(decision.market)) ?? 0,
        (bookVersion) => ({ next, extra: { seen, bookVersion }, facts: [announce(fact)] }),
      );
    },

    async recountWindows({ decisionId }) {
      const { seen, policy, calendar } = await judgedBefore(decisionId);
      const lines = seen.map(({ lineId, view, times, at }) => {
        const { verdict, end, last } = judge(policy, calendar, view, times, at);
        const window = verdict === "DECLINE" ? last : end;
        return { lineId, endTime: window?.time, provisional: window?.provisional ?? false };
      });
      return { lines, calendarVersion: calendar.version };
    },
  };
}

/** An override that changes nothing would put a name to what nobody decided. */
function refuseEmpty(overruled: Overruled, { waiveFees }: Overruling, decision: Decision): void {
  const waives = waiveFees && (decision.terms?.fees.length ?? 0) > 0;
  if (waives || overruled.lines.some(({ changed }) => changed)) return;
  throw new InvalidRequest([{ field: "lines", description: "says what the decision says already, and waives no fee" }]);
}
