import assert from "node:assert/strict";
import * as core from "../core/resolution.js";
import type { Outcome } from "../core/types.js";
import {
  allGood,
  back,
  later,
  pickedUp,
  received,
  requested,
  scene,
  steps,
  type Told,
  told,
  where,
} from "./builders.js";

const at = (days: number) => ({ ...later(days), actor: { subject: "alice", role: "AGENT" } });
const long: Told = (r) => core.hold(r, at(20).now, "is it fraud?", at(0));
const lawful: Told = (r) => core.statutoryDue(r, "statutory-refund", at(3));
const clocks = ({ next }: Outcome) => next.deadlines.map(({ step }) => step);

describe("resolution: what staff hold back, and the law's time", () => {
  const stopped: Told = (r) => core.stopped(r, scene());
  const due: readonly [string, Outcome, readonly Told[]][] = [
    ["an order that was held back", told(requested("CANCELLATION", { collection: false }), long), [stopped]],
    ["goods that nobody looks at", told(requested("RETURN", { inspection: false }), long), [pickedUp, received]],
    ["goods of which the verdict came first", told(requested("RETURN"), long), [pickedUp, allGood]],
    ["a lost parcel", told(requested("RETURN"), long), [pickedUp, (r) => core.parcelLost(r, scene())]],
    [
      "what is granted late",
      requested("RETURN", { collection: false }, "REVIEW"),
      [long, (r) => core.approve(r, "", at(0))],
    ],
  ];
  for (const [what, start, events] of due) {
    it(`runs from when the money would go out, for ${what}, and ends the hold`, () => {
      const waits = told(start, ...events);
      assert.match(where(waits), /^OPEN \S+ WAITING NONE$/);
      assert.ok(clocks(waits).includes("statutory-refund"), clocks(waits).join());
      assert.ok(steps(waits).includes("statutory-refund"));
      const paid = told(waits, lawful);
      assert.match(where(paid), /REFUNDING/);
    });
  }

  it("a hold that begins when the money was paid already starts no clock", () => {
    const paid = told(
      requested("RETURN", { trigger: "ON_APPROVAL" }),
      (r) => core.refunded(r, "rfd_1", { minor: 5000n, currency: "KRW" }, scene()),
      long,
      ...back,
    );
    assert.equal(paid.next.state, "CLOSED");
    assert.deepEqual(clocks(paid), []);
  });

  it("nor does a hold outlast what was promised", () => {
    const guaranteeClock = { days: 1, businessDays: true, article: "E-Commerce Act art. 18(2)" };
    const waits = told(requested("RETURN", { guaranteeClock }), long, ...back);
    assert.match(where(waits), /INSPECTED WAITING/);
    const promised = told(waits, (r) => core.guaranteeDue(r, at(1)));
    assert.match(where(promised), /REFUNDING/);
    assert.match(promised.next.hold?.reason ?? "", /hold has ended/);
    assert.ok(promised.steps.some(({ step }) => step === "refund.issue"));
  });
});
