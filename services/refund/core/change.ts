// The way every change of a refund ends: its state follows from its tenders and twins, and entering a state announces it.
import { type Money, subtract, sum, toProto } from "#kit/pure/money.js";
import { payStep } from "./asking.js";
import { isInterest } from "./delay.js";
import { isPaid, stateOf } from "./tenders.js";
import { inTime, twinSteps } from "./twins.js";
import type { Outcome, Refund, RefundFact, Tender, Twin } from "./types.js";

/** What goes along with a change. */
export type Change = Partial<Pick<Outcome, "facts" | "journals" | "steps">>;

/** The refund with new parts; its state follows from them. */
export function change(before: Refund, parts: Partial<Refund>, now: Date, along: Change): Outcome {
  const next = { ...before, ...parts, version: before.version + 1 };
  // What nobody has issued yet stays granted, whatever is learned about it, while there is something to issue.
  const granted = before.state === "GRANTED" && next.tenders.some((t) => t.state === "GRANTED");
  const state = granted ? "GRANTED" : stateOf(next);
  const outcome = {
    next: { ...next, state },
    facts: along.facts ?? [],
    journals: along.journals ?? [],
    steps: along.steps ?? [],
  };
  return announced(before, outcome, now);
}

/** After a tender was paid: interest is paid too, then the twins are matched. */
export function after(outcome: Outcome, now: Date): Outcome {
  const { next } = outcome;
  if (!isPaid(next)) return outcome;
  const amount = interestLeft(next);
  if (amount && amount.minor > 0n) {
    const before = next.tenders.filter(isInterest).length;
    const tender: Tender = {
      paymentId: "interest",
      method: "STORE_CREDIT",
      captured: amount,
      amount,
      route: "STORE_CREDIT",
      state: "REQUESTED",
      heldFor: "",
      providerKey: `${next.refundId}.interest${before === 0 ? "" : `.${before + 1}`}`,
      providerRefundId: "",
      accountToken: "",
      failure: "",
      requestTime: now,
      expectedTime: undefined,
      payments: 0,
    };
    const withInterest: Refund = { ...next, tenders: [...next.tenders, tender], settleTime: undefined };
    return {
      ...outcome,
      next: { ...withInterest, state: stateOf(withInterest) },
      facts: outcome.facts.filter(({ name }) => name !== "RefundSucceeded"),
      steps: [...outcome.steps, payStep(next, tender, now, "FRESH")],
    };
  }
  const current = { ...next, twins: inTime(next.twins, now) };
  return { ...outcome, next: current, steps: [...outcome.steps, ...twinSteps(current, now)] };
}

/** Interest that no share pays yet: after a reversal more may come to what was paid already. */
function interestLeft({ interest, tenders }: Refund): Money | undefined {
  const shares = tenders.filter((t) => isInterest(t) && t.state !== "VOIDED").map((t) => t.amount);
  return interest && subtract(interest.amount, sum(shares, interest.amount.currency));
}

/** Adds what entering a state announces. */
export function announced(before: Refund, outcome: Outcome, now: Date): Outcome {
  const { next } = outcome;
  if (next.state === before.state) return outcome;
  const facts: RefundFact[] = [...outcome.facts];
  const { refundId, resolutionId } = next;
  // Nothing of it may have been ours to pay, as where the customer's bank took the money: it is done all the same.
  if (next.state === "SUCCEEDED" || next.state === "VOIDED") {
    const amount = toProto(paidOf(next));
    facts.push({ name: "RefundSucceeded", body: { refundId, resolutionId, amount, settleTime: now } });
    return { ...outcome, next: { ...next, settleTime: now }, facts };
  }
  if (next.state === "HELD") {
    const heldFor = next.tenders.find((t) => t.heldFor)?.heldFor ?? "";
    facts.push({ name: "RefundHeld", body: { refundId, resolutionId, heldFor, holdTime: now } });
  }
  if (next.state === "FAILED" || next.state === "MANUAL_REQUIRED") {
    const failure = [...next.tenders, ...next.twins].find(isStuck)?.failure ?? "";
    facts.push({ name: "RefundFailed", body: { refundId, resolutionId, failure, failTime: now } });
  }
  return { ...outcome, facts };
}

function isStuck({ state }: Pick<Tender | Twin, "state">): boolean {
  return state === "FAILED" || state === "MANUAL_REQUIRED" || state === "REVERSED";
}

/** What the customer has of it, interest aside. */
function paidOf({ tenders, quote: { amount } }: Refund): Money {
  const paid = tenders.filter((t) => t.state === "SUCCEEDED" && !isInterest(t));
  return sum(
    paid.map((t) => t.amount),
    amount.currency,
  );
}
