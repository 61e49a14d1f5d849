import assert from "node:assert/strict";
import { canceledBy } from "../core/cancellation.js";
import * as core from "../core/resolution.js";
import type { CancelCode, Resolution } from "../core/types.js";
import {
  allBad,
  later,
  pickedUp,
  received,
  refunded,
  requested,
  scene,
  steps,
  type Told,
  told,
  where,
} from "./builders.js";

const atOnce = { trigger: "ON_APPROVAL", collection: false, inspection: false } as const;
const asked = () => requested("CANCELLATION", atOnce);
const unpaid = { begun: { captured: false, gift: false, comesBack: false, onUnpaid: "REFUND" } } as const;
const stopped: Told = (r) => core.stopped(r, scene());
const tooLate: Told = (r) => core.alreadyShipped(r, scene());
const turnsRound: Told = (r) => core.intercepted(r, scene());
const goesOn: Told = (r) => core.interceptRefused(r, scene());
const returnTerms = () => requested("RETURN").next.terms;
const judged: Told = (r) => core.judgedAsReturn(r, "ACCEPT", "ok", returnTerms(), new Uint8Array(), scene());
const stop = { orderId: "o-1", stopRequestId: "stop-1", asked: 0 };
const refundOf = (outcome: { steps: readonly { step: string; payload: object }[] }) =>
  outcome.steps.find(({ step }) => step === "refund.issue")?.payload as { lines: unknown } | undefined;

describe("resolution: a cancellation whose answer is not known yet", () => {
  const pending = (n: number) => (r: Resolution) => core.stopPending(r, { ...stop, asked: n }, later(n / 24));

  it("refunds nothing, and looks for the answer again", () => {
    const waits = told(asked(), pending(0));
    assert.equal(where(waits), "OPEN STOPPING WAITING NONE");
    assert.equal(refundOf(waits), undefined);
    const [again] = waits.steps;
    assert.equal(again?.step, "shipment.findStop");
    assert.deepEqual(again?.payload, { ...stop, asked: 1 });
    assert.equal(where(told(waits, stopped)), "OPEN STOPPED REFUNDING NONE");
  });

  it("calls a person after two hours, tells it once in the history, and goes on looking at least every hour", () => {
    let r = asked().next;
    const told: string[] = [];
    for (let n = 0; n < 30; n++) {
      const at = later(n / 24);
      const outcome = core.stopPending(r, { ...stop, asked: n }, at);
      const [again] = outcome.steps;
      assert.ok(again && again.due.getTime() - at.now.getTime() <= 60 * 60_000, `look ${n}`);
      told.push(...outcome.entries.map(({ name }) => name));
      r = outcome.next;
    }
    assert.deepEqual(told, ["StopPending", "AttentionRaised"]);
    assert.match(r.hold?.reason ?? "", /ask them/);
  });

  it("stops looking once the goods are known to come back", () => {
    const back = told(asked(), pending(0), (r) => core.comesBack(r, "RETURN_TO_SENDER", true, scene()));
    assert.equal(where(back), "OPEN IN_TRANSIT WAITING NONE");
    assert.deepEqual(told(back, pending(1)).steps, []);
  });
});

describe("resolution: a cancellation of goods that have left", () => {
  it("has the carrier turn round, and refunds all of it once it is here, whatever is found in the parcel", () => {
    const gone = told(asked(), tooLate);
    assert.equal(where(gone), "OPEN INTERCEPTING WAITING NONE");
    assert.deepEqual(steps(gone), ["shipment.intercept"]);
    const back = told(gone, turnsRound);
    assert.equal(where(back), "OPEN IN_TRANSIT WAITING NONE");
    assert.deepEqual(steps(back), ["inspection.expect"]);
    const here = told(back, received);
    assert.equal(where(here), "OPEN INSPECTING REFUNDING NONE");
    assert.deepEqual(refundOf(here)?.lines, [{ lineId: "l-1", quantity: 2 }]);
    const closed = told(here, refunded, allBad);
    assert.equal(where(closed), "CLOSED INSPECTED REFUNDED NONE");
    assert.deepEqual(closed.held, [], "the units were given back for good");
  });

  it("refunds all of it also when the verdicts are heard of before the receipt", () => {
    const found = told(asked(), tooLate, turnsRound, allBad);
    assert.equal(where(found), "OPEN INSPECTED REFUNDING NONE");
    assert.deepEqual(refundOf(found)?.lines, [{ lineId: "l-1", quantity: 2 }]);
  });

  it("goes on as a return when the carrier does not turn round", () => {
    const onTheWay = told(asked(), tooLate, goesOn);
    assert.deepEqual(steps(onTheWay), ["eligibility.decide"]);
    assert.equal(where(told(onTheWay, judged)), "OPEN COLLECTING WAITING NONE");
  });

  it("leaves the customer the goods, and no refund, when the return is declined", () => {
    const kept = told(asked(), tooLate, goesOn, (r) =>
      core.judgedAsReturn(r, "DECLINE", "made to order", returnTerms(), new Uint8Array(), scene()),
    );
    assert.equal(kept.next.state, "DECLINED");
    assert.deepEqual(kept.held, [{ lineId: "l-1", purchased: 3, delta: -2 }]);
  });
});

describe("resolution: a cancellation by the shop or a seller", () => {
  it("is its canceller's cause, and costs the customer nothing, also when it came too late", () => {
    const faults: [CancelCode, string][] = [
      ["OUT_OF_STOCK", "SELLER"],
      ["PRICE_ERROR", "SELLER"],
      ["ADDRESS_UNSERVICEABLE", "SELLER"],
      ["PAYMENT_EXPIRED", "CUSTOMER"],
      ["FRAUD", "GENERAL"],
    ];
    const fees = [{ code: "RETURN_SHIPPING", amount: { minor: 3000n, currency: "KRW" }, ruleId: "" }];
    for (const [cancelCode, fault] of faults) {
      const begun = requested("CANCELLATION", { ...atOnce, fees }, "ACCEPT", { origin: { cancelCode } });
      assert.equal(canceledBy(cancelCode, begun.next.terms).fault, fault);
      const costly = { ...returnTerms(), fees };
      const late = told(begun, tooLate, goesOn, (r) =>
        core.judgedAsReturn(r, "ACCEPT", "ok", costly, new Uint8Array(), scene()),
      );
      assert.deepEqual([late.next.terms.fault, late.next.terms.fees], [fault, []]);
    }
  });

  it("tells the customer", () => {
    const told = core.withNotice(asked(), "order-lines-canceled", scene());
    assert.deepEqual(told.steps.at(-1)?.payload, {
      template: "order-lines-canceled",
      customerId: "c-1",
      resolutionId: "res_01K0000000000000000000000A",
    });
    assert.match(core.cancelText("OUT_OF_STOCK", "Sorry!"), /none left\. Sorry!$/);
  });
});

describe("resolution: an order that was never paid for", () => {
  it("is stopped, and no money moves", () => {
    const begun = requested("CANCELLATION", atOnce, "ACCEPT", unpaid);
    assert.equal(where(begun), "OPEN STOPPING NONE NONE");
    const closed = told(begun, stopped);
    assert.equal(where(closed), "CLOSED STOPPED NONE NONE");
    assert.equal(refundOf(closed), undefined);
  });

  it("comes back without a refund, too", () => {
    const begun = requested("CANCELLATION", atOnce, "ACCEPT", unpaid);
    assert.equal(where(told(begun, tooLate, turnsRound, received, allBad)), "CLOSED INSPECTED NONE NONE");
    assert.equal(
      where(told(begun, tooLate, goesOn, judged, pickedUp, received, allBad)),
      "CLOSED RETURNED_TO_CUSTOMER NONE NONE",
    );
  });
});
