// What is refused, through the real doors: each bad input has a clear error of its own, writes nothing, breaks nothing.
import assert from "node:assert/strict";
import { Client, credentials, Metadata, status } from "@grpc/grpc-js";
import pg from "pg";
import { ConfigError } from "#kit/config.js";
import { newId } from "#kit/ids.js";
import { testPostgres } from "#kit/testing/stage.js";
import { readResolutionConfig } from "../services/resolution/config.js";
import { type Mesh, openMesh } from "./mesh.js";
import { openShop, type Shop } from "./shop.js";

describe("refusals", function () {
  this.timeout(60_000);
  let mesh: Mesh;
  let shop: Shop;
  before(async () => {
    mesh = await openMesh();
    shop = await openShop(mesh.doors);
  });
  after(async () => {
    shop?.close();
    await mesh?.stop();
  });

  const line = { lineId: "l-1", quantity: 1, reason: "COLOR" };
  type Order = Awaited<ReturnType<Shop["order"]>>;
  const post = (order: Order, body: object) => shop.rest("CUSTOMER", order.customerId, "POST", "/v1/resolutions", body);

  async function stored(orderId: string): Promise<number> {
    const { json } = await shop.rest("AGENT", "alice", "GET", `/v1/resolutions?order_id=${orderId}`);
    return json.resolutions.length;
  }

  const refused: readonly [string, (order: Order) => object, number, string][] = [
    ["an unknown field", ({ orderId }) => ({ orderId, kind: "KIND_RETURN", linez: [line] }), 400, "MALFORMED_BODY"],
    [
      "a wrong type",
      ({ orderId }) => ({ orderId, kind: "KIND_RETURN", lines: [{ ...line, quantity: "many" }] }),
      400,
      "MALFORMED_BODY",
    ],
    ["a malformed id", () => ({ orderId: "no order!", kind: "KIND_RETURN", lines: [line] }), 400, "INVALID_REQUEST"],
    ["a missing id", () => ({ kind: "KIND_RETURN", lines: [line] }), 400, "INVALID_REQUEST"],
    [
      "no units",
      ({ orderId }) => ({ orderId, kind: "KIND_RETURN", lines: [{ ...line, quantity: 0 }] }),
      400,
      "INVALID_REQUEST",
    ],
    [
      "fewer than no units",
      ({ orderId }) => ({ orderId, kind: "KIND_RETURN", lines: [{ ...line, quantity: -2 }] }),
      400,
      "INVALID_REQUEST",
    ],
    ["no lines", ({ orderId }) => ({ orderId, kind: "KIND_RETURN", lines: [] }), 400, "INVALID_REQUEST"],
    [
      "more units than were bought",
      ({ orderId }) => ({ orderId, kind: "KIND_RETURN", lines: [{ ...line, quantity: 3 }] }),
      422,
      "UNITS_EXCEED_PURCHASED",
    ],
    [
      "a line that is not in the order",
      ({ orderId }) => ({ orderId, kind: "KIND_RETURN", lines: [{ ...line, lineId: "l-9" }] }),
      422,
      "LINE_NOT_IN_ORDER",
    ],
    ["an unknown order", () => ({ orderId: "ord-404", kind: "KIND_RETURN", lines: [line] }), 404, "ORDER_NOT_FOUND"],
    [
      "a reason the market does not know",
      ({ orderId }) => ({ orderId, kind: "KIND_RETURN", lines: [{ ...line, reason: "MOON_PHASE" }] }),
      422,
      "REASON_UNKNOWN",
    ],
    [
      "a note with NUL",
      ({ orderId }) => ({ orderId, kind: "KIND_RETURN", lines: [{ ...line, note: "a\u0000b" }] }),
      400,
      "INVALID_REQUEST",
    ],
  ];
  for (const [what, body, code, reason] of refused) {
    it(`${what}: ${reason}`, async () => {
      const order = await shop.order({});
      const { status: answered, json } = await post(order, body(order));
      assert.deepEqual([answered, json.reason], [code, reason], JSON.stringify(json));
      assert.equal(await stored(order.orderId), 0);
    });
  }

  let placed: string | undefined;
  for (const [endTime, status] of [
    ["9999-12-31T23:59:59.999999999Z", 400],
    ["9999-12-31T23:59:59.999Z", 200],
    ["1969-12-31T23:59:59.5Z", 400],
    ["0001-01-01T00:00:00Z", 400],
    ["1970-01-01T00:00:00Z", 200],
  ] as const) {
    it(`a time of ${endTime} is answered ${status}, as what can be told again or not`, async () => {
      const body = { customerId: "cus-times", caseNumber: "2026/1", endTime };
      const { status: answered, json } = await shop.rest("LEAD", "lea", "POST", "/v1/legalHolds", body);
      assert.equal(answered, status, JSON.stringify(json));
      if (status === 200) assert.equal(Date.parse(json.endTime), Date.parse(endTime));
      if (status === 200) assert.equal((placed ??= json.legalHoldId), json.legalHoldId, "the same hold");
      else assert.match(JSON.stringify(json), /must lie between 1970 and 9999/);
    });
  }

  for (const [role, list, fields] of [
    ["AGENT", "resolutions", ["orderId", "customerId", "returnEventId"]],
    ["FINANCE", "refunds", ["orderId"]],
    ["WAREHOUSE", "inspections", ["resolutionId"]],
    ["WAREHOUSE", "quarantine", ["centre"]],
    ["OPERATOR", "unknown-tracking-codes", ["reporter"]],
    ["LEAD", "listEntries", ["value"]],
  ] as const) {
    it(`a filter of ${list} with a character that nobody types: INVALID_REQUEST, and which filter`, async () => {
      for (const field of fields) {
        const plain = await shop.rest(role, "sam", "GET", `/v1/${list}?${field}=a`);
        assert.equal(plain.status, 200, JSON.stringify(plain.json));
        const { status: answered, json } = await shop.rest(role, "sam", "GET", `/v1/${list}?${field}=a%00`);
        assert.deepEqual([answered, json.reason], [400, "INVALID_REQUEST"], field);
        assert.match(JSON.stringify(json), new RegExp(field.replace(/[A-Z]/g, (c) => `_${c.toLowerCase()}`)));
      }
    });
  }

  it("a page token that no page gave: PAGE_TOKEN_INVALID, of every list", async () => {
    const order = await shop.order({});
    const { resolutionId } = await shop.ask(order, "RETURN");
    const timeline = `/v1/resolutions/${resolutionId}/timeline`;
    const read = (path: string, token: string) =>
      shop.rest("AGENT", "alice", "GET", `${path}?pageSize=1&pageToken=${encodeURIComponent(token)}`);
    for (const token of ["99999999999", "1e999", "Infinity", "zzz", "-5", "1.5", "0x10", "0", " 1", "\0"]) {
      const { status: answered, json } = await read(timeline, token);
      assert.deepEqual([answered, json.reason], [400, "PAGE_TOKEN_INVALID"], token);
    }
    for (const path of ["/v1/resolutions", "/v1/inspections", "/v1/quarantine"])
      for (const token of ["AA", "Ly8v"]) {
        const { status: answered, json } = await read(path, token);
        assert.deepEqual([answered, json.reason], [400, "PAGE_TOKEN_INVALID"], `${path} ${token}`);
      }
    // A history of two entries.
    await shop.rest("CUSTOMER", order.customerId, "POST", `/v1/resolutions/${resolutionId}:withdraw`, {});
    const first = (await read(timeline, "")).json;
    const second = (await read(timeline, first.nextPageToken)).json;
    const names = [first, second].map(({ entries }) => entries.map(({ name }: { name: string }) => name));
    assert.deepEqual(names, [["Requested"], ["Withdrawn"]], "the token that was given goes on");
  });

  it("an order of somebody else: ORDER_NOT_FOUND, as if there were none", async () => {
    const order = await shop.order({});
    const { status: answered, json } = await post(
      { ...order, customerId: "somebody" },
      { orderId: order.orderId, kind: "KIND_RETURN", lines: [line] },
    );
    assert.deepEqual([answered, json.reason], [404, "ORDER_NOT_FOUND"]);
  });

  it("a resolution of somebody else: RESOLUTION_NOT_FOUND", async () => {
    const { resolutionId } = await shop.ask(await shop.order({}), "RETURN");
    for (const [method, path] of [
      ["GET", ""],
      ["GET", "/timeline"],
      ["POST", ":withdraw"],
    ] as const) {
      const answer = await shop.rest(
        "CUSTOMER",
        "somebody",
        method,
        `/v1/resolutions/${resolutionId}${path}`,
        method === "POST" ? {} : undefined,
      );
      assert.deepEqual([answer.status, answer.json.reason], [404, "RESOLUTION_NOT_FOUND"], path);
    }
  });

  it("an illegal move: RESOLUTION_STATE", async () => {
    const { resolutionId } = await shop.ask(await shop.order({}), "RETURN");
    const { status: answered, json } = await shop.rest(
      "AGENT",
      "alice",
      "POST",
      `/v1/resolutions/${resolutionId}:approve`,
      {},
    );
    assert.deepEqual([answered, json.reason, json.metadata.state], [409, "RESOLUTION_STATE", "OPEN"]);
  });

  it("a role without the right: ROLE_NOT_ALLOWED; no token: UNAUTHENTICATED", async () => {
    const { resolutionId } = await shop.ask(await shop.order({}), "RETURN");
    const role = await shop.rest("WAREHOUSE", "wendy", "POST", `/v1/resolutions/${resolutionId}:withdraw`, {});
    assert.deepEqual([role.status, role.json.reason], [403, "ROLE_NOT_ALLOWED"]);
    const none = await fetch(`${mesh.gatewayUrl}/v1/resolutions/${resolutionId}`);
    assert.equal(none.status, 401);
  });

  it("no Idempotency-Key: IDEMPOTENCY_KEY_MISSING; a body over 256 KiB: BODY_TOO_LARGE", async () => {
    const headers = {
      authorization: `Bearer ${await mesh.doors.token("CUSTOMER", "c")}`,
      "content-type": "application/json",
    };
    const missing = await fetch(`${mesh.gatewayUrl}/v1/resolutions`, { method: "POST", headers, body: "{}" });
    assert.equal(((await missing.json()) as { reason: string }).reason, "IDEMPOTENCY_KEY_MISSING");
    const body = JSON.stringify({ note: "x".repeat(300_000) });
    const large = await fetch(`${mesh.gatewayUrl}/v1/resolutions`, {
      method: "POST",
      headers: { ...headers, "idempotency-key": "k" },
      body,
    });
    assert.deepEqual([large.status, ((await large.json()) as { reason: string }).reason], [413, "BODY_TOO_LARGE"]);
  });

  it("garbage on gRPC: MALFORMED_BODY, and the next call is answered", async () => {
    const [, port] = /127\.0\.0\.1:(\d+)/.exec(mesh.env("resolution").RESOLUTION_ADDRESS ?? "") ?? [];
    const client = new Client(`127.0.0.1:${port}`, credentials.createInsecure());
    const metadata = new Metadata();
    metadata.set("authorization", `Bearer ${await mesh.doors.token("AGENT", "alice")}`);
    const nested = Buffer.concat([Buffer.alloc(10_000, 0x0b), Buffer.alloc(10_000, 0x0c)]);
    for (const bytes of [Buffer.from("not protobuf at all"), Buffer.alloc(64, 0xff), nested]) {
      const code = await new Promise((resolve) =>
        client.makeUnaryRequest(
          "/backhaul.resolution.v1.ResolutionService/GetResolution",
          (b: Buffer) => b,
          (b) => b,
          bytes,
          metadata,
          (error) => resolve(error?.code),
        ),
      );
      assert.equal(code, status.INVALID_ARGUMENT);
    }
    client.close();
    await shop.ask(await shop.order({}), "RETURN");
  });

  it("a broken policy document: POLICY_BROKEN", async () => {
    const send = (document: string) =>
      shop.rest("POLICY_AUTHOR", "paula", "POST", "/v1/policies", { document, effectiveTime: "2030-01-01T00:00:00Z" });
    const broken = await send("{ not json");
    assert.deepEqual([broken.status, broken.json.reason], [400, "POLICY_BROKEN"]);
  });

  it("a missing or wrong setting: the start ends with every mistake listed", () => {
    assert.throws(
      () => readResolutionConfig({ PORT: "many", NATS_URL: "http://x", MESH_SECRET: "short" }),
      (error) => {
        assert.ok(error instanceof ConfigError);
        for (const name of ["PORT", "NATS_URL", "MESH_SECRET", "DATABASE_URL", "TOKEN_JWKS"])
          assert.match(error.message, new RegExp(name));
        assert.doesNotMatch(error.message, /short/);
        return true;
      },
    );
  });

  it("Postgres away: UNAVAILABLE with a time to come back, and all recovers when it is back", async function () {
    const postgres = await testPostgres();
    if (!postgres) return this.skip(); // DATABASE_URL names a server that is not ours to stop
    const order = await shop.order({});
    await postgres.stop("immediate");
    const key = newId("key");
    const body = { orderId: order.orderId, kind: "KIND_RETURN", lines: [line] };
    const headers = {
      authorization: `Bearer ${await mesh.doors.token("CUSTOMER", order.customerId)}`,
      "content-type": "application/json",
      "idempotency-key": key,
    };
    const away = await fetch(`${mesh.gatewayUrl}/v1/resolutions`, {
      method: "POST",
      headers,
      body: JSON.stringify(body),
    });
    assert.equal(away.status, 503);
    assert.ok(Number(away.headers.get("retry-after")) >= 1);
    await postgres.restart();
    const asked = await shop.ask({ ...order }, "RETURN", { key, quantity: 1, reason: "COLOR" });
    await shop.pass(5);
    assert.equal((await shop.reaches(asked.resolutionId, "CLOSED")).money, "MONEY_STATE_REFUNDED");
    const client = new pg.Client({ connectionString: mesh.stage.databaseUrl });
    await client.connect();
    const schema = mesh.env("resolution").DATABASE_SCHEMA;
    const { rows } = await client.query(`SELECT count(*)::int AS n FROM ${schema}.resolution WHERE order_id = $1`, [
      order.orderId,
    ]);
    await client.end();
    assert.equal(rows[0].n, 1);
  });
});
