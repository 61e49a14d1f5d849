import assert from "node:assert/strict";
import * as core from "../core/resolution.js";
import { pickedUp, received, refunded, requested, scene, type Told, told, where } from "./builders.js";

const halfMissing: Told = (r) =>
  core.inspected(
    r,
    [
      { lineId: "l-1", quantity: 1, verdict: "ACCEPTED" },
      { lineId: "l-1", quantity: 1, verdict: "MISSING" },
    ],
    scene(),
  );
const late =
  (items: readonly { sku: string; quantity: number }[], trackingNumber = "CJ-2"): Told =>
  (r) =>
    core.lateGoods(r, { quarantineId: "qrn_1", trackingNumber, items }, scene());

describe("resolution: goods that come after their verdict", () => {
  it("call a person, who reads what came in which parcel, though the request has closed", () => {
    const closed = told(requested("RETURN"), pickedUp, received, halfMissing, refunded);
    assert.match(where(closed), /^CLOSED /);
    const { next, facts } = told(closed, late([{ sku: "MUG-RED", quantity: 1 }]));
    assert.match(where({ next } as never), /^CLOSED /);
    assert.match(
      next.hold?.reason ?? "",
      /^goods of this request came to the dock after its verdict: 1 × MUG-RED in parcel CJ-2 \(qrn_1\): see /,
    );
    assert.deepEqual(
      facts?.map(({ name }) => name),
      ["AttentionRaised"],
    );
  });

  it("call one also where nobody counted them, and nothing could be read on them", () => {
    const { next } = told(requested("RETURN"), pickedUp, received, halfMissing, late([], ""));
    assert.match(next.hold?.reason ?? "", /verdict: not counted yet \(qrn_1\)/);
  });
});
