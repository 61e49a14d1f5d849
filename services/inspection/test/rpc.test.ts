import assert from "node:assert/strict";
import { Disposition, Grade } from "#gen/backhaul/inspection/v1/inspection.js";
import { GoodsSentBack, InspectionCompleted, ParcelReceived } from "#gen/backhaul/inspection/v1/inspection_events.js";
import { newId } from "#kit/ids.js";
import { broken, fine, missing, refused } from "./builders.js";
import { type House, messagesOf, of, openHouse, state } from "./house.js";

describe("inspection: rpc", () => {
  let house: House;
  before(async () => {
    house = await openHouse();
  });
  after(() => house?.close());

  it("tells the dock what to expect, once", async () => {
    const request = house.expectation();
    const first = await house.client.expectReceipt(request);
    assert.deepEqual(await house.client.expectReceipt(request), first);
    const { inspectionId, resolutionId } = first.inspection!;
    await house.allDone(inspectionId);
    const calls = of(house.partners.dock.calls, inspectionId);
    assert.deepEqual(
      calls.map((c) => [c.resolutionId, c.orderId, c.lines]),
      [[resolutionId, "o-1", request.lines]],
    );
    const other = { ...request, lines: request.lines.slice(0, 1) };
    await assert.rejects(house.client.expectReceipt(other), refused("REQUEST_ID_REUSED"));
  });

  it("takes a parcel from the dock to the shelf and back to the customer, and announces each step", async () => {
    const { inspectionId, resolutionId, receiveTime } = await house.received();
    const { inspection } = await house.complete(inspectionId, [fine("mugs", 2), broken("mugs"), missing("lamp")]);
    assert.equal(inspection?.state, state("INSPECTED"));
    assert.equal(inspection.inspector, "wendy");
    await house.allDone(inspectionId);
    const { inspection: after } = await house.client.getInspection({ inspectionId });
    assert.match(after!.sendBackTrackingNumber, /^TN-/);
    const units = [{ lineId: "mugs", first: 1, quantity: 2 }];
    const booked = { disposition: Disposition.DISPOSITION_RESTOCKED, grade: Grade.GRADE_LIKE_NEW, units };
    assert.deepEqual(
      of(house.partners.stock.calls, inspectionId).map((c) => c.lines),
      [[{ sku: "MUG-RED", quantity: 2, ...booked }]],
    );
    assert.deepEqual(
      of(house.partners.outbound.calls, inspectionId).map((c) => c.lines),
      [[{ lineId: "mugs", sku: "MUG-RED", quantity: 1 }]],
    );

    const facts = await house.facts(inspectionId);
    const names = ["ParcelReceived", "InspectionCompleted", "GoodsSentBack"];
    assert.deepEqual(
      facts.map((f) => f.subject),
      names.map((name) => `backhaul.inspection.v1.${name}`),
    );
    const [arrival, verdicts, departure] = facts.map((f) => f.body);
    assert.deepEqual(ParcelReceived.decode(arrival!), { inspectionId, resolutionId, receiveTime });
    assert.deepEqual(InspectionCompleted.decode(verdicts!).findings, after!.findings);
    assert.equal(GoodsSentBack.decode(departure!).trackingNumber, after!.sendBackTrackingNumber);
  });

  it("puts units to stock exactly once, though the first answer is lost", async () => {
    const { inspectionId } = await house.received();
    house.partners.stock.moods.push("lost answer");
    await house.complete(inspectionId, [fine("mugs", 3), fine("lamp")]);
    await house.allDone(inspectionId);
    const calls = of(house.partners.stock.calls, inspectionId);
    assert.ok(calls.length >= 2);
    assert.equal(new Set(calls.map((c) => c.requestId)).size, 1);
    const booked = [...house.partners.stock.done.values()].filter((d) => d.request.inspectionId === inspectionId);
    assert.deepEqual(
      booked.map((b) => b.request.lines.map((l) => l.quantity)),
      [[3, 1]],
    );
  });

  it("shows what a partner refused, with the id under which a person may do it", async () => {
    const { inspectionId } = await house.received();
    house.partners.stock.moods.push("refuse");
    await house.complete(inspectionId, [fine("mugs", 3), fine("lamp")]);
    await house.allDone(inspectionId);
    const [call] = of(house.partners.stock.calls, inspectionId);
    const [{ reason, ...what } = { reason: "" }] = (await house.attention(inspectionId)) as { reason: string }[];
    assert.deepEqual(what, { step: "post", requestId: call?.requestId });
    assert.match(reason, /^v1:key_/, "a partner's words may quote anybody: they are kept under seal");
  });

  it("receives a parcel once, however many scan it at once", async () => {
    const { inspectionId } = await house.expected();
    const scans = await Promise.allSettled(
      Array.from({ length: 6 }, () => house.bench.receiveParcel({ requestId: newId("req"), inspectionId })),
    );
    const late = scans.filter((s) => s.status === "rejected");
    assert.equal(late.length, 5);
    for (const { reason } of late) refused("INSPECTION_STATE", { state: "REGISTERED", verb: "receive" })(reason);
    assert.equal((await house.facts(inspectionId)).length, 1);
  });

  it("gives the same answer to the same request, also after the inspection went on", async () => {
    const { inspectionId } = await house.expected();
    const scan = { requestId: newId("req"), inspectionId };
    const first = await house.bench.receiveParcel(scan);
    const findings = messagesOf([fine("mugs", 3), fine("lamp")]);
    const request = { requestId: newId("req"), inspectionId, findings, withoutOutstanding: false };
    const second = await house.bench.completeInspection(request);
    assert.deepEqual(await house.bench.receiveParcel(scan), first);
    assert.deepEqual(await house.bench.completeInspection(request), second);
    await assert.rejects(
      house.bench.completeInspection({ ...request, findings: findings.slice(1) }),
      refused("REQUEST_ID_REUSED"),
    );
  });

  it("cancels what has not come, takes it in when it comes all the same, and then cancels nothing", async () => {
    const { inspectionId } = await house.expected();
    const cancel = async () =>
      (await house.client.cancelReceipt({ requestId: newId("req"), inspectionId })).inspection!.state;
    assert.equal(await cancel(), state("CANCELED"));
    assert.deepEqual(await house.stepsLeft(inspectionId), []);
    await house.bench.receiveParcel({ requestId: newId("req"), inspectionId });
    assert.equal(await cancel(), state("REGISTERED"));
  });

  it("has one inspection of a resolution: the same goods again are the same, a reopened one is expected again", async () => {
    const { inspectionId, resolutionId } = await house.expected();
    assert.equal((await house.expected({ resolutionId })).inspectionId, inspectionId);
    await assert.rejects(
      house.expected({ resolutionId, orderId: "o-2" }),
      refused("INSPECTION_STATE", { verb: "expect" }),
    );
    await house.client.cancelReceipt({ requestId: newId("req"), inspectionId });
    const again = await house.expected({ resolutionId });
    assert.deepEqual([again.inspectionId, again.state], [inspectionId, state("EXPECTED")]);
    await house.allDone(inspectionId);
  });

  it("creates one inspection, however many expect the same goods at once", async () => {
    const request = house.expectation();
    const same = await Promise.all(Array.from({ length: 6 }, () => house.client.expectReceipt(request)));
    assert.equal(new Set(same.map((r) => r.inspection!.inspectionId)).size, 1);
    const { resolutionId } = house.expectation();
    const results = await Promise.allSettled(
      Array.from({ length: 6 }, () => house.client.expectReceipt(house.expectation({ resolutionId }))),
    );
    const ids = results.flatMap((r) => (r.status === "fulfilled" ? [r.value.inspection!.inspectionId] : []));
    assert.equal(new Set(ids).size, 1);
    for (const r of results) if (r.status === "rejected") refused("CONTENTION")(r.reason);
  });
});
