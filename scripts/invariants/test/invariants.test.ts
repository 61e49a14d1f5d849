import assert from "node:assert/strict";
import { until } from "#kit/testing/peers.js";
import { openStage, type Stage } from "#kit/testing/stage.js";
import { allInvariants } from "../all.js";
import { type Asked, askAll } from "../ask.js";
import { aroundOf, broken, checkInvariants } from "../check.js";
import type { Schemas } from "../invariant.js";
import { limitsOfPolicies } from "../money/limits.js";
import { amountsPlants } from "./amounts-plants.js";
import { limits } from "./cases.js";
import { openClean } from "./clean.js";
import { goodsPlants } from "./goods-plants.js";
import { paymentsPlants } from "./payments-plants.js";

const plants = (of: Schemas) => [...paymentsPlants(of), ...amountsPlants(of), ...goodsPlants(of)];
const numbers = (asked: readonly Asked[]) => asked.map(({ number }) => number);

describe("money invariants", () => {
  let stage: Stage;
  let clean: Awaited<ReturnType<typeof openClean>>;
  before(async () => {
    stage = await openStage();
    clean = await openClean(stage.databaseUrl);
  });
  after(async () => {
    await clean?.close();
    await stage?.close();
  });

  const ofMoney = Array.from({ length: 15 }, (_, i) => i + 1);
  const invariants = () =>
    allInvariants(aroundOf({ schemaOf: clean.of, limits }, true)).filter(({ number }) => ofMoney.includes(number));
  const asked = (schemaOf = clean.of) =>
    checkInvariants({ databaseUrl: stage.databaseUrl, schemaOf, limits, only: ofMoney });

  /** Postgres counts changes that are rolled back, too. */
  async function forget(): Promise<void> {
    await clean.client.query("SELECT pg_stat_force_next_flush()");
    for (const table of ["ledger_entry", "ledger_journal"]) {
      const oid = `'${clean.of("refund")}.${table}'::regclass`;
      await clean.client.query(`SELECT pg_stat_reset_single_table_counters(${oid})`);
    }
  }

  it("are the fifteen", () => {
    assert.deepEqual(
      invariants().map(({ number }) => number),
      ofMoney,
    );
  });

  it("hold for refunds that went well, and for those that went wrong by nobody's fault", async () => {
    assert.deepEqual(broken(await asked()), []);
  });

  // The plants name schemas only when they run; here they are but counted and titled.
  plants((service) => service).forEach(({ number, what, also = [] }, i) => {
    it(`${number} sees it: ${what || "a sum that is wrong"} (${i})`, async () => {
      const { client } = clean;
      await client.query("BEGIN");
      try {
        // Triggers would refuse: the guards are down, as they would be for whoever comes past the services.
        await client.query("SET LOCAL session_replication_role = replica");
        await client.query(plants(clean.of)[i]!.sql);
        const found = broken(await askAll(client, invariants()));
        assert.deepEqual(found.map(({ error }) => error).filter(Boolean), []);
        assert.deepEqual(
          numbers(found),
          [number, ...also].sort((a, b) => a - b),
          JSON.stringify(found),
        );
        const rows = found.find((it) => it.number === number)?.rows as { what?: string }[];
        assert.ok(
          rows.some((row) => (row.what ?? "") === what),
          JSON.stringify(rows),
        );
      } finally {
        await client.query("ROLLBACK");
        await forget();
      }
    });
  });

  it("can say nothing that a plant has not made them say", () => {
    // The last clause of 7 counts what was committed; the test below makes it speak.
    const seen = new Set(plants(clean.of).map(({ number, what }) => `${number} ${what}`));
    seen.add("7 rows were changed or deleted");
    for (const { number, questions } of invariants()) {
      const sql = questions.map((question) => ("sql" in question ? question.sql : "")).join(";");
      const words = [...sql.matchAll(/SELECT '((?:[^']|'')+)'(?: AS what)?,/g)].map(([, word = ""]) =>
        word.replaceAll("''", "'"),
      );
      const said = words.length > 0 ? words : [""];
      assert.deepEqual(
        said.filter((word) => !seen.has(`${number} ${word}`)),
        [],
      );
    }
  });

  it("7 sees bookings that were changed, even if they are changed back", async () => {
    const { client, of } = clean;
    for (const change of ["+ 1", "- 1"]) {
      await client.query(`BEGIN; SET LOCAL session_replication_role = replica;
        UPDATE ${of("refund")}.ledger_entry SET amount_minor = amount_minor ${change}; COMMIT`);
    }
    await client.query("SELECT pg_stat_force_next_flush()");
    await until("the statistics say so", async () => {
      const found = broken(await asked());
      return found[0]?.rows.some((row) => (row as { what?: string }).what === "rows were changed or deleted");
    });
    await forget();
  });

  it("say which of them cannot be asked, and ask the others all the same", async () => {
    const elsewhere = await asked((service) => (service === "inspection" ? "nowhere" : clean.of(service)));
    const unasked = elsewhere.filter(({ error }) => error);
    assert.ok(unasked.every(({ reads, error }) => reads.includes("inspection") && /nowhere/.test(error ?? "")));
    assert.deepEqual(
      numbers(unasked),
      elsewhere.filter(({ reads }) => reads.includes("inspection")).map(({ number }) => number),
    );
  });

  it("leave out the books of a sandbox that is not there, and say so", async () => {
    const real = await asked((service) => (service === "partners" ? "nowhere" : clean.of(service)));
    assert.deepEqual(broken(real), []);
    assert.deepEqual(
      numbers(real.filter(({ unread }) => unread?.includes("partners"))),
      real.filter(({ reads }) => reads.includes("partners")).map(({ number }) => number),
    );
    const kept = real.filter(({ reads, unread = [] }) => reads.length > unread.length);
    assert.ok(kept.length > 13, "what else they read is asked all the same");
  });

  it("take each market's limit from its refund policy", () => {
    const { GB, KR, TW } = limitsOfPolicies();
    assert.ok(GB && KR && TW && GB > 0n && KR > 0n && TW > 0n);
  });
});
