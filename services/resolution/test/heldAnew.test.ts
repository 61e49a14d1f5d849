// A dearer replacement that is held anew for fewer units: what was asked for it before, and who gets what back.
import assert from "node:assert/strict";
import * as core from "../core/resolution.js";
import type { Exchange, Outcome, Resolution } from "../core/types.js";
import {
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

const sentFirst = { replacement: true, exchange: "CROSS_SHIP" } as const;
const held = (price: bigint, paid: bigint, quantity: number): Told => {
  const exchange: Exchange = {
    expires: later(7).now,
    price: won(price),
    paid: won(paid),
    units: [{ lineId: "l-1", quantity }],
  };
  return (r) => core.stockHeld(r, `hold_${quantity}`, scene(), exchange);
};
const asked = (demandId: string, minor: bigint): Told => {
  const demand = { demandId, demandUrl: `https://pay/${demandId}`, payBy: later(3).now, asked: won(minor) };
  return (r) => core.demanded(r, demand, scene());
};
const paid = (demandId: string, minor: bigint): Told => {
  return (r) => core.differencePaid(r, { demandId, amount: won(minor) }, scene());
};

/** Two units for 60,000 instead of 50,000: the customer is asked for 10,000, and one of them turns out to be bad. */
const halved = (): Outcome =>
  told(
    requested("EXCHANGE", sentFirst),
    held(60_000n, 50_000n, 2),
    pickedUp,
    asked("dmd_1", 10_000n),
    received,
    oneBad,
  );
const anew = held(30_000n, 25_000n, 1);

describe("resolution: a dearer replacement that is held anew for fewer units", () => {
  it("is no longer asked for what two of them cost, and asked for what one does", () => {
    const fewer = halved();
    assert.equal(where(fewer), "OPEN INSPECTED NONE HOLDING");
    assert.deepEqual(
      [payload(fewer, "payment.cancel")?.demandId, payload(fewer, "payment.cancel")?.minor],
      ["dmd_1", "10000"],
    );
    assert.ok(fewer.dropped.includes("payment.check"));
    const due = told(fewer, anew);
    assert.equal(where(due), "OPEN INSPECTED AWAITING_PAYMENT HELD");
    assert.equal(payload(due, "payment.request")?.minor, "5000");
    const open = told(due, asked("dmd_2", 5_000n));
    assert.deepEqual(payload(open, "payment.check"), {
      demandId: "dmd_2",
      currency: "KRW",
      minor: "5000",
      payBy: later(3).now.toISOString(),
    });
    assert.equal(where(told(open, paid("dmd_2", 5_000n), reshipped)), "CLOSED INSPECTED NONE FULFILLED");
  });

  it("hears of the first demand late, and takes it for nothing that it is not", () => {
    const open = told(halved(), anew, asked("dmd_2", 5_000n));
    const unpaid = told(open, (r) => core.differenceUnpaid(r, { demandId: "dmd_1" }, later(3)));
    assert.equal(where(unpaid), "OPEN INSPECTED AWAITING_PAYMENT HELD", "the second still has its time");
    assert.deepEqual(steps(told(open, (r) => core.stillUnpaid(r, { demandId: "dmd_1" }, scene()))), []);
  });

  it("takes a demand back whose answer comes after it was held anew", () => {
    const slow = told(
      requested("EXCHANGE", sentFirst),
      held(60_000n, 50_000n, 2),
      pickedUp,
      received,
      oneBad,
      anew,
      asked("dmd_1", 10_000n),
    );
    assert.equal(payload(slow, "payment.cancel")?.demandId, "dmd_1");
    assert.equal(slow.next.exchange?.demandId, undefined, "it is not the one that is waited for");
    const open = told(slow, asked("dmd_2", 5_000n));
    assert.equal(open.next.exchange?.demandId, "dmd_2");
    assert.equal(payload(told(open, asked("dmd_3", 5_000n)), "payment.cancel")?.demandId, "dmd_3", "one is enough");
  });

  it("leaves when the first demand was paid after all, and a person gives back what that was too much", () => {
    const early = told(halved(), paid("dmd_1", 10_000n), anew);
    assert.equal(where(early), "OPEN INSPECTED NONE RESHIPPING", "it is not asked for twice");
    const late = told(halved(), anew, asked("dmd_2", 5_000n), paid("dmd_1", 10_000n));
    assert.equal(where(late), "OPEN INSPECTED NONE RESHIPPING");
    assert.equal(payload(late, "payment.cancel")?.demandId, "dmd_2");
    for (const leaves of [early, late]) {
      const sent = told(leaves, reshipped);
      assert.equal(where(sent), "OPEN INSPECTED MANUAL_REQUIRED FULFILLED");
      assert.match(sent.next.hold?.reason ?? "", /₩5,000 more was paid than it costs/);
      const settled = told(sent, (r) => core.settleGiftRefund(r, won(5_000n), "transfer 4", scene()));
      assert.equal(where(settled), "CLOSED INSPECTED REFUNDED FULFILLED");
    }
  });

  it("counts a demand once, however often it is heard of", () => {
    const twice = told(halved(), paid("dmd_1", 10_000n), paid("dmd_1", 10_000n), anew, reshipped);
    assert.match(twice.next.hold?.reason ?? "", /₩5,000 more/);
  });

  it("is asked for the rest where the first demand was paid and is not enough", () => {
    const dearer = told(halved(), held(45_000n, 25_000n, 1), asked("dmd_2", 20_000n), paid("dmd_1", 10_000n));
    assert.equal(where(dearer), "OPEN INSPECTED AWAITING_PAYMENT HELD");
    assert.equal(payload(dearer, "payment.cancel")?.demandId, "dmd_2");
    assert.equal(payload(dearer, "payment.request")?.minor, "10000");
    const rest = told(dearer, asked("dmd_3", 10_000n));
    assert.equal(rest.next.exchange?.demandId, "dmd_3");
    assert.equal(where(told(rest, paid("dmd_3", 10_000n), reshipped)), "CLOSED INSPECTED NONE FULFILLED");
  });

  it("that is sold out by then gives back the goods and what was paid under the first demand, by hand", () => {
    const gone = told(halved(), paid("dmd_1", 10_000n), (r) => core.soldOut(r, scene()));
    assert.equal(where(gone), "OPEN INSPECTED MANUAL_REQUIRED SOLD_OUT");
    assert.match(gone.next.hold?.reason ?? "", /₩10,000 that was paid as a price difference/);
    assert.deepEqual(steps(gone), [], "nothing goes over the payment of the order alone");
  });

  it("keeps what is known of its guarantee", () => {
    const given = { authorizationId: "aut_1", amount: won(50_000n), expires: later(30).now, shares: [] };
    const guarded = told(
      requested("EXCHANGE", { ...sentFirst, exchangeGuarantee: true }),
      held(60_000n, 50_000n, 2),
      (r) => core.guaranteeSet(r, given, scene()),
      pickedUp,
      asked("dmd_1", 10_000n),
      received,
      oneBad,
      anew,
    );
    assert.equal(guarded.next.exchange?.guarantee?.authorizationId, "aut_1");
  });

  it("stored before demands carried their amount is taken back, and calls a person if it was paid", () => {
    const { next } = told(
      requested("EXCHANGE", sentFirst),
      held(60_000n, 50_000n, 2),
      pickedUp,
      asked("dmd_1", 10_000n),
    );
    const { asked: _, units: __, ...exchange } = next.exchange as Exchange;
    const before: Resolution = { ...next, exchange };
    const fewer = told(received(before), oneBad);
    assert.equal(payload(fewer, "payment.cancel")?.minor, "10000", "the amount is what the difference was");
    const heard = told(fewer, (r) => core.differencePaid(r, { demandId: "dmd_1" }, scene()));
    assert.match(heard.next.hold?.reason ?? "", /give it back/);
  });
});
