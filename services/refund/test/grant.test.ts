import assert from "node:assert/strict";
import { money } from "#kit/pure/money.js";
import { answered, disputeLost, disputeWon } from "../core/answers.js";
import { approve, decline, grantGoodwill } from "../core/refund.js";
import { nothingYet, policy, soldOrder } from "./builders.js";
import { at, days, gbp, manners, minutes, noon, openDesk, openGoodwill, reason, said, scene } from "./desk.js";

describe("refund: grant and issue", () => {
  it("stores the intent with a key per tender before anybody is asked", () => {
    const desk = openDesk({
      order: soldOrder({
        payments: [
          { paymentId: "gift", method: "GIFT_CARD", captured: gbp(945n) },
          { paymentId: "card", method: "CARD", captured: gbp(3000n) },
        ],
      }),
    });
    const { refund } = desk;
    assert.deepEqual(
      refund.tenders.map((t) => [t.paymentId, t.route, t.state, t.providerKey, t.amount.minor]),
      [
        ["gift", "STORE_CREDIT", "REQUESTED", "key-1", 945n],
        ["card", "ORIGINAL", "REQUESTED", "key-2", 3000n],
      ],
    );
    assert.deepEqual(
      [refund.state, refund.grantedBy, refund.issuedBy, refund.sequence],
      ["REQUESTED", "SERVICE:resolution", "SERVICE:resolution", 1],
    );
    assert.deepEqual(
      desk
        .stepsOf("pay")
        .map(({ payload }) => [(payload as { key: string }).key, (payload as { fresh: boolean }).fresh]),
      [
        ["key-1", true],
        ["key-2", true],
      ],
    );
    assert.deepEqual(desk.told, ["RefundGranted"]);
    desk.sound();
  });

  it("is void and done where nothing is due", () => {
    const fees = [{ code: "RETURN_SHIPPING", amount: gbp(5000n), ruleId: "r" }];
    const desk = openDesk({ owed: { fees } });
    assert.deepEqual(
      [desk.refund.state, desk.refund.quote.amount.minor, desk.refund.tenders.length],
      ["VOIDED", 0n, 0],
    );
    assert.deepEqual(desk.told, ["RefundGranted", "RefundSucceeded"]);
    assert.equal(desk.balance("fee:RETURN_SHIPPING"), -3945n);
    desk.sound();
  });

  it("books what a cheaper replacement costs as its sale, and no fee", () => {
    const fees = [
      { code: "REPLACEMENT_PRICE", amount: gbp(1500n), ruleId: "" },
      { code: "RETURN_SHIPPING", amount: gbp(200n), ruleId: "r" },
    ];
    const desk = openDesk({ owed: { fees } });
    assert.equal(desk.refund.quote.amount.minor, 3945n - 1700n);
    assert.deepEqual(
      ["replacement_sales", "fee:REPLACEMENT_PRICE", "fee:RETURN_SHIPPING"].map((account) => desk.balance(account)),
      [-1500n, 0n, -200n],
    );
    desk.sound();
  });

  it("gives issuing to somebody else above the policy's amount, and to nobody twice", () => {
    const desk = openDesk({ policy: policy({ fourEyesAbove: gbp(3944n) }), actor: "FINANCE:fiona" });
    assert.deepEqual([desk.refund.state, desk.refund.issuedBy, desk.stepsOf("pay").length], ["GRANTED", "", 0]);
    assert.throws(() => desk.do((r) => approve(r, "FINANCE:fiona", noon)), reason("SELF_APPROVAL"));
    desk.do((r) => approve(r, "LEAD:lena", minutes(5)));
    assert.deepEqual([desk.refund.state, desk.refund.issuedBy], ["REQUESTED", "LEAD:lena"]);
    assert.equal(desk.stepsOf("pay").length, 1);
    assert.throws(() => desk.do((r) => approve(r, "LEAD:lars", minutes(6))), reason("REFUND_STATE"));
    desk.sound();
  });

  it("takes one person with two roles for one pair of eyes", () => {
    const desk = openGoodwill({ amount: gbp(2000n) }, { actor: "AGENT:anna" });
    assert.throws(() => desk.do((r) => approve(r, "FINANCE:anna", noon)), reason("SELF_APPROVAL"));
  });

  it("issues at the policy's amount itself, and asks for a second person one penny above", () => {
    const limit = { policy: policy({ fourEyesAbove: gbp(3945n) }) };
    assert.equal(openDesk(limit).refund.state, "REQUESTED");
    assert.equal(openDesk({ policy: policy({ fourEyesAbove: gbp(3944n) }) }).refund.state, "GRANTED");
  });

  it("declines no debt", () => {
    const desk = openDesk({ policy: policy({ fourEyesAbove: gbp(1n) }) });
    assert.throws(() => desk.do((r) => decline(r, "no", noon)), reason("REFUND_STATE"));
  });

  it("holds a share for its account, and under a dispute", () => {
    const order = soldOrder({
      payments: [
        { paymentId: "va", method: "VIRTUAL_ACCOUNT", captured: gbp(1000n) },
        { paymentId: "card", method: "CARD", captured: gbp(2945n) },
      ],
    });
    const disputed = { refunded: 0n, goodwill: 0n, chargedBack: 0n, disputeOpen: true };
    const desk = openDesk({
      order,
      abilities: manners({ VIRTUAL_ACCOUNT: { accountNeeded: true } }),
      soFar: { ...nothingYet, payments: new Map([["card", disputed]]) },
    });
    assert.deepEqual(
      desk.refund.tenders.map((t) => [t.paymentId, t.state, t.heldFor]),
      [
        ["card", "HELD", "DISPUTE"],
        ["va", "HELD", "ACCOUNT"],
      ],
    );
    assert.deepEqual(desk.told, ["RefundGranted", "RefundHeld"]);
    assert.equal(desk.stepsOf("pay").length, 0);
  });

  it("issues what a dispute let go while it was only granted, and closes what one took", () => {
    const disputed = { refunded: 0n, goodwill: 0n, chargedBack: 0n, disputeOpen: true };
    const granted = () =>
      openDesk({
        policy: policy({ fourEyesAbove: gbp(1n) }),
        soFar: { ...nothingYet, payments: new Map([["pay-1", disputed]]) },
      });
    const won = granted().do((r) => disputeWon(r, "pay-1", minutes(1)));
    assert.deepEqual([won.refund.state, won.stepsOf("pay").length], ["GRANTED", 0]);
    won.do((r) => approve(r, "LEAD:lena", minutes(2)));
    assert.equal(won.tender().state, "REQUESTED");
    const lost = granted().do((r) => disputeLost(r, "pay-1", minutes(1)));
    assert.equal(lost.refund.state, "VOIDED");
    assert.ok(lost.told.includes("RefundSucceeded"), "whoever waits for it hears the end of it");
    lost.sound();
  });
});

describe("refund: granted, and a part of it void", () => {
  it("issues the rest", () => {
    const order = soldOrder({
      payments: [
        { paymentId: "card", method: "CARD", captured: gbp(2945n) },
        { paymentId: "other", method: "CARD", captured: gbp(1000n) },
      ],
    });
    const disputed = { refunded: 0n, goodwill: 0n, chargedBack: 0n, disputeOpen: true };
    const soFar = { ...nothingYet, payments: new Map([["card", disputed]]) };
    const desk = openDesk({ order, soFar, policy: policy({ fourEyesAbove: gbp(1n) }) });
    desk.do((r) => disputeLost(r, "card", noon)).sound();
    assert.equal(desk.refund.state, "GRANTED");
    desk.do((r) => approve(r, "LEAD:lena", noon));
    assert.deepEqual(
      desk.refund.tenders.map((t) => [t.paymentId, t.state]),
      [
        ["card", "VOIDED"],
        ["other", "REQUESTED"],
      ],
    );
    desk.do((r) => answered(r, "key-2", said("SUCCEEDED"), at())).sound();
    assert.equal(desk.refund.state, "SUCCEEDED");
    const goodwill = openGoodwill({ amount: gbp(3500n) }, { order, soFar }).do((r) => disputeLost(r, "card", noon));
    goodwill.do((r) => decline(r, "not any more", noon)).sound();
    assert.ok(goodwill.refund.tenders.every(({ state }) => state === "VOIDED"));
  });
});

describe("refund: goodwill", () => {
  it("goes out at once up to the limit, with its reason", () => {
    const desk = openGoodwill({ amount: gbp(1000n), note: "two weeks late" });
    const { origin, reason: why, grantedBy, issuedBy, state } = desk.refund;
    assert.deepEqual([origin, why, state], ["GOODWILL", "DELIVERY_LATE: two weeks late", "REQUESTED"]);
    assert.deepEqual([grantedBy, issuedBy], ["AGENT:anna", "AGENT:anna"]);
    assert.equal(desk.balance("goodwill"), 1000n);
    desk.do((r) => answered(r, desk.tender().providerKey, said("SUCCEEDED"), at()));
    assert.equal(desk.refund.state, "SUCCEEDED");
    desk.sound();
  });

  it("above it takes two, or is declined and books itself out", () => {
    const approved = openGoodwill({ amount: gbp(1001n) });
    assert.equal(approved.refund.state, "GRANTED");
    assert.throws(() => approved.do((r) => approve(r, "AGENT:anna", noon)), reason("SELF_APPROVAL"));
    approved.do((r) => approve(r, "LEAD:lena", noon));
    assert.equal(approved.refund.state, "REQUESTED");
    const declined = openGoodwill({ amount: gbp(1001n) }).do((r) => decline(r, "too much", noon));
    assert.deepEqual([declined.refund.state, declined.refund.settleTime], ["VOIDED", noon]);
    assert.deepEqual([declined.balance("goodwill"), declined.balance("refunds_payable")], [0n, 0n]);
    assert.throws(() => declined.do((r) => approve(r, "LEAD:lena", noon)), reason("REFUND_STATE"));
    declined.sound();
  });

  it("refuses another reason, currency, sign or step, more than the most, and more than is left", () => {
    const ask = (amount: Parameters<typeof gbp>[0] | ReturnType<typeof gbp>, code = "DELIVERY_LATE", given = {}) => {
      const asked = typeof amount === "bigint" ? gbp(amount) : amount;
      return () => grantGoodwill(scene(given), { amount: asked, reason: code, note: "" });
    };
    assert.throws(ask(100n, "BECAUSE"), reason("REASON_UNKNOWN"));
    assert.throws(ask(money(100n, "EUR")), reason("CURRENCY_MISMATCH"));
    assert.throws(ask(0n), reason("MONEY_INVALID"));
    assert.throws(ask(-100n), reason("MONEY_INVALID"));
    assert.throws(ask(5001n), reason("REFUND_EXCEEDS_CAPTURED"));
    assert.throws(ask(100n, "DELIVERY_LATE", { actor: "AGENT:c-1" }), reason("SELF_APPROVAL"), "an order of one's own");
    const spent = { refunded: 3900n, goodwill: 0n, chargedBack: 0n, disputeOpen: false };
    assert.throws(
      ask(46n, "DELIVERY_LATE", { soFar: { ...nothingYet, payments: new Map([["pay-1", spent]]) } }),
      reason("REFUND_EXCEEDS_CAPTURED"),
    );
    const twd = (minor: bigint) => money(minor, "TWD");
    const tw = {
      order: soldOrder({ currency: "TWD", payments: [{ paymentId: "p", method: "CARD", captured: twd(100_000n) }] }),
      policy: policy({ goodwill: { atOnceUpTo: twd(1000n), most: twd(5000n), reasons: ["DELIVERY_LATE"] } }),
    };
    assert.throws(ask(twd(150n), "DELIVERY_LATE", tw), reason("MONEY_INVALID"));
  });

  it("counts against what the order still brings: what was given before is not paid again", () => {
    const given = { refunded: 500n, goodwill: 500n, chargedBack: 0n, disputeOpen: false };
    const desk = openDesk({ soFar: { ...nothingYet, refunds: 1, payments: new Map([["pay-1", given]]) } });
    assert.equal(desk.refund.quote.amount.minor, 3445n);
    assert.deepEqual(
      desk.refund.quote.adjustments.map((a) => [a.code, a.amount.minor]),
      [["PAID_BEFORE", -500n]],
    );
    assert.equal(desk.refund.sequence, 2);
    assert.equal(desk.balance("goodwill:o-1"), -500n);
    desk.do((r) => answered(r, desk.tender().providerKey, said("SUCCEEDED"), at(days(1)))).sound();
  });
});
