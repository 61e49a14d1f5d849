import assert from "node:assert/strict";
import { newId } from "#kit/ids.js";
import { migrate } from "#kit/migrate.js";
import { type Database, openDatabase } from "#kit/postgres.js";
import { prune } from "#kit/retention.js";
import { openStage, type Stage } from "#kit/testing/stage.js";
import { retention } from "../retention.js";

describe("what of guests is past its time", () => {
  let stage: Stage;
  let db: Database;
  const run = (text: string, values: unknown[] = []) => db.query({ name: "", text }, values);
  before(async () => {
    stage = await openStage();
    db = openDatabase({ url: stage.databaseUrl, schema: newId("tst").toLowerCase(), poolSize: 2 });
    await migrate(db, new URL("../prisma/migrations/", import.meta.url));
  });
  after(async () => {
    await db?.close();
    await stage?.close();
  });

  it("goes: counts, codes and sessions that are over; what still opens or counts stays", async () => {
    const now = new Date("2026-11-23T12:00:00Z");
    const ago = (days: number) => new Date(now.getTime() - days * 86_400_000);
    for (const [id, days] of [
      ["past", 31],
      ["over", 0.5],
      ["open", -0.1],
    ] as const) {
      await run("INSERT INTO guest_limit VALUES ($1, $2, 5)", [id, ago(days)]);
      await run("INSERT INTO guest_code VALUES ($1, 'ord_1', 'ASKED', '', NULL, 0, $2, 1)", [id, ago(days)]);
      await run("INSERT INTO guest_session VALUES ($1, $1, 'ord_1', 'cus_1', $2)", [id, ago(days)]);
    }
    for (const rule of retention) await prune(db, rule, now);
    const left = await run(`SELECT (SELECT array_agg(limit_key ORDER BY limit_key) FROM guest_limit) AS limits,
      (SELECT array_agg(guest_code_id ORDER BY guest_code_id) FROM guest_code) AS codes,
      (SELECT array_agg(session_id ORDER BY session_id) FROM guest_session) AS sessions`);
    assert.deepEqual(left, [{ limits: ["open", "over"], codes: ["open", "over"], sessions: ["open", "over"] }]);
  });
});
