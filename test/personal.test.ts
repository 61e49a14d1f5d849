// What is about people, in the whole mesh: thirty canaries are sent in every way that somebody may write something, and
// looked for everywhere that something is kept. Then one customer is forgotten.
import assert from "node:assert/strict";
import fs from "node:fs";
import { jetstream, jetstreamManager } from "@nats-io/jetstream";
import { connect as natsConnect } from "nats";
import pg from "pg";
import { Twist } from "#gen/backhaul/sandbox/v1/scenario_service.js";
import { openDatabase } from "#kit/postgres.js";
import { countPast, kitRules, prune } from "#kit/retention.js";
import { until } from "#kit/testing/peers.js";
import { retention as collection } from "../services/collection/retention.js";
import { retention as inspection } from "../services/inspection/retention.js";
import { retention as refund } from "../services/refund/retention.js";
import { readResolutionConfig } from "../services/resolution/config.js";
import { openContacts } from "../services/resolution/contacts.js";
import { retention as resolution } from "../services/resolution/retention.js";
import { canaries, staffActs } from "./canaries.js";
import { type Mesh, openMesh } from "./mesh.js";
import { openShop, type Shop } from "./shop.js";

const keeping = ["resolution", "collection", "inspection", "refund", "eligibility", "reconciler", "outreach"] as const;

describe("personal data in the mesh", function () {
  this.timeout(90_000);
  let mesh: Mesh;
  let shop: Shop;
  let db: pg.Client;
  const log: string[] = [];
  const { write, writeSync } = fs;
  const isLine = (fd: number, data: unknown) => fd === 1 && /^\{"(level|time)"/.test(String(data));

  before(async () => {
    // The services' lines go out by this; everybody else's go on as ever.
    Object.assign(fs, {
      writeSync: (fd: number, data: string, ...rest: never[]) => {
        if (!isLine(fd, data)) return writeSync(fd, data, ...rest);
        log.push(data);
        return Buffer.byteLength(data);
      },
      write: (fd: number, data: string, ...rest: never[]) => {
        if (!isLine(fd, data)) return Reflect.apply(write, fs, [fd, data, ...rest]);
        log.push(data);
        const done = rest.at(-1) as unknown as (error: null, written: number) => void;
        setImmediate(done, null, Buffer.byteLength(data));
      },
    });
    const debug = { LOG_LEVEL: "debug" };
    const settings = Object.fromEntries([...keeping, "gateway" as const].map((name) => [name, debug]));
    // Another replica would remember a key for a minute, and read by it what is erased here.
    mesh = await openMesh({ settings, replicas: 1 });
    shop = await openShop(mesh.doors);
    db = new pg.Client(mesh.stage.databaseUrl);
    await db.connect();
  });
  after(async () => {
    shop?.close();
    await db?.end();
    await mesh?.stop();
    Object.assign(fs, { write, writeSync });
  });

  const schemaOf = (service: (typeof keeping)[number]) => mesh.env(service).DATABASE_SCHEMA ?? "";

  /** Every row of every table of the services, as bytes that look like what was written. */
  async function dump(): Promise<{ where: string; text: string }[]> {
    const found: { where: string; text: string }[] = [];
    for (const service of keeping) {
      const schema = schemaOf(service);
      const tables = await db.query("SELECT tablename FROM pg_tables WHERE schemaname = $1", [schema]);
      assert.ok(tables.rows.length >= 5, service);
      for (const { tablename } of tables.rows) {
        const { rows } = await db.query(`SELECT * FROM "${schema}"."${tablename}"`);
        for (const row of rows) {
          const columns = Object.values(row).map((it) => (Buffer.isBuffer(it) ? it.toString() : JSON.stringify(it)));
          found.push({ where: `${service}.${tablename}`, text: columns.join(" ") });
        }
      }
    }
    return found;
  }

  async function streamed(): Promise<{ where: string; text: string }[]> {
    const nats = await natsConnect({ servers: mesh.stage.nats.url });
    const found: { where: string; text: string }[] = [];
    const manager = await jetstreamManager(nats);
    for await (const { config, state } of manager.streams.list()) {
      for (let seq = Math.max(1, state.first_seq); seq <= state.last_seq; seq++) {
        const message = await manager.streams.getMessage(config.name, { seq });
        if (!message) continue;
        found.push({ where: message.subject, text: `${Buffer.from(message.data)} ${message.header}` });
      }
    }
    assert.ok(jetstream(nats));
    await nats.close();
    return found;
  }

  function seenIn(places: readonly { where: string; text: string }[], words: readonly string[]): string[] {
    return [
      ...new Set(
        places.flatMap(({ where, text }) => words.filter((it) => text.includes(it)).map((it) => `${it} in ${where}`)),
      ),
    ];
  }

  const finding = (note: string) => ({
    lineId: "l-1",
    quantity: 2,
    verdict: "UNIT_VERDICT_ACCEPTED",
    grade: "GRADE_FAIR",
    condition: "CONDITION_CUSTOMER_DAMAGED",
    disposition: "DISPOSITION_RESALE_GRADED",
    note,
    detail: { deductions: [{ cause: "USE", amount: { currencyCode: "TWD", units: "100", nanos: 0 }, note }] },
  });

  /** A return in which everybody writes this, to its end. */
  async function told(words: string) {
    const contact = { phone: "0912-345-678", email: "Minji.Kim@example.com" };
    const order = await shop.order({ market: "TW", paidMinor: 120_000n, more: () => ({ contact }) });
    await shop.scenario({ twist: Twist.TWIST_NO_HAND_OVER, orderId: order.orderId });
    const { resolutionId } = await shop.ask(order, "RETURN", { more: { note: words } });
    const seen = await until("driver and dock expect it", async () => {
      const it = await shop.see(resolutionId);
      return it.inspectionId !== "" && it.collectionId !== "" && it;
    });
    const say = async (role: "AGENT" | "LEAD" | "WAREHOUSE" | "CUSTOMER", path: string, body: object) => {
      const { status, json } = await shop.rest(role, role === "CUSTOMER" ? order.customerId : role, "POST", path, body);
      assert.equal(status, 200, JSON.stringify(json));
      return json;
    };
    const { decisionId } = seen.decision;
    const tomorrow = new Date((await shop.now()).getTime() + 86_400_000).toISOString();
    const about = { resolutionId, decisionId, customerId: order.customerId, market: "TW", until: tomorrow };
    const { noteId } = await say("AGENT", `/v1/desk/cases/${resolutionId}/notes`, { text: words });
    await say("AGENT", `/v1/desk/notes/${noteId}:revise`, { version: 1, text: `again: ${words}` });
    for (const { role, path, body } of staffActs(about, words)) await say(role, path, body);
    await say("CUSTOMER", `/v1/collections/${seen.collectionId}:setDoorMemo`, { doorMemo: words.slice(0, 90) });
    const bench = `/v1/inspections/${seen.inspectionId}`;
    await say("WAREHOUSE", `${bench}:receive`, {});
    await say("WAREHOUSE", `${bench}:complete`, { findings: [finding(words)] });
    await shop.reaches(resolutionId, "CLOSED");
    await say("AGENT", `${bench}:dispute`, { party: "DISPUTE_PARTY_CUSTOMER", lineId: "l-1", statement: words });
    return { ...order, resolutionId, bench };
  }

  it("keeps no canary in clear: not in a row, a stream, an outbox, a dead letter or a line of the log", async () => {
    const words = canaries.map(({ secret }) => secret);
    assert.equal(new Set(words).size, 30);
    for (let i = 0; i < words.length; i += 10) {
      const { resolutionId } = await told(words.slice(i, i + 10).join(" | "));
      const { json } = await shop.rest("AGENT", "alice", "GET", `/v1/resolutions/${resolutionId}`);
      assert.equal(json.lines[0].note, words.slice(i, i + 10).join(" | "), "whoever may read it reads it");
    }
    const order = await shop.order({ market: "KR" });
    const attempts = canaries.flatMap(({ secret }) => {
      const body = {
        orderId: order.orderId,
        kind: "KIND_RETURN",
        lines: [{ lineId: "l-1", quantity: 1, reason: secret }],
      };
      return [
        () => shop.rest("CUSTOMER", order.customerId, "POST", "/v1/resolutions", body),
        () => shop.rest("CUSTOMER", order.customerId, "POST", "/v1/resolutions", { ...body, [secret]: secret }),
        () => shop.rest("AGENT", "alice", "GET", `/v1/resolutions/${encodeURIComponent(secret)}`),
        () => shop.rest("AGENT", "alice", "GET", `/v1/resolutions?pageToken=${encodeURIComponent(secret)}`),
        () =>
          shop.rest("AGENT", "alice", "POST", "/v1/refunds/rfd_none:setAccount", {
            bankCode: "004",
            accountNumber: secret,
            holderName: secret,
          }),
        () =>
          shop.rest("LEAD", "lena", "POST", "/v1/refunds:grantGoodwill", {
            orderId: order.orderId,
            reason: "DELIVERY_LATE",
            note: secret,
            amount: { currencyCode: "KRW", units: "100" },
          }),
        () =>
          fetch(`${mesh.gatewayUrl}/v1/resolutions`, {
            headers: { authorization: `Bearer ${encodeURIComponent(secret)}` },
          }),
        () =>
          fetch(`${mesh.gatewayUrl}/v1/${encodeURIComponent(secret)}`, { method: "POST", body: `{"note": "${secret}` }),
      ];
    });
    for (const attempt of attempts) await attempt();
    await shop.pass(0.01);
    const rows = await dump();
    const messages = await streamed();
    assert.ok(
      log.join("").split("\n").length > 500 && rows.length > 200 && messages.length > 20,
      "there was something to look through",
    );
    const lines = log
      .join("")
      .split("\n")
      .map((text) => ({ where: "the log", text }));
    assert.deepEqual(seenIn([...rows, ...messages, ...lines], words), []);
    assert.deepEqual(
      lines.filter(({ text }) => text.includes('"left_out"')).map(({ text }) => text),
      [],
      "no line names a field that log.ts does not know",
    );
  });

  it("finds a customer by what they say on the telephone, however the shop wrote it down", async () => {
    const { orderId } = await shop.order({
      market: "TW",
      more: () => ({ contact: { phone: "+886 955 123 456", email: "A@B.tw" } }),
    });
    await shop.ask({ orderId, customerId: await customerOf(orderId), lineId: "l-1" }, "RETURN");
    await until("the contact is learned", async () => {
      const { rows } = await db.query(
        `SELECT phone_hash FROM "${schemaOf("resolution")}".contact WHERE order_id = $1`,
        [orderId],
      );
      return rows[0]?.phone_hash;
    });
    const config = readResolutionConfig(mesh.env("resolution"));
    const own = openDatabase({ url: config.databaseUrl, schema: config.databaseSchema, poolSize: 1 });
    const contacts = openContacts(own, config.blindIndexKey);
    const hash = contacts.phoneHash("0955-123-456", "TW") as string;
    assert.deepEqual(
      (await contacts.findByPhone(hash)).map((it) => it.orderId),
      [orderId],
    );
    const byMail = contacts.emailHash("a@b.TW") as string;
    assert.deepEqual(
      (await contacts.findByEmail(byMail)).map((it) => it.orderId),
      [orderId],
    );
    assert.deepEqual(await contacts.findByPhone(contacts.phoneHash("0955-123-457", "TW") as string), []);
    await own.close();

    const search = async (filter: object) => shop.rest("AGENT", "alice", "POST", "/v1/desk/cases:search", { filter });
    const yes = [
      { phone: "0955-123-456" },
      { phone: "+886 955 123 456", market: "TW" },
      { phone: "(0955) 123 456", market: "TW" },
      { email: "a@b.TW" },
      { email: " A@B.tw ", phone: "0955123456" },
    ];
    for (const filter of yes) {
      const { json } = await search(filter);
      assert.deepEqual(
        json.cases?.map((one: { orderId: string }) => one.orderId),
        [orderId],
        JSON.stringify(filter),
      );
    }
    for (const filter of [{ phone: "0955-123-457" }, { phone: "0955-123-456", market: "KR" }, { email: "c@b.tw" }]) {
      assert.deepEqual((await search(filter)).json.cases, [], JSON.stringify(filter));
    }
    for (const filter of [{ phone: "no number" }, { email: "nobody" }]) {
      const { status, json } = await search(filter);
      assert.deepEqual([status, json.reason], [400, "INVALID_REQUEST"]);
    }
    const kept = [
      ["/v1/desk/queues", { queue: { queueId: "by-phone", title: "One", filter: { phone: "0955-123-456" } } }],
      [
        "/v1/desk/exports",
        {
          export: { exportId: "by-mail", title: "One", columns: ["EXPORT_COLUMN_STATE"], filter: { email: "a@b.tw" } },
        },
      ],
    ] as const;
    for (const [path, body] of kept) {
      const { status, json } = await shop.rest("LEAD", "lena", "POST", path, body);
      assert.deepEqual([status, json.reason], [400, "INVALID_REQUEST"], path);
      assert.match(json.detail, /never kept/);
    }
  });

  async function customerOf(orderId: string): Promise<string> {
    const { rows } = await db.query(
      `SELECT customer_id FROM "${mesh.env("partners").DATABASE_SCHEMA}".payment WHERE order_id = $1`,
      [orderId],
    );
    return rows[0].customer_id;
  }

  it("takes people's words out when the market's years are up, and leaves what is open and the books", async () => {
    const ended = await told("call Park Seo at 010-9999-0003");
    const open = await shop.order({ market: "TW" });
    await shop.scenario({ twist: Twist.TWIST_NO_HAND_OVER, orderId: open.orderId });
    const { resolutionId } = await shop.ask(open, "RETURN", { more: { note: "still open" } });
    const later = new Date(Date.now() + 20 * 365 * 86_400_000);
    const rules = { resolution, collection, inspection, refund };
    for (const [service, own] of Object.entries(rules)) {
      const at = openDatabase({ url: mesh.stage.databaseUrl, schema: schemaOf(service as "refund"), poolSize: 1 });
      for (const rule of kitRules) assert.equal(await countPast(at, rule, new Date()), 0, `${service} ${rule.name}`);
      for (const rule of own) {
        const past = await countPast(at, rule, later);
        assert.equal(await prune(at, rule, later), past);
        assert.equal(await countPast(at, rule, later), 0, rule.name);
      }
      await at.close();
    }
    const { json } = await shop.rest("AGENT", "alice", "GET", `/v1/resolutions/${ended.resolutionId}`);
    assert.deepEqual([json.lines[0].note, json.state], ["[erased]", "RESOLUTION_STATE_CLOSED"]);
    // The inspection remembers a key for a minute; the row is without it at once.
    const keys = await db.query(`SELECT wrapped FROM "${schemaOf("inspection")}".subject_key WHERE subject = $1`, [
      ended.resolutionId,
    ]);
    assert.deepEqual(keys.rows, [{ wrapped: null }]);
    const { json: still } = await shop.rest("AGENT", "alice", "GET", `/v1/resolutions/${resolutionId}`);
    assert.equal(still.lines[0].note, "still open");
  });

  it("forgets a customer everywhere once two people said so and nothing needs the data; the books and others' words stay", async () => {
    const mine = await told("call Kim Minji at 010-9999-0001");
    const theirs = await told("call Lee Jun at 010-9999-0002");
    for (const { resolutionId } of [mine, theirs]) {
      const words = resolutionId === mine.resolutionId ? "Kim Minji, 010-9999-0001" : "somebody else";
      const at = `/v1/desk/cases/${resolutionId}`;
      const wrote = [
        await shop.rest("AGENT", "alice", "POST", `${at}/notes`, { text: `called ${words}` }),
        await shop.rest("AGENT", "alice", "POST", `${at}/tickets`, { subject: words, text: `a ring of ${words}` }),
        await shop.rest("AGENT", "alice", "POST", `${at}:assign`, { assignee: "alice", reason: `knows ${words}` }),
      ];
      assert.deepEqual(
        wrote.map(({ status }) => status),
        [200, 200, 200],
        JSON.stringify(wrote.map(({ json }) => json)),
      );
    }
    const ledger = () => db.query(`SELECT * FROM "${schemaOf("refund")}".ledger_entry ORDER BY entry_id`);
    const booked = (await ledger()).rows;
    assert.ok(booked.length > 0);
    const post = async (role: "AGENT" | "LEAD", subject: string, path: string, body: object) =>
      shop.rest(role, subject, "POST", path, body);
    const { customerId } = mine;

    const asked = await post("LEAD", "lena", "/v1/erasures", { customerId });
    assert.equal(asked.json.state, "ERASURE_STATE_ASKED", JSON.stringify(asked.json));
    const at = `/v1/erasures/${asked.json.erasureId}`;
    const twice = await post("AGENT", "alice", "/v1/erasures", { customerId });
    assert.equal(twice.json.reason, "ERASURE_STATE");
    assert.equal((await post("LEAD", "lena", `${at}:confirm`, {})).json.reason, "SELF_APPROVAL");
    const until_ = new Date((await shop.now()).getTime() + 3 * 86_400_000);
    const held = await post("LEAD", "lena", "/v1/legalHolds", { customerId, caseNumber: "2026-77", endTime: until_ });
    assert.equal(held.status, 200, JSON.stringify(held.json));
    assert.equal((await post("LEAD", "lars", `${at}:confirm`, {})).status, 200);
    const erasure = async () => (await shop.rest("AGENT", "alice", "GET", at)).json;
    const deferred = await until("it is deferred", async () => {
      const it = await erasure();
      return it.state === "ERASURE_STATE_DEFERRED" && it;
    });
    assert.deepEqual(deferred.obstacles, [
      { code: "LEGAL_HOLD", reference: "2026-77", untilTime: until_.toISOString() },
    ]);
    assert.match((await shop.rest("AGENT", "alice", "GET", mine.bench)).json.disputes[0].statement, /Minji/);

    await shop.pass(4);
    const done = await until("it is done", async () => {
      const it = await erasure();
      return it.state === "ERASURE_STATE_ERASED" && it;
    });
    assert.deepEqual(done.erasedBy.toSorted(), ["collection", "eligibility", "inspection", "refund", "resolution"]);
    const seen = await shop.rest("AGENT", "alice", "GET", `/v1/resolutions/${mine.resolutionId}`);
    assert.deepEqual([seen.json.lines[0].note, seen.json.state], ["[erased]", "RESOLUTION_STATE_CLOSED"]);
    const { json: timeline } = await shop.rest(
      "AGENT",
      "alice",
      "GET",
      `/v1/resolutions/${mine.resolutionId}/timeline`,
    );
    const [first] = timeline.entries;
    assert.deepEqual([first.name, first.text], ["Requested", "[erased]"]);
    const { json: inspection } = await shop.rest("AGENT", "alice", "GET", mine.bench);
    assert.deepEqual([inspection.disputes[0].statement, inspection.findings[0].note], ["[erased]", "[erased]"]);

    const read = async (path: string) => (await shop.rest("LEAD", "lena", "GET", path)).json;
    const desk = `/v1/desk/cases/${mine.resolutionId}`;
    const notes = (await read(`${desk}/notes?everyVersion=true`)).notes.map((note: { text: string }) => note.text);
    assert.deepEqual(notes, Array(4).fill("[erased]"), "two notes, another version, and what a bulk wrote");
    const { assignments } = await read(`${desk}/assignments`);
    assert.deepEqual(
      assignments.map((one: { reason: string }) => one.reason),
      ["[erased]", "[erased]", "[erased]"],
    );
    const [ticket] = (await read(`${desk}/tickets`)).tickets;
    assert.deepEqual([ticket.subject, ticket.text], ["[erased]", "[erased]"]);
    const entries = (await read(`/v1/listEntries?value=${customerId}`)).listEntries;
    assert.equal(entries[0].reason, "[erased]");

    const { rows: keys } = await db.query(
      ["resolution", "collection", "refund"]
        .map((it) => `SELECT wrapped FROM "${schemaOf(it as "refund")}".subject_key WHERE subject = $1`)
        .concat(`SELECT wrapped FROM "${schemaOf("inspection")}".subject_key WHERE subject = $2`)
        .join(" UNION ALL "),
      [customerId, mine.resolutionId],
    );
    // What the carrier reports of their parcel afterwards is under a key of its own.
    assert.equal(keys.filter(({ wrapped }) => wrapped === null).length, 4, "none of the keys of before is left");
    const { rows: contact } = await db.query(
      `SELECT phone_hash, email_hash FROM "${schemaOf("resolution")}".contact WHERE customer_id = $1`,
      [customerId],
    );
    assert.deepEqual(contact, [{ phone_hash: null, email_hash: null }]);
    assert.deepEqual(seenIn([...(await dump()), ...(await streamed())], ["Minji", "010-9999-0001", "Lee Jun"]), []);

    assert.deepEqual((await ledger()).rows.slice(0, booked.length), booked, "the ledger is as it was");
    const other = await shop.rest("AGENT", "alice", "GET", `/v1/resolutions/${theirs.resolutionId}`);
    assert.equal(other.json.lines[0].note, "call Lee Jun at 010-9999-0002");
    assert.match((await shop.rest("AGENT", "alice", "GET", theirs.bench)).json.disputes[0].statement, /Lee Jun/);
  });
});
