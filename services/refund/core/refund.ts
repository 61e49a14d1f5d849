// The verbs of a refund: granted as an intent with its provider keys before anybody is asked, issued, held, declined,
// recovered. What providers answer is in answers.ts. Pure: time, ids and what was granted before come in.
import { check } from "#kit/pure/check.js";
import { compare, isZero, type Money, sum, toProto, zero } from "#kit/pure/money.js";
import { payStep } from "./asking.js";
import { after, announced, type Change, change } from "./change.js";
import { accrueStep, upToNow } from "./delay.js";
import * as journals from "./journals.js";
import type { RefundPolicy } from "./policy.js";
import { differences, merged, payable, quote } from "./quote.js";
import { shares, unitsOf } from "./shares.js";
import { isPaid, split, stateOf, tenderTo } from "./tenders.js";
import { inTime, twinSteps, twinsOf } from "./twins.js";
import type {
  AbilitiesOf,
  Fault,
  GrantedSoFar,
  Outcome,
  Promised,
  Quote,
  Refund,
  SoldOrder,
  Tender,
  Wanted,
} from "./types.js";

/** What every grant needs to know. */
export type GrantScene = {
  readonly refundId: string;
  readonly order: SoldOrder;
  readonly soFar: GrantedSoFar;
  readonly policy: RefundPolicy;
  readonly abilities: AbilitiesOf;
  readonly newKey: () => string;
  readonly actor: string;
  readonly now: Date;
};

export type Owed = {
  readonly resolutionId: string;
  readonly wanted: Wanted;
  readonly promised: readonly Promised[];
  readonly fault: Fault;
  readonly dueTime: Date | undefined;
  readonly dueArticle: string;
};

/**
 * Stores the intent for what a resolution brings. Up to the policy's amount it is issued at once; an amount of nothing
 * is VOIDED and done.
 * @throws DomainError as quote and split
 */
export function grant(scene: GrantScene, owed: Owed): Outcome {
  const { order, soFar, policy, actor, now } = scene;
  const { resolutionId, wanted, fault } = owed;
  const quoted = quote(order, wanted, soFar);
  const base: Refund = {
    ...begin(scene, quoted),
    resolutionId,
    origin: "RESOLUTION",
    fault,
    differences: differences(order, wanted, owed.promised, quoted, soFar),
    twins: twinsOf(order, quoted, { fault, whole: isWhole(order, quoted, soFar), newKey: scene.newKey, now }),
    interest:
      owed.dueTime && policy.interest
        ? {
            dueTime: owed.dueTime,
            article: policy.interest.article || owed.dueArticle,
            ratePpm: policy.interest.ratePpm,
            days: 0,
            owedDays: zero(order.currency),
            amount: zero(order.currency),
          }
        : undefined,
  };
  const { interest } = base;
  const steps = interest ? [accrueStep(interest, 1)] : [];
  const first = { facts: [granted(base)], journals: journals.granted(base), steps };
  if (isZero(quoted.amount)) return done(base, first, now);
  if (compare(quoted.amount, policy.fourEyesAbove) > 0) return { next: base, ...first };
  return issue(base, actor, now, "FRESH", first);
}

export type Goodwill = { readonly amount: Money; readonly reason: string; readonly note: string };

/**
 * Grants money that nothing obliges us to pay.
 * @throws DomainError REASON_UNKNOWN, REFUND_EXCEEDS_CAPTURED, CURRENCY_MISMATCH, MONEY_INVALID
 */
export function grantGoodwill(scene: GrantScene, { amount, reason, note }: Goodwill): Outcome {
  const { order, policy, actor, now } = scene;
  const { atOnceUpTo, most, reasons } = policy.goodwill;
  check(reasons.includes(reason), "REASON_UNKNOWN", `${policy.market} knows no goodwill reason ${reason}`, {
    reason,
    market: policy.market,
  });
  check(amount.currency === order.currency, "CURRENCY_MISMATCH", `order ${order.orderId} is in ${order.currency}`, {
    currency: amount.currency,
    expected: order.currency,
  });
  check(personOf(actor) !== order.customerId, "SELF_APPROVAL", "nobody grants goodwill on an order of their own", {
    refund_id: scene.refundId,
    subject: actor,
  });
  check(amount.minor > 0n, "MONEY_INVALID", "goodwill must be above zero", { minor: amount.minor.toString() });
  payable(amount);
  check(compare(amount, most) <= 0, "REFUND_EXCEEDS_CAPTURED", `goodwill goes up to ${most.minor} minor units`, {
    payment_id: "",
    requested: amount.minor.toString(),
    left: most.minor.toString(),
  });
  const nothing = zero(order.currency);
  const quoted: Quote = {
    items: [],
    fees: [],
    shipping: nothing,
    adjustments: [],
    restored: [],
    tax: undefined,
    amount,
  };
  const base: Refund = { ...begin(scene, quoted), origin: "GOODWILL", reason: note ? `${reason}: ${note}` : reason };
  const first = { facts: [granted(base)], journals: journals.granted(base) };
  if (compare(amount, atOnceUpTo) > 0) return { next: base, ...first, steps: [] };
  return issue(base, actor, now, "FRESH", first);
}

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

/**
 * Opens the recovery of these units' share.
 * @throws DomainError REFUND_STATE, UNITS_EXCEED_PURCHASED
 */
export function recover(
  refund: Refund,
  lines: readonly { readonly lineId: string; readonly quantity: number }[],
  reason: string,
): Outcome {
  check(refund.recovery === undefined, "REFUND_STATE", `${refund.refundId} is being recovered already`, {
    refund_id: refund.refundId,
    state: refund.state,
    verb: "recover",
  });
  const parts = merged(lines).map(({ lineId, quantity }) => {
    const item = refund.quote.items.find((i) => i.lineId === lineId);
    check(item !== undefined && quantity <= item.quantity, "UNITS_EXCEED_PURCHASED", `not refunded: ${lineId}`, {
      line_id: lineId,
      requested: String(quantity),
      purchased: String(item?.quantity ?? 0),
    });
    // The last of the refunded units, so that what stays refunded is what an inspection first would have brought.
    const line = { lineId, quantity: item.purchased, paid: item.paid, tax: undefined, sellerId: "" };
    return unitsOf(line, item.paid, item.fromUnit + item.quantity - quantity, quantity);
  });
  const amount = sum(parts, refund.quote.amount.currency);
  const owed = compare(amount, refund.quote.amount) > 0 ? refund.quote.amount : amount;
  const recovery = { state: "OPEN", amount: owed, reason, reference: "" } as const;
  const next = { ...refund, recovery, version: refund.version + 1 };
  return { next, facts: [], journals: journals.recoveryOpened(refund.customerId, owed), steps: [] };
}

/** OPEN → RECOVERED or WRITTEN_OFF. @throws DomainError REFUND_STATE */
export function settleRecovery(refund: Refund, recovered: boolean, reference: string, now: Date): Outcome {
  const { recovery, refundId, resolutionId, customerId } = refund;
  check(recovery?.state === "OPEN", "REFUND_STATE", `nothing of ${refundId} is to be recovered`, {
    refund_id: refundId,
    state: recovery?.state ?? refund.state,
    verb: "settleRecovery",
  });
  const { amount } = recovery;
  const state = recovered ? "RECOVERED" : "WRITTEN_OFF";
  const next: Refund = { ...refund, recovery: { ...recovery, state, reference }, version: refund.version + 1 };
  const body = { refundId, resolutionId, recovered, amount: toProto(amount), settleTime: now };
  return {
    next,
    facts: [{ name: "RecoverySettled", body }],
    journals: journals.recoverySettled(customerId, amount, recovered),
    steps: [],
  };
}

function begin(scene: GrantScene, quoted: Quote): Refund {
  const { refundId, order, soFar, actor, now } = scene;
  const { orderId, customerId, market } = order;
  return {
    refundId,
    resolutionId: "",
    orderId,
    customerId,
    market,
    sequence: soFar.refunds + 1,
    origin: "RESOLUTION",
    reason: "",
    fault: "GENERAL",
    grantedBy: actor,
    issuedBy: "",
    state: "GRANTED",
    quote: quoted,
    differences: [],
    tenders: isZero(quoted.amount) ? [] : split(order, quoted.amount, scene),
    twins: [],
    interest: undefined,
    recovery: undefined,
    createTime: now,
    settleTime: undefined,
    version: 1,
  };
}

/** Every tender is asked for, but those that wait, and those that are void by now. */
function issue(refund: Refund, actor: string, now: Date, how: "FRESH" | "LATER", first: Change): Outcome {
  const tenders = refund.tenders.map((t) => {
    if (t.state !== "GRANTED") return t;
    return t.heldFor ? tenderTo(refund, t, "HELD", { heldFor: t.heldFor }) : requested(refund, t, now);
  });
  const next: Refund = { ...refund, tenders, issuedBy: actor };
  const outcome: Outcome = {
    next: { ...next, state: stateOf(next) },
    facts: [...(first.facts ?? [])],
    journals: first.journals ?? [],
    steps: [
      ...tenders.filter(({ state }) => state === "REQUESTED").map((t) => payStep(refund, t, now, how)),
      ...(first.steps ?? []),
    ],
  };
  return announced(refund, outcome, now);
}

function requested(refund: Refund, tender: Tender, now: Date): Tender {
  return tenderTo(refund, tender, "REQUESTED", { requestTime: now });
}

/** Nothing is due: done at once, but for what other systems must do. */
function done(refund: Refund, first: Change, now: Date): Outcome {
  const open = refund.twins.length > 0;
  const next: Refund = { ...refund, state: open ? "PENDING" : "VOIDED", settleTime: open ? undefined : now };
  const settled = { refundId: next.refundId, resolutionId: next.resolutionId, settleTime: now };
  const fact = { name: "RefundSucceeded", body: { ...settled, amount: toProto(next.quote.amount) } } as const;
  return {
    next,
    facts: [...(first.facts ?? []), ...(open ? [] : [fact])],
    journals: first.journals ?? [],
    steps: twinSteps(next, now),
  };
}

function granted({ refundId, resolutionId, quote: { amount }, createTime: grantTime }: Refund) {
  return { name: "RefundGranted", body: { refundId, resolutionId, amount: toProto(amount), grantTime } } as const;
}

/** Whether everything of the order goes back at once, and nothing did before. */
function isWhole(order: SoldOrder, { items }: Quote, soFar: GrantedSoFar): boolean {
  if (soFar.refunds > 0) return false;
  return [...shares(order).values()].every(({ line }) =>
    items.some((i) => i.lineId === line.lineId && i.quantity === line.quantity),
  );
}

function mustBe(refund: Refund, state: Refund["state"], verb: string): void {
  check(refund.state === state, "REFUND_STATE", `refund ${refund.refundId} is ${refund.state}: no ${verb}`, {
    refund_id: refund.refundId,
    state: refund.state,
    verb,
  });
}

/** A principal is a role and a person: who has two roles has one pair of eyes. */
function personOf(principal: string): string {
  return principal.slice(principal.indexOf(":") + 1);
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
