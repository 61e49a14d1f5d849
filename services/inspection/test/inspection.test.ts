import assert from "node:assert/strict";
import { assertComplete } from "#kit/pure/moves.js";
import { cancel, complete, expect, expectAgain, needsAttention, receive, sentBack } from "../core/inspection.js";
import { type InspectionState, inspectionMoves } from "../core/types.js";
import { inspectionStates } from "../proto.js";
import { fine, inspection, mugsAndLamp, noon, onePm, refused } from "./builders.js";

const allFine = [fine("mugs", 3), fine("lamp")];
const attention = { step: "announce", requestId: "stp_1", reason: "no dock", time: noon };
const again = (change = {}) => ({ ...inspection(), lines: mugsAndLamp, now: onePm, ...change });

describe("inspection: verbs", () => {
  it("has a row for every state of the contract, and a way to it", () => {
    assertComplete(inspectionMoves, inspectionStates.all, ["EXPECTED"]);
  });

  it("announces what should come, each line once", () => {
    const lines = [...mugsAndLamp, { lineId: "mugs", sku: "MUG-RED", quantity: 2 }];
    const { next, steps } = expect({ ...inspection(), lines, now: noon });
    assert.deepEqual(
      next.expected.map((l) => [l.lineId, l.quantity]),
      [
        ["mugs", 5],
        ["lamp", 1],
      ],
    );
    assert.deepEqual(
      steps?.map((s) => [s.step, s.due, s.payload.lines]),
      [["announce", noon, next.expected]],
    );
  });

  it("starts the clocks when the goods are here, and no longer announces them", () => {
    const { next, facts, dropped } = receive(inspection({ attention: [attention] }), onePm);
    assert.equal(next.state, "REGISTERED");
    assert.equal(next.receiveTime, onePm);
    assert.deepEqual(next.attention, []);
    assert.deepEqual(
      facts?.map((f) => [f.name, f.body]),
      [["ParcelReceived", { inspectionId: next.inspectionId, resolutionId: next.resolutionId, receiveTime: onePm }]],
    );
    assert.deepEqual(dropped, ["announce"]);
  });

  it("takes in a parcel that nobody expected any more", () => {
    assert.equal(receive(inspection({ state: "CANCELED" }), onePm).next.state, "REGISTERED");
  });

  it("refuses verbs that do not fit the state", () => {
    const states: [InspectionState, string, (state: InspectionState) => unknown][] = [
      ["REGISTERED", "receive", (state) => receive(inspection({ state }), onePm)],
      ["INSPECTED", "receive", (state) => receive(inspection({ state }), onePm)],
      ["EXPECTED", "complete", (state) => complete(inspection({ state }), allFine, "wendy", onePm)],
      ["CANCELED", "complete", (state) => complete(inspection({ state }), allFine, "wendy", onePm)],
    ];
    for (const [state, verb, act] of states)
      assert.throws(() => act(state), refused("INSPECTION_STATE", { state, verb }));
  });

  it("says that an inspection is complete to whoever completes it again", () => {
    const done = inspection({ state: "INSPECTED" });
    assert.throws(() => complete(done, allFine, "wendy", onePm), refused("INSPECTION_DONE", { verb: "complete" }));
  });

  it("remembers who inspected, and when", () => {
    const { next, facts } = complete(inspection({ state: "REGISTERED" }), allFine, "wendy", onePm);
    assert.deepEqual([next.state, next.inspector, next.completeTime], ["INSPECTED", "wendy", onePm]);
    assert.deepEqual(
      facts?.map((f) => f.name),
      ["InspectionCompleted"],
    );
  });

  it("cancels what has not come, and changes nothing once it has", () => {
    const { next, dropped } = cancel(inspection());
    assert.equal(next.state, "CANCELED");
    assert.deepEqual(dropped, ["announce"]);
    for (const state of ["REGISTERED", "INSPECTED", "CANCELED"] as const) {
      const before = inspection({ state });
      assert.deepEqual(cancel(before), { next: before });
    }
  });

  it("expects the goods of a reopened resolution again", () => {
    const { next, steps } = expectAgain(
      inspection({ state: "CANCELED", version: 2 }),
      again({ lines: mugsAndLamp.slice(0, 1) }),
    );
    assert.deepEqual([next.state, next.version, next.expected.length], ["EXPECTED", 3, 1]);
    assert.deepEqual(
      steps?.map((s) => s.step),
      ["announce"],
    );
  });

  it("expects the same goods once, in whatever order they are named, and refuses others", () => {
    const before = inspection({ state: "REGISTERED" });
    assert.deepEqual(expectAgain(before, again({ lines: mugsAndLamp.toReversed() })), { next: before });
    const others = [again({ lines: mugsAndLamp.slice(0, 1) }), again({ orderId: "o-2" })];
    for (const other of others) assert.throws(() => expectAgain(before, other), refused("INSPECTION_STATE"));
    const canceled = inspection({ state: "CANCELED" });
    assert.throws(
      () => expectAgain(canceled, again({ orderId: "o-2" })),
      refused("INSPECTION_STATE", { verb: "expect" }),
    );
  });

  it("says where rejected goods went", () => {
    const { next, facts } = sentBack(inspection({ state: "INSPECTED", version: 3 }), "TN-1", onePm);
    assert.deepEqual([next.sendBackTrackingNumber, next.version], ["TN-1", 4]);
    assert.deepEqual(
      facts?.map((f) => f.name),
      ["GoodsSentBack"],
    );
  });

  it("shows what could not be done, beside what could not be done before", () => {
    const { next } = needsAttention(inspection({ attention: [attention] }), { ...attention, step: "post" });
    assert.deepEqual(
      next.attention.map((a) => a.step),
      ["announce", "post"],
    );
  });
});
