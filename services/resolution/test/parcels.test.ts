import assert from "node:assert/strict";
import * as core from "../core/resolution.js";
import { line, pickedUp, received, refunded, requested, scene, type Told, told, where } from "./builders.js";

const lost = (lostUnits: number, more: { moreParcels?: boolean; othersDelivered?: boolean }): Told => {
  const parcel = { lostUnits, moreParcels: false, othersDelivered: false, ...more };
  return (r) => core.parcelLost(r, scene(), parcel);
};
const oneFound: Told = (r) =>
  core.inspected(
    r,
    [
      { lineId: "l-1", quantity: 1, verdict: "ACCEPTED" },
      { lineId: "l-1", quantity: 1, verdict: "MISSING" },
    ],
    scene(),
  );

describe("resolution: goods in several parcels", () => {
  it("stay in transit while more are on their way, and are lost only when all of them are", () => {
    const first = told(requested("RETURN"), pickedUp, lost(1, { moreParcels: true }));
    assert.equal(where(first), "OPEN IN_TRANSIT WAITING NONE");
    assert.equal(first.entries[0]?.applied, true);
    assert.equal(where(told(first, lost(2, {}))), "OPEN LOST REFUNDING NONE");
    const here = told(requested("RETURN"), pickedUp, (r) => core.parcelDelivered(r, 1, scene()));
    assert.equal(where(here), "OPEN IN_TRANSIT WAITING NONE");
    assert.equal(where(told(here, lost(1, { othersDelivered: true }))), "OPEN IN_TRANSIT WAITING NONE");
  });

  it("are paid for in full when one parcel is lost and the other is good", () => {
    for (const story of [
      [pickedUp, lost(1, { moreParcels: true }), received, oneFound],
      [pickedUp, received, lost(1, { othersDelivered: true }), oneFound],
    ]) {
      const found = told(requested("RETURN"), ...story);
      assert.equal(where(found), "OPEN INSPECTED REFUNDING NONE");
      const issue = found.steps.find(({ step }) => step === "refund.issue")?.payload as { lines: unknown };
      assert.deepEqual(issue.lines, [{ lineId: "l-1", quantity: 2 }]);
      const {
        accepted,
        missing,
        lost: gone,
      } = found.next.lines[0] as { accepted: number; missing: number; lost: number };
      assert.deepEqual([accepted, missing, gone], [1, 0, 1]);
      assert.equal(where(told(found, refunded)), "CLOSED INSPECTED REFUNDED NONE");
    }
  });

  it("count as lost only as many of the missing as the carrier lost, on whichever line they are missing", () => {
    const lines = [line({ quantity: 2 }), line({ lineId: "l-2", quantity: 3 })];
    const found = told(
      requested("RETURN", {}, "ACCEPT", { lines }),
      pickedUp,
      lost(2, { moreParcels: true }),
      received,
      (r) =>
        core.inspected(
          r,
          [
            { lineId: "l-1", quantity: 2, verdict: "ACCEPTED" },
            { lineId: "l-2", quantity: 3, verdict: "MISSING" },
          ],
          scene(),
        ),
    );
    assert.deepEqual(
      found.next.lines.map(({ accepted, missing, lost: gone }) => [accepted, missing, gone]),
      [
        [2, 0, 0],
        [0, 1, 2],
      ],
    );
    assert.match(found.entries[0]?.text ?? "", /4 of 5/);
  });

  it("call a person when the loss is heard of after units were counted as missing", () => {
    const late = told(requested("RETURN"), pickedUp, received, oneFound, lost(1, { othersDelivered: true }));
    assert.match(late.next.hold?.reason ?? "", /See to their refund/);
  });
});
