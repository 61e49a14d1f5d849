import assert from "node:assert/strict";
import { AuditServiceService, ListAuditRequest } from "#gen/backhaul/audit/v1/audit_service.js";
import type { RoleWord } from "#kit/contracts.js";
import { newId } from "#kit/ids.js";
import { clientAs, until } from "#kit/testing/peers.js";
import { trailOf } from "../../../scripts/audit/trails.js";
import { refused } from "./builders.js";
import { type House, openHouse } from "./house.js";

describe("inspection: its audit trail", () => {
  let house: House;
  before(async () => {
    house = await openHouse({ AUDIT_SEAL_MS: "100" });
  });
  after(() => house?.close());

  const listed = async (filter: object, role: RoleWord = "OPERATOR") => {
    const auditor = clientAs(AuditServiceService, house.port, role, "olga");
    try {
      return await auditor.listAudit(ListAuditRequest.fromPartial({ service: "inspection", ...filter }));
    } finally {
      auditor.close();
    }
  };

  it("says who changed an inspection, newest first, and nothing of a call that was refused or came again", async () => {
    const { inspectionId } = await house.expected();
    const receive = { requestId: newId("req"), inspectionId };
    await house.bench.receiveParcel(receive);
    await house.bench.receiveParcel(receive);
    await assert.rejects(
      house.bench.completeInspection({
        requestId: newId("req"),
        inspectionId,
        findings: [],
        withoutOutstanding: false,
      }),
      refused("FINDINGS_UNBALANCED"),
    );
    const { entries } = await listed({ resourceId: inspectionId });
    assert.deepEqual(
      entries.map(({ sequence, principal, rpc, outcome }) => [sequence, principal, rpc.split("/")[1], outcome]),
      [
        [2, "WAREHOUSE:wendy", "ReceiveParcel", "DONE"],
        [1, "SERVICE:test", "ExpectReceipt", "DONE"],
      ],
    );
    assert.equal(entries[0]?.previousHash, entries[1]?.hash);
  });

  it("pages through the acts of one caller, each once, and keeps to the times that were asked for", async () => {
    const since = new Date();
    const bench = house.as("WAREHOUSE", "pager");
    const made: string[] = [];
    for (let at = 0; at < 5; at++) {
      const { inspectionId } = await house.expected();
      await bench.receiveParcel({ requestId: newId("req"), inspectionId });
      made.unshift(inspectionId);
    }
    bench.close();
    const found: string[] = [];
    let pageToken = "";
    do {
      const page = await listed({ principal: "WAREHOUSE:pager", pageSize: 2, pageToken });
      found.push(...page.entries.map(({ resourceId }) => resourceId));
      pageToken = page.nextPageToken;
    } while (pageToken);
    assert.deepEqual(found, made);
    assert.equal((await listed({ sinceTime: since })).entries.length, 10);
    assert.equal((await listed({ untilTime: since })).entries.filter(({ realTime }) => realTime! >= since).length, 0);
  });

  it("is read by those who answer for it, at the service that keeps it", async () => {
    for (const role of ["LEAD", "FINANCE", "OPERATOR"] as const) await listed({}, role);
    for (const role of ["CUSTOMER", "GUEST", "AGENT", "WAREHOUSE", "SELLER", "CARRIER"] as const)
      await assert.rejects(listed({}, role), refused("ROLE_NOT_ALLOWED"), role);
    await assert.rejects(listed({ service: "refund" }), refused("INVALID_REQUEST"));
    await assert.rejects(listed({ pageToken: "bm9uc2Vuc2U" }), refused("PAGE_TOKEN_INVALID"));
  });

  it("is sealed, published on the stream, and whole; a seal that is gone from the database is missed", async () => {
    await house.expected();
    const where = {
      databaseUrl: house.stage.databaseUrl,
      prefix: house.schema.replace(/inspection$/, ""),
      natsUrl: house.stage.nats.url,
      sealFile: "",
      key: house.auditKey,
    };
    const report = await until("everything is sealed and published", async () => {
      const found = await trailOf("inspection", where);
      return found.unsealed === 0 && found.published >= found.seals && found.seals > 0 && found;
    });
    assert.deepEqual(report.findings, []);
    const guess = await trailOf("inspection", { ...where, key: "another key" });
    assert.ok(guess.findings.every(({ fault }) => fault === "SEAL") && guess.findings.length >= report.seals);

    await house.query("ALTER TABLE audit_seal DISABLE TRIGGER audit_seal_immutable");
    await house.query("DELETE FROM audit_seal WHERE number = 1");
    const { findings } = await trailOf("inspection", where);
    assert.ok(findings.some(({ fault, sequence }) => fault === "SEALS_CUT_OFF" && sequence === 1));
  });
});
