import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { AddEvidenceRequest, CustodyFault } from "#gen/backhaul/inspection/v1/custody_service.js";
import {
  CustodyStage,
  DisputeOutcome,
  DisputeParty,
  ExpectationTerms,
  type Finding,
  FindingDetail,
} from "#gen/backhaul/inspection/v1/inspection.js";
import { DisputeDecided, EvidenceAdded, InspectionCompleted } from "#gen/backhaul/inspection/v1/inspection_events.js";
import { newId } from "#kit/ids.js";
import { broken, fine, refused } from "./builders.js";
import { type House, messagesOf, openHouse, state } from "./house.js";

describe("inspection: evidence and findings of units", () => {
  let house: House;
  before(async () => {
    house = await openHouse();
  });
  after(() => house?.close());

  /** A photo that the media system keeps. */
  function photo() {
    const mediaId = newId("med");
    const sha256 = createHash("sha256").update(mediaId).digest("hex");
    house.partners.photos.set(mediaId, sha256);
    return { mediaId, sha256 };
  }
  const stages = [
    CustodyStage.CUSTODY_STAGE_CUSTOMER,
    CustodyStage.CUSTODY_STAGE_DRIVER,
    CustodyStage.CUSTODY_STAGE_DOCK,
    CustodyStage.CUSTODY_STAGE_QA,
  ];
  const evidence = (inspectionId: string, change = {}) =>
    AddEvidenceRequest.fromPartial({
      requestId: newId("req"),
      inspectionId,
      stage: CustodyStage.CUSTODY_STAGE_DOCK,
      photo: photo(),
      note: "2026-03-02T12:00:00.000Z",
      ...change,
    });
  async function chained() {
    const { inspectionId } = await house.expected();
    for (const stage of stages) await house.custody.addEvidence(evidence(inspectionId, { stage }));
    return inspectionId;
  }
  const verified = async (inspectionId: string) => {
    const { findings } = await house.custody.verifyCustody({ inspectionId });
    return findings.map(({ sequence, fault }) => [sequence, fault]);
  };

  it("links customer, driver, dock and bench, announces each link, and finds the chain whole", async () => {
    const inspectionId = await chained();
    const { evidence: entries } = await house.custody.listEvidence({ inspectionId });
    assert.deepEqual(
      entries.map((e) => [e.sequence, e.stage, e.actor, e.previousHash]),
      stages.map((stage, i) => [i + 1, stage, "dora", entries[i - 1]?.hash ?? ""]),
    );
    const { inspection } = await house.client.getInspection({ inspectionId });
    assert.deepEqual([inspection?.custodyCount, inspection?.custodyHead], [4, entries[3]?.hash]);
    assert.deepEqual(
      (await house.facts(inspectionId)).map(({ body }) => EvidenceAdded.decode(body).hash),
      entries.map((e) => e.hash),
    );
    assert.deepEqual(await verified(inspectionId), []);
  });

  it("adds the same request once, and keeps the order in which many were added at once", async () => {
    const { inspectionId } = await house.expected();
    const request = evidence(inspectionId);
    const first = await house.custody.addEvidence(request);
    house.partners.photos.delete(request.photo!.mediaId);
    assert.deepEqual(await house.custody.addEvidence(request), first);
    house.partners.photos.set(request.photo!.mediaId, request.photo!.sha256);
    await Promise.all(Array.from({ length: 6 }, () => house.custody.addEvidence(evidence(inspectionId))));
    const { evidence: entries } = await house.custody.listEvidence({ inspectionId });
    assert.deepEqual(
      entries.map((e) => e.sequence),
      [1, 2, 3, 4, 5, 6, 7],
    );
    assert.deepEqual(await verified(inspectionId), []);
  });

  it("refuses a photo that the media system does not have, or has with other bytes", async () => {
    const { inspectionId } = await house.expected();
    const wrong = { ...photo(), sha256: "0".repeat(64) };
    await assert.rejects(
      house.custody.addEvidence(evidence(inspectionId, { photo: wrong })),
      refused("MEDIA_HASH_MISMATCH", { media_id: wrong.mediaId }),
    );
    const gone = evidence(inspectionId, { photo: { ...wrong, mediaId: "med_gone" } });
    await assert.rejects(house.custody.addEvidence(gone), refused("PARTNER_NOT_FOUND", { partner: "media" }));
    assert.deepEqual((await house.custody.listEvidence({ inspectionId })).evidence, []);
  });

  it("lets nobody change, remove or cut off evidence in the database", async () => {
    const inspectionId = await chained();
    for (const sql of [
      "UPDATE custody_entry SET note = 'x' WHERE inspection_id = $1",
      "DELETE FROM custody_entry WHERE inspection_id = $1",
      "UPDATE inspection SET custody_count = 3 WHERE inspection_id = $1",
      "UPDATE inspection SET custody_head = 'x' WHERE inspection_id = $1",
    ])
      await assert.rejects(house.query(sql, [inspectionId]), { code: "BH006" }, sql);
    assert.deepEqual(await verified(inspectionId), []);
  });

  it("names the place when somebody with the keys to the database does it all the same", async () => {
    const content = CustodyFault.CUSTODY_FAULT_CONTENT;
    const { CUSTODY_FAULT_LINK: link, CUSTODY_FAULT_GAP: gap, CUSTODY_FAULT_HEAD: head } = CustodyFault;
    await house.query("ALTER TABLE custody_entry DISABLE TRIGGER custody_immutable");
    try {
      const cases: [string, (number | CustodyFault)[][]][] = [
        ["UPDATE custody_entry SET note = 'fine' WHERE inspection_id = $1 AND sequence = 2", [[2, content]]],
        [
          "DELETE FROM custody_entry WHERE inspection_id = $1 AND sequence = 2",
          [
            [2, gap],
            [3, link],
          ],
        ],
        ["DELETE FROM custody_entry WHERE inspection_id = $1 AND sequence = 4", [[4, head]]],
      ];
      for (const [sql, faults] of cases) {
        const inspectionId = await chained();
        await house.query(sql, [inspectionId]);
        assert.deepEqual(await verified(inspectionId), faults, sql);
      }
    } finally {
      await house.query("ALTER TABLE custody_entry ENABLE TRIGGER custody_immutable");
    }
    const inspectionId = await chained();
    const { evidence: entries } = await house.custody.listEvidence({ inspectionId });
    house.partners.photos.set(entries[2]!.photo!.mediaId, "f".repeat(64));
    assert.deepEqual(await verified(inspectionId), [[3, CustodyFault.CUSTODY_FAULT_MEDIA_REPLACED]]);
  });

  const money = (units: bigint) => ({ currencyCode: "GBP", units, nanos: 0 });
  const unit = (lineId: string, unitNumber: number, detail = {}, of = fine(lineId)): Finding => ({
    ...messagesOf([of])[0]!,
    detail: FindingDetail.fromPartial({ unitNumber, ...detail }),
  });
  async function valued() {
    const details = [{ lineId: "lamp", unitValue: money(250n), serials: ["SN-1"] }];
    const terms = ExpectationTerms.fromPartial({
      deductionCauses: ["HANDLING"],
      secondOpinionOver: money(100n),
      details,
    });
    const { inspectionId } = await house.expected({ terms });
    await house.bench.receiveParcel({ requestId: newId("req"), inspectionId });
    return inspectionId;
  }
  const record = (inspectionId: string, finding: Finding, as = house.bench) =>
    as.recordFinding({ requestId: newId("req"), inspectionId, finding });

  it("takes two opinions, a deduction and photos from the bench to the refund", async () => {
    const inspectionId = await valued();
    const deductions = [{ cause: "HANDLING", amount: money(25n), note: "used" }];
    const detail = { serial: "SN-1", photos: [photo()], deductions };
    await record(inspectionId, unit("lamp", 1, detail));
    const complete = () =>
      house.bench.completeInspection({
        requestId: newId("req"),
        withoutOutstanding: false,
        inspectionId,
        findings: messagesOf([fine("mugs", 3)]),
      });
    await assert.rejects(complete(), refused("SECOND_INSPECTOR", { line_id: "lamp", inspector: "wendy" }));
    const walt = house.as("WAREHOUSE", "walt");
    await record(inspectionId, unit("lamp", 1, detail), walt);
    walt.close();
    const { inspection } = await complete();
    assert.equal(inspection?.state, state("INSPECTED"));
    const told = (await house.facts(inspectionId)).find((f) => f.subject.endsWith("InspectionCompleted"));
    const { findings } = InspectionCompleted.decode(told!.body);
    const lamp = findings.find((f) => f.lineId === "lamp")?.detail;
    assert.deepEqual([lamp?.unitNumber, lamp?.recorder, lamp?.photos], [1, "walt", []]);
    const wordless = deductions.map((deduction) => ({ ...deduction, note: "" }));
    assert.deepEqual(lamp?.deductions, wordless, "a fact tells amounts and causes, and no words");
    assert.deepEqual(inspection?.findings.find((f) => f.lineId === "lamp")?.detail?.deductions, deductions);
    await assert.rejects(complete(), refused("INSPECTION_DONE", { state: "INSPECTED", verb: "complete" }));
  });

  it("completes without findings from what was recorded, and refuses to while a unit has none", async () => {
    const lines = [{ lineId: "mugs", sku: "MUG-RED", quantity: 2 }];
    const { inspectionId } = await house.expected({ lines });
    await house.bench.receiveParcel({ requestId: newId("req"), inspectionId });
    const complete = () =>
      house.bench.completeInspection({
        requestId: newId("req"),
        inspectionId,
        findings: [],
        withoutOutstanding: false,
      });
    await record(inspectionId, unit("mugs", 1));
    await assert.rejects(complete(), refused("FINDINGS_UNBALANCED", { line_id: "mugs", found: "1", received: "2" }));
    await record(inspectionId, unit("mugs", 2, {}, broken("mugs")));
    assert.deepEqual(
      (await complete()).inspection?.findings.map((f) => [f.detail?.unitNumber, f.verdict]),
      [
        [1, 1],
        [2, 2],
      ],
    );
  });

  it("refuses a finding of a unit with a photo of other bytes, and one that names no unit", async () => {
    const inspectionId = await valued();
    const photos = [{ ...photo(), sha256: "a".repeat(64) }];
    await assert.rejects(record(inspectionId, unit("mugs", 1, { photos })), refused("MEDIA_HASH_MISMATCH"));
    await assert.rejects(record(inspectionId, unit("mugs", 0)), refused("INVALID_REQUEST"));
    assert.deepEqual((await house.client.getInspection({ inspectionId })).inspection?.recorded, []);
  });

  it("carries a dispute from its evidence to what holds instead", async () => {
    const { inspectionId } = await house.received();
    await house.complete(inspectionId, [broken("mugs", 3), fine("lamp")]);
    const agent = house.as("AGENT", "ann");
    const { inspection } = await agent.openDispute({
      requestId: newId("req"),
      inspectionId,
      party: DisputeParty.DISPUTE_PARTY_CUSTOMER,
      lineId: "mugs",
      unitNumber: 2,
      statement: "they were fine",
      evidence: [photo()],
    });
    agent.close();
    const { disputeId } = inspection!.disputes[0]!;
    assert.deepEqual(
      (await house.stepsLeft(inspectionId)).filter((s) => s.step === "dispute-due"),
      [{ step: "dispute-due" }],
    );
    const lead = house.as("LEAD", "lea");
    const ruling = {
      inspectionId,
      disputeId,
      outcome: DisputeOutcome.DISPUTE_OUTCOME_UPHELD,
      note: "the photos say so",
      corrected: messagesOf([fine("mugs")])[0]!,
    };
    const { inspection: after } = await lead.decideDispute({ requestId: newId("req"), ...ruling });
    assert.equal(after?.disputes[0]?.decider, "lea");
    const again = lead.decideDispute({ requestId: newId("req"), ...ruling });
    await assert.rejects(again, refused("DISPUTE_STATE", { dispute_id: disputeId }));
    lead.close();
    const told = (await house.facts(inspectionId)).find((f) => f.subject.endsWith("DisputeDecided"));
    assert.equal(DisputeDecided.decode(told!.body).dispute?.corrected?.verdict, 1);
  });

  it("suggests with the unit's value, and serves the checklist of a category", async () => {
    const inspectionId = await valued();
    const { options } = await house.bench.suggestDisposition({
      inspectionId,
      lineId: "lamp",
      condition: 1,
      unopened: true,
      scratches: 0,
      partsMissing: false,
    });
    assert.deepEqual([options[0]?.recoveryBasisPoints, options[0]?.recovery], [9600, money(240n)]);
    const { category, points } = await house.bench.getChecklist({ category: "phones" });
    assert.equal(category, "phones");
    assert.ok(points.some(({ pointId, photo: wanted }) => pointId === "screen" && wanted));
  });
});
