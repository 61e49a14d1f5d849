import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import pg from "pg";
import { openReader } from "#kit/local/reader.js";
import { openStage, type Stage } from "#kit/testing/stage.js";

describe("kit: the role that reads", () => {
  let stage: Stage;
  const role = `reader_${randomBytes(4).toString("hex")}`;
  before(async () => {
    stage = await openStage();
  });
  after(() => stage?.close());

  it("is made once, however many start at once, and may read what it is given and write nothing", async () => {
    const urls = await Promise.all(Array.from({ length: 5 }, () => openReader(stage.databaseUrl, role)));
    assert.equal(new Set(urls).size, 1);
    const owner = new pg.Client({ connectionString: stage.databaseUrl });
    const reader = new pg.Client({ connectionString: urls[0]! });
    await Promise.all([owner.connect(), reader.connect()]);
    try {
      await owner.query(`CREATE SCHEMA ${role}_books; CREATE TABLE ${role}_books.book (n INTEGER)`);
      const read = () => reader.query(`SELECT count(*)::int AS n FROM ${role}_books.book`);
      await assert.rejects(read(), /permission denied/);
      await owner.query(
        `GRANT USAGE ON SCHEMA ${role}_books TO ${role}; GRANT SELECT ON ${role}_books.book TO ${role}`,
      );
      assert.deepEqual((await read()).rows, [{ n: 0 }]);
      const write = `INSERT INTO ${role}_books.book VALUES (1)`;
      await assert.rejects(reader.query(write), /read-only transaction/);
      await assert.rejects(reader.query(`BEGIN READ WRITE; ${write}`), /permission denied/);
    } finally {
      await Promise.all([owner.end(), reader.end()]);
    }
  });
});
