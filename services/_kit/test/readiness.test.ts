import assert from "node:assert/strict";
import { Unavailable } from "#kit/errors.js";
import type { Database } from "#kit/postgres.js";
import { type Conditions, type Readiness, watchReadiness } from "#kit/readiness.js";
import { keptLog } from "#kit/testing/keptLog.js";
import { until } from "#kit/testing/peers.js";

describe("kit: readiness", () => {
  let readiness: Readiness;
  let told: Conditions[];
  let away = false;
  let busReady = true;
  const bus = { state: () => ({ ready: busReady }) };
  const query = async () => {
    if (away) throw new Unavailable("STORE_UNAVAILABLE", "away");
    return [];
  };
  beforeEach(() => {
    [told, away, busReady] = [[], false, true];
    const db = { query } as unknown as Database;
    readiness = watchReadiness({ db, bus, log: keptLog(), tell: (conditions) => told.push(conditions), everyMs: 5 });
  });
  afterEach(() => readiness.stop());

  it("goes with the database: not ready after two looks in vain, ready with the first that is answered", async () => {
    away = true;
    await until("not ready", async () => !readiness.now().ready);
    away = false;
    await until("ready", async () => readiness.now().ready);
    assert.deepEqual(
      told.map(({ ready, parts }) => [ready, parts.postgres]),
      [
        [true, true],
        [false, false],
        [true, true],
      ],
    );
  });

  it("does not go with the bus, and says how that is", async () => {
    busReady = false;
    await until("told", async () => told.length === 2);
    assert.deepEqual(told[1], { ready: true, parts: { postgres: true, work: true, bus: false } });
  });

  it("ends at once with the work, whatever the database says", () => {
    readiness.setInWork(false);
    assert.equal(told.at(-1)?.ready, false);
    readiness.setInWork(true);
    assert.equal(told.at(-1)?.ready, true);
  });
});
