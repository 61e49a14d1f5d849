import assert from "node:assert/strict";
import { money } from "#kit/pure/money.js";
import { answered, disputeLost, disputeOpened, matched, unmatched, unmatchedYet } from "../core/answers.js";
import { retry } from "../core/refund.js";
import { correctionOf, samePeriod } from "../core/taxdocument.js";
import type { TwinAsking } from "../core/twins.js";
import type { SoldOrder } from "../core/types.js";
import { nothingYet, policy, soldLine, soldOrder } from "./builders.js";
import { at, type DeskOptions, days, gbp, noon, openDesk, said } from "./desk.js";

const taipei = (time: string) => new Date(`${time}+08:00`);
const twd = (dollars: bigint) => money(dollars * 100n, "TWD");

/** NT$1,200 with an e-invoice of that time. */
const invoiced = (issueTime: Date): SoldOrder =>
  soldOrder({
    market: "TW",
    currency: "TWD",
    lines: [soldLine("tea", 2, 0n, { paid: twd(1_100n), tax: twd(52n) })],
    shipping: twd(100n),
    payments: [{ paymentId: "card", method: "CARD", captured: twd(1_200n) }],
    taxDocument: { kind: "E_INVOICE", number: "AB-12345678", issueTime },
  });
const twPolicy = policy({ market: "TW", currency: "TWD", fourEyesAbove: twd(60_000n) });
const tw = (issued: Date, change: DeskOptions = {}) =>
  openDesk({ order: invoiced(issued), policy: twPolicy, ...change });
const settle = (desk: ReturnType<typeof openDesk>, now: Date) =>
  desk.do((r) => answered(r, "key-1", said("SUCCEEDED"), { now, customerDays: 0 }));
const document = (desk: ReturnType<typeof openDesk>) => desk.refund.twins.find(({ kind }) => kind === "TAX_DOCUMENT");

describe("refund: the tax document's correction", () => {
  it("TW: two months are one period, in Taipei's time", () => {
    const pairs: readonly (readonly [string, string, boolean])[] = [
      ["2027-01-01T00:00:00", "2027-02-28T23:59:59.999", true],
      ["2027-02-28T23:59:59.999", "2027-03-01T00:00:00", false],
      ["2028-02-29T23:59:59.999", "2028-02-01T00:00:00", true],
      ["2028-02-29T23:59:59.999", "2028-03-01T00:00:00", false],
      ["2026-11-01T00:00:00", "2026-12-31T23:59:59.999", true],
      ["2026-12-31T23:59:59.999", "2027-01-01T00:00:00", false],
      ["2026-01-15T12:00:00", "2027-01-15T12:00:00", false],
    ];
    for (const [a, b, same] of pairs) {
      assert.equal(samePeriod(taipei(a), taipei(b)), same, `${a} and ${b}`);
      assert.equal(samePeriod(taipei(b), taipei(a)), same);
    }
    // 28 February in London, 1 March in Taipei.
    assert.equal(samePeriod(new Date("2027-02-28T15:59:59.999Z"), new Date("2027-02-28T16:00:00Z")), false);
  });

  it("TW: voids the e-invoice within its two months if all of the sale goes back, else allows for it", () => {
    const issued = taipei("2027-01-31T10:00:00");
    assert.equal(document(tw(issued, { now: taipei("2027-02-28T23:59:59.999") }))?.correction, "VOID");
    assert.equal(document(tw(issued, { now: taipei("2027-03-01T00:00:00") }))?.correction, "ALLOWANCE");
    const now = taipei("2027-02-01T00:00:00");
    const part = tw(issued, { now, owed: { lines: [{ lineId: "tea", quantity: 1 }] } });
    assert.deepEqual(
      [document(part)?.correction, document(part)?.amount, document(part)?.tax],
      ["ALLOWANCE", twd(550n), twd(26n)],
    );
    const fees = [{ code: "RETURN_SHIPPING", amount: twd(60n), ruleId: "tw" }];
    assert.equal(document(tw(issued, { now, owed: { fees } }))?.correction, "ALLOWANCE", "a fee is kept of it");
    assert.equal(document(tw(issued, { now, owed: { refundShipping: false } }))?.correction, "ALLOWANCE");
    const second = { ...nothingYet, refunds: 1 };
    assert.equal(
      document(tw(issued, { now, soFar: second }))?.correction,
      "ALLOWANCE",
      "something was refunded before",
    );
  });

  it("TW: decides when the money is settled, not when it was granted: past the period's end it is an allowance", () => {
    const issued = taipei("2027-02-20T10:00:00");
    const granted = { now: taipei("2027-02-28T23:59:00") };
    const intime = settle(tw(issued, granted), taipei("2027-02-28T23:59:59.999"));
    assert.equal((intime.stepsOf("twin")[0]?.payload as TwinAsking).correction, "VOID");
    const late = settle(tw(issued, granted), taipei("2027-03-01T00:00:00"));
    assert.equal((late.stepsOf("twin")[0]?.payload as TwinAsking).correction, "ALLOWANCE");
    assert.equal(document(late)?.correction, "ALLOWANCE", "and the refund says so");
    const key = document(intime)!.key;
    intime.do((r) => unmatched(r, key, "the tax office is closed", taipei("2027-03-01T08:00:00")));
    intime.do((r) => retry(r, taipei("2027-03-02T08:00:00")));
    assert.equal(
      (intime.stepsOf("twin")[1]?.payload as TwinAsking).correction,
      "ALLOWANCE",
      "also when it is tried again",
    );
  });

  it("asks again for a day where nobody answers, then calls finance", () => {
    const issued = taipei("2027-02-20T10:00:00");
    const desk = settle(tw(issued, { now: taipei("2027-02-21T10:00:00") }), taipei("2027-02-21T10:00:00"));
    let asked = desk.stepsOf("twin")[0]?.payload as TwinAsking;
    for (let tries = 1; tries <= 96; tries++) {
      desk.do((r) => unmatchedYet(r, asked, "nobody answers", noon));
      assert.equal(document(desk)?.state, "OPEN");
      asked = desk.stepsOf("twin").at(-1)?.payload as TwinAsking;
      assert.equal(asked.tries, tries);
    }
    desk.do((r) => unmatchedYet(r, asked, "nobody answers", noon));
    assert.deepEqual([document(desk)?.state, desk.refund.state], ["FAILED", "FAILED"]);
  });

  it("KR cancels the cash receipt and GB gives a credit note, in part or in whole; no document needs nothing", () => {
    for (const [kind, correction] of [
      ["CASH_RECEIPT", "CASH_RECEIPT_CANCEL"],
      ["VAT_INVOICE", "CREDIT_NOTE"],
    ] as const) {
      const order = soldOrder({ taxDocument: { kind, number: "D-1", issueTime: noon } });
      assert.equal(correctionOf(order, gbp(3_945n), true, days(400)), correction);
      assert.equal(correctionOf(order, gbp(1n), false, noon), correction);
    }
    assert.equal(correctionOf(soldOrder(), gbp(1n), false, noon), undefined);
  });

  it("names no more tax than the amount holds", () => {
    const order = soldOrder({
      lines: [soldLine("mugs", 3, 1_000n, { tax: gbp(167n) }), soldLine("lamp", 1, 2_550n, { tax: gbp(425n) })],
      taxDocument: { kind: "VAT_INVOICE", number: "INV-1", issueTime: noon },
    });
    const fees = [{ code: "RETURN_SHIPPING", amount: gbp(300n), ruleId: "r" }];
    const twin = document(openDesk({ order, owed: { lines: [{ lineId: "mugs", quantity: 1 }], fees } }));
    assert.deepEqual([twin?.amount?.minor, twin?.tax?.minor], [33n, 5n]);
  });
});

describe("refund: what other systems do with it", () => {
  const order = soldOrder({
    lines: [
      soldLine("mugs", 3, 1_000n, { sellerId: "potter", tax: gbp(167n) }),
      soldLine("cups", 1, 550n, { sellerId: "potter" }),
      soldLine("lamp", 1, 2_000n, { sellerId: "lampist" }),
    ],
    discounts: [{ discountId: "cpn", kind: "COUPON", amount: gbp(500n), lineIds: [], minimumSpend: undefined }],
    payments: [{ paymentId: "pay-1", method: "CARD", captured: gbp(3_445n) }],
    taxDocument: { kind: "VAT_INVOICE", number: "INV-1", issueTime: noon },
    earnedPoints: 30,
  });
  const kinds = (desk: ReturnType<typeof openDesk>) =>
    desk.refund.twins.map((t) => [t.kind, t.reference, t.amount?.minor ?? t.points]);

  it("has each under a key of its own, and is asked for once the money is settled, not before", () => {
    const desk = openDesk({ order });
    assert.deepEqual(kinds(desk), [
      ["TAX_DOCUMENT", "INV-1", 3_445n],
      ["COUPON", "cpn", 0],
      ["POINTS_EARNED", "o-1", 30],
      ["SETTLEMENT", "potter", -1_332n],
      ["SETTLEMENT", "lampist", -1_718n],
    ]);
    assert.equal(new Set(desk.refund.twins.map(({ key }) => key)).size, 5);
    assert.equal(desk.stepsOf("twin").length, 0);
    settle(desk, noon).sound();
    assert.deepEqual([desk.refund.state, desk.stepsOf("twin").length], ["PENDING", 5]);
    for (const { key } of desk.refund.twins) desk.do((r) => matched(r, key, `theirs-${key}`, noon)).sound();
    assert.equal(desk.refund.state, "SUCCEEDED");
    assert.deepEqual([desk.balance("seller:potter"), desk.balance("sales_returns:sellers")], [1_332n, -3_050n]);
    assert.equal(desk.balance("tax_payable"), document(desk)?.tax?.minor);
  });

  it("lets a seller bear what is the customer's, the seller's or nobody's fault, and the shop what is its own", () => {
    const settlements = (fault: Parameters<typeof openDesk>[0]) =>
      openDesk({ order, ...fault }).refund.twins.filter(({ kind }) => kind === "SETTLEMENT").length;
    for (const fault of ["CUSTOMER", "SELLER", "GENERAL"] as const)
      assert.equal(settlements({ owed: { fault } }), 2, fault);
    for (const fault of ["PLATFORM", "LOGISTICS"] as const) assert.equal(settlements({ owed: { fault } }), 0, fault);
  });

  it("holds up the end of a refund of nothing too, and tells it then", () => {
    const fees = [{ code: "RETURN_SHIPPING", amount: gbp(90_000n), ruleId: "r" }];
    const desk = openDesk({ order, owed: { fees } });
    assert.deepEqual([desk.refund.state, desk.refund.quote.amount.minor], ["PENDING", 0n]);
    assert.deepEqual(desk.told, ["RefundGranted"]);
    assert.equal(document(desk), undefined, "no document for nothing");
    assert.equal(desk.stepsOf("twin").length, desk.refund.twins.length);
    for (const { key } of desk.refund.twins) desk.do((r) => matched(r, key, "theirs", noon));
    assert.deepEqual([desk.refund.state, desk.told], ["VOIDED", ["RefundGranted", "RefundSucceeded"]]);
    desk.sound();
  });

  it("is done too where the customer's bank took the money, and its end is told with what we paid", () => {
    const desk = openDesk({ order }).do((r) => disputeOpened(r, "pay-1", noon));
    desk.do((r) => disputeLost(r, "pay-1", noon)).sound();
    assert.deepEqual([desk.refund.state, desk.stepsOf("twin").length], ["PENDING", 5]);
    desk.do((r) => disputeLost(r, "pay-1", noon));
    assert.equal(desk.stepsOf("twin").length, 5, "to hear it again asks nobody again");
    for (const { key } of desk.refund.twins) desk.do((r) => matched(r, key, "theirs", noon));
    assert.equal(desk.refund.state, "VOIDED");
    const end = desk.facts.at(-1);
    assert.ok(end?.name === "RefundSucceeded");
    assert.equal(end.body.amount?.units, 0n);
  });

  it("is matched once, whatever happens to the money afterwards", () => {
    const desk = settle(openDesk({ order }), noon);
    for (const { key } of desk.refund.twins) desk.do((r) => matched(r, key, "theirs", noon));
    desk.do((r) => answered(r, "key-1", said("REVERSED"), at(days(3)))).sound();
    assert.equal(desk.refund.state, "FAILED");
    assert.ok(desk.refund.twins.every(({ state }) => state === "MATCHED"));
  });
});
