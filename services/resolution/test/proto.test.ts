import assert from "node:assert/strict";
import { ResolutionState } from "#gen/backhaul/resolution/v1/resolution.js";
import { Kind } from "#gen/backhaul/type/v1/kind.js";
import { toFact } from "../proto.js";
import { requested } from "./builders.js";

describe("resolution: facts on the wire", () => {
  it("carry the contract's numbers for the core's words, and leave the rest alone", () => {
    const [asked, ended] = requested("CLAIM", {}, "DECLINE").facts.map(toFact);
    assert.ok(asked?.name === "ResolutionRequested" && ended?.name === "ResolutionEnded");
    assert.deepEqual(
      [asked.body.kind, asked.body.state, asked.body.orderId],
      [Kind.KIND_CLAIM, ResolutionState.RESOLUTION_STATE_DECLINED, "o-1"],
    );
    assert.equal(ended.body.state, ResolutionState.RESOLUTION_STATE_DECLINED);
  });
});
