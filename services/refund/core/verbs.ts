// What people do with a refund that was granted. What providers answer is in answers.ts.
import { check } from "#kit/pure/check.js";
import { payStep } from "./asking.js";
import { after, change } from "./change.js";
import { upToNow } from "./delay.js";
import { issue, personOf, requested } from "./issue.js";
import * as journals from "./journals.js";
import { isPaid, tenderTo } from "./tenders.js";
import { inTime, twinSteps } from "./twins.js";
import type { Outcome, Refund, Tender } from "./types.js";

/**
 * GRANTED → issued, by somebody else than who granted it.
 * @throws DomainError REFUND_STATE, SELF_APPROVAL
 */
export function approve(refund: Refund, actor: string, now: Date): Outcome {
  mustBe(refund, "GRANTED", "approve");
  otherEyes(refund, refund.grantedBy, actor);
  return issue({ ...refund, version: refund.version + 1 }, actor, now, "LATER", {});
}

/** GRANTED → VOIDED. @throws DomainError REFUND_STATE for what is owed, or was issued */
export function decline(refund: Refund, note: string, now: Date): Outcome {
  mustBe(refund, "GRANTED", "decline");
  check(refund.origin === "GOODWILL", "REFUND_STATE", "what a resolution brings is owed and cannot be declined", {
    refund_id: refund.refundId,
    state: refund.state,
    verb: "decline",
  });
  const open = refund.tenders.filter(({ state }) => state === "GRANTED");
  const tenders = refund.tenders.map((t) => (open.includes(t) ? tenderTo(refund, t, "VOIDED", { failure: note }) : t));
  const next: Refund = { ...refund, tenders, state: "VOIDED", settleTime: now, version: refund.version + 1 };
  return { next, facts: [], journals: open.flatMap((t) => journals.voided(t, "VOID")), steps: [] };
}

/**
 * Names the account for every tender that waits for one. A share whose payment failed for good, or came back, goes to
 * the account as well: as a new intent with a key of its own, for what was asked under the old one is over.
 * @throws DomainError REFUND_STATE
 */
export function setAccount(refund: Refund, accountToken: string, newKey: () => string, now: Date): Outcome {
  const open = refund.tenders.filter((t) => t.heldFor === "ACCOUNT" || isOver(t));
  check(open.length > 0, "REFUND_STATE", `refund ${refund.refundId} waits for no account`, {
    refund_id: refund.refundId,
    state: refund.state,
    verb: "setAccount",
  });
  const asked: Tender[] = [];
  const tenders = refund.tenders.flatMap((t) => {
    if (!open.includes(t)) return [t];
    if (t.heldFor === "ACCOUNT") {
      const named = { ...t, accountToken };
      const next = t.state === "GRANTED" ? { ...named, heldFor: "" as const } : requested(refund, named, now);
      if (next.state === "REQUESTED") asked.push(next);
      return [next];
    }
    const payout: Tender = {
      ...t,
      route: "BANK_TRANSFER",
      accountToken,
      state: "REQUESTED",
      providerKey: newKey(),
      providerRefundId: "",
      failure: "",
      requestTime: now,
      payments: 0,
    };
    asked.push(payout);
    return [tenderTo(refund, t, "VOIDED", { failure: `replaced by ${payout.providerKey}` }), payout];
  });
  return change(refund, { tenders }, now, { steps: asked.map((t) => payStep(refund, t, now, "LATER")) });
}

/** Over at its provider: it said no, or the money came back. Stored value is no money, and never becomes any. */
function isOver({ state, failure, route }: Tender): boolean {
  if (route !== "ORIGINAL" && route !== "BANK_TRANSFER") return false;
  return state === "REVERSED" || (state === "FAILED" && !failure.startsWith("unknown"));
}

/** FAILED or MANUAL_REQUIRED: asks again for what was refused or is unknown, each under the key it always had. */
export function retry(refund: Refund, now: Date): Outcome {
  const again = (t: Tender) => t.state === "FAILED" || t.state === "MANUAL_REQUIRED";
  const open = refund.twins.map((t) => (t.state === "FAILED" ? { ...t, state: "OPEN" as const, failure: "" } : t));
  const twins = inTime(open, now);
  const possible = refund.tenders.some(again) || refund.twins.some((t) => t.state === "FAILED");
  check(possible, "REFUND_STATE", `nothing of ${refund.refundId} can be tried again`, {
    refund_id: refund.refundId,
    state: refund.state,
    verb: "retry",
  });
  const tenders = refund.tenders.map((t) =>
    again(t) ? tenderTo(refund, t, "REQUESTED", { requestTime: t.requestTime }) : t,
  );
  const steps = tenders.filter((t, i) => t !== refund.tenders[i]).map((t) => payStep(refund, t, now, "AGAIN"));
  const failed = new Set(refund.twins.filter((t) => t.state === "FAILED").map((t) => t.key));
  const next = { ...refund, tenders, twins };
  const matching = isPaid(next)
    ? twinSteps(next, now).filter(({ payload }) => failed.has((payload as { key: string }).key))
    : [];
  return change(refund, { tenders, twins }, now, { steps: [...steps, ...matching] });
}

/**
 * Finance paid a share over another way, not the one who issued the refund.
 * @throws DomainError REFUND_STATE, SELF_APPROVAL
 */
export function settleManually(
  refund: Refund,
  paymentId: string,
  reference: string,
  actor: string,
  now: Date,
): Outcome {
  otherEyes(refund, refund.issuedBy, actor);
  const by = ["FAILED", "MANUAL_REQUIRED", "REVERSED"];
  const tender = refund.tenders.find((t) => t.paymentId === paymentId && by.includes(t.state));
  check(tender !== undefined, "REFUND_STATE", `nothing to pay by hand over ${paymentId}`, {
    refund_id: refund.refundId,
    state: refund.state,
    verb: "settleManually",
  });
  const payments = tender.payments + 1;
  const paid = tenderTo(refund, { ...tender, route: "MANUAL" }, "SUCCEEDED", { providerRefundId: reference, payments });
  const tenders = refund.tenders.map((t) => (t === tender ? paid : t));
  const accrued = upToNow(refund, now);
  const booked = [...accrued.journals, ...journals.paid(paid, payments)];
  return after(change(accrued.refund, { tenders }, now, { journals: booked }), now);
}

function mustBe(refund: Refund, state: Refund["state"], verb: string): void {
  check(refund.state === state, "REFUND_STATE", `refund ${refund.refundId} is ${refund.state}: no ${verb}`, {
    refund_id: refund.refundId,
    state: refund.state,
    verb,
  });
}

function otherEyes(refund: Refund, first: string, actor: string): void {
  check(
    personOf(first) !== personOf(actor),
    "SELF_APPROVAL",
    `${actor} was the first pair of eyes on ${refund.refundId}`,
    {
      refund_id: refund.refundId,
      subject: actor,
    },
  );
}
