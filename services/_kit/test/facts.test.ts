import assert from "node:assert/strict";
import * as events from "#gen/backhaul/inspection/v1/inspection_events.js";
import { announcer } from "#kit/facts.js";
import { withoutPersonal } from "#kit/personal.js";

describe("kit: a fact", () => {
  const dispute = {
    disputeId: "dsp_1",
    lineId: "l-1",
    statement: "I am Kim Minji, call 010-1234-5678",
    note: "she is right",
    evidence: [{ mediaId: "med_1", sha256: "ab" }],
    corrected: {
      lineId: "l-1",
      quantity: 1,
      note: "her cat's hair",
      detail: { deductions: [{ cause: "USED", note: "worn" }] },
    },
  };

  it("tells ids and never words, however deep they stand", () => {
    const announce = announcer("backhaul.inspection.v1", events);
    const body = events.FindingDisputed.fromPartial({ inspectionId: "ins_1", dispute });
    const { subject, body: bytes } = announce({ name: "FindingDisputed", body });
    assert.equal(subject, "backhaul.inspection.v1.FindingDisputed");
    const told = events.FindingDisputed.decode(bytes).dispute;
    assert.deepEqual([told?.disputeId, told?.corrected?.detail?.deductions[0]?.cause], ["dsp_1", "USED"]);
    for (const word of ["Kim", "right", "cat", "worn", "med_1"]) {
      assert.ok(!Buffer.from(bytes).includes(word), word);
    }
    assert.equal(body.dispute?.statement, dispute.statement, "who announces it keeps what they have");
  });

  it("is not copied where there is nothing to take out", () => {
    const body = events.ParcelReceived.fromPartial({ inspectionId: "ins_1" });
    assert.equal(withoutPersonal("backhaul.inspection.v1.ParcelReceived", body), body);
  });
});
