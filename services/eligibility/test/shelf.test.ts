// What a replica keeps in memory of policies that another one has changed meanwhile.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { Verdict } from "#gen/backhaul/eligibility/v1/decision.js";
import { RequestedLine } from "#gen/backhaul/eligibility/v1/eligibility_service.js";
import type { Policy } from "#gen/backhaul/eligibility/v1/policy.js";
import { Kind } from "#gen/backhaul/type/v1/kind.js";
import { newId } from "#kit/ids.js";
import { jsonOf } from "./builders.js";
import { type Desk, openDesk, reason } from "./desk.js";

describe("eligibility: a replica that read the policies before they changed", () => {
  let desk: Desk;
  before(async () => {
    desk = await openDesk();
  });
  after(() => desk?.close());

  /** An order that is placed as soon as the version judges. */
  const soldUnder = ({ market, effectiveTime }: Policy) =>
    desk.world.sell({ market, orderTime: new Date((effectiveTime?.getTime() ?? 0) + 1) });

  it("decides by a market's first policy, though it was asked before there was one", async () => {
    const json = readFileSync(new URL("./documents/JP.json", import.meta.url), "utf8");
    const { policyId } = await desk.approved(json);
    const early = desk.world.sell({ market: "JP", orderTime: new Date() });
    await assert.rejects(desk.decide(early, 0), reason("NO_POLICY"));
    const { policy } = await desk.approver.activatePolicy({ requestId: newId("req"), policyId });
    for (const replica of [0, 1] as const) {
      assert.equal((await desk.decide(soldUnder(policy!), replica)).policyId, policyId);
    }
  });

  it("knows a reason that a new version brings", async () => {
    await desk.decide(desk.world.sell(), 0);
    const json = JSON.parse(jsonOf("KR"));
    const { leaves } = json.reasons.find((group: { leaves: { code: string }[] }) =>
      group.leaves.some(({ code }) => code === "NO_LONGER_NEEDED"),
    );
    leaves.push({ ...leaves[0], code: "BOUGHT_TWICE" });
    const orderId = soldUnder(await desk.bringToLife(JSON.stringify(json)));
    const lines = [RequestedLine.fromPartial({ lineId: "l-1", quantity: 1, reason: "BOUGHT_TWICE" })];
    for (const replica of [0, 1] as const) {
      const client = desk.decisionsAs("SERVICE", "test", replica);
      const asked = { requestId: newId("req"), orderId, kind: Kind.KIND_RETURN, lines };
      assert.equal((await client.decideEligibility(asked)).decision?.verdict, Verdict.VERDICT_ACCEPT);
    }
  });
});
