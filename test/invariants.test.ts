// The forty invariants over a mesh in which something of everything has happened: they hold, and each is seen to fail. What
// breaks one is planted in a transaction that is undone, in a stream that is put right, or in a consumer that is made anew.
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { jetstream, jetstreamManager } from "@nats-io/jetstream";
import { connect, headers, type NatsConnection } from "nats";
import pg from "pg";
import { until } from "#kit/testing/peers.js";
import { kept } from "../docs/personal.js";
import { allInvariants } from "../scripts/invariants/all.js";
import { type Asked, askAll } from "../scripts/invariants/ask.js";
import { openBusBook } from "../scripts/invariants/bus.js";
import { aroundOf, broken, checkInvariants } from "../scripts/invariants/check.js";
import { readWatchConfig } from "../scripts/invariants/config.js";
import { listeners } from "../scripts/invariants/facts/listeners.js";
import type { Invariant } from "../scripts/invariants/invariant.js";
import { sealedPlaces } from "../scripts/invariants/security/places.js";
import { invariantsReader, openExporter } from "../scripts/invariants/test/exporter.js";
import { factPlants } from "../scripts/invariants/test/fact-plants.js";
import { lifePlants } from "../scripts/invariants/test/life-plants.js";
import type { Plant } from "../scripts/invariants/test/plant.js";
import { securityPlants, words } from "../scripts/invariants/test/security-plants.js";
import { type Cast, tellStories } from "../scripts/invariants/test/stories.js";
import { unitPlants } from "../scripts/invariants/test/unit-plants.js";
import { start } from "../scripts/invariants/watch.js";
import { serviceNames } from "../scripts/mesh/services.js";
import { type Mesh, openMesh } from "./mesh.js";
import { openShop, type Shop } from "./shop.js";

const areas = [lifePlants, unitPlants, factPlants, securityPlants];
const numbers = (asked: readonly Asked[]) => asked.map(({ number }) => number);

describe("the forty invariants", function () {
  this.timeout(60_000);
  let mesh: Mesh;
  let shop: Shop;
  let cast: Cast;
  let client: pg.Client;
  const schemaOf = (service: string) => mesh.stage.env(service).DATABASE_SCHEMA ?? service;
  before(async () => {
    // Nobody mends what is planted before it is found.
    const settings = Object.fromEntries(serviceNames.map((name) => [name, { NATS_LOOK_MS: "60000" }]));
    mesh = await openMesh({ settings, leftSound: false });
    shop = await openShop(mesh.doors);
    cast = await tellStories(shop);
    client = new pg.Client({ connectionString: mesh.stage.databaseUrl });
    await client.connect();
  });
  after(async () => {
    await client?.end();
    shop?.close();
    await mesh?.stop();
  });
  const books = () => ({ databaseUrl: mesh.stage.databaseUrl, natsUrl: mesh.stage.nats.url, schemaOf });

  it("are forty, and hold", async () => {
    const asked = await checkInvariants({ ...books(), settleMs: 5_000 });
    assert.deepEqual(
      numbers(asked),
      Array.from({ length: 40 }, (_, i) => i + 1),
    );
    assert.deepEqual(broken(asked), []);
  });

  for (const area of areas) {
    it(`see ${area.name.replace("Plants", "")} that is broken`, async () => {
      const invariants = allInvariants(aroundOf({ schemaOf }, true));
      const bus = openBusBook(mesh.stage.nats.url, 50);
      await bus.read();
      const wrong: object[] = [];
      for (const plant of area(schemaOf, cast)) {
        const found = await planted(plant, invariants, bus);
        if (found) wrong.push(found);
      }
      await bus.close();
      assert.deepEqual(wrong, []);
    });
  }

  it("know every column in which people's words lie under seal, as docs/personal.ts does", () => {
    const columnsOf = ({ where, how }: (typeof kept)[number]) => {
      const [, table = "", columns = ""] = /^(\w+\.\w+)\.(.+)$/.exec(where) ?? [];
      // What every service has alike is none of a service's own.
      return how.startsWith("sealed") && table !== "" ? columns.split(", ").map((column) => `${table}.${column}`) : [];
    };
    const known = sealedPlaces.flatMap(({ service, table, texts = [], json = {} }) =>
      [...texts, ...Object.keys(json)].map((column) => `${service}.${table}.${column}`),
    );
    // A step's payload is known by its steps, and a decision of staff is bytes.
    const apart = /\.(agenda\.payload|decision\.body)/;
    const listed = (places: readonly string[]) => places.filter((place) => !apart.test(place)).sort();
    assert.deepEqual(listed(known), listed(kept.flatMap(columnsOf)));
  });

  describe("as a process", () => {
    const rows = (number: number) => `backhaul_invariant_rows{number="${number}"`;

    it("shows how many rows break each, and when it looked", async () => {
      const exporter = await openExporter({
        DATABASE_URL: await invariantsReader(mesh.stage.databaseUrl),
        SCHEMA_PREFIX: schemaOf(""),
        NATS_URL: mesh.stage.nats.url,
        INVARIANTS_EVERY_SECONDS: "1",
        INVARIANTS_GRACE_SECONDS: "0",
      });
      try {
        for (const number of [1, 21, 36, 40]) assert.equal(await exporter.figure(rows(number)), 0, String(number));
        assert.equal(await exporter.figure('backhaul_invariant_errors{number="36"'), 0);
        assert.ok(Date.now() / 1000 - ((await exporter.figure("backhaul_invariants_asked_time")) ?? 0) < 60);
        const held = `UPDATE ${schemaOf("resolution")}.order_line SET held = held`;
        const one = `WHERE order_id = (SELECT min(order_id) FROM ${schemaOf("resolution")}.order_line)`;
        await client.query(`${held} - 1 ${one} AND held > 0`);
        await until("it has seen it", async () => (await exporter.figure(rows(21))) === 1);
        await client.query(`${held} + 1 ${one}`);
        await until("it has seen that it is over", async () => (await exporter.figure(rows(21))) === 0);
      } finally {
        assert.equal(await exporter.stop(), 0);
      }
    });

    it("asks as a role that can write nowhere, whatever it says of its transactions", async () => {
      const reader = new pg.Client({ connectionString: await invariantsReader(mesh.stage.databaseUrl) });
      await reader.connect();
      try {
        await assert.rejects(reader.query(`DELETE FROM ${schemaOf("refund")}.tender`), { code: "25006" });
        await reader.query("SET default_transaction_read_only = off");
        for (const service of ["refund", "resolution", "partners"]) {
          for (const act of [`DELETE FROM ${schemaOf(service)}.request`, `CREATE TABLE ${schemaOf(service)}.x ()`])
            await assert.rejects(reader.query(act), { code: "42501" }, act);
        }
      } finally {
        await reader.end();
      }
    });

    it("does not start as a role that may write", async () => {
      const env = { DATABASE_URL: mesh.stage.databaseUrl, NATS_URL: mesh.stage.nats.url, LOG_LEVEL: "silent" };
      await assert.rejects(start(readWatchConfig(env)), /superuser.*a role that may only read/s);
    });
  });

  describe("on the bus", () => {
    let nats: NatsConnection;
    before(async () => {
      nats = await connect({ servers: mesh.stage.nats.url });
    });
    after(() => nats?.close());

    /** What is found, as "number what". */
    async function found(): Promise<string[]> {
      const asked = broken(await checkInvariants(books()));
      return asked.flatMap(({ number, rows, error }) => [
        ...new Set(rows.map((row) => `${number} ${(row as { what?: string }).what}`)),
        ...(error ? [`${number} ${error}`] : []),
      ]);
    }

    it("see a consumer that does not take in what there is", async () => {
      const { consumers } = await jetstreamManager(nats);
      await consumers.add("REFUND", { durable_name: "stray", ack_policy: "explicit" });
      assert.deepEqual(await found(), ["31 waits for its consumer"]);
      await consumers.delete("REFUND", "stray");
      assert.deepEqual(await found(), []);
    });

    it("see a stream and a consumer that are not as they are declared", async () => {
      const { streams, consumers } = await jetstreamManager(nats);
      const { config } = await streams.info("REFUND");
      await streams.update("REFUND", { ...config, max_age: config.max_age / 2 });
      assert.deepEqual(await found(), ["34 a stream is not as declared"]);
      await streams.update("REFUND", config);
      const { max_ack_pending = 0 } = (await consumers.info("REFUND", "resolution")).config;
      await consumers.update("REFUND", "resolution", { max_ack_pending: 7 });
      assert.deepEqual(await found(), ["34 a consumer is not as declared"]);
      await consumers.update("REFUND", "resolution", { max_ack_pending });
      assert.deepEqual(await found(), []);
    });

    it("see a message that nobody announced, and that tells of a person", async () => {
      const h = headers();
      h.set("ce-id", "evt_x");
      await jetstream(nats).publish("backhaul.inspection.v1.FindingDisputed", words, { headers: h });
      const expected = ["33 on the bus, and nobody announced it", "38 a message tells of a person"];
      assert.deepEqual(
        (await found()).filter((it) => !it.startsWith("31 waits")),
        expected,
      );
    });

    it("see a stream and a consumer that are gone", async () => {
      const { streams, consumers } = await jetstreamManager(nats);
      await mesh.stopService("outreach");
      await consumers.delete("RESOLUTION", "outreach");
      await streams.delete("OUTREACH");
      const gone = (await found()).filter((it) => it.startsWith("34"));
      assert.deepEqual(gone, ["34 a stream is not there", "34 a consumer is not there"]);
    });
  });

  it("can say nothing that a plant has not made them say", () => {
    const planted = areas.flatMap((area) => area((service) => service, cast));
    const seen = new Set(planted.map(({ number, what }) => `${number} ${what}`));
    const source = readFileSync(new URL(import.meta.url), "utf8");
    for (const { number, questions } of allInvariants(aroundOf({ schemaOf }, true)).filter((it) => it.number > 15)) {
      const said = questions.flatMap((question) => ("sql" in question ? spoken(question.sql) : question.says));
      const unseen = said.filter((word) => !seen.has(`${number} ${word}`) && !source.includes(`"${number} ${word}"`));
      assert.deepEqual([number, unseen], [number, []]);
    }
  });

  it("know who listens to what, as the services' own handlers do", () => {
    for (const { consumer, always, sometimes } of listeners) {
      const code = readFileSync(new URL(`../services/${consumer}/events.ts`, import.meta.url), "utf8");
      const handled = [...code.matchAll(/"(backhaul\.\w+\.v1\.\w+)": hear\(/g)].map(([, subject = ""]) => subject);
      assert.deepEqual([...always, ...sometimes].sort(), handled.sort(), consumer);
    }
    const others = readdirSync(new URL("../services/", import.meta.url)).filter((service) =>
      readdirSync(new URL(`../services/${service}/`, import.meta.url)).includes("events.ts"),
    );
    assert.deepEqual(others.sort(), listeners.map(({ consumer }) => consumer).sort());
  });

  /** What is otherwise than the plant says; undefined for nothing. */
  async function planted(plant: Plant, invariants: readonly Invariant[], bus: ReturnType<typeof openBusBook>) {
    const { number, what, also = [], sql } = plant;
    const memory = new Map<string, number>();
    await client.query("BEGIN");
    try {
      await askAll(
        client,
        invariants.filter((it) => it.number === 35),
        { bus, memory },
      );
      // Triggers would refuse: the guards are down, as they would be for whoever comes past the services.
      await client.query("SET LOCAL session_replication_role = replica");
      await client.query(sql);
      const found = broken(await askAll(client, invariants, { bus, memory }));
      const said = found.find((it) => it.number === number)?.rows as { what?: string }[] | undefined;
      const expected = [...new Set([number, ...also])].sort((a, b) => a - b);
      const right = said?.some((row) => row.what === what) && String(numbers(found)) === String(expected);
      const rows = found.map((it) => `${it.number} ${it.error ?? JSON.stringify(it.rows.slice(0, 2))}`);
      return right ? undefined : { number, what, expected, rows };
    } catch (error) {
      return { number, what, error: (error as Error).message };
    } finally {
      await client.query("ROLLBACK");
    }
  }
});

/** What a query may say: the first word of each of its parts. */
function spoken(sql: string): string[] {
  return [...sql.matchAll(/SELECT '((?:[^']|'')+)'(?: AS what)?,/g)].map(([, word = ""]) => word.replaceAll("''", "'"));
}
