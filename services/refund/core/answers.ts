// What providers and other systems answer, whenever they do: at once, late, twice, or after they had said otherwise. What
// is known already changes nothing.
import { check } from "#kit/pure/check.js";
import { toProto } from "#kit/pure/money.js";
import { type Asking, asking, lookStep, payStep } from "./asking.js";
import { after, change } from "./change.js";
import { accrueStep, isInterest, outstanding, upToNow } from "./delay.js";
import { daysLate } from "./interest.js";
import * as journals from "./journals.js";
import { tenderTo } from "./tenders.js";
import { type TwinAsking, twinOf } from "./twins.js";
import type { AbilitiesOf, Outcome, Refund, Step, Tender } from "./types.js";

/** What a provider says of a refund under one key. */
export type Answer = {
  readonly state: "PENDING" | "SUCCEEDED" | "FAILED" | "REVERSED";
  readonly providerRefundId: string;
  readonly failure: string;
};

export type AnswerScene = { readonly now: Date; readonly customerDays: number };

const dayMs = 86_400_000;
/** After so long a share is asked for again whose provider did not answer at all. */
const again = 900_000;
const inADay = (now: Date) => new Date(now.getTime() + dayMs);

/** A provider's word on the tender of this key. @throws DomainError REFUND_STATE */
export function answered(refund: Refund, key: string, answer: Answer, scene: AnswerScene): Outcome {
  const tender = tenderOf(refund, key);
  if (isKnown(tender, answer.state)) return unchanged(refund);
  switch (answer.state) {
    case "PENDING":
      return pending(refund, tender, answer, scene);
    case "SUCCEEDED":
      return succeeded(refund, tender, answer, scene);
    case "FAILED":
      // Some providers call it a failure when money that was paid comes back.
      if (tender.state === "SUCCEEDED") return reversed(refund, tender, answer, scene);
      return failed(refund, key, answer.failure || "the provider refused", scene.now);
    case "REVERSED":
      return reversed(refund, tender, answer, scene);
  }
}

/** Whether an answer says nothing new: what was on its way while a later one was read is old. */
function isKnown(tender: Tender, said: Answer["state"]): boolean {
  return isLast(tender) || tender.state === said || (tender.state === "SUCCEEDED" && said === "PENDING");
}

/** What is final for us, whatever a provider still says. Money that came back never goes again under the same key. */
function isLast({ state, route }: Tender): boolean {
  return state === "VOIDED" || state === "REVERSED" || route === "MANUAL";
}

/** What a look brought. One that still waits, or is not to be found now, is looked at again in a day. */
export function looked(refund: Refund, key: string, answer: Answer | undefined, scene: AnswerScene): Outcome {
  const outcome = answer ? answered(refund, key, answer, scene) : unchanged(refund);
  const tender = tenderOf(outcome.next, key);
  // One that has only now begun to wait has its look already.
  if (tender.state !== "PENDING" || outcome.steps.length > 0) return outcome;
  return { ...outcome, steps: [lookStep(outcome.next, tender, inADay(scene.now))] };
}

/** Shares of which a provider may have news. */
export function askable(refund: Refund): Asking[] {
  const open = new Set<Tender["state"]>(["REQUESTED", "PENDING", "SUCCEEDED", "MANUAL_REQUIRED", "FAILED"]);
  // What was held after it was asked for may be paid all the same.
  const asked = (t: Tender) => open.has(t.state) || (t.state === "HELD" && t.requestTime !== undefined);
  return refund.tenders
    .filter((t) => asked(t) && t.route !== "MANUAL" && !isInterest(t))
    .map((t) => asking(refund, t, refund.createTime, true));
}

type PaymentWord = {
  readonly paymentId: string;
  readonly chargedBack: { readonly minor: bigint };
  readonly disputeOpen: boolean;
};

/** All that a provider has said: of our shares, and of the payment itself. */
export function heard(
  refund: Refund,
  answers: readonly (readonly [Asking, Answer | undefined])[],
  payment: PaymentWord | undefined,
  abilities: AbilitiesOf,
  now: Date,
): Outcome {
  const moves = answers.map(
    ([{ key, method }, answer]) =>
      (r: Refund) =>
        answer ? answered(r, key, answer, { now, customerDays: abilities(method).customerDays }) : unchanged(r),
  );
  if (payment) moves.push((r) => disputeMove(r, payment, now));
  return inTurn(refund, moves);
}

function disputeMove(refund: Refund, { paymentId, chargedBack, disputeOpen }: PaymentWord, now: Date): Outcome {
  if (disputeOpen) return disputeOpened(refund, paymentId, now);
  return chargedBack.minor > 0n ? disputeLost(refund, paymentId, now) : disputeWon(refund, paymentId, now);
}

/** Several changes as one. */
function inTurn(refund: Refund, moves: readonly ((refund: Refund) => Outcome)[]): Outcome {
  const outcome = moves.reduce<Outcome>((before, move) => {
    const { next, facts, journals, steps } = move(before.next);
    return {
      next,
      facts: [...before.facts, ...facts],
      journals: [...before.journals, ...journals],
      steps: [...before.steps, ...steps],
    };
  }, unchanged(refund));
  return { ...outcome, next: { ...outcome.next, version: refund.version + 1 } };
}

/**
 * Nobody answered for a long time: it is looked for, and asked for again, in a while. After a day of that a person must
 * look.
 */
export function unanswered(refund: Refund, key: string, failure: string, now: Date): Outcome {
  const tender = tenderOf(refund, key);
  if (tender.state !== "REQUESTED") return unchanged(refund);
  if (now.getTime() - (tender.requestTime ?? now).getTime() > dayMs) {
    return unclear(refund, key, `unknown: ${failure}`, now);
  }
  return { ...unchanged(refund), steps: [payStep(refund, tender, new Date(now.getTime() + again), "AGAIN")] };
}

function pending(refund: Refund, tender: Tender, answer: Answer, { now, customerDays }: AnswerScene): Outcome {
  const { providerRefundId } = answer;
  const expectedTime = new Date(now.getTime() + customerDays * dayMs);
  const next = tenderTo(refund, tender, "PENDING", { providerRefundId, expectedTime });
  const steps = [lookStep(refund, next, inADay(now))];
  return change(refund, { tenders: replaced(refund, tender, next) }, now, { steps });
}

function succeeded(refund: Refund, tender: Tender, answer: Answer, { now, customerDays }: AnswerScene): Outcome {
  const { providerRefundId } = answer;
  const payments = tender.payments + 1;
  const expectedTime = new Date(now.getTime() + customerDays * dayMs);
  const paid = tenderTo(refund, tender, "SUCCEEDED", { providerRefundId, payments, expectedTime });
  const accrued = upToNow(refund, now);
  const booked = [...accrued.journals, ...journals.paid(paid, payments)];
  return after(change(accrued.refund, { tenders: replaced(refund, tender, paid) }, now, { journals: booked }), now);
}

/** Paid, and come back: owed again, and open again. One that we never knew to be paid is booked both ways. */
function reversed(refund: Refund, tender: Tender, answer: Answer, scene: AnswerScene): Outcome {
  const { now } = scene;
  const before = tender.state === "SUCCEEDED";
  const payments = before ? tender.payments : tender.payments + 1;
  const paid = before ? tender : tenderTo(refund, tender, "SUCCEEDED", { payments });
  const { providerRefundId, failure } = answer;
  const back = tenderTo(refund, paid, "REVERSED", { providerRefundId, failure: failure || "it came back" });
  const booked = [...(before ? [] : journals.paid(paid, payments)), ...journals.reversed(back, payments)];
  const { refundId, resolutionId, interest } = refund;
  const body = { refundId, resolutionId, amount: toProto(back.amount), failure: back.failure, reverseTime: now };
  const facts = [{ name: "RefundReversed", body } as const];
  // While it was paid nothing was owed; from now on its days count again.
  const accrued = upToNow(refund, now);
  return change(accrued.refund, { tenders: replaced(refund, tender, back), settleTime: undefined }, now, {
    journals: [...accrued.journals, ...booked],
    facts,
    steps: interest ? [accrueStep(interest, daysLate(interest.dueTime, now) + 1)] : [],
  });
}

/** A provider refused to be asked, so nothing was paid. Where we know better by now, it changes nothing. */
export function refused(refund: Refund, key: string, failure: string, now: Date): Outcome {
  return tenderOf(refund, key).state === "REQUESTED" ? failed(refund, key, failure, now) : unchanged(refund);
}

/** A provider refused for good: finance must look. Tenders already paid stay paid. */
function failed(refund: Refund, key: string, failure: string, now: Date): Outcome {
  const tender = tenderOf(refund, key);
  const next = tenderTo(refund, tender, "FAILED", { failure });
  return change(refund, { tenders: replaced(refund, tender, next) }, now, {});
}

/** Nobody can tell whether it was paid, and asking again could pay twice: a person must look. */
export function unclear(refund: Refund, key: string, failure: string, now: Date): Outcome {
  const tender = tenderOf(refund, key);
  if (tender.state !== "REQUESTED" && tender.state !== "HELD") return unchanged(refund);
  const next = tenderTo(refund, tender, "MANUAL_REQUIRED", { failure });
  return change(refund, { tenders: replaced(refund, tender, next) }, now, {});
}

/**
 * A dispute on the payment is open: nothing is paid until it ends, as far as nothing was.
 * @param asked false where nobody has been asked yet, so that no provider can know the key
 */
export function disputeOpened(refund: Refund, paymentId: string, now: Date, asked = true): Outcome {
  const concerned = (t: Tender) => t.paymentId === paymentId && t.state === "REQUESTED";
  if (!refund.tenders.some(concerned)) return unchanged(refund);
  const held = (t: Tender) =>
    tenderTo(refund, t, "HELD", { heldFor: "DISPUTE", ...(asked ? {} : { requestTime: undefined }) });
  return change(refund, { tenders: refund.tenders.map((t) => (concerned(t) ? held(t) : t)) }, now, {});
}

/** It was won: what waited is asked for, once it is issued. */
export function disputeWon(refund: Refund, paymentId: string, now: Date): Outcome {
  const steps: Step[] = [];
  const waiting = waitingFor(refund, paymentId);
  if (waiting.length === 0) return unchanged(refund);
  const tenders = refund.tenders.map((t) => {
    if (!waiting.includes(t)) return t;
    if (t.state === "GRANTED") return { ...t, heldFor: "" as const };
    const next = tenderTo(refund, t, "REQUESTED", { requestTime: t.requestTime ?? now });
    steps.push(payStep(refund, next, now, t.requestTime ? "AGAIN" : "LATER"));
    return next;
  });
  return change(refund, { tenders }, now, { steps });
}

/** It was lost: the customer's bank took the money, so we do not pay it a second time. */
export function disputeLost(refund: Refund, paymentId: string, now: Date): Outcome {
  return chargedBack(refund, waitingFor(refund, paymentId), now);
}

/** A share about to be asked for of which the customer's bank has taken the money meanwhile. */
export function takenBack(refund: Refund, key: string, now: Date): Outcome {
  const tender = tenderOf(refund, key);
  return chargedBack(refund, tender.state === "REQUESTED" ? [tender] : [], now);
}

function chargedBack(refund: Refund, gone: readonly Tender[], now: Date): Outcome {
  if (gone.length === 0) return unchanged(refund);
  const accrued = upToNow(refund, now);
  const tenders = refund.tenders.map((t) =>
    gone.includes(t) ? tenderTo(refund, t, "VOIDED", { failure: "charged back" }) : t,
  );
  const booked = [...accrued.journals, ...gone.flatMap((t) => journals.voided(t, "CHARGEBACK"))];
  return after(change(accrued.refund, { tenders }, now, { journals: booked }), now);
}

/** Shares that wait for the end of a dispute: held, or granted into one. */
function waitingFor({ tenders }: Refund, paymentId: string): Tender[] {
  return tenders.filter((t) => {
    return t.paymentId === paymentId && t.heldFor === "DISPUTE" && (t.state === "HELD" || t.state === "GRANTED");
  });
}

/** Another system did its part. */
export function matched(refund: Refund, key: string, counterpartId: string, now: Date): Outcome {
  const twin = twinOf(refund, key);
  if (twin.state === "MATCHED") return unchanged(refund);
  const next = { ...twin, state: "MATCHED" as const, counterpartId, failure: "" };
  const twins = refund.twins.map((t) => (t === twin ? next : t));
  return change(refund, { twins }, now, { journals: journals.matched(next) });
}

/** Another system said no for good. */
export function unmatched(refund: Refund, key: string, failure: string, now: Date): Outcome {
  const twin = twinOf(refund, key);
  if (twin.state === "MATCHED") return unchanged(refund);
  const twins = refund.twins.map((t) => (t === twin ? { ...t, state: "FAILED" as const, failure } : t));
  return change(refund, { twins }, now, {});
}

/** Nobody answered for a long time: it is asked for again in a while, for a day. */
export function unmatchedYet(refund: Refund, twin: TwinAsking, failure: string, now: Date): Outcome {
  if (twin.tries >= dayMs / again) return unmatched(refund, twin.key, failure, now);
  const due = new Date(now.getTime() + again);
  return { ...unchanged(refund), steps: [{ step: "twin", due, payload: { ...twin, tries: twin.tries + 1 } }] };
}

/** A day of delay has begun: its interest is booked, and the next day is waited for. */
export function delayed(refund: Refund, now: Date): Outcome {
  const { interest } = refund;
  if (!interest || outstanding(refund).minor <= 0n) return unchanged(refund);
  const steps = [accrueStep(interest, daysLate(interest.dueTime, now) + 1)];
  const accrued = upToNow(refund, now);
  return change(accrued.refund, {}, now, { journals: accrued.journals, steps });
}

/** The tender of this key. */
function tenderOf(refund: Refund, key: string): Tender {
  const tender = refund.tenders.find((t) => t.providerKey === key);
  check(tender !== undefined, "REFUND_STATE", `refund ${refund.refundId} has no tender ${key}`, {
    refund_id: refund.refundId,
    state: refund.state,
    verb: "settle",
  });
  return tender;
}

function replaced({ tenders }: Refund, before: Tender, next: Tender): Tender[] {
  return tenders.map((t) => (t === before ? next : t));
}

/** The row is written, so that the step or fact is spent; nothing else changes. */
export function unchanged(refund: Refund): Outcome {
  return { next: { ...refund, version: refund.version + 1 }, facts: [], journals: [], steps: [] };
}
