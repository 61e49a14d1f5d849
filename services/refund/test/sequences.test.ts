// Whatever providers, partners, banks and people say, in whatever order: the money stays exact.
import assert from "node:assert/strict";
import fc from "fast-check";
import { DomainError } from "#kit/pure/check.js";
import { money } from "#kit/pure/money.js";
import * as core from "../core/answers.js";
import { isInterest } from "../core/delay.js";
import * as verbs from "../core/refund.js";
import { isPaid } from "../core/tenders.js";
import type { Refund } from "../core/types.js";
import { policy, soldLine, soldOrder } from "./builders.js";
import { type Desk, days, manners, noon, openDesk, said } from "./desk.js";

const krw = (minor: bigint) => money(minor, "KRW");

/** Card, points and a virtual account; a seller, a coupon and a cash receipt; due in two days. */
function open(): Desk {
  const order = soldOrder({
    currency: "KRW",
    lines: [
      soldLine("a", 3, 0n, { paid: krw(30_000n), tax: krw(2_727n), sellerId: "s-1" }),
      soldLine("b", 1, 0n, { paid: krw(20_000n), tax: krw(1_818n) }),
    ],
    shipping: krw(3_000n),
    discounts: [{ discountId: "cpn", kind: "COUPON", amount: krw(5_000n), lineIds: [], minimumSpend: undefined }],
    payments: [
      { paymentId: "card", method: "CARD", captured: krw(30_000n) },
      { paymentId: "points", method: "POINTS", captured: krw(8_000n) },
      { paymentId: "va", method: "VIRTUAL_ACCOUNT", captured: krw(10_000n) },
    ],
    taxDocument: { kind: "CASH_RECEIPT", number: "CR-1", issueTime: noon },
    earnedPoints: 480,
  });
  return openDesk({
    order,
    abilities: manners({ VIRTUAL_ACCOUNT: { accountNeeded: true } }),
    policy: policy({
      fourEyesAbove: krw(10_000_000n),
      tenderOrder: ["CARD", "VIRTUAL_ACCOUNT", "POINTS"],
      interest: { ratePpm: 150_000, article: "Art. 18(2)" },
    }),
    owed: { dueTime: days(2) },
  });
}

type Happening = {
  readonly what:
    | "answer"
    | "look"
    | "silence"
    | "refusal"
    | "unclear"
    | "dispute"
    | "won"
    | "lost"
    | "match"
    | "mismatch"
    | "day"
    | "retry"
    | "account"
    | "byHand"
    | "askedTooLate";
  readonly which: number;
  readonly state: core.Answer["state"];
};
const kinds: readonly Happening["what"][] = [
  ...(["answer", "answer", "answer", "answer", "look", "silence", "refusal", "unclear"] as const),
  ...(["dispute", "won", "lost", "match", "match", "mismatch", "day", "retry", "account", "byHand"] as const),
  "askedTooLate",
];
const happening: fc.Arbitrary<Happening> = fc.record({
  what: fc.constantFrom(...kinds),
  which: fc.nat({ max: 5 }),
  state: fc.constantFrom("PENDING", "SUCCEEDED", "FAILED", "REVERSED"),
});

/** What a person may be refused; what a provider or a partner says never is. */
const verbsOfPeople = new Set<Happening["what"]>(["retry", "account", "byHand"]);

function happen(desk: Desk, { what, which, state }: Happening, now: Date, newKey: () => string): void {
  const { tenders, twins } = desk.refund;
  const asked = tenders.filter((t) => t.state !== "GRANTED");
  const tender = asked[which % asked.length]!;
  const key = tender.providerKey;
  const twin = twins[which % twins.length]!;
  const moves: Readonly<Record<Happening["what"], (r: Refund) => ReturnType<typeof core.unchanged>>> = {
    answer: (r) => core.answered(r, key, said(state), { now, customerDays: 3 }),
    look: (r) => core.looked(r, key, which % 2 === 0 ? said(state) : undefined, { now, customerDays: 3 }),
    silence: (r) => core.unanswered(r, key, "timeout", now),
    refusal: (r) => core.refused(r, key, "refused", now),
    unclear: (r) => core.unclear(r, key, "unclear", now),
    dispute: (r) => core.disputeOpened(r, tender.paymentId, now),
    won: (r) => core.disputeWon(r, tender.paymentId, now),
    lost: (r) => core.disputeLost(r, tender.paymentId, now),
    askedTooLate: (r) => core.takenBack(r, key, now),
    match: (r) => core.matched(r, twin.key, "theirs-1", now),
    mismatch: (r) => core.unmatched(r, twin.key, "down", now),
    day: (r) => core.delayed(r, now),
    retry: (r) => verbs.retry(r, now),
    account: (r) => verbs.setAccount(r, "acct-1", newKey, now),
    byHand: (r) => verbs.settleManually(r, tender.paymentId, "wire", "FINANCE:fiona", now),
  };
  // A bank account that nobody waits for, and an answer to what was never asked, cannot come.
  if (tender.state === "HELD" && tender.heldFor === "ACCOUNT" && ["answer", "look", "unclear"].includes(what)) return;
  if (["match", "mismatch"].includes(what) && !isPaid(desk.refund)) return;
  try {
    desk.do(moves[what]);
  } catch (error) {
    const refused = error instanceof DomainError && error.reason === "REFUND_STATE" && verbsOfPeople.has(what);
    if (!refused) throw error;
  }
}

/** Everybody says yes at last. */
function settle(desk: Desk, now: Date, newKey: () => string): void {
  for (let round = 0; round < 12 && desk.refund.state !== "SUCCEEDED" && desk.refund.state !== "VOIDED"; round++) {
    for (const { providerKey } of desk.refund.tenders) {
      const { paymentId, state, heldFor } = desk.refund.tenders.find((t) => t.providerKey === providerKey)!;
      if (state === "HELD" && heldFor === "DISPUTE") desk.do((r) => core.disputeWon(r, paymentId, now));
      if (state === "HELD" && heldFor === "ACCOUNT") desk.do((r) => verbs.setAccount(r, "acct-1", newKey, now));
      if (["REVERSED", "MANUAL_REQUIRED", "FAILED"].includes(state))
        desk.do((r) => verbs.settleManually(r, paymentId, "wire", "FINANCE:fiona", now));
      if (state === "REQUESTED" || state === "PENDING")
        desk.do((r) => core.answered(r, providerKey, said("SUCCEEDED"), { now, customerDays: 0 }));
    }
    for (const { key } of desk.refund.twins) {
      if (isPaid(desk.refund)) desk.do((r) => core.matched(r, key, "theirs", now));
    }
  }
}

describe("refund: any sequence of what may happen", () => {
  it("keeps the ledger balanced, books what was paid and no more, and closes with every twin matched", function () {
    this.timeout(60_000);
    fc.assert(
      fc.property(
        fc.array(happening, { maxLength: 40 }),
        fc.array(fc.nat({ max: 900 }), { maxLength: 40 }),
        (all, gaps) => {
          const desk = open();
          let keys = 0;
          const newKey = () => `more-${++keys}`;
          let now = noon;
          all.forEach((one, i) => {
            now = new Date(now.getTime() + (gaps[i] ?? 1) * 60_000);
            happen(desk, one, now, newKey);
            desk.sound();
          });
          settle(desk, now, newKey);
          desk.sound();
          const { state, tenders, interest } = desk.refund;
          assert.ok(state === "SUCCEEDED" || state === "VOIDED", `it can always be brought to an end, not ${state}`);
          assert.equal(desk.balance("refunds_payable"), 0n);
          const paid = tenders.filter((t) => isInterest(t) && t.state === "SUCCEEDED");
          assert.equal(
            paid.reduce((sum, { amount }) => sum + amount.minor, 0n),
            interest?.amount.minor,
            "all the interest, once",
          );
          const ends = desk.facts.filter(({ name }) => name === "RefundSucceeded").length;
          const backs = desk.facts.filter(({ name }) => name === "RefundReversed").length;
          assert.ok(ends >= 1 && ends <= 1 + backs, "its end is told, and again only where money came back");
        },
      ),
      { numRuns: 2_000 },
    );
  });
});
