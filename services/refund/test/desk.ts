// A desk for tests of the core: it grants a refund, does what is decided, and keeps all that came of it: the ledger, the
// facts, the steps. Every outcome is checked as it comes.
import assert from "node:assert/strict";
import { DomainError } from "#kit/pure/check.js";
import { money, zero } from "#kit/pure/money.js";
import { isInterest } from "../core/delay.js";
import { type Goodwill, type GrantScene, grant, grantGoodwill, type Owed } from "../core/refund.js";
import { isPaid } from "../core/tenders.js";
import type { AbilitiesOf, Journal, Outcome, Refund, RefundFact, SoldOrder, Step, Tender } from "../core/types.js";
import { allPlain, nothingYet, plain, policy, soldOrder } from "./builders.js";

export const noon = new Date("2026-11-23T12:00:00Z");
export const minutes = (n: number, from = noon) => new Date(from.getTime() + n * 60_000);
export const days = (n: number, from = noon) => new Date(from.getTime() + n * 86_400_000);
export const gbp = (minor: bigint) => money(minor, "GBP");

/** Whether an error has this reason. */
export const reason = (expected: string) => (error: unknown) => {
  assert.ok(error instanceof DomainError, String(error));
  assert.equal(error.reason, expected);
  return true;
};

/** Payments by a method with these manners. */
export const manners =
  (byMethod: Readonly<Record<string, Partial<ReturnType<AbilitiesOf>>>>): AbilitiesOf =>
  (method) => ({ ...plain, ...byMethod[method] });

/** All of the order, unless something else is said. */
export function owed(order: SoldOrder, change: Partial<Owed> & Partial<Owed["wanted"]> = {}): Owed {
  const { lines, fees = [], refundShipping = true, ...rest } = change;
  const all = order.lines.map(({ lineId, quantity }) => ({ lineId, quantity }));
  return {
    resolutionId: "res-1",
    wanted: { lines: lines ?? all, fees, refundShipping },
    promised: [],
    fault: "CUSTOMER",
    dueTime: undefined,
    dueArticle: "",
    ...rest,
  };
}

export function scene(change: Partial<GrantScene> = {}): GrantScene {
  let keys = 0;
  return {
    refundId: "rfd-1",
    order: soldOrder(),
    soFar: nothingYet,
    policy: policy(),
    abilities: allPlain,
    newKey: () => `key-${++keys}`,
    actor: "SERVICE:resolution",
    now: noon,
    ...change,
  };
}

export class Desk {
  refund: Refund;
  readonly journals: Journal[] = [];
  readonly facts: RefundFact[] = [];
  readonly steps: Step[] = [];

  constructor(first: Outcome) {
    this.refund = { ...first.next, version: 0 };
    this.take({ ...first, next: { ...first.next, version: 1 } });
  }

  /** Does it; what is refused changes nothing and is thrown. */
  do(decide: (refund: Refund) => Outcome): this {
    this.take(decide(this.refund));
    return this;
  }

  private take({ next, journals, facts, steps }: Outcome): void {
    assert.equal(next.version, this.refund.version + 1, "each change counts once");
    for (const { kind, source, bookings } of journals) {
      const sum = bookings.reduce((total, { amount }) => total + amount.minor, 0n);
      assert.equal(sum, 0n, `${kind} ${source} balances`);
      assert.ok(bookings.every(({ amount }) => amount.minor !== 0n && amount.currency === next.quote.amount.currency));
      const twice = this.journals.some((j) => j.kind === kind && j.source === source);
      assert.ok(!twice, `${kind} ${source} is booked once`);
      this.journals.push({ kind, source, bookings });
    }
    this.refund = next;
    this.facts.push(...facts);
    this.steps.push(...steps);
  }

  tender(method = this.refund.tenders.at(-1)!.method): Tender {
    const found = this.refund.tenders.findLast((t) => t.method === method);
    assert.ok(found, `no share over ${method}`);
    return found;
  }

  get told(): string[] {
    return this.facts.map(({ name }) => name);
  }

  stepsOf(name: string): Step[] {
    return this.steps.filter(({ step }) => step === name);
  }

  balance(account: string): bigint {
    const bookings = this.journals.flatMap((j) => j.bookings).filter((b) => b.account === account);
    return bookings.reduce((sum, { amount }) => sum + amount.minor, 0n);
  }

  /** What was paid under a key and did not come back, by the ledger. */
  paidUnder(key: string): bigint {
    let paid = 0n;
    for (const { kind, source, bookings } of this.journals) {
      if (source.replace(/#\d+$/, "") !== key) continue;
      const payable = bookings.find(({ account }) => account === "refunds_payable")?.amount.minor ?? 0n;
      if (kind === "PAY" || kind === "REVERSE") paid += payable;
    }
    return paid;
  }

  /** What holds of a refund at any time, whatever has happened to it. */
  sound(): void {
    const { refund } = this;
    const { state, tenders, twins, quote, interest, settleTime } = refund;
    for (const t of tenders) {
      assert.equal(this.paidUnder(t.providerKey), t.state === "SUCCEEDED" ? t.amount.minor : 0n, `paid: ${t.state}`);
    }
    const keys = [...tenders, ...twins].map((t) => ("providerKey" in t ? t.providerKey : t.key));
    assert.equal(new Set(keys).size, keys.length, "a key for each");
    const settled = isPaid(refund);
    const left = (interest ?? { amount: zero(quote.amount.currency) }).amount.minor;
    const owedNow = tenders.filter((t) => t.state !== "SUCCEEDED" && t.state !== "VOIDED" && !isInterest(t));
    const shares = tenders.filter((t) => isInterest(t) && t.state === "SUCCEEDED");
    const sum = (of: readonly Tender[]) => of.reduce((total, t) => total + t.amount.minor, 0n);
    assert.equal(this.balance("refunds_payable"), -(sum(owedNow) + left - sum(shares)), "what we still owe");
    if (settled) assert.equal(this.balance("refunds_payable"), 0n, "nothing is owed once all is settled");
    if (state === "SUCCEEDED") assert.ok(settled && twins.every((t) => t.state === "MATCHED"), "no unmatched twin");
    if (settled && twins.every((t) => t.state === "MATCHED")) assert.ok(state === "SUCCEEDED" || state === "VOIDED");
    assert.equal(settleTime !== undefined, state === "SUCCEEDED" || state === "VOIDED", `settle time while ${state}`);
    const over = tenders.filter((t) => !isInterest(t) && t.state !== "VOIDED");
    assert.ok(sum(over) <= quote.amount.minor, "never more than was granted");
  }
}

export type DeskOptions = Partial<GrantScene> & { readonly owed?: Parameters<typeof owed>[1] };

/** A desk with a refund that a resolution brings. */
export function openDesk({ owed: change, ...given }: DeskOptions = {}): Desk {
  const at = scene(given);
  return new Desk(grant(at, owed(at.order, change)));
}

/** A desk with goodwill. */
export function openGoodwill(goodwill: Partial<Goodwill> = {}, given: Partial<GrantScene> = {}): Desk {
  const asked = { amount: gbp(500n), reason: "DELIVERY_LATE", note: "", ...goodwill };
  return new Desk(grantGoodwill(scene({ actor: "AGENT:anna", ...given }), asked));
}

export const said = (state: "PENDING" | "SUCCEEDED" | "FAILED" | "REVERSED", failure = "") => ({
  state,
  providerRefundId: "pr-1",
  failure,
});
export const at = (now = noon) => ({ now, customerDays: 5 });
