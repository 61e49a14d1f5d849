import assert from "node:assert/strict";
import * as core from "../core/resolution.js";
import type { Exchange } from "../core/types.js";
import {
  back,
  later,
  oneBad,
  payload,
  pickedUp,
  received,
  requested,
  reshipped,
  scene,
  steps,
  type Told,
  told,
  where,
  won,
} from "./builders.js";

const exchange = { replacement: true } as const;
const held =
  (more: Exchange = { expires: later(7).now }): Told =>
  (r) =>
    core.stockHeld(r, "hold_1", scene(), more);

describe("resolution: a replacement that goes out first, against a guarantee", () => {
  const guarded = { ...exchange, exchange: "ADVANCE", exchangeGuarantee: true } as const;
  const shares = [{ lineId: "l-1", quantity: 2, minor: "50000" }];
  const given = { authorizationId: "aut_1", amount: won(50_000n), expires: later(30).now, shares };
  const set: Told = (r) => core.guaranteeSet(r, given, scene());
  const sent = () => told(requested("EXCHANGE", guarded), held(), set, reshipped);
  const never: Told = (r) => core.handoverDue(r, later(15));

  it("leaves when an amount is set aside, not before; the amount is set aside anew before the card lets it go", () => {
    const waits = told(requested("EXCHANGE", guarded), held());
    assert.equal(where(waits), "OPEN COLLECTING NONE HELD");
    assert.deepEqual(steps(waits), ["payment.authorize", "stock.renew"]);
    assert.deepEqual(payload(waits, "payment.authorize")?.lines, [{ lineId: "l-1", quantity: 2 }]);
    const leaves = told(waits, set);
    assert.equal(where(leaves), "OPEN COLLECTING NONE RESHIPPING");
    const again = leaves.steps.find(({ step }) => step === "payment.reauthorize");
    assert.equal(again?.due.getTime(), later(29).now.getTime());
    const anew = { ...given, authorizationId: "aut_2", expires: later(59).now };
    const renewed = told(leaves, (r) => core.guaranteeRenewed(r, anew, later(29)));
    assert.deepEqual(steps(renewed), ["payment.reauthorize", "payment.void"]);
    assert.equal(payload(renewed, "payment.void")?.authorizationId, "aut_1");
    assert.match(
      told(leaves, (r) => core.guaranteeLapses(r, "NO_FUNDS", later(29))).next.hold?.reason ?? "",
      /guarantee/,
    );
  });

  it("is set aside anew for what it was set aside for, whatever went back meanwhile", () => {
    const again = payload(told(requested("EXCHANGE", guarded), held(), set), "payment.reauthorize");
    assert.deepEqual(again?.lines, [{ lineId: "l-1", quantity: 2, worth: { currency: "KRW", minor: "50000" } }]);
  });

  it("waits for the inspection where nothing could be set aside", () => {
    const refused = told(requested("EXCHANGE", guarded), held(), (r) => core.guaranteeRefused(r, "NO_CARD", scene()));
    assert.equal(where(refused), "OPEN COLLECTING NONE HELD");
    assert.equal(where(told(refused, pickedUp, received)), "OPEN INSPECTING NONE HELD");
    assert.equal(where(told(refused, ...back)), "OPEN INSPECTED NONE RESHIPPING");
  });

  it("lets the amount go when all came back, once", () => {
    const done = told(sent(), ...back);
    assert.equal(where(done), "CLOSED INSPECTED NONE FULFILLED");
    assert.deepEqual(steps(done), ["payment.void"]);
    assert.equal(done.next.exchange?.guarantee?.state, "LET_GO");
    assert.deepEqual(steps(told(done, ...back)), [], "what is let go is not let go again");
  });

  it("lets it go, too, when the request is taken back, the parcel is lost, or nothing goes out", () => {
    const authorized = told(requested("EXCHANGE", { ...guarded, exchange: "CROSS_SHIP" }), held(), set);
    assert.equal(where(authorized), "OPEN COLLECTING NONE HELD");
    assert.ok(steps(told(authorized, (r) => core.withdraw(r, scene()))).includes("payment.void"));
    assert.ok(steps(told(authorized, (r) => core.soldOut(r, scene()))).includes("payment.void"));
    assert.deepEqual(steps(told(sent(), pickedUp, (r) => core.parcelLost(r, scene()))), ["payment.void"]);
    const late = told(requested("EXCHANGE", guarded), held(), (r) => core.withdraw(r, scene()), set);
    assert.deepEqual(steps(late), ["payment.void"], "also when it is set aside after");
    assert.deepEqual(steps(told(sent(), set)), [], "what the request rests on stays, heard of twice");
  });

  it("takes what the customer kept, and calls nobody for it", () => {
    const kept = told(sent(), never);
    assert.equal(where(kept), "OPEN RETURNED_TO_CUSTOMER RECOVERING FULFILLED");
    assert.deepEqual(steps(kept), ["payment.capture"]);
    assert.equal(kept.next.hold, undefined);
    const owed = payload(kept, "payment.capture");
    assert.deepEqual([owed?.authorizationId, owed?.currency, owed?.minor], ["aut_1", "KRW", "50000"]);
    const taken = told(kept, (r) => core.guaranteeTaken(r, won(50_000n), scene()));
    assert.equal(where(taken), "CLOSED RETURNED_TO_CUSTOMER RECOVERED FULFILLED");
    assert.deepEqual(steps(taken), []);
    const part = told(sent(), pickedUp, received, oneBad);
    assert.equal(payload(part, "payment.capture")?.minor, "25000", "of two, one came back");
  });

  it("calls a person when it lapsed before it could be taken, or was taken for what is settled already", () => {
    const gone = told(sent(), never, (r) => core.guaranteeGone(r, scene()));
    assert.equal(where(gone), "OPEN RETURNED_TO_CUSTOMER RECOVERING FULFILLED");
    assert.match(gone.next.hold?.reason ?? "", /lapsed/);
    const settled = told(sent(), never, (r) => core.settleRecovery(r, true, "paid at the desk", scene()));
    assert.ok(steps(settled).includes("payment.void"), "it is not taken for what is paid");
    const both = told(settled, (r) => core.guaranteeTaken(r, won(50_000n), scene()));
    assert.match(both.next.hold?.reason ?? "", /give it back/);
  });

  it("is not renewed while it is being taken, and is taken once", () => {
    const kept = told(sent(), never);
    const anew = told(kept, (r) => core.guaranteeRenewed(r, { ...given, authorizationId: "aut_2" }, later(29)));
    assert.equal(
      payload(anew, "payment.void")?.authorizationId,
      "aut_2",
      "the new one goes, not the one that is taken",
    );
    assert.equal(anew.next.exchange?.guarantee?.authorizationId, "aut_1");
    assert.equal(told(kept, (r) => core.guaranteeLapses(r, "NO_FUNDS", later(29))).next.hold, undefined);
  });

  it("is let go where nothing was paid for what did not come", () => {
    const free = told(sent(), never, (r) => core.guaranteeNotOwed(r, scene()));
    assert.equal(where(free), "CLOSED RETURNED_TO_CUSTOMER RECOVERED FULFILLED");
    assert.deepEqual(steps(free), ["payment.void"]);
  });

  it("is heard of when it was taken and the answer was lost: somebody gives it back", () => {
    const settled = told(sent(), never, (r) => core.settleRecovery(r, true, "paid at the desk", scene()));
    assert.ok(settled.dropped.includes("payment.capture"));
    const heard = told(settled, (r) => core.guaranteeTakenUnheard(r, scene()));
    assert.match(heard.next.hold?.reason ?? "", /give it back/);
    const taken = told(sent(), never, (r) => core.guaranteeTaken(r, won(50_000n), scene()));
    assert.equal(told(taken, (r) => core.guaranteeTakenUnheard(r, scene())).next.hold, undefined);
  });

  it("that may have been set aside without an answer is asked for again when the request ends, and let go", () => {
    const asked = told(requested("EXCHANGE", guarded), held());
    const unanswered = told(asked, (r) =>
      core.gaveUp(r, "payment.authorize", payload(asked, "payment.authorize") ?? {}, "no answer", scene()),
    );
    const ended = told(unanswered, (r) => core.withdraw(r, scene()));
    assert.deepEqual(payload(ended, "payment.authorize"), payload(asked, "payment.authorize"));
    assert.deepEqual(steps(told(ended, set)), ["payment.void"]);
  });
});
