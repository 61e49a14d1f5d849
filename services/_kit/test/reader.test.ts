import assert from "node:assert/strict";
import { PrismaClient } from "#gen/prisma/reconciler/client.js";
import { openDatabase } from "#kit/postgres.js";
import { makeReadersReady, openReader } from "#kit/reader.js";

describe("readers of a database", () => {
  it("say that it is away when it is, as every statement does", async () => {
    const db = openDatabase({ url: "postgres://nobody@127.0.0.1:1/none", schema: "none", poolSize: 1 });
    const reader = openReader(
      db,
      (options) => new PrismaClient(options),
      (it) => it.run.findMany({ take: 1 }),
    );
    await assert.rejects(reader.run.findMany({ take: 1 }), { reason: "STORE_UNAVAILABLE" });
    await reader.$disconnect();
    await db.close();
  });

  it("are each asked a question before the doors open, and no other database's are", async () => {
    const open = () => openDatabase({ url: "postgres://nobody@127.0.0.1:1/none", schema: "none", poolSize: 1 });
    const [own, other] = [open(), open()];
    const asked: string[] = [];
    const reader = (db: typeof own, name: string) =>
      openReader(
        db,
        () => name,
        async (it) => asked.push(it),
      );
    reader(own, "first");
    reader(own, "second");
    reader(other, "other");
    await makeReadersReady(own);
    assert.deepEqual(asked, ["first", "second"]);
    await Promise.all([own.close(), other.close()]);
  });

  it("say that the database is away as statements do, so that nobody is told of an error of ours", async () => {
    const db = openDatabase({ url: "postgres://nobody@127.0.0.1:1/none", schema: "none", poolSize: 1 });
    const adapter = openReader(
      db,
      (options) => options.adapter,
      async () => {},
    );
    const question = { sql: "SELECT 1", args: [], argTypes: [] };
    await assert.rejects((await adapter.connect()).queryRaw(question), { reason: "STORE_UNAVAILABLE" });
    await db.close();
  });
});
