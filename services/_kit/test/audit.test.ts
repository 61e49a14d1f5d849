import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { entryHash } from "#kit/audit/entry.js";
import { newId } from "#kit/ids.js";
import { openStage, type Stage } from "#kit/testing/stage.js";
import { openIntruder, openTrails, type Trails } from "./trails.js";

describe("kit: the audit trail", () => {
  let stage: Stage;
  let trails: Trails;
  before(async () => {
    stage = await openStage();
    trails = await openTrails(stage.databaseUrl);
  });
  after(async () => {
    await trails?.close();
    await stage?.close();
  });
  const counter = () => newId("cnt");
  const faults = async () => (await trails.verify()).findings.map(({ fault }) => fault);

  it("says who did what for whom and why, linked by the hash that can be computed from it", async () => {
    const id = counter();
    await trails.count(id, trails.one, { customerId: "c-17", reason: "GOODWILL" });
    await trails.count(id, trails.one, { reason: "her dog died" });
    const [first, second] = await trails.entriesOf(id);
    assert.ok(first && second);
    const { rpc, principal, via, onBehalfOf, reason, outcome, sequence } = first;
    assert.deepEqual(
      [rpc, principal, via, onBehalfOf, reason, outcome, sequence],
      ["backhaul.refund.v1.RefundService/IssueRefund", "AGENT:alice", "gateway", "c-17", "GOODWILL", "DONE", 1],
    );
    assert.deepEqual(first.hash, entryHash(first));
    assert.deepEqual(second.previousHash, first.hash);
    assert.deepEqual(second.hash, entryHash(second));
  });

  it("holds no text that a person wrote, only its digest, which nobody can guess without the request's id", async () => {
    const id = counter();
    await trails.count(id, trails.one, { note: "call Mina Kim, 010-1234-5678", customerId: "mina@example.com" });
    const [entry] = await trails.entriesOf(id);
    const text = JSON.stringify(entry);
    assert.doesNotMatch(text, /Mina|mina|010-1234/);
    assert.match(entry?.reason ?? "", /^sha256:[\w-]{43}$/);
    assert.notEqual(
      entry?.reason,
      `sha256:${createHash("sha256").update("call Mina Kim, 010-1234-5678").digest("base64url")}`,
    );
  });

  it("lets nobody change, remove or cut off what was done", async () => {
    await trails.count(counter());
    await trails.one.sealer.round();
    for (const table of ["audit", "audit_leaf", "audit_seal"]) {
      await assert.rejects(trails.query(`DELETE FROM ${table}`), { code: "BH007" }, table);
      await assert.rejects(trails.query(`TRUNCATE ${table}`), { code: "BH007" }, table);
    }
    await assert.rejects(trails.query("UPDATE audit SET principal = 'AGENT:bob'"), { code: "BH007" });
  });

  it("is whole while two replicas write to it and seal it at once, and every entry is sealed once", async () => {
    const other = trails.replica();
    const ids = Array.from({ length: 6 }, counter);
    for (const id of ids) await trails.count(id);
    const writing = Promise.all(
      Array.from({ length: 240 }, (_, i) => trails.count(ids[i % 6] as string, i % 2 ? other : trails.one)),
    );
    for (let round = 0; round < 8; round++) {
      await Promise.all([trails.one.sealer.round(), other.sealer.round()]);
      assert.deepEqual(await faults(), []);
    }
    await writing;
    await Promise.all([trails.one.sealer.round(), other.sealer.round()]);
    await trails.one.sealer.round();
    const report = await trails.verify();
    assert.deepEqual([report.findings, report.unsealed], [[], 0]);
    assert.ok(report.seals > 2 && report.published >= report.seals, JSON.stringify(report));
    assert.equal((await trails.entriesOf(ids[0] as string)).length, 41);
  });

  it("finds each of seven kinds of tampering, 20 times each, however much of the trail was made to fit", async function () {
    this.timeout(60_000);
    const small = await openTrails(stage.databaseUrl);
    const ids: string[] = [];
    for (let at = 0; at < 5; at++) {
      const id = counter();
      ids.push(id);
      for (let act = 0; act < 6; act++) await small.count(id);
      await small.one.sealer.round();
    }
    assert.deepEqual((await small.verify()).findings, []);
    const intruder = await openIntruder(stage.databaseUrl, small.schema);
    const at = "WHERE resource_id = $1 AND sequence = $2";
    const kinds: Record<string, (id: string, sequence: number, other: string) => Promise<unknown>> = {
      "changed field": (id, n) => intruder.run(`UPDATE audit SET principal = 'AGENT:bob' ${at}`, [id, n]),
      "deleted in the middle": (id, n) => intruder.run(`DELETE FROM audit ${at}`, [id, Math.min(n, 5)]),
      inserted: async (id, n, other) => {
        await intruder.run("UPDATE audit SET sequence = sequence + 100 WHERE resource_id = $1 AND sequence >= $2", [
          id,
          n,
        ]);
        await intruder.run("UPDATE audit SET sequence = sequence - 99 WHERE resource_id = $1 AND sequence > 100", [id]);
        await intruder.run(
          `INSERT INTO audit SELECT $1, $2, rpc, 'AGENT:bob', via, on_behalf_of, reason, outcome, request_digest,
            business_time, real_time, trace_id, previous_hash, hash FROM audit WHERE resource_id = $3 AND sequence = 1`,
          [id, n, other],
        );
      },
      swapped: async (id, n) => {
        const [one, two] = n === 6 ? [5, 6] : [n, n + 1];
        await intruder.run(`UPDATE audit SET sequence = 100 ${at}`, [id, one]);
        await intruder.run(`UPDATE audit SET sequence = $2 WHERE resource_id = $1 AND sequence = $3`, [id, one, two]);
        await intruder.run(`UPDATE audit SET sequence = $2 WHERE resource_id = $1 AND sequence = 100`, [id, two]);
      },
      "tail cut off": (id, n) =>
        intruder.run("DELETE FROM audit WHERE resource_id = $1 AND sequence > $2", [id, Math.min(n, 5)]),
      rewritten: async (id) => {
        await intruder.run("UPDATE audit SET principal = 'AGENT:bob' WHERE resource_id = $1", [id]);
        await intruder.rehash(id);
      },
      "resource gone": (id) => intruder.run("DELETE FROM audit WHERE resource_id = $1", [id]),
    };
    const missed: string[] = [];
    let found = 0;
    try {
      for (const [kind, tamper] of Object.entries(kinds)) {
        for (let seed = 0; seed < 20; seed++) {
          const roll = createHash("sha256").update(`${kind} ${seed}`).digest();
          const id = ids[(roll[0] ?? 0) % ids.length] as string;
          const other = ids[((roll[0] ?? 0) + 1) % ids.length] as string;
          await tamper(id, 1 + ((roll[1] ?? 0) % 6), other);
          // Nothing more; right hashes; leaves, too; seals by another key, too.
          if (seed % 4 >= 1) await intruder.rehash(id);
          if (seed % 4 >= 2) await intruder.releaf(id);
          if (seed % 4 >= 3) await intruder.reseal();
          const { findings } = await small.verify();
          if (findings.length > 0) found++;
          else missed.push(`${kind} ${seed}`);
          await intruder.undo();
          if (seed === 19) assert.deepEqual((await small.verify()).findings, [], `no false alarm after ${kind}`);
        }
      }
    } finally {
      await intruder.close();
      await small.close();
    }
    assert.deepEqual([found, missed], [140, []]);
  });
});
