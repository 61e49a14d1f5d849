// How a version comes into force, and how one that was is brought back. Nobody's orders change hands afterwards: a version
// judges from its effective time until the next one's, and neither lies in the past.
import { act, type Who } from "./acts.js";
import {
  type Book,
  type BookChange,
  blank,
  endOfShadow,
  entryOf,
  judgesAt,
  must,
  type PolicyEntry,
  turn,
} from "./book.js";

/** How far the clocks of two replicas may be apart; what begins later than that is still to come. */
const skewMs = 1_000;

/**
 * APPROVED → ACTIVE from its effective time on, or from now on where that has passed; the one before judges until then
 * and is RETIRED.
 * @throws DomainError POLICY_STATE if it is not APPROVED, or would take effect before the one it replaces
 */
export function activate(book: Book, policyId: string, who: Who): BookChange {
  const policy = entryOf(book, policyId);
  must(policy, policy.state === "APPROVED", "activate", "must be APPROVED first");
  const before = activeOf(book);
  const effectiveTime = later(policy.effectiveTime, earliest(book, who.now));
  must(
    policy,
    before === undefined || effectiveTime > before.effectiveTime,
    "activate",
    `would take effect at ${effectiveTime.toISOString()}, not after version ${before?.version} which it replaces`,
  );
  const after: PolicyEntry = { ...policy, state: "ACTIVE", effectiveTime, shadow: false };
  const retired = before && { ...before, state: "RETIRED" as const, endTime: effectiveTime };
  const from = `from ${effectiveTime.toISOString()}`;
  const acts = [act(after, "activate", who, from), ...endOfShadow(policy, who, "it became active")];
  if (retired) acts.push(act(retired, "retire", who, `version ${after.version} judges ${from}`));
  return turn(book, retired ? [retired, after] : [after], acts, [activated(book, after, before, false)]);
}

/** What a rollback is told: the id of the version that it makes, by whom, when, and why. */
export type Rollback = {
  readonly newPolicyId: string;
  readonly approver: string;
  readonly now: Date;
  readonly reason: string;
};

/**
 * Brings back the document of a version that judged before, as a new version that judges from now on. Whatever else was
 * to judge from now on ends now; a version whose time had not come never judges.
 * @throws DomainError POLICY_STATE if it never judged, if it is the active one and judges now, or if its author asks
 */
export function rollback(book: Book, policyId: string, { newPolicyId, approver, now, reason }: Rollback): BookChange {
  const old = entryOf(book, policyId);
  const before = activeOf(book);
  must(old, hasJudged(old, now), "rollback", "was never in force");
  must(old, old !== before, "rollback", "judges now: there is nothing to bring back");
  must(old, approver !== old.author, "rollback", `needs somebody else than its author ${old.author}`);
  const effectiveTime = earliest(book, now);
  const { author, documentHash } = old;
  const entry = { policyId: newPolicyId, effectiveTime, author, createTime: now, documentHash };
  const restored: PolicyEntry = { ...blank(book, entry), state: "ACTIVE", approver, restoredPolicyId: policyId };
  const ended = book.policies.filter((policy) => judgesLater(policy, effectiveTime));
  const retired = ended.map((policy): PolicyEntry => ({ ...policy, state: "RETIRED", endTime: effectiveTime }));
  const who = { subject: approver, now };
  const acts = [act(restored, "rollback", who, reason)];
  for (const policy of ended) {
    if (policy !== before && policy.effectiveTime < effectiveTime) continue; // retired before, and has judged
    const never = policy.effectiveTime >= effectiveTime ? "; it never judged" : "";
    acts.push(act(policy, "retire", who, `version ${restored.version} brings back version ${old.version}${never}`));
  }
  return turn(book, [...retired, restored], acts, [activated(book, restored, before, true)]);
}

function activeOf({ policies }: Book): PolicyEntry | undefined {
  return policies.find(({ state }) => state === "ACTIVE");
}

/**
 * From when on another version may judge: now, but after the last one began to. Two may come in one moment, or from
 * replicas whose clocks differ; each has its time all the same.
 */
function earliest({ policies }: Book, now: Date): Date {
  const latest = now.getTime() + skewMs;
  const begun = policies.filter((policy) => hasJudged(policy, new Date(latest)));
  return new Date(Math.max(now.getTime(), ...begun.map(({ effectiveTime }) => effectiveTime.getTime() + 1)));
}

function later(a: Date, b: Date): Date {
  return new Date(Math.max(a.getTime(), b.getTime()));
}

/** Whether it had begun to judge by then. */
function hasJudged(policy: PolicyEntry, now: Date): boolean {
  return judgesAt(policy, policy.effectiveTime) && policy.effectiveTime <= now;
}

/** Whether it was to judge orders of that time or later. */
function judgesLater({ state, effectiveTime, endTime }: PolicyEntry, from: Date): boolean {
  if (state === "ACTIVE") return true;
  return state === "RETIRED" && endTime !== undefined && endTime > from && endTime > effectiveTime;
}

function activated({ market }: Book, policy: PolicyEntry, before: PolicyEntry | undefined, rollback: boolean) {
  const { policyId, version, effectiveTime } = policy;
  const body = { policyId, market, version, effectiveTime, retiredPolicyId: before?.policyId ?? "", rollback };
  return { name: "PolicyActivated" as const, body };
}
