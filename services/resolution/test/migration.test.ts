import assert from "node:assert/strict";
import { cpSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { byFact } from "#kit/aggregate.js";
import type { Followers } from "#kit/commit.js";
import { toJson } from "#kit/json.js";
import { migrate } from "#kit/migrate.js";
import { type Database, openDatabase } from "#kit/postgres.js";
import { openStage, type Stage } from "#kit/testing/stage.js";
import { testVault } from "#kit/testing/vault.js";
import type { Resolution } from "../core/types.js";
import { openStore } from "../store.js";
import { pickedUp, scene } from "./builders.js";
import { stored } from "./released.js";

const migrations = new URL("../prisma/migrations/", import.meta.url);

/** What was stored before requests had another origin than the buyer, and replacements a price. */
describe("resolution: rows of before", () => {
  let stage: Stage;
  let db: Database;
  const folder = mkdtempSync(join(tmpdir(), "resolution-"));

  before(async () => {
    stage = await openStage();
    db = openDatabase({ url: stage.databaseUrl, schema: stage.env("resolution").DATABASE_SCHEMA ?? "", poolSize: 2 });
    for (const name of ["20261122000000_kit", "20261122000001_resolution", "20261124000000_open"]) {
      cpSync(fileURLToPath(new URL(name, migrations)), join(folder, name), { recursive: true });
    }
    await migrate(db, pathToFileURL(`${folder}/`));
  });
  after(async () => {
    rmSync(folder, { recursive: true });
    await db?.close();
    await stage?.close();
  });

  it("are read as the buyer's own requests, and go on by the version they began with", async () => {
    const r = stored("RETURN", { goods: "COLLECTING", money: "WAITING", stock: "NONE" });
    const text = `INSERT INTO resolution (resolution_id, order_id, customer_id, market, kind, channel, state, goods, money,
        stock, lines, terms, decision, chart, collection_id, inspection_id, refund_id, stock_hold_id, deadlines, entries,
        on_hold, create_time, update_time, version)
      VALUES ($1, 'o-1', 'c-1', 'KR', 'RETURN', 'APP', 'OPEN', 'COLLECTING', 'WAITING', 'NONE', $2::jsonb, $3::jsonb, '',
        $4::jsonb, '', '', '', '', '[]', 1, false, $5, $5, 1)`;
    const { now } = scene();
    await db.query({ name: "test.insert", text }, [
      r.resolutionId,
      toJson(r.lines),
      toJson(r.terms),
      toJson(r.chart),
      now,
    ]);
    await migrate(db, migrations);
    const followers: Followers = { now: () => now, announce: () => {}, hasRoom: () => false, take: () => {} };
    const store = openStore(db, followers, testVault(db));
    try {
      const { origin, exchange } = await store.find(r.resolutionId);
      assert.deepEqual(origin, {
        cancelCode: undefined,
        unaskedReason: undefined,
        shipmentId: "",
        returnEventId: "",
        originResolutionId: "",
        gift: false,
      });
      assert.equal(exchange, undefined);
      const moved = await store.change(r.resolutionId, byFact<Resolution>("resolution", "evt-1"), pickedUp);
      assert.deepEqual([moved?.tracks?.goods, moved?.chart.machine], ["IN_TRANSIT", "resolution/1"]);
    } finally {
      await store.close();
    }
  });
});
