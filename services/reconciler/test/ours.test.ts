import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import fc from "fast-check";
import pg from "pg";
import type { Database } from "#kit/postgres.js";
import { until } from "#kit/testing/peers.js";
import { openStage, type Stage } from "#kit/testing/stage.js";
import { readReconcilerConfig } from "../config.js";
import type { OurRefund } from "../core/types.js";
import { type Ours, openOurs } from "../ours.js";
import { start } from "../service.js";
import { booksOf, plots, spoilable } from "./books.js";
import { clearRefunds, insertRefunds, openRefundTables } from "./house.js";

/** Without its times, which are shifted to today. */
const plain = (refund: OurRefund) => {
  const { createTime: _, settleTime: __, ...rest } = refund;
  const tenders = rest.tenders.map(({ requestTime: _, settleTime: __, ...tender }) => tender);
  const journals = rest.journals.map(({ createTime: _, ...journal }) => journal);
  const bySource = (a: { source: string; kind: string }, b: { source: string; kind: string }) =>
    `${a.source} ${a.kind}` < `${b.source} ${b.kind}` ? -1 : 1;
  return { ...rest, tenders, journals: journals.sort(bySource) };
};

describe("reconciler: our books", () => {
  let stage: Stage;
  let db: Database;
  let schema: string;
  let ours: Ours;

  before(async () => {
    stage = await openStage();
    schema = `t${randomBytes(4).toString("hex")}_refund`;
    db = await openRefundTables(stage.databaseUrl, schema);
    ours = openOurs({ url: stage.readerUrl, schema, pageSize: 3 });
  });
  beforeEach(() => clearRefunds(db));
  after(async () => {
    await ours?.close();
    await db?.close();
    await stage?.close();
  });

  const read = async () => {
    const pages: OurRefund[][] = [];
    for await (const page of ours.refunds()) pages.push(page);
    return pages;
  };

  it("reads back what is there, in pages of refunds with all that is theirs", async () => {
    await fc.assert(
      fc.asyncProperty(plots, async (some) => {
        await clearRefunds(db);
        const { refunds } = booksOf(some);
        await insertRefunds(db, refunds);
        const pages = await read();
        assert.ok(pages.every((page) => page.length <= 3));
        assert.deepEqual(pages.flat().map(plain), refunds.map(plain));
      }),
      { numRuns: 20 },
    );
  });

  it("reads tenders and journals of refunds that are not there", async () => {
    const { refunds } = booksOf(Array.from({ length: 7 }, () => spoilable));
    await insertRefunds(db, refunds);
    const lost = [refunds[2]!.refundId, refunds[6]!.refundId];
    await db.query({ name: "", text: "DELETE FROM refund WHERE refund_id = ANY($1)" }, [lost]);
    const found = (await read()).flat();
    assert.deepEqual(
      found
        .filter(({ createTime }) => !createTime)
        .map(({ refundId, tenders, journals }) => [refundId, tenders.length, journals.length]),
      lost.map((id) => [id, 1, 1]),
    );
    assert.equal(found.length, 7);
  });

  it("reads all of it as of one moment, whatever is written meanwhile", async () => {
    const { refunds } = booksOf(Array.from({ length: 9 }, () => spoilable));
    await insertRefunds(db, refunds);
    let seen = 0;
    for await (const page of ours.refunds()) {
      if (seen === 0) await db.query({ name: "", text: "UPDATE tender SET state = 'VOIDED'" });
      seen += page.length;
      for (const { tenders } of page)
        assert.deepEqual(
          tenders.map(({ state }) => state),
          ["SUCCEEDED"],
        );
    }
    assert.equal(seen, 9);
  });

  it("may not write, by right and by default", async () => {
    const client = new pg.Client({ connectionString: stage.readerUrl });
    await client.connect();
    try {
      for (const table of ["refund", "tender", "ledger_journal", "ledger_entry"]) {
        const write = `DELETE FROM "${schema}"."${table}"`;
        await assert.rejects(client.query(write), /read-only transaction/);
        await assert.rejects(client.query(`BEGIN READ WRITE; ${write}`), /permission denied/);
        await client.query("ROLLBACK");
      }
    } finally {
      await client.end();
    }
    await ours.assertReadOnly();
  });

  const started = (env: Record<string, string>) =>
    start(
      readReconcilerConfig(
        stage.env("reconciler", { READ_DATABASE_URL: stage.readerUrl, REFUND_SCHEMA: schema, ...env }),
      ),
    );

  it("refuses to start as a role that may write, and says which lines make one that may not", async () => {
    await assert.rejects(
      started({ READ_DATABASE_URL: stage.databaseUrl }),
      /is a superuser.*may write to .*tender.*begins transactions that may write.*\n.*CREATE ROLE.*GRANT SELECT ON/s,
    );
    const role = `writer_${randomBytes(3).toString("hex")}`;
    await db.pool.query(`CREATE ROLE ${role} LOGIN; ALTER ROLE ${role} SET default_transaction_read_only = on;
      GRANT USAGE ON SCHEMA ${schema} TO ${role}; GRANT SELECT ON ALL TABLES IN SCHEMA ${schema} TO ${role};
      GRANT DELETE ON payment TO ${role}`);
    const url = new URL(stage.readerUrl);
    url.username = role;
    await assert.rejects(
      started({ READ_DATABASE_URL: url.href }),
      new RegExp(`${role} may write to payment in ${schema}`),
    );
    await db.pool.query(`REVOKE DELETE ON payment FROM ${role}; REVOKE SELECT ON tender FROM ${role}`);
    await assert.rejects(started({ READ_DATABASE_URL: url.href }), new RegExp(`${role} may not read tender`));
  });

  it("starts before the refund service has made its tables", async () => {
    const running = await started({ REFUND_SCHEMA: `${schema}_later` });
    await until("the bus", async () => running.bus.connected);
    await running.stop();
  });
});
