import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import fc from "fast-check";
import { businessDaysAfter, calendarOf } from "#kit/pure/calendar.js";
import { money } from "#kit/pure/money.js";
import { answered, delayed, disputeLost, disputeOpened, refused } from "../core/answers.js";
import { isInterest, outstanding } from "../core/delay.js";
import { accrualTime, accrue, daysLate, interestOn } from "../core/interest.js";
import { settleManually } from "../core/refund.js";
import { policy, soldLine, soldOrder } from "./builders.js";
import { type Desk, days, noon, openDesk, said } from "./desk.js";

const krw = (minor: bigint) => money(minor, "KRW");
const rate = 150_000;
const seoul = (time: string) => new Date(`${time}+09:00`);
const calendar = calendarOf(
  JSON.parse(readFileSync(new URL("../../partners/calendars/KR.json", import.meta.url), "utf8")),
);
const interest = (dueTime: Date) => ({
  dueTime,
  article: "E-Commerce Act Art. 18(2)",
  ratePpm: rate,
  days: 0,
  owedDays: krw(0n),
  amount: krw(0n),
});

/** ₩100,000 over card and points, due on this day. */
function owing(due: Date, card = 60_000n): Desk {
  return openDesk({
    order: soldOrder({
      currency: "KRW",
      lines: [soldLine("phone", 1, 0n, { paid: krw(100_000n) })],
      shipping: krw(0n),
      payments: [
        { paymentId: "card", method: "CARD", captured: krw(card) },
        { paymentId: "points", method: "POINTS", captured: krw(100_000n - card) },
      ].filter(({ captured }) => captured.minor > 0n),
    }),
    policy: policy({
      fourEyesAbove: krw(10_000_000n),
      tenderOrder: ["CARD", "POINTS"],
      interest: { ratePpm: rate, article: "E-Commerce Act Art. 18(2)" },
    }),
    owed: { dueTime: due },
  });
}
const pay = (desk: Desk, key: string, now: Date) =>
  desk.do((r) => answered(r, key, said("SUCCEEDED"), { now, customerDays: 0 }));
const passDays = (desk: Desk, due: Date, from: number, to: number) => {
  for (let day = from; day <= to; day++) desk.do((r) => delayed(r, accrualTime(due, day)));
};

describe("refund: interest for paying late", () => {
  it("KR: what came back on the Thursday before Seollal is due three business days later, after the holidays", () => {
    const received = seoul("2024-02-08T17:00:00");
    const due = businessDaysAfter(calendar, received, 3, "earlier");
    assert.equal(due.provisional, false);
    // Friday to Monday is Seollal; Tuesday, Wednesday and Thursday are the three.
    assert.deepEqual(due.time, seoul("2024-02-16T00:00:00"));
    assert.equal(daysLate(due.time, seoul("2024-02-15T23:59:59.999")), 0, "in time");
    assert.equal(daysLate(due.time, seoul("2024-02-16T00:00:00.001")), 1, "the first day begins with the fourth");
    assert.equal(daysLate(due.time, seoul("2024-02-17T00:00:00")), 1);
    assert.equal(daysLate(due.time, seoul("2024-02-20T12:00:00")), 5);
    const five = accrue(interest(due.time), krw(100_000n), seoul("2024-02-20T12:00:00"));
    assert.deepEqual([five.days, five.amount.minor], [5, 206n], "205.47 is rounded up to the won");
  });

  it("is 15 % a year, up to the won, up to the dollar, up to the penny", () => {
    const on = (minor: bigint, currency: string) => interestOn(money(minor, currency), rate).minor;
    assert.equal(on(500_000n, "KRW"), 206n, "₩100,000 for five days: 205.479…");
    assert.equal(on(36_500_000n, "KRW"), 15_000n, "a year of ₩100,000, exactly");
    assert.equal(on(1n, "KRW"), 1n, "nobody gets less than the law gives");
    assert.equal(on(0n, "KRW"), 0n);
    assert.equal(on(500_000n * 100n, "TWD"), 20_600n, "whole dollars");
    assert.equal(on(500_000n, "GBP"), 206n, "£1,000.00 for five days: £2.0547…");
  });

  it("several days at once come to what they come to day by day", () => {
    fc.assert(
      fc.property(
        fc.bigInt(1n, 10_000_000n),
        fc.uniqueArray(fc.integer({ min: 1, max: 400 }), { maxLength: 30 }),
        (owed, seen) => {
          const due = noon;
          let daily = interest(due);
          for (const day of seen.sort((a, b) => a - b)) daily = accrue(daily, krw(owed), accrualTime(due, day));
          const last = seen.at(-1);
          const atOnce = last ? accrue(interest(due), krw(owed), accrualTime(due, last)) : interest(due);
          assert.deepEqual(daily, atOnce);
        },
      ),
      { numRuns: 300 },
    );
  });

  it("counts each day once, whoever looks and how often", () => {
    const due = noon;
    const once = accrue(interest(due), krw(100_000n), days(2, due));
    assert.equal(accrue(once, krw(100_000n), days(2, due)), once);
    assert.equal(accrue(once, krw(100_000n), days(1, due)), once, "and never back");
  });

  it("runs on what is still owed: a share that is paid stops costing", () => {
    const due = days(1);
    const desk = owing(due);
    passDays(desk, due, 1, 2);
    pay(desk, "key-1", accrualTime(due, 2));
    assert.equal(outstanding(desk.refund).minor, 40_000n);
    passDays(desk, due, 3, 5);
    const { interest: so } = desk.refund;
    assert.deepEqual([so?.days, so?.owedDays.minor], [5, 2n * 100_000n + 3n * 40_000n]);
    assert.equal(so?.amount.minor, 132n, "131.5 up to the won");
    desk.sound();
  });

  it("is paid by itself as store credit once everything else is, and then the refund is done", () => {
    const due = days(1);
    const desk = owing(due, 100_000n);
    passDays(desk, due, 1, 5);
    pay(desk, "key-1", accrualTime(due, 5));
    const last = desk.refund.tenders.at(-1)!;
    assert.deepEqual(
      [last.paymentId, last.route, last.amount.minor, last.state],
      ["interest", "STORE_CREDIT", 206n, "REQUESTED"],
    );
    assert.ok(!desk.told.includes("RefundSucceeded"));
    pay(desk, last.providerKey, accrualTime(due, 5)).sound();
    assert.deepEqual([desk.refund.state, desk.told.at(-1)], ["SUCCEEDED", "RefundSucceeded"]);
    assert.equal(desk.balance("interest_expense"), 206n);
    assert.equal(desk.stepsOf("accrue").length, 6, "one day waited for at a time");
    const before = desk.steps.length;
    desk.do((r) => delayed(r, accrualTime(due, 6)));
    assert.equal(desk.steps.length, before, "and nothing is waited for any more");
  });

  it("counts days that nobody looked at when the share is paid, also by hand", () => {
    const due = days(1);
    const late = owing(due, 100_000n);
    pay(late, "key-1", accrualTime(due, 5));
    assert.equal(late.refund.interest?.amount.minor, 206n);
    const byHand = owing(due, 100_000n).do((r) => refused(r, "key-1", "no", noon));
    byHand.do((r) => settleManually(r, "card", "wire", "FINANCE:fiona", accrualTime(due, 5))).sound();
    assert.equal(byHand.refund.interest?.amount.minor, 206n);
  });

  it("is nothing where the money goes out in time", () => {
    const desk = owing(days(1), 100_000n);
    pay(desk, "key-1", days(1)).sound();
    assert.deepEqual(
      [desk.refund.state, desk.refund.tenders.length, desk.refund.interest?.amount.minor],
      ["SUCCEEDED", 1, 0n],
    );
    desk.do((r) => delayed(r, accrualTime(days(1), 1)));
    assert.equal(desk.refund.interest?.amount.minor, 0n);
  });

  it("begins again where the money came back, for the days it is owed; what is more than was paid is paid on top", () => {
    const due = days(1);
    const desk = owing(due, 100_000n);
    pay(desk, "key-1", accrualTime(due, 5));
    pay(desk, desk.refund.tenders.at(-1)!.providerKey, accrualTime(due, 5));
    desk.do((r) => answered(r, "key-1", said("REVERSED"), { now: accrualTime(due, 10), customerDays: 0 })).sound();
    assert.equal(desk.refund.interest?.amount.minor, 206n, "five days on which it was paid cost nothing");
    assert.deepEqual(desk.stepsOf("accrue").at(-1)?.due, accrualTime(due, 11));
    passDays(desk, due, 11, 13);
    desk.do((r) => settleManually(r, "card", "wire", "FINANCE:fiona", accrualTime(due, 13))).sound();
    const shares = desk.refund.tenders.filter(isInterest);
    assert.deepEqual(
      shares.map((t) => [t.providerKey, t.amount.minor, t.state]),
      [
        ["rfd-1.interest", 206n, "SUCCEEDED"],
        ["rfd-1.interest.2", 123n, "REQUESTED"],
      ],
      "eight days in all: 328.77 up to the won",
    );
    pay(desk, "rfd-1.interest.2", accrualTime(due, 13)).sound();
    assert.equal(desk.refund.state, "SUCCEEDED");
  });

  it("ends where the customer's bank took the money: nothing is owed any more", () => {
    const due = days(1);
    const desk = owing(due, 100_000n).do((r) => disputeOpened(r, "card", noon));
    desk.do((r) => disputeLost(r, "card", days(1))).sound();
    const before = desk.steps.length;
    passDays(desk, due, 1, 3);
    assert.deepEqual(
      [desk.refund.state, desk.refund.interest?.amount.minor, desk.steps.length],
      ["VOIDED", 0n, before],
    );
  });
});
