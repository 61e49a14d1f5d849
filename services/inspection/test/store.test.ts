import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { byFact } from "#kit/aggregate.js";
import type { Followers } from "#kit/commit.js";
import { newId } from "#kit/ids.js";
import { migrate } from "#kit/migrate.js";
import { type Database, openDatabase } from "#kit/postgres.js";
import { openStage, type Stage } from "#kit/testing/stage.js";
import { testVault } from "#kit/testing/vault.js";
import { expect, needsAttention, receive } from "../core/inspection.js";
import { openStore, type Store } from "../store.js";
import { inspection, mugsAndLamp, noon, onePm } from "./builders.js";

describe("inspection: store", () => {
  let stage: Stage;
  let db: Database;
  let store: Store;
  let statements: string[] = [];
  const followers: Followers = { now: () => noon, announce: () => {}, hasRoom: () => false, take: () => {} };
  const spend = () => byFact<ReturnType<typeof inspection>>("test", newId("evt"));

  before(async () => {
    stage = await openStage();
    db = openDatabase({ url: stage.databaseUrl, schema: `t${randomBytes(4).toString("hex")}_store`, poolSize: 2 });
    await migrate(db, new URL("../prisma/migrations/", import.meta.url));
    store = openStore(counting(db), followers, testVault(db));
  });
  after(async () => {
    await store?.close();
    await db?.close();
    await stage?.close();
  });

  const attention = { step: "post", requestId: "stp_1", reason: "no", time: onePm };
  const counting = (real: Database): Database => ({
    ...real,
    query: (statement, values) => {
      statements.push(statement.name);
      return real.query(statement, values);
    },
  });
  const expected = (ids = { inspectionId: newId("ins"), resolutionId: newId("res") }) =>
    store.expect(ids.resolutionId, spend(), () => expect({ ...inspection(), ...ids, lines: mugsAndLamp, now: noon }));

  it("takes one statement for each change, and reads first what another process may have written", async () => {
    statements = [];
    const { inspectionId } = await expected();
    assert.deepEqual(statements, ["inspection.ofResolution", "inspection.insert"]);
    statements = [];
    await store.change(inspectionId, spend(), (i) => receive(i, onePm));
    assert.deepEqual(statements, ["inspection.update"]);
    statements = [];
    const other = openStore(counting(db), followers, testVault(db));
    await other.change(inspectionId, spend(), (i) => needsAttention(i, attention));
    await other.close();
    assert.deepEqual(statements, ["inspection.read", "inspection.update"]);
  });

  it("reads what it wrote, a note that looks like a time included", async () => {
    const { inspectionId } = await expected();
    const findings = [
      { lineId: "mugs", quantity: 3, verdict: "REJECTED", disposition: "RETURN_TO_CUSTOMER", note: noon.toISOString() },
    ] as const;
    const written = await store.change(inspectionId, spend(), (i) => {
      const { next } = needsAttention(i, attention);
      return {
        next: {
          ...next,
          findings,
          inspector: "wendy",
          receiveTime: noon,
          completeTime: onePm,
          sendBackTrackingNumber: "TN-1",
        },
      };
    });
    assert.deepEqual(await store.find(inspectionId), written);
    const { rows } = await store.list({ resolutionId: written.resolutionId }, { pageSize: 0, pageToken: "" });
    assert.deepEqual(rows, [written]);
  });

  it("keeps a change of somebody who was faster", async () => {
    const { inspectionId } = await expected();
    const _what = { step: "announce", requestId: "stp_1", reason: "no", time: noon };
    const both = Array.from({ length: 4 }, () =>
      store.change(inspectionId, spend(), (i) => needsAttention(i, attention)),
    );
    await Promise.all(both);
    const after = await store.find(inspectionId);
    assert.deepEqual([after.attention.length, after.version], [4, 5]);
  });
});
