// The OWASP API Security Top 10 of 2023, each as attacks on the running mesh. What is told more fully elsewhere is tried here
// by its sharpest case: test/foreign.test.ts, test/matrix.test.ts, test/refusals.test.ts, gateway/test/inventory.test.ts.
import assert from "node:assert/strict";
import { connect } from "node:net";
import { UnsecuredJWT } from "jose";
import { createMinter } from "#kit/access.js";
import { registry } from "#kit/contracts.js";
import { newId } from "#kit/ids.js";
import { meshSecret } from "#kit/testing/stage.js";
import { readGatewayConfig } from "../../gateway/config.js";
import { buildRoutes, type Route } from "../../gateway/routes.js";
import * as gateway from "../../gateway/service.js";
import { waiting } from "../posts/returns.js";
import { attackWebhooks } from "./forgery.js";
import type { Stand } from "./stand.js";

const routes = buildRoutes(registry);
const anyId = (route: Route) => route.template.text.replaceAll(/\{[^}]+\}/g, "x");

/** Adds one test for each of the ten. */
export function owaspHolds(stand: () => Stand): void {
  const ask = async (path: string, { url = stand().mesh.gatewayUrl, ...init }: RequestInit & { url?: string } = {}) => {
    const response = await fetch(url + path, init);
    const text = await response.text();
    const isProblem = response.headers.get("content-type") === "application/problem+json";
    const reason = isProblem ? (JSON.parse(text) as { reason: string }).reason : "";
    return { status: response.status, headers: response.headers, text, reason };
  };
  const bearer = (token: string) => ({ authorization: `Bearer ${token}` });
  const as = async (role: Parameters<Stand["mesh"]["doors"]["token"]>[0], who: string) =>
    bearer(await stand().mesh.doors.token(role, who));
  const posting = (headers: Record<string, string>, body: unknown): RequestInit => ({
    method: "POST",
    headers: { ...headers, "content-type": "application/json", "idempotency-key": newId("key") },
    body: typeof body === "string" ? body : JSON.stringify(body),
  });
  /** Another edge before the same services, with limits that a test reaches. */
  async function strictEdge<T>(settings: Record<string, string>, test: (url: string) => Promise<T>): Promise<T> {
    const edge = await gateway.start(readGatewayConfig({ ...stand().mesh.env("gateway"), ...settings, PORT: "0" }));
    try {
      return await test(`http://127.0.0.1:${edge.port}`);
    } finally {
      await edge.stop();
    }
  }
  /** Sends bytes no HTTP client would, and reads until the server hangs up. */
  async function raw(url: string, text: string, ends = true): Promise<string> {
    const socket = connect(Number(new URL(url).port), "127.0.0.1");
    if (ends) socket.end(text);
    else socket.write(text);
    let answer = "";
    for await (const chunk of socket) answer += chunk;
    return answer;
  }

  it("API1 broken object level authorization: every id of a customer, asked for by another, is not there", async () => {
    const { shop } = stand();
    const theirs = await waiting(shop);
    const { decisionId } = theirs.decision as unknown as { decisionId: string };
    const ids: Record<string, string> = {
      resolution_id: theirs.resolutionId,
      collection_id: theirs.collectionId,
      decision_id: decisionId,
      order_id: theirs.orderId,
    };
    const owned = routes.filter(({ access, template }) => access.owner && template.fields.some((name) => name in ids));
    assert.ok(owned.length >= 12, `${owned.length} routes`);
    const thief = await as("CUSTOMER", "cus_thief");
    // What the contracts let a customer's guests do and not the customer is tried by a guest of another order.
    const guest = bearer(await stand().mesh.stage.token("GUEST", "cus_thief", "ord_another"));
    for (const route of owned) {
      const by = route.access.roles.has("CUSTOMER") ? thief : guest;
      const path = route.template.text.replaceAll(/\{(\w+)\}/g, (_, name) => ids[name] ?? "x");
      const init = route.verb === "GET" ? { headers: by } : posting(by, "");
      const { status, text } = await ask(path, init);
      // What must be said besides is refused before anybody looks: that tells nothing either.
      assert.ok(status === 404 || (status === 400 && route.verb === "POST"), `${route.verb} ${path}: ${status}`);
      assert.ok(!text.includes(theirs.customerId), path);
    }
  });

  it("API2 broken authentication: forged, unsigned and inner tokens open nothing, and guessing is slowed down", async () => {
    const claims = { role: "LEAD", aud: "backhaul", iss: "backhaul-test", sub: "lena" };
    const unsigned = new UnsecuredJWT(claims).setExpirationTime("1h").encode();
    const [head, , signature] = (await stand().mesh.doors.token("CUSTOMER", "c")).split(".");
    const promoted = [head, Buffer.from(JSON.stringify({ ...claims, exp: 4e9 })).toString("base64url"), signature].join(
      ".",
    );
    const inner = await createMinter("refund", meshSecret)({ subject: "lena", role: "LEAD", via: "" });
    for (const token of [unsigned, promoted, inner, "", "null", "a.b.c", "x".repeat(8000)]) {
      const { status, reason, headers } = await ask("/v1/refunds", { headers: bearer(token) });
      assert.deepEqual([status, reason], [401, "UNAUTHENTICATED"], token.slice(0, 20));
      assert.match(headers.get("www-authenticate") ?? "", /^Bearer /);
    }
    await strictEdge({ RATE_ANONYMOUS: "5/60" }, async (url) => {
      const tries = [];
      for (let i = 0; i < 8; i++) tries.push((await ask("/v1/refunds", { url, headers: bearer(`guess-${i}`) })).status);
      assert.deepEqual(tries, [401, 401, 401, 401, 401, 429, 429, 429]);
    });
  });

  it("API3 broken object property level authorization: what is not the caller's to say is refused, not ignored", async () => {
    const { shop } = stand();
    const { orderId, customerId, lineId } = await shop.order();
    const body = { orderId, kind: "KIND_RETURN", lines: [{ lineId, quantity: 1, reason: "NO_LONGER_NEEDED" }] };
    const headers = await as("CUSTOMER", customerId);
    const free = { currencyCode: "KRW", units: "1000000" };
    for (const more of [
      { state: "RESOLUTION_STATE_CLOSED" },
      { refunded: free },
      { refundAmount: free },
      { customerId: "cus_another" },
      { tenantId: "t" },
      { decision: { verdict: "VERDICT_ACCEPT" } },
      { lines: [{ ...body.lines[0], accepted: 1 }] },
      { lines: [{ ...body.lines[0], paid: free }] },
      { __proto__x: 1 },
    ]) {
      const { status, reason } = await ask("/v1/resolutions", posting(headers, { ...body, ...more }));
      assert.deepEqual([status, reason], [400, "MALFORMED_BODY"], JSON.stringify(more));
    }
    const polluting = JSON.stringify(body).replace("{", '{"__proto__":{"role":"LEAD"},');
    assert.equal((await ask("/v1/resolutions", posting(headers, polluting))).status, 400);
    const { text } = await ask(`/v1/resolutions?orderId=${orderId}`, { headers });
    assert.deepEqual(JSON.parse(text).resolutions, [], "nothing came of it");

    await shop.ask({ orderId, customerId, lineId }, "RETURN", { quantity: 1 });
    const shown = (await ask(`/v1/resolutions?orderId=${orderId}`, { headers })).text;
    assert.doesNotMatch(shown, /risk_score|"listed"/, "what staff knows of a customer is not shown to them");
  });

  it("API4 unrestricted resource consumption: size, depth, pages, pace and patience have an end", async () => {
    const headers = await as("CUSTOMER", "cus_greedy");
    const large = `{"orderId":"${"x".repeat(300_000)}"}`;
    assert.equal((await ask("/v1/resolutions", posting(headers, large))).status, 413);
    const deep = `${'{"a":'.repeat(200_000)}1${"}".repeat(200_000)}`.slice(0, 260_000);
    assert.equal((await ask("/v1/resolutions", posting(headers, deep))).status, 400);
    const many = {
      orderId: "o",
      kind: "KIND_RETURN",
      lines: Array(2000).fill({ lineId: "l", quantity: 1, reason: "X" }),
    };
    const refused = await ask("/v1/resolutions", posting(headers, many));
    assert.deepEqual([refused.status, refused.reason], [400, "INVALID_REQUEST"]);
    assert.ok(refused.text.length < 20_000, "what is wrong with a thousand lines is not listed a thousand times");
    assert.equal((await ask("/v1/resolutions?page_size=1000000", { headers })).status, 400);
    const packed = { ...headers, "content-encoding": "gzip" };
    assert.equal((await ask("/v1/resolutions", posting(packed, "x"))).status, 415);
    await strictEdge({ RATE_READS: "5/60", REQUEST_TIMEOUT_MS: "300" }, async (url) => {
      const pace = [];
      for (let i = 0; i < 7; i++) pace.push((await ask("/v1/resolutions", { url, headers })).status);
      assert.deepEqual(pace, [200, 200, 200, 200, 200, 429, 429]);
      const other = await as("CUSTOMER", "cus_modest");
      assert.equal((await ask("/v1/resolutions", { url, headers: other })).status, 200, "others are not slowed down");
    });
  });

  it("API5 broken function level authorization: a customer reaches no function of staff, by any verb or trick", async () => {
    const headers = await as("CUSTOMER", "cus_curious");
    const staff = routes.filter(({ access }) => !access.roles.has("CUSTOMER"));
    assert.ok(staff.length > 40);
    for (const route of staff) {
      const init = route.verb === "GET" ? { headers } : posting(headers, "{}");
      const { status, reason } = await ask(anyId(route), init);
      assert.deepEqual([status, reason], [403, "ROLE_NOT_ALLOWED"], `${route.verb} ${route.template.text}`);
    }
    const tricks = { ...headers, "x-http-method-override": "POST", "x-original-url": "/v1/refunds:grantGoodwill" };
    assert.equal(
      (await ask("/v1/refunds", { headers: { ...tricks, "x-role": "LEAD", "x-user": "lena" } })).status,
      403,
    );
    for (const path of ["/v1//refunds", "/V1/refunds", "/v1/refunds/", "/v1/./refunds/..;/refunds", "/v1/%72efunds"]) {
      assert.ok([403, 404].includes((await ask(path, { headers })).status), path);
    }
  });

  it("API6 unrestricted access to sensitive business flows: the same units asked for twenty times go back once", async () => {
    const { shop } = stand();
    const { orderId, customerId, lineId } = await shop.order({ quantity: 2 });
    const headers = await as("CUSTOMER", customerId);
    const body = { orderId, kind: "KIND_RETURN", lines: [{ lineId, quantity: 2, reason: "NO_LONGER_NEEDED" }] };
    const answers = await Promise.all(Array.from({ length: 20 }, () => ask("/v1/resolutions", posting(headers, body))));
    assert.equal(answers.filter(({ status }) => status === 200).length, 1, answers.map(({ text }) => text).join("\n"));
    const others = new Set(
      answers.filter(({ status }) => status !== 200).map(({ status, reason }) => `${status} ${reason}`),
    );
    assert.deepEqual([...others], ["409 UNITS_UNAVAILABLE"]);

    const { orderId: paid } = await shop.order({ market: "GB", paidMinor: 2_000n });
    const alice = await as("AGENT", "alice");
    const gift = { orderId: paid, amount: { currencyCode: "GBP", units: "8" }, reason: "DELIVERY_LATE" };
    const gifts = await Promise.all(
      Array.from({ length: 6 }, () => ask("/v1/refunds:grantGoodwill", posting(alice, gift))),
    );
    assert.equal(gifts.filter(({ status }) => status === 200).length, 2, "no more than was paid: 20 pounds");
  });

  it("API7 server side request forgery: no caller has the mesh connect to what is not on the public internet", async () => {
    const inputs = new Set(routes.map(({ input }) => input));
    const places = [...inputs].flatMap((input) =>
      input.fields.filter(({ name }) => /ur[il]|host|callback|endpoint/.test(name)),
    );
    assert.deepEqual(
      places.map(({ parent, name }) => `${parent.typeName}.${name}`),
      ["backhaul.outreach.v1.CreateSubscriptionRequest.url", "backhaul.outreach.v1.UpdateSubscriptionRequest.url"],
      "another place to attack",
    );
    await attackWebhooks(stand());
    const { inspectionId } = await waiting(stand().shop);
    const clerk = await as("WAREHOUSE", "wendy");
    for (const mediaId of ["http://169.254.169.254/latest/meta-data", "file:///etc/passwd", "//127.0.0.1:5432"]) {
      const body = { stage: "CUSTODY_STAGE_DOCK", photo: { mediaId, sha256: "0".repeat(64) } };
      const { status } = await ask(`/v1/inspections/${inspectionId}/evidence`, posting(clerk, body));
      assert.ok(status >= 400 && status < 500, `${mediaId}: ${status}`);
    }
    const { gatewayUrl } = stand().mesh;
    for (const target of ["http://169.254.169.254/latest/meta-data", "//169.254.169.254/"]) {
      assert.match(
        await raw(gatewayUrl, `GET ${target} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n`),
        /^HTTP\/1.1 40[04] /,
      );
    }
  });

  it("API8 security misconfiguration: no answer tells how it was made, lets a page in, or is read two ways", async () => {
    const { gatewayUrl } = stand().mesh;
    const paths = ["/healthz", "/v1/refunds", "/v1/nowhere", "/v1/refunds/%ff", "/v1/refunds/x?page_size=%00"];
    for (const path of paths) {
      const { headers, text } = await ask(path, { headers: { origin: "https://evil.example" } });
      assert.equal(headers.get("x-content-type-options"), "nosniff", path);
      assert.match(headers.get("content-security-policy") ?? "", /default-src 'none'/);
      assert.deepEqual([headers.get("server"), headers.get("x-powered-by")], [null, null]);
      assert.equal(headers.get("access-control-allow-origin"), null);
      assert.doesNotMatch(text, /node_modules|\.ts:|\.js:|at \w+ \(|127\.0\.0\.1:\d/, path);
    }
    for (const verb of ["TRACE", "CONNECT", "PROPFIND"]) {
      assert.match(
        await raw(gatewayUrl, `${verb} /v1/refunds HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n`),
        /^(HTTP\/1.1 4\d\d |$)/,
      );
    }
    const twoWays =
      "POST /v1/resolutions HTTP/1.1\r\nhost: x\r\ncontent-length: 4\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\nGET /healthz HTTP/1.1\r\n\r\n";
    assert.doesNotMatch(await raw(gatewayUrl, twoWays), /HTTP\/1.1 200/);
  });

  it("API9 improper inventory management: there is one version, and what is inside is not outside", async () => {
    const headers = await as("LEAD", "lena");
    for (const { template } of routes.slice(0, 20)) {
      for (const version of ["/v0", "/v2", "/v1beta", "/beta", "/internal", ""]) {
        const path = template.text.replace("/v1", version).replaceAll(/\{[^}]+\}/g, "x");
        assert.equal((await ask(path, { headers })).reason, "ROUTE_NOT_FOUND", path);
      }
    }
    const services = [...registry.files].flatMap(({ services: some }) => some).flatMap(({ methods }) => methods);
    assert.ok(services.length > 100);
    for (const { parent, name } of services) {
      const init = { ...posting(headers, ""), headers: { ...headers, "content-type": "application/grpc" } };
      assert.equal((await ask(`/${parent.typeName}/${name}`, init)).status, 404, name);
    }
  });

  it("API10 unsafe consumption of APIs: what a carrier says moves a parcel, never money, and junk moves nothing", async () => {
    const { shop, backstage } = stand();
    const { resolutionId, carrier, trackingNumber, orderId } = await waiting(shop, { paidMinor: 900_000n });
    const junk = [
      { kind: "TRACKING_KIND_PICKED_UP", code: "x".repeat(100_000) },
      { kind: "TRACKING_KIND_NONSENSE", code: "P" },
      { kind: "TRACKING_KIND_PICKED_UP", code: "P", eventTime: "9999-99-99" },
      { kind: "TRACKING_KIND_PICKED_UP", code: "P", refund: { currencyCode: "KRW", units: "1000000" } },
      { kind: "TRACKING_KIND_PICKED_UP", code: "\u0000" },
    ];
    for (const what of junk) await assert.rejects(backstage.report(carrier, trackingNumber, what), / 4\d\d /);
    const another = carrier === "cj" ? "hanjin" : "cj";
    await assert.rejects(backstage.report(another, trackingNumber), / 40[14] /, "another carrier's parcel");
    const untouched = await shop.see(resolutionId);
    assert.equal(untouched.goods, "GOODS_STATE_COLLECTING");
    await backstage.report(carrier, trackingNumber, { kind: "TRACKING_KIND_DELIVERED", code: "D" });
    await shop.pass(0.01);
    assert.deepEqual(await shop.providerRefunds(orderId), [], "delivered says the carrier; nobody has looked yet");
  });
}
