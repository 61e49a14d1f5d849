import assert from "node:assert/strict";
import { cpSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import type { Followers } from "#kit/commit.js";
import { migrate } from "#kit/migrate.js";
import { type Database, openDatabase } from "#kit/postgres.js";
import { openStage, type Stage } from "#kit/testing/stage.js";
import { testVault } from "#kit/testing/vault.js";
import { openStore } from "../store.js";
import { at, collection } from "./builders.js";

const migrations = new URL("../prisma/migrations/", import.meta.url);

/** What was stored before reports had reporters, parcels were watched, and a collection could have several. */
describe("collection: rows of before", () => {
  let stage: Stage;
  let db: Database;
  const folder = mkdtempSync(join(tmpdir(), "collection-"));

  before(async () => {
    stage = await openStage();
    db = openDatabase({ url: stage.databaseUrl, schema: stage.env("collection").DATABASE_SCHEMA ?? "", poolSize: 2 });
    for (const name of ["20261122000000_kit", "20261122000001_collection"]) {
      cpSync(fileURLToPath(new URL(name, migrations)), join(folder, name), { recursive: true });
    }
    await migrate(db, pathToFileURL(`${folder}/`));
  });
  after(async () => {
    rmSync(folder, { recursive: true });
    await db?.close();
    await stage?.close();
  });

  const stored = async (collectionId: string, state: string, method = "PICKUP_IN_PERSON", bookingId = "bkg") => {
    const text = `INSERT INTO collection (collection_id, resolution_id, order_id, customer_id, market, method, units, state,
        carrier, tracking_number, booking_id, attempts, max_attempts, create_time, update_time, version)
      VALUES ($1, 'res', 'o', 'c', 'KR', $2, 1, $3, 'cj', $1, $4, '[]', 3, $5, $5, 2)`;
    await db.query({ name: "test.insert", text }, [collectionId, method, state, bookingId || null, at(0)]);
  };

  it("are read as they were, and watched from now on where a carrier is awaited", async () => {
    await stored("moving", "IN_TRANSIT");
    await stored("called", "SCHEDULED");
    await stored("brought", "SCHEDULED", "DROP_OFF_CVS");
    await stored("new", "CREATED", "PICKUP_IN_PERSON", "");
    await stored("done", "DELIVERED");
    const event = `INSERT INTO tracking_event VALUES ('moving', 'e-1', 'IN_TRANSIT', 'X', NULL, $1, $1, true)`;
    await db.query({ name: "test.event", text: event }, [at(1)]);
    await migrate(db, migrations);
    const watched = await db.query({ name: "test.watched", text: "SELECT aggregate_id FROM agenda ORDER BY 1" }, []);
    assert.deepEqual(
      watched.map((row) => row.aggregate_id),
      ["called", "moving"],
    );
    const followers: Followers = { now: () => at(2), announce: () => {}, hasRoom: () => false, take: () => {} };
    const store = openStore(db, followers, testVault(db));
    const { stallTime, presumeLostTime, stalls } = await store.find("moving");
    const { stallTime: none, presumeLostTime: never, stalls: zero } = collection();
    assert.deepEqual([stallTime, presumeLostTime, stalls], [none, never, zero]);
    const [report] = await store.tracking("moving");
    assert.deepEqual(
      [report?.kind, report?.reporter, report?.aside, report?.evidence],
      ["IN_TRANSIT", "", undefined, undefined],
    );
    assert.deepEqual(await store.heardTime("moving"), at(1));
    assert.deepEqual(await store.visits.holders("cj", "moving"), [{ collectionId: "moving", first: true }]);
    const { parcels, visitId } = await store.find("moving");
    assert.deepEqual([parcels, visitId], [[], undefined], "one parcel, its booking; and no visit to share");
    await store.close();
  });
});
