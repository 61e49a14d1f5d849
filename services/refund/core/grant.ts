// How a refund begins: as an intent with its provider keys, stored before anybody is asked. Pure: time, ids and what was
// granted before come in.
import { check } from "#kit/pure/check.js";
import { compare, isZero, type Money, toProto, zero } from "#kit/pure/money.js";
import type { Change } from "./change.js";
import { accrueStep } from "./delay.js";
import { issue, personOf } from "./issue.js";
import * as journals from "./journals.js";
import { payable } from "./payable.js";
import type { RefundPolicy } from "./policy.js";
import { differences, quote } from "./quote.js";
import { shares } from "./shares.js";
import { split } from "./tenders.js";
import { twinSteps, twinsOf } from "./twins.js";
import type { AbilitiesOf, Fault, GrantedSoFar, Outcome, Promised, Quote, Refund, SoldOrder, Wanted } from "./types.js";

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

/** What a resolution brings, and what its customer was promised. */
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

/** What is granted though nothing obliges us. */
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
