// A replacement that comes back in its turn: how many units of it there are, and what is owed for them.
import assert from "node:assert/strict";
import { chainOf, replacedUnits } from "../core/chain.js";
import type { Begun } from "../core/context2.js";
import * as core from "../core/resolution.js";
import type { Exchange, Line, Outcome, Resolution } from "../core/types.js";
import {
  back,
  later,
  line,
  oneBad,
  payload,
  pickedUp,
  received,
  refunded,
  requested,
  reshipped,
  scene,
  steps,
  type Told,
  told,
  where,
  won,
} from "./builders.js";

const swap = { replacement: true, exchange: "STANDARD" } as const;
const sentFirst = { replacement: true, exchange: "ADVANCE" } as const;
const both = [{ lineId: "l-1", quantity: 2 }];
const held = (price?: bigint, units = both, paid = 50_000n): Told => {
  const priced = price === undefined ? {} : { price: won(price), paid: won(paid) };
  return (r) => core.stockHeld(r, "hold_1", scene(), { expires: later(7).now, units, ...priced });
};
const lost: Told = (r) => core.parcelLost(r, scene());
const asked = { orderId: "o-1", again: false, limit: 3 };
const sent = (origin: Outcome) => chainOf([origin.next], asked).sent.get("l-1");

describe("resolution: what counts as sent", () => {
  it("is what left, also where the goods were lost on their way, or rejected and paid for", () => {
    assert.equal(sent(told(requested("EXCHANGE", swap), held(), pickedUp, lost, reshipped)), 2);
    const kept = told(requested("EXCHANGE", sentFirst), held(), reshipped, pickedUp, received, oneBad);
    assert.equal(sent(told(kept, (r) => core.settleRecovery(r, true, "paid", scene()))), 2);
  });

  it("is only what was accepted where the goods were looked at first", () => {
    const one = held(undefined, [{ lineId: "l-1", quantity: 1 }]);
    assert.equal(sent(told(requested("EXCHANGE", swap), held(), pickedUp, received, oneBad, one, reshipped)), 1);
  });

  it("is the same where what it was held for was not kept yet", () => {
    const before: Told = (r) => core.stockHeld(r, "hold_1", scene());
    assert.equal(sent(told(requested("EXCHANGE", swap), before, pickedUp, lost, reshipped)), 2);
    assert.equal(sent(told(requested("EXCHANGE", sentFirst), before, reshipped, pickedUp, received, oneBad)), 2);
    assert.equal(sent(told(requested("EXCHANGE", swap), before, pickedUp, received, oneBad, before, reshipped)), 1);
  });
});

describe("resolution: a replacement of another price that comes back", () => {
  const cheaper = () => told(requested("EXCHANGE", swap), held(42_000n), ...back, reshipped, refunded).next;
  const dearer = () => {
    const demand = { demandId: "dmd_1", demandUrl: "", payBy: later(3).now };
    const due = told(requested("EXCHANGE", swap), held(60_000n), ...back, (r) => core.demanded(r, demand, scene()));
    return told(due, (r) => core.differencePaid(r, { demandId: "dmd_1" }, scene()), reshipped).next;
  };
  const begun: Begun = { captured: true, gift: false, byHand: true, comesBack: false, onUnpaid: "REFUND" };
  const units = (chain: readonly Resolution[], quantity = 2): Line[] =>
    replacedUnits([line({ quantity })], chainOf(chain, asked));

  for (const [name, origin, amount] of [
    ["cheaper", cheaper, "₩42,000"],
    ["dearer", dearer, "₩60,000"],
  ] as const) {
    it(`${name}: is paid for by hand, at what was paid for it`, () => {
      const lines = units([origin()]);
      const due = told(
        requested("RETURN", {}, "REVIEW", { begun, lines }),
        (r) => core.approve(r, "", scene()),
        ...back,
      );
      assert.equal(where(due), "OPEN INSPECTED MANUAL_REQUIRED NONE");
      assert.deepEqual(steps(due), [], "the refund service knows nothing of it");
      assert.match(due.next.hold?.reason ?? "", new RegExp(`${amount} was paid for the replacement`));
      assert.equal(due.facts.find((fact) => fact.name === "AttentionRaised")?.body.reason, due.next.hold?.reason);
      const settled = told(due, (r) => core.settleGiftRefund(r, won(42_000n), "transfer 9", scene()));
      assert.equal(where(settled), "CLOSED INSPECTED REFUNDED NONE");
      assert.deepEqual(settled.next.refunded, won(42_000n));
    });
  }

  it("names the share of the units that were accepted", () => {
    const due = told(
      requested("RETURN", {}, "ACCEPT", { begun, lines: units([cheaper()]) }),
      pickedUp,
      received,
      oneBad,
    );
    assert.match(due.next.hold?.reason ?? "", /₩21,000 was paid/);
    const [one] = units([cheaper()], 1);
    assert.deepEqual(one?.worth, { currency: "KRW", minor: "21000" });
  });

  it("is what the next replacement is measured by, without asking what the order's line cost", () => {
    const again = requested("EXCHANGE", swap, "ACCEPT", { begun, lines: units([cheaper()]) });
    assert.deepEqual(payload(again, "stock.hold")?.paid, { currency: "KRW", minor: "42000" });
    assert.equal(payload(requested("EXCHANGE", swap), "stock.hold")?.paid, undefined);
    const smaller = told(again, held(40_000n, both, 42_000n), ...back, reshipped);
    assert.equal(where(smaller), "OPEN INSPECTED MANUAL_REQUIRED FULFILLED");
    assert.match(smaller.next.hold?.reason ?? "", /₩2,000 more was paid than it costs/);
  });

  it("stays one of another price, however often it is exchanged for the same since", () => {
    const lines = units([cheaper()]);
    const same = told(requested("EXCHANGE", swap, "ACCEPT", { begun, lines }), held(42_000n, both, 42_000n));
    const second = told(same, ...back, reshipped).next;
    const from = chainOf([second, cheaper()], asked);
    assert.deepEqual([from.priced, from.worth], [true, won(42_000n)]);
    const { price: _, ...unpriced } = second.exchange as Exchange;
    assert.deepEqual(chainOf([{ ...second, exchange: unpriced }, cheaper()], asked).worth, won(42_000n));
    assert.equal(chainOf([told(requested("EXCHANGE", swap), held(), ...back, reshipped).next], asked).worth, undefined);
  });

  it("withdrawn and taken up again is still paid by hand", () => {
    const opened = requested("RETURN", {}, "ACCEPT", { begun, lines: units([cheaper()]) });
    const again = told(
      opened,
      (r) => core.handoverDue(r, later(15)),
      (r) => core.reopen(r, later(16)),
      ...back,
    );
    assert.equal(where(again), "OPEN INSPECTED MANUAL_REQUIRED NONE");
  });

  it("is not paid for a second opinion over the order's payment: a person sees what is owed", () => {
    const due = told(
      requested("RETURN", {}, "ACCEPT", { begun, lines: units([cheaper()]) }),
      pickedUp,
      received,
      oneBad,
    );
    const closed = told(due, (r) => core.settleGiftRefund(r, won(21_000n), "transfer 9", scene()));
    const decided = { disputeId: "dsp_1", lineId: "l-1", upheld: true, note: "fine", moreAccepted: 1 };
    const outcome = told(closed, (r) => core.disputeDecided(r, { ...decided, returned: [], added: [] }, scene()));
    assert.deepEqual(steps(outcome), []);
    assert.match(outcome.next.hold?.reason ?? "", /See what the customer is owed/);
  });
});
