// Goods that the customer never had: refused at the door, not fetched, called back. What is rejected goes to nobody.
import assert from "node:assert/strict";
import { Disposition, ExpectationTerms } from "#gen/backhaul/inspection/v1/inspection.js";
import { GoodsQuarantined } from "#gen/backhaul/inspection/v1/inspection_events.js";
import { QuarantineReason } from "#gen/backhaul/inspection/v1/quarantine.js";
import { newId } from "#kit/ids.js";
import { complete, expectAgain } from "../core/inspection.js";
import { suggest } from "../core/suggestion.js";
import { noTerms } from "../core/types.js";
import { openGuides } from "../guides.js";
import { bench, broken, fine, inspection, mugsAndLamp, onePm, refused } from "./builders.js";
import { type House, of, openHouse } from "./house.js";

const neverHad = { ...noTerms, neverHad: true };
const bears = { customerBears: true, article: "" };

describe("inspection: goods that the customer never had", () => {
  it("are kept in quarantine where they are rejected, and sent to nobody", () => {
    const given = [broken("mugs", 2), fine("mugs"), fine("lamp")];
    const judged = complete(bench({ terms: neverHad }), given, "wendy", onePm, bears, "qrn_1");
    assert.deepEqual(
      judged.steps?.map(({ step }) => step),
      ["post"],
    );
    assert.deepEqual(
      judged.quarantined?.map(({ reason, inspectionId, items }) => [reason, inspectionId, items]),
      [["NEVER_HAD", judged.next.inspectionId, [{ sku: "MUG-RED", quantity: 2, serial: "" }]]],
    );
    assert.equal(judged.next.sendBackPayer, "", "and nobody bears a way back");
  });

  it("leave nothing in quarantine where all of them are accepted; others' rejected units go back as ever", () => {
    const good = complete(bench({ terms: neverHad }), [fine("mugs", 3), fine("lamp")], "wendy", onePm);
    assert.deepEqual(good.quarantined, []);
    const given = [broken("mugs", 3), fine("lamp")];
    const had = complete(bench({ terms: noTerms }), given, "wendy", onePm, bears, "qrn_1");
    assert.ok(had.steps?.some(({ step }) => step === "send-back"));
    assert.deepEqual(had.quarantined, []);
  });

  it("stay such once it was said, in whichever order the dock is told", () => {
    const lines = mugsAndLamp;
    const told = (before: object, terms: object) => {
      const { resolutionId, orderId, market, inspectionId } = inspection();
      const asked = { resolutionId, orderId, market, inspectionId, lines, now: onePm };
      return expectAgain(inspection({ terms: { ...noTerms, ...before } }), {
        ...asked,
        terms: { ...noTerms, ...terms },
      }).next.terms.neverHad;
    };
    assert.deepEqual(
      [told({}, neverHad), told(neverHad, {}), told({}, {})],
      [true, true, undefined],
      "terms from before come late at times",
    );
  });

  it("are not suggested to be sent to the customer", () => {
    const seen = { condition: "EMPTY_BOX", unopened: false, scratches: 0, partsMissing: false } as const;
    const ways = (more: object) =>
      suggest({ ...seen, ...more }, openGuides().figures("phones")).options.map(({ disposition }) => disposition);
    assert.deepEqual([ways({}), ways({ neverHad: true })], [["RETURN_TO_CUSTOMER"], ["DISPOSE"]]);
  });
});

describe("inspection: goods that the customer never had, at the dock", () => {
  let house: House;
  before(async () => {
    house = await openHouse();
  });
  after(() => house?.close());

  it("stand in quarantine with the commit that judged them, once, and nothing is sent", async () => {
    const terms = ExpectationTerms.fromPartial({ neverHad: true, fault: 1 });
    const { inspectionId, terms: kept } = await house.expected({ terms });
    assert.equal(kept?.neverHad, true);
    await house.bench.receiveParcel({ requestId: newId("req"), inspectionId });
    await house.complete(inspectionId, [broken("mugs", 2), fine("mugs"), fine("lamp")]);
    const rows = await house.query<{ id: string }>(
      "SELECT quarantine_id AS id FROM quarantined WHERE inspection_id = $1",
      [inspectionId],
    );
    assert.equal(rows.length, 1);
    const { quarantined } = await house.dock.getQuarantined({ quarantineId: rows[0]?.id ?? "" });
    assert.equal(quarantined?.reason, QuarantineReason.QUARANTINE_REASON_NEVER_HAD);
    const facts = (await house.facts(inspectionId)).filter(({ subject }) => subject.endsWith("GoodsQuarantined"));
    assert.deepEqual(
      facts.map(({ body }) => GoodsQuarantined.decode(body).quarantined?.quarantineId),
      [quarantined.quarantineId],
    );
    await house.allDone(inspectionId);
    assert.deepEqual(of(house.partners.outbound.calls, inspectionId), []);
  });

  it("are not sent to the customer out of quarantine either: the dock is told why, and may do anything else", async () => {
    const { inspectionId } = await house.expected({ terms: ExpectationTerms.fromPartial({ neverHad: true }) });
    await house.bench.receiveParcel({ requestId: newId("req"), inspectionId });
    await house.complete(inspectionId, [broken("mugs", 3), fine("lamp")]);
    const [row] = await house.query<{ id: string }>(
      "SELECT quarantine_id AS id FROM quarantined WHERE inspection_id = $1",
      [inspectionId],
    );
    const quarantineId = row?.id ?? "";
    const dispose = (disposition: Disposition) =>
      house.dock.disposeQuarantined({ requestId: newId("req"), quarantineId, disposition, note: "nobody waits" });
    await assert.rejects(
      dispose(Disposition.DISPOSITION_RETURN_TO_CUSTOMER),
      refused("QUARANTINE_STATE", { quarantine_id: quarantineId, state: "HELD", reason: "NEVER_HAD" }),
    );
    const { quarantined } = await dispose(Disposition.DISPOSITION_RETURN_TO_VENDOR);
    assert.equal(quarantined?.disposition, Disposition.DISPOSITION_RETURN_TO_VENDOR);
  });
});
