import assert from "node:assert/strict";
import { DomainError } from "#kit/pure/check.js";
import { raised } from "../core/advance.js";
import { itemsOf } from "../core/attention.js";
import * as core from "../core/resolution.js";
import type { Outcome } from "../core/types.js";
import { allGood, later, pickedUp, received, requested, scene, steps, type Told, told } from "./builders.js";

const gaveUp =
  (step: string): Told =>
  (r) =>
    core.gaveUp(r, step, { requestId: "r-1" }, "refused", scene());
const refunded: Told = (r) => core.refunded(r, "rfd_1", { minor: 5000n, currency: "KRW" }, scene());
const resumed: Told = (r) => core.resume(r, scene());
const reason = ({ next }: Outcome) => next.hold?.reason ?? "";

describe("resolution: what waits for a person", () => {
  const exchange = { replacement: true, exchange: "STANDARD" } as const;

  it("a step that gave up can be tried again, whatever was raised after it", () => {
    const stuck = told(requested("EXCHANGE", exchange), gaveUp("stock.hold"), (r) => core.stalledDue(r, later(1)));
    assert.match(reason(stuck), /nothing has happened/, "the last word comes first");
    const again = told(stuck, resumed);
    assert.deepEqual(steps(again), ["stock.hold"]);
    assert.equal(again.next.hold, undefined);
    assert.throws(() => core.resume(again.next, scene()), DomainError);
  });

  it("two steps that gave up are tried again one after the other, each once", () => {
    const both = [gaveUp("stock.hold"), gaveUp("collection.schedule"), gaveUp("stock.hold")];
    const first = told(requested("EXCHANGE", exchange), ...both, resumed);
    assert.deepEqual(steps(first), ["stock.hold"]);
    const second = told(first, resumed);
    assert.deepEqual(steps(second), ["collection.schedule"]);
    assert.equal(second.next.hold, undefined);
  });

  it("what was waited for and came is no longer shown, the rest is", () => {
    const both = [gaveUp("stock.hold"), gaveUp("collection.schedule")];
    const moved = told(requested("EXCHANGE", exchange), ...both, pickedUp);
    assert.equal(moved.next.hold?.step, "stock.hold", "the goods moved, the replacement did not");
    assert.equal(told(moved, (r) => core.soldOut(r, scene())).next.hold, undefined);
  });

  it("what sellers say against it, and goods that the dock keeps, stay until somebody has seen to them", () => {
    const disputes =
      (seller: string): Told =>
      (r) =>
        raised(r, scene(), "seller", `seller ${seller} disputes it`);
    const items = ({ next }: Outcome) => itemsOf(next.hold).map((item) => item.reason);
    const both = told(requested("RETURN"), disputes("a"), disputes("b"), disputes("a"), (r) =>
      core.stalledDue(r, later(1)),
    );
    assert.equal(items(both).length, 3, "each once, and what was raised last comes first");
    assert.match(items(both)[0] ?? "", /nothing has happened/);
    const going = told(both, pickedUp, received, allGood);
    assert.deepEqual(items(going), ["seller a disputes it", "seller b disputes it"]);
    const closed = told(going, refunded);
    assert.equal(closed.next.state, "CLOSED");
    assert.deepEqual(items(closed), ["seller a disputes it", "seller b disputes it"]);
    const seen = told(closed, (r) => core.clearAttention(r, "seller a disputes it", "they are right", scene()));
    assert.deepEqual(items(seen), ["seller b disputes it"]);
    assert.equal(told(closed, (r) => core.clearAttention(r, "", "settled", scene())).next.hold, undefined);
  });

  it("goods that come after the request had ended call somebody, and late news of others nobody", () => {
    const withdrawn = told(requested("RETURN"), (r) => core.withdraw(r, scene()));
    assert.match(reason(told(withdrawn, pickedUp)), /carrier has the goods.*take it up again/);
    assert.match(reason(told(withdrawn, received)), /dock has the goods.*take it up again/);
    const lost = told(requested("RETURN"), pickedUp, (r) => core.parcelLost(r, scene()), refunded);
    assert.equal(lost.next.state, "CLOSED");
    assert.match(reason(told(lost, received)), /were paid for/);
    const whole = told(requested("RETURN"), pickedUp, received, allGood, refunded);
    assert.equal(told(whole, pickedUp, received).next.hold, undefined);
  });
});
