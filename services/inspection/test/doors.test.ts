import assert from "node:assert/strict";
import { type Condition, UnitVerdict } from "#gen/backhaul/inspection/v1/inspection.js";
import { ListInspectionsRequest } from "#gen/backhaul/inspection/v1/inspection_service.js";
import { newId } from "#kit/ids.js";
import { fine, refused } from "./builders.js";
import { type House, messagesOf, openHouse, state } from "./house.js";

describe("inspection: lists, rules and rights", () => {
  let house: House;
  before(async () => {
    house = await openHouse();
  });
  after(() => house?.close());

  it("lists oldest receipt first, page by page, and what has not come last", async () => {
    const arrivals = [await house.received(), await house.received(), await house.received()].map(
      (i) => i.inspectionId,
    );
    const waiting = [await house.expected(), await house.expected()].map((i) => i.inspectionId);
    const mine = new Set([...arrivals, ...waiting]);
    const listed: string[] = [];
    let pageToken = "";
    do {
      const page = await house.bench.listInspections(ListInspectionsRequest.fromPartial({ pageSize: 2, pageToken }));
      listed.push(...page.inspections.map((i) => i.inspectionId));
      pageToken = page.nextPageToken;
    } while (pageToken !== "");
    assert.deepEqual(
      listed.filter((id) => mine.has(id)),
      [...arrivals, ...waiting],
    );
    assert.equal(new Set(listed).size, listed.length);

    const registered = await house.bench.listInspections(
      ListInspectionsRequest.fromPartial({ state: state("REGISTERED"), pageSize: 100 }),
    );
    assert.deepEqual(
      registered.inspections.map((i) => i.inspectionId).filter((id) => mine.has(id)),
      arrivals,
    );
    const { resolutionId } = registered.inspections[0]!;
    const one = await house.bench.listInspections(ListInspectionsRequest.fromPartial({ resolutionId }));
    assert.deepEqual(
      one.inspections.map((i) => i.resolutionId),
      [resolutionId],
    );
    const lie = ListInspectionsRequest.fromPartial({ pageToken: "§" });
    await assert.rejects(house.bench.listInspections(lie), refused("PAGE_TOKEN_INVALID"));
  });

  it("names each broken rule of a request, and writes nothing", async () => {
    const lines = [
      { lineId: "mugs", sku: "", quantity: 1 },
      { lineId: "lamp", sku: "L", quantity: 0 },
      { lineId: "lamp", sku: "M", quantity: 1 },
    ];
    await assert.rejects(house.expected({ lines }), (error: Error) => {
      refused("INVALID_REQUEST")(error);
      return /lines\[0\]\.sku.*lines\[1\]\.quantity.*lines\[2\]\.sku/.test(error.message);
    });
    const { inspectionId, version } = await house.received();
    const findings = messagesOf([fine("mugs", 3, { verdict: "REJECTED" }), fine("lamp")]);
    findings[1] = {
      ...findings[1]!,
      verdict: UnitVerdict.UNIT_VERDICT_UNSPECIFIED,
      condition: 99 as Condition,
      note: "x".repeat(501),
    };
    await assert.rejects(
      house.bench.completeInspection({ requestId: newId("req"), inspectionId, findings, withoutOutstanding: false }),
      (error: Error) => {
        refused("INVALID_REQUEST")(error);
        return /\[0\]\.disposition.*\[1\]\.verdict.*\[1\]\.condition.*\[1\]\.note/.test(error.message);
      },
    );
    await assert.rejects(
      house.complete(inspectionId, [fine("mugs", 3)]),
      refused("FINDINGS_UNBALANCED", { line_id: "lamp", found: "0" }),
    );
    assert.equal((await house.client.getInspection({ inspectionId })).inspection?.version, version);
  });

  it("keeps roles to their rights, and says what it does not know", async () => {
    const inspectionId = newId("ins");
    const agent = house.as("AGENT", "ann");
    await assert.rejects(agent.receiveParcel({ requestId: "r", inspectionId }), refused("ROLE_NOT_ALLOWED"));
    await assert.rejects(house.bench.expectReceipt(house.expectation()), refused("ROLE_NOT_ALLOWED"));
    await assert.rejects(
      agent.getInspection({ inspectionId }),
      refused("INSPECTION_NOT_FOUND", { inspection_id: inspectionId }),
    );
    await assert.rejects(house.bench.receiveParcel({ requestId: "r", inspectionId }), refused("INSPECTION_NOT_FOUND"));
    agent.close();
  });
});
