import assert from "node:assert/strict";
import { InvalidRequest, Unavailable } from "#kit/errors.js";
import { DomainError } from "#kit/pure/check.js";
import type { Problem } from "../problem.js";
import { type EdgeUnderTest, edgeBefore, fakeServices, quiet } from "./fakes.js";

const resolution = "/backhaul.resolution.v1.ResolutionService";
const refund = "/backhaul.refund.v1.RefundService";

describe("the edge", () => {
  let services: Awaited<ReturnType<typeof fakeServices>>;
  let edge: EdgeUnderTest;
  let released: () => void = () => {};

  before(async () => {
    services = await fakeServices({
      [`${resolution}/GetResolution`]: ({ resolutionId }) => {
        if (resolutionId === "res_gone")
          throw new DomainError("RESOLUTION_NOT_FOUND", "no such thing", { resolution_id: "res_gone" });
        if (resolutionId === "res_slow") return new Promise((resolve) => setTimeout(() => resolve({}), 1000));
        return { resolution: { resolutionId: String(resolutionId), state: "RESOLUTION_STATE_OPEN" } };
      },
      [`${resolution}/ListResolutions`]: () => ({ nextPageToken: "more" }),
      [`${resolution}/CreateResolution`]: ({ orderId, requestId }) => {
        if (requestId === "used")
          throw new DomainError("REQUEST_ID_REUSED", "choose a new one", { request_id: "used" });
        if (!orderId) throw new InvalidRequest([{ field: "order_id", description: "must not be empty" }]);
        return { resolution: { resolutionId: "res_1", orderId } };
      },
      [`${resolution}/WithdrawResolution`]: () => ({ resolution: { state: "RESOLUTION_STATE_WITHDRAWN" } }),
      [`${resolution}/CancelResolution`]: () =>
        new Promise((resolve) => {
          released = () => resolve({ resolution: { state: "RESOLUTION_STATE_CANCELED" } });
        }),
      [`${refund}/QuoteRefund`]: () => ({ quote: { amount: { currencyCode: "KRW", units: "12000" } } }),
    });
    edge = await edgeBefore(services.address, { deadlineMs: 300 });
  });
  after(async () => {
    await edge.stop();
    services.stop();
  });

  const post = (path: string, body: unknown, headers: Record<string, string> = {}) =>
    edge.fetch(path, {
      method: "POST",
      headers: { "idempotency-key": "key-1", ...headers },
      body: typeof body === "string" ? body : JSON.stringify(body),
    });

  async function problem(response: Response, status: number, reason: string): Promise<Problem> {
    const text = await response.text();
    assert.equal(response.status, status, text);
    assert.equal(response.headers.get("content-type"), "application/problem+json");
    const body = JSON.parse(text) as Problem;
    assert.equal(body.reason, reason);
    assert.equal(body.status, status);
    return body;
  }

  it("answers a read with the resource itself", async () => {
    const response = await edge.fetch("/v1/resolutions/res_1");
    assert.equal(response.status, 200);
    assert.equal(response.headers.get("content-type"), "application/json; charset=utf-8");
    const body = (await response.json()) as Record<string, unknown>;
    assert.equal(body.state, "RESOLUTION_STATE_OPEN");
    assert.deepEqual(body.lines, []);
  });

  it("carries a change with its key, and the caller's token stays outside", async () => {
    const response = await post("/v1/resolutions", { orderId: "o-1" });
    assert.equal(response.status, 200);
    const seen = services.seen.at(-1);
    assert.deepEqual(seen?.input, { requestId: "key-1", orderId: "o-1" });
    assert.equal(seen?.headers.authorization, "Bearer mesh-token-of-CUSTOMER-c-17");
  });

  it("keeps an id apart from the verb behind it", async () => {
    assert.equal(
      (await edge.fetch("/v1/resolutions/res_1:withdraw", { method: "POST", headers: { "idempotency-key": "k" } }))
        .status,
      200,
    );
    assert.deepEqual(services.seen.at(-1)?.input, { requestId: "k", resolutionId: "res_1" });
    assert.equal((await post("/v1/refunds:quote", {})).status, 200);
    assert.ok(services.seen.at(-1)?.path.endsWith("/QuoteRefund"));
    const query = await edge.fetch("/v1/resolutions?pageSize=5&state=OPEN");
    assert.match(await query.text(), /^\{"resolutions":\[\],"nextPageToken":"[\w-]{16}more"\}$/);
  });

  it("passes a service's refusal on as a problem", async () => {
    const gone = await problem(await edge.fetch("/v1/resolutions/res_gone"), 404, "RESOLUTION_NOT_FOUND");
    assert.deepEqual(gone.metadata, { resolution_id: "res_gone" });
    await problem(
      await post("/v1/resolutions", { orderId: "o" }, { "idempotency-key": "used" }),
      422,
      "REQUEST_ID_REUSED",
    );
    const invalid = await problem(await post("/v1/resolutions", {}), 400, "INVALID_REQUEST");
    assert.deepEqual(invalid.violations, [{ field: "order_id", description: "must not be empty" }]);
  });

  it("asks for an Idempotency-Key before it asks anybody else", async () => {
    const calls = services.seen.length;
    const response = await edge.fetch("/v1/resolutions", { method: "POST", body: "{}" });
    await problem(response, 400, "IDEMPOTENCY_KEY_MISSING");
    assert.equal(services.seen.length, calls);
  });

  it("turns away who is nobody, or may not", async () => {
    const anonymous = await edge.fetch("/v1/resolutions/res_1", { headers: { authorization: "none" } });
    assert.equal(anonymous.headers.get("www-authenticate"), 'Bearer realm="backhaul"');
    await problem(anonymous, 401, "UNAUTHENTICATED");
    const basic = await edge.fetch("/v1/resolutions/res_1", { headers: { authorization: "Basic Zm9vOmJhcg==" } });
    await problem(basic, 401, "UNAUTHENTICATED");
    const mesh = await edge.fetch("/v1/resolutions/res_1", { headers: { authorization: "Bearer AGENT.mesh.token" } });
    await problem(mesh, 401, "UNAUTHENTICATED");
    const denied = await problem(await post("/v1/resolutions/res_1:cancel", { note: "x" }), 403, "ROLE_NOT_ALLOWED");
    assert.deepEqual(denied.metadata, {
      role: "CUSTOMER",
      method: "backhaul.resolution.v1.ResolutionService/CancelResolution",
    });
  });

  it("says which path is nobody's and which verb a path takes", async () => {
    const nobody = await problem(await edge.fetch("/v1/nothing?token=1"), 404, "ROUTE_NOT_FOUND");
    assert.deepEqual(nobody.metadata, { method: "GET", path: "/v1/nothing" });
    const wrong = await edge.fetch("/v1/resolutions/res_1", { method: "DELETE" });
    assert.equal(wrong.headers.get("allow"), "GET");
    const { metadata } = await problem(wrong, 405, "METHOD_NOT_ALLOWED");
    assert.deepEqual(metadata, { method: "DELETE", path: "/v1/resolutions/res_1", allow: "GET" });
    assert.equal((await edge.fetch("/v1/resolutions", { method: "HEAD" })).headers.get("allow"), "POST, GET");
    await problem(await edge.fetch("/v1/resolutions/%zz"), 404, "ROUTE_NOT_FOUND");
    await problem(await edge.fetch(`/v1/resolutions/${"x".repeat(300)}`), 404, "ROUTE_NOT_FOUND");
    for (const path of ["/v1/resolutions/a%2Fb", "/v1/resolutions/a%3Ab"]) {
      await problem(await edge.fetch(path), 404, "ROUTE_NOT_FOUND");
    }
  });

  it("takes JSON only, and only so much", async () => {
    const xml = await problem(
      await post("/v1/resolutions", "<a/>", { "content-type": "text/xml" }),
      415,
      "UNSUPPORTED_MEDIA",
    );
    assert.deepEqual(xml.metadata, { content_type: "text/xml" });
    await problem(await post("/v1/resolutions", "{}", { "content-type": "rubbish" }), 415, "UNSUPPORTED_MEDIA");
    const packed = await post("/v1/resolutions", "{}", { "content-encoding": "gzip" });
    assert.equal(packed.headers.get("accept-encoding"), "identity");
    assert.deepEqual((await problem(packed, 415, "UNSUPPORTED_MEDIA")).metadata, { encoding: "gzip" });
    const large = await problem(await post("/v1/resolutions", " ".repeat(262_145)), 413, "BODY_TOO_LARGE");
    assert.deepEqual(large.metadata, { limit_bytes: "262144" });
    assert.equal((await post("/v1/resolutions", `{"orderId":"o-1"}${" ".repeat(262_000)}`)).status, 200);
    await problem(await post("/v1/resolutions", '{"orderId":"a","orderId":"b"}'), 400, "MALFORMED_BODY");
  });

  it("gives up in time, and tells a reader to ask again", async () => {
    await problem(await edge.fetch("/v1/resolutions/res_slow"), 504, "DEADLINE_EXCEEDED");
  });

  it("answers what is no HTTP with a problem, too", async () => {
    const answer = await edge.raw("NONSENSE\r\n\r\n");
    assert.match(answer, /^HTTP\/1\.1 400 Bad Request\r\n/);
    assert.match(answer, /\r\ncontent-type: application\/problem\+json\r\n/);
    assert.match(answer, /\r\nx-content-type-options: nosniff\r\n/);
    const huge = await edge.raw(`GET / HTTP/1.1\r\nhost: x\r\na: ${"x".repeat(20_000)}\r\n\r\n`);
    assert.match(huge, /^HTTP\/1\.1 431 /);
  });

  it("sends the headers that keep browsers honest", async () => {
    for (const path of ["/v1/resolutions/res_1", "/v1/nothing", "/v1/resolutions/%zz", "/healthz"]) {
      const { headers } = await edge.fetch(path);
      assert.equal(headers.get("strict-transport-security"), "max-age=31536000; includeSubDomains");
      assert.equal(headers.get("referrer-policy"), "no-referrer");
      assert.equal(headers.get("server"), null);
      assert.equal(headers.get("x-content-type-options"), "nosniff");
      assert.equal(headers.get("content-security-policy"), "default-src 'none'; frame-ancestors 'none'");
      assert.equal(headers.get("x-powered-by"), null);
    }
  });

  it("has nothing kept but what may be asked for again by its tag", async () => {
    const kept = async (answer: Promise<Response>) => (await answer).headers.get("cache-control");
    assert.equal(await kept(edge.fetch("/v1/resolutions/res_1")), "private, no-cache");
    assert.equal(await kept(edge.fetch("/v1/resolutions/res_gone")), "no-store");
    assert.equal(await kept(post("/v1/resolutions", { orderId: "o-1" })), "no-store");
    assert.equal(await kept(post("/v1/refunds:quote", {})), "no-store");
    assert.equal(await kept(edge.fetch("/healthz")), "no-store");
  });

  it("lets a change go on when its caller leaves", async () => {
    const leaving = new AbortController();
    const gone = edge.fetch("/v1/resolutions/res_1:cancel", {
      method: "POST",
      headers: { "idempotency-key": "k", authorization: "Bearer LEAD.l-1.token" },
      body: '{"note":"x"}',
      signal: leaving.signal,
    });
    while (!services.seen.at(-1)?.path.endsWith("/CancelResolution")) await new Promise((r) => setTimeout(r, 5));
    leaving.abort();
    await assert.rejects(gone);
    released(); // throws nothing: the call is still open
    assert.equal((await edge.fetch("/v1/resolutions/res_1")).status, 200);
  });
});

describe("an edge whose caller leaves", () => {
  it("lets go of what they only wanted to read, and holds nobody guilty", async () => {
    let letGo: Promise<void> | undefined;
    const services = await fakeServices({
      [`${resolution}/GetResolution`]: (_input, canceled) => {
        letGo = canceled;
        return new Promise(() => {});
      },
    });
    const lines: object[] = [];
    const edge = await edgeBefore(services.address, { log: { ...quiet, warn: (fields) => lines.push(fields) } });
    const leaving = new AbortController();
    const gone = edge.fetch("/v1/resolutions/res_1", { signal: leaving.signal });
    while (!letGo) await new Promise((resolve) => setTimeout(resolve, 5));
    leaving.abort();
    await assert.rejects(gone);
    await letGo;
    await edge.stop();
    services.stop();
    assert.deepEqual(
      lines.map((line) => (line as { status: number }).status),
      [499],
    );
  });
});

describe("an edge whose services are away", () => {
  it("tries once more what may be repeated, with the same key", async () => {
    let tries = 0;
    const services = await fakeServices({
      [`${resolution}/WithdrawResolution`]: () => {
        if (tries++ === 0) throw new Unavailable("STORE_UNAVAILABLE", "the database is away");
        return { resolution: {} };
      },
    });
    const edge = await edgeBefore(services.address);
    const init = { method: "POST", headers: { "idempotency-key": "k" } };
    assert.equal((await edge.fetch("/v1/resolutions/res_1:withdraw", init)).status, 200);
    assert.deepEqual(
      services.seen.map(({ input }) => input.requestId),
      ["k", "k"],
    );
    await edge.stop();
    services.stop();
  });

  it("says so with a time to come back, lives, and is not ready", async () => {
    const edge = await edgeBefore("127.0.0.1:1", { deadlineMs: 3000 });
    try {
      const response = await edge.fetch("/v1/resolutions/res_1");
      assert.equal(response.status, 503);
      assert.equal(response.headers.get("retry-after"), "1");
      const text = await response.text();
      assert.match(text, /UPSTREAM_UNAVAILABLE/);
      assert.ok(!text.includes("127.0.0.1"));
      assert.equal((await edge.fetch("/healthz")).status, 200);
      const ready = await edge.fetch("/readyz");
      assert.equal(ready.status, 503);
      assert.equal(((await ready.json()) as { services: Record<string, boolean> }).services.refund, false);
    } finally {
      await edge.stop();
    }
  });
});

describe("an edge that shuts down", () => {
  it("is not ready at once, finishes what is under way, and keeps no connection", async () => {
    const services = await fakeServices({
      [`${resolution}/GetResolution`]: () =>
        new Promise((resolve) => setTimeout(() => resolve({ resolution: {} }), 200)),
    });
    const edge = await edgeBefore(services.address);
    assert.equal((await edge.fetch("/readyz")).status, 200);
    const underWay = edge.fetch("/v1/resolutions/res_1");
    while (services.seen.length === 0) await new Promise((resolve) => setTimeout(resolve, 5));
    edge.draining.abort();
    const ready = await edge.fetch("/readyz");
    assert.equal(ready.status, 503);
    assert.equal(ready.headers.get("connection"), "close");
    assert.match(await ready.text(), /DRAINING/);
    const stopped = edge.stop();
    assert.equal((await underWay).status, 200);
    await stopped;
    services.stop();
  });
});
