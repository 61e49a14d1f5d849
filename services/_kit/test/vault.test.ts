import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { aggregates, type Spend } from "#kit/aggregate.js";
import { commitStatement, type LeasedStep } from "#kit/commit.js";
import { newId } from "#kit/ids.js";
import { migrate } from "#kit/migrate.js";
import { type Database, openDatabase } from "#kit/postgres.js";
import { DomainError } from "#kit/pure/check.js";
import { openStage, type Stage, testFolder } from "#kit/testing/stage.js";
import { kitMigrations } from "#kit/testing/tables.js";
import { testRing } from "#kit/testing/vault.js";
import { erasedText, openVault } from "#kit/vault.js";

type Wish = { readonly id: string; readonly owner: string; readonly words: string; readonly version: number };

describe("kit: a vault", () => {
  let stage: Stage;
  let db: Database;
  const ring = testRing("k1");
  const places = { words: [""] };
  const read = (table: string) => db.query({ name: "", text: `SELECT * FROM ${table}` });

  before(async () => {
    stage = await openStage();
    db = openDatabase({ url: stage.databaseUrl, schema: newId("tst").toLowerCase(), poolSize: 4 });
    const personal = readFileSync(new URL("../prisma/personal.sql", import.meta.url), "utf8");
    const wish = "CREATE TABLE wish (id TEXT PRIMARY KEY, owner TEXT, words TEXT, version INT)";
    await migrate(db, kitMigrations(testFolder("migrations"), { personal, wish }));
  });
  after(async () => {
    await db?.close();
    await stage?.close();
  });

  const sealed = async (vault: ReturnType<typeof openVault>, id: string, owner: string, words: string) =>
    vault.seal({ table: "wish", id }, owner, { id, words }, places);
  const open = async <T extends { id: string }>(vault: ReturnType<typeof openVault>, records: T[]) =>
    vault.open("wish", (it) => it.id, records, places);

  it("gives a person one key, however many processes need it at once", async () => {
    const owner = newId("cus");
    const vaults = Array.from({ length: 8 }, () => openVault(db, ring));
    const all = await Promise.all(vaults.map((vault, i) => sealed(vault, `w${i}`, owner, `word ${i}`)));
    const opened = await open(openVault(db, ring), all);
    assert.deepEqual(
      opened.map(({ words }) => words),
      all.map((_, i) => `word ${i}`),
    );
    assert.equal(new Set(all.map(({ words }) => words.split(":")[1])).size, 1);
  });

  it("makes no key where there is nothing to seal, and reads what was written before it was there", async () => {
    const vault = openVault(db, ring);
    const owner = newId("cus");
    assert.deepEqual(await sealed(vault, "w", owner, ""), { id: "w", words: "" });
    assert.deepEqual(
      (await read("subject_key")).filter(({ subject }) => subject === owner),
      [],
    );
    assert.deepEqual(await open(vault, [{ id: "w", words: "in clear" }]), [{ id: "w", words: "in clear" }]);
  });

  it("destroys a person's key: their words are gone for good, those of others are not, and new words get a new key", async () => {
    const vault = openVault(db, ring);
    const [gone, stays] = [newId("cus"), newId("cus")];
    const records = [await sealed(vault, "a", gone, "mine"), await sealed(vault, "b", stays, "yours")];
    assert.equal(await vault.destroy([gone]), 1);
    const words = async (by: ReturnType<typeof openVault>) => (await open(by, records)).map((it) => it.words);
    assert.deepEqual(await words(vault), [erasedText, "yours"]);
    assert.deepEqual(await words(openVault(db, ring)), [erasedText, "yours"]);
    const [row] = (await read("subject_key")).filter(({ subject }) => subject === gone);
    assert.equal(row.wrapped, null);
    assert.equal(await vault.destroy([gone]), 0);
    const anew = await sealed(vault, "a", gone, "back again");
    assert.deepEqual(
      (await open(vault, [anew])).map((it) => it.words),
      ["back again"],
    );
    // What reads as erased is not sealed as if somebody had written it.
    assert.equal((await sealed(vault, "a", gone, erasedText)).words, erasedText);
  });

  it("wraps every key anew when a newer version is put in front, and then does without the old one", async () => {
    const owner = newId("cus");
    const record = await sealed(openVault(db, ring), "r", owner, "rotated");
    const newer = testRing("k2");
    const rotating = openVault(db, { newest: "k2", keys: new Map([...newer.keys, ...ring.keys]) });
    while ((await rotating.rewrap()) > 0);
    assert.deepEqual(
      (await open(openVault(db, newer), [record])).map((it) => it.words),
      ["rotated"],
    );
    await assert.rejects(
      open(openVault(db, ring), [record]),
      (error) =>
        error instanceof DomainError && error.reason === "PERSONAL_KEY_MISSING" && error.metadata.version === "k2",
    );
    await rotating.destroy((await read("subject_key")).map(({ subject }) => subject));
  });

  describe("behind an aggregate", () => {
    const secret = "Kim Minji, 010-1234-5678, 3rd floor";
    const taken: LeasedStep[] = [];
    const followers = {
      now: () => new Date(),
      announce: () => {},
      hasRoom: () => false,
      take: (steps: LeasedStep[]) => taken.push(...steps),
    };
    const wishes = (vault = openVault(db, ring)) =>
      aggregates<Wish>(
        db,
        followers,
        {
          select: "SELECT id, owner, words, version FROM wish WHERE id = $1",
          insert: commitStatement(
            "wish.insert",
            "INSERT INTO wish (id, owner, words, version) VALUES ($1, $2, $3, $4) RETURNING id",
          ),
          update: commitStatement(
            "wish.update",
            "UPDATE wish SET words = $3, version = $4 WHERE id = $1 AND version = $2 RETURNING id",
          ),
          insertValues: (w) => [w.id, w.owner, w.words, w.version],
          updateValues: (w, before) => [w.id, before.version, w.words, w.version],
          toCore: (row) => row,
          notFound: (id) => new DomainError("REFUND_NOT_FOUND", `no wish ${id}`),
          personal: { vault, table: "wish", id: (w) => w.id, subject: (w) => w.owner, places, steps: ["note"] },
        },
        "wish",
      );
    const asked = (requestId: string): Spend<Wish, string> => ({
      token: { kind: "request", principal: "CUSTOMER:c", requestId, fingerprint: Buffer.from("same") },
      answer: (w) => w.words,
      keep: (words) => Buffer.from(words),
      recall: (kept) => kept.toString(),
    });
    const make = async (store = wishes()) => {
      const wish = { id: newId("wsh"), owner: newId("cus"), words: secret, version: 1 };
      const request = newId("req");
      const create = (id = newId("wsh")) =>
        store.create(
          asked(request),
          async () => undefined,
          () => ({
            next: { ...wish, id },
            extra: undefined,
            steps: [{ step: "tell", due: new Date(0), payload: { note: secret, quantity: 2 } }],
          }),
        );
      return { wish, create, answer: await create(wish.id) };
    };

    it("leaves nothing in clear: not in the row, the kept answer, or what a step takes along", async () => {
      const { wish, create, answer } = await make();
      assert.equal(answer, secret);
      assert.equal((await wishes().find(wish.id)).words, secret);
      assert.equal(await create(), secret);
      for (const table of ["wish", "request", "agenda", "outbox"]) {
        const rows = await read(table);
        const text = rows.map((row) =>
          Object.values(row).map((it) => (Buffer.isBuffer(it) ? it.toString() : JSON.stringify(it))),
        );
        assert.ok(!JSON.stringify(text).includes("Minji"), table);
      }
      const [step] = await db.query({ name: "", text: "SELECT payload FROM agenda WHERE aggregate_id = $1" }, [
        wish.id,
      ]);
      assert.equal(step.payload.quantity, 2);
      assert.match(step.payload.note, /^v1:key_/);
    });

    it("does not answer from the record once that was erased, and says so", async () => {
      const vault = openVault(db, ring);
      const { wish, create } = await make(wishes(vault));
      await vault.destroy([wish.owner]);
      await assert.rejects(
        create(),
        (error) => error instanceof DomainError && error.reason === "PERSONAL_DATA_ERASED",
      );
      assert.equal((await wishes(vault).find(wish.id)).words, erasedText);
    });
  });
});
