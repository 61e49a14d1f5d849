import assert from "node:assert/strict";
import { answered, matched, refused, unclear, unmatched } from "../core/answers.js";
import type { Asking } from "../core/asking.js";
import { recover, retry, setAccount, settleManually, settleRecovery } from "../core/refund.js";
import { policy, soldLine, soldOrder } from "./builders.js";
import {
  at,
  type Desk,
  type DeskOptions,
  days,
  gbp,
  manners,
  minutes,
  noon,
  openDesk,
  openGoodwill,
  reason,
  said,
} from "./desk.js";

const accountNeeded = { abilities: manners({ CARD: { accountNeeded: true } }) };
const key = "key-1";
const newKey = () => "key-9";
const account = (desk: Desk, now = minutes(1)) => desk.do((r) => setAccount(r, "acct-1", newKey, now));
const hear = (desk: Desk, state: Parameters<typeof said>[0], of = key) =>
  desk.do((r) => answered(r, of, said(state), at()));
const lastAsked = (desk: Desk) => desk.stepsOf("pay").at(-1)?.payload as Asking;

describe("refund: naming the customer's account", () => {
  it("asks for what waited for it, under the key it always had", () => {
    const desk = account(openDesk(accountNeeded));
    assert.deepEqual(
      [desk.refund.state, desk.tender().providerKey, desk.tender().accountToken],
      ["REQUESTED", key, "acct-1"],
    );
    const asked = lastAsked(desk);
    assert.deepEqual([asked.key, asked.accountToken, asked.again, asked.fresh], [key, "acct-1", false, false]);
    hear(desk, "SUCCEEDED").sound();
  });

  it("is kept for a refund that a second person has still to issue", () => {
    const desk = account(openDesk({ ...accountNeeded, policy: policy({ fourEyesAbove: gbp(1n) }) }));
    assert.deepEqual([desk.refund.state, desk.tender().heldFor, desk.stepsOf("pay").length], ["GRANTED", "", 0]);
  });

  it("pays what came back over the account: a new intent with a key of its own, the old one void", () => {
    const desk = hear(hear(openDesk(), "SUCCEEDED"), "REVERSED");
    account(desk).sound();
    assert.deepEqual(
      desk.refund.tenders.map((t) => [t.providerKey, t.route, t.state]),
      [
        ["key-1", "ORIGINAL", "VOIDED"],
        ["key-9", "BANK_TRANSFER", "REQUESTED"],
      ],
    );
    hear(desk, "SUCCEEDED", key);
    assert.equal(desk.refund.tenders[0]?.state, "VOIDED", "nobody can bring the old one back");
    hear(desk, "SUCCEEDED", "key-9").sound();
    assert.equal(desk.refund.state, "SUCCEEDED");
    assert.deepEqual([desk.paidUnder(key), desk.paidUnder("key-9")], [0n, 3945n]);
  });

  it("pays what was refused over the account too, but never what may have been paid", () => {
    const failed = openDesk().do((r) => refused(r, key, "card closed", noon));
    assert.equal(account(failed).tender().route, "BANK_TRANSFER");
    const unknown = openDesk().do((r) => unclear(r, key, "unknown: timeout", noon));
    assert.throws(() => account(unknown), reason("REFUND_STATE"));
  });

  it("never turns stored value into money", () => {
    const order = soldOrder({ payments: [{ paymentId: "pts", method: "POINTS", captured: gbp(3945n) }] });
    const desk = openDesk({ order }).do((r) => refused(r, key, "no such customer", noon));
    assert.throws(() => account(desk), reason("REFUND_STATE"));
  });

  it("is refused where nothing waits for it: under way, paid, void", () => {
    for (const desk of [openDesk(), hear(openDesk(), "PENDING"), hear(openDesk(), "SUCCEEDED")])
      assert.throws(() => account(desk), reason("REFUND_STATE"));
    assert.throws(() => account(account(openDesk(accountNeeded))), reason("REFUND_STATE"));
  });
});

describe("refund: trying again", () => {
  it("asks under the same key, looks first, and counts the key's life from the first time", () => {
    const desk = openDesk().do((r) => refused(r, key, "card closed", noon));
    desk.do((r) => retry(r, days(1)));
    const asked = lastAsked(desk);
    assert.deepEqual([asked.key, asked.again, asked.requestTime], [key, true, noon.toISOString()]);
    assert.deepEqual([desk.refund.state, desk.tender().failure], ["REQUESTED", ""]);
    hear(desk, "SUCCEEDED").sound();
  });

  it("is refused while all goes well, and where money came back: that takes an account or a hand", () => {
    const back = hear(hear(openDesk(), "SUCCEEDED"), "REVERSED");
    for (const desk of [openDesk(), hear(openDesk(), "SUCCEEDED"), back])
      assert.throws(() => desk.do((r) => retry(r, noon)), reason("REFUND_STATE"));
  });

  it("asks another system again under its key, once the money is settled", () => {
    const order = soldOrder({ taxDocument: { kind: "VAT_INVOICE", number: "INV-1", issueTime: noon } });
    const desk = hear(openDesk({ order }), "SUCCEEDED");
    const twin = desk.refund.twins[0]!;
    assert.deepEqual([desk.refund.state, desk.stepsOf("twin").length], ["PENDING", 1]);
    desk.do((r) => unmatched(r, twin.key, "tax office closed", noon)).sound();
    assert.deepEqual([desk.refund.state, desk.told.at(-1)], ["FAILED", "RefundFailed"]);
    desk.do((r) => retry(r, days(1)));
    assert.deepEqual([desk.refund.state, desk.stepsOf("twin").length], ["PENDING", 2]);
    assert.equal((desk.stepsOf("twin")[1]?.payload as { key: string }).key, twin.key);
    desk.do((r) => matched(r, twin.key, "CN-1", days(1))).sound();
    assert.equal(desk.refund.state, "SUCCEEDED");
    const facts = desk.facts.length;
    desk.do((r) => matched(r, twin.key, "CN-2", days(2))).do((r) => unmatched(r, twin.key, "late", days(2)));
    assert.deepEqual([desk.refund.twins[0]?.counterpartId, desk.facts.length], ["CN-1", facts], "heard before");
  });
});

describe("refund: paid by hand", () => {
  const byHand = (desk: Desk, who = "FINANCE:fiona", paymentId = "pay-1") =>
    desk.do((r) => settleManually(r, paymentId, "wire 7", who, days(1)));

  it("closes what was refused, unknown, or came back, and books it once more where it was paid before", () => {
    const opened: readonly (readonly [Desk, string])[] = [
      [openDesk().do((r) => refused(r, key, "no", noon)), "key-1"],
      [openDesk().do((r) => unclear(r, key, "?", noon)), "key-1"],
      [hear(hear(openDesk(), "SUCCEEDED"), "REVERSED"), "key-1#2"],
    ];
    for (const [desk, source] of opened) {
      byHand(desk).sound();
      assert.deepEqual(
        [desk.refund.state, desk.tender().route, desk.tender().providerRefundId],
        ["SUCCEEDED", "MANUAL", "wire 7"],
      );
      assert.deepEqual([desk.journals.at(-1)?.kind, desk.journals.at(-1)?.source], ["PAY", source]);
      assert.equal(desk.balance("manual:pay-1"), -3945n);
    }
  });

  it("is not for whoever issued it, in whatever role", () => {
    const desk = openGoodwill().do((r) => refused(r, key, "no", noon));
    assert.throws(() => byHand(desk, "AGENT:anna"), reason("SELF_APPROVAL"));
    assert.throws(() => byHand(desk, "FINANCE:anna"), reason("SELF_APPROVAL"));
    byHand(desk);
  });

  it("is refused for what may still be paid, is paid, or is not in it", () => {
    for (const desk of [openDesk(), hear(openDesk(), "PENDING"), hear(openDesk(), "SUCCEEDED")])
      assert.throws(() => byHand(desk), reason("REFUND_STATE"));
    const desk = openDesk().do((r) => refused(r, key, "no", noon));
    assert.throws(() => byHand(desk, "FINANCE:fiona", "pay-2"), reason("REFUND_STATE"));
  });
});

describe("refund: recovering what was refunded early", () => {
  const paid = (change: DeskOptions = {}) => hear(openDesk(change), "SUCCEEDED");
  const mugs = (quantity: number) => [{ lineId: "mugs", quantity }];

  it("wants the last of the units back, so that what stays is what an inspection first would have brought", () => {
    const desk = paid().do((r) => recover(r, mugs(2), "empty box"));
    assert.equal(desk.refund.recovery?.amount.minor, 667n);
    assert.equal(desk.balance("receivable:c-1"), 667n);
    assert.equal(1000n - 667n, 333n, "one mug alone brings 3.33");
  });

  it("ends paid back or given up, once", () => {
    for (const [recovered, state, account] of [
      [true, "RECOVERED", "recovered_cash"],
      [false, "WRITTEN_OFF", "losses"],
    ] as const) {
      const desk = paid().do((r) => recover(r, mugs(1), "it never came"));
      assert.throws(() => desk.do((r) => recover(r, mugs(1), "again")), reason("REFUND_STATE"));
      desk.do((r) => settleRecovery(r, recovered, "wire 8", days(9)));
      assert.deepEqual([desk.refund.recovery?.state, desk.told.at(-1)], [state, "RecoverySettled"]);
      assert.deepEqual([desk.balance("receivable:c-1"), desk.balance(account)], [0n, 334n]);
      assert.throws(() => desk.do((r) => settleRecovery(r, recovered, "wire 9", days(9))), reason("REFUND_STATE"));
      desk.sound();
    }
    assert.throws(() => paid().do((r) => settleRecovery(r, true, "x", noon)), reason("REFUND_STATE"));
  });

  it("wants back no more units than it paid, however they are listed, and no more money", () => {
    assert.throws(() => paid().do((r) => recover(r, mugs(4), "?")), reason("UNITS_EXCEED_PURCHASED"));
    assert.throws(
      () => paid().do((r) => recover(r, [...mugs(2), ...mugs(2)], "?")),
      reason("UNITS_EXCEED_PURCHASED"),
      "the same line twice is one line",
    );
    assert.throws(
      () => paid().do((r) => recover(r, [{ lineId: "vase", quantity: 1 }], "?")),
      reason("UNITS_EXCEED_PURCHASED"),
    );
    const fees = [{ code: "RETURN_SHIPPING", amount: gbp(3000n), ruleId: "r" }];
    const little = paid({ owed: { fees } }).do((r) => recover(r, [{ lineId: "lamp", quantity: 1 }], "empty box"));
    assert.equal(little.refund.recovery?.amount.minor, 945n, "no more than was paid");
  });

  it("counts units from where the refund began", () => {
    const order = soldOrder({ lines: [soldLine("mugs", 3, 1000n), soldLine("lamp", 1, 2550n)] });
    const soFar = {
      refunds: 1,
      units: new Map([["mugs", 1]]),
      payments: new Map(),
      takenBack: new Map(),
      pointsRevoked: 0,
    };
    const desk = paid({ order, soFar, owed: { lines: mugs(2) } });
    assert.equal(desk.refund.quote.amount.minor, 667n);
    assert.equal(desk.do((r) => recover(r, mugs(1), "?")).refund.recovery?.amount.minor, 334n);
  });
});
