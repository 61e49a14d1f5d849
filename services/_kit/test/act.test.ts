import assert from "node:assert/strict";
import { actOf } from "#kit/audit/act.js";

describe("kit: what the audit trail says of a reason", () => {
  const call = { caller: { subject: "alice", role: "AGENT", via: "" } } as const;
  const reasonOf = (path: string, request: object) =>
    actOf(path, { requestId: "req_1", ...request }, call as Parameters<typeof actOf>[2]).reason;

  it("is a word of the contracts as it is, and nothing that a person wrote, however much it looks like one", () => {
    const goodwill = "/backhaul.refund.v1.RefundService/GrantGoodwill";
    assert.equal(reasonOf(goodwill, { reason: "DELIVERY_LATE", note: "GB82WEST12345698767301" }), "DELIVERY_LATE");
    for (const text of ["A273017301", "KIM_MINJI", "call me"]) {
      const said = reasonOf("/backhaul.resolution.v1.DeskService/WriteNote", { text });
      assert.match(said, /^sha256:/, text);
    }
  });
});
