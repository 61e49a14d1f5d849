import assert from "node:assert/strict";
import type { FastifyReply } from "fastify";
import { createCounter, networkOf, parseQuota, RateLimited } from "../rates.js";
import { type EdgeUnderTest, edgeBefore, fakeServices } from "./fakes.js";

const service = "/backhaul.resolution.v1.ResolutionService";
const quota = (requests: number) => ({ requests, windowMs: 60_000 });

describe("the edge: who asks too often", () => {
  let services: Awaited<ReturnType<typeof fakeServices>>;
  before(async () => {
    services = await fakeServices({
      [`${service}/GetResolution`]: () => ({ resolution: {} }),
      [`${service}/WithdrawResolution`]: () => ({ resolution: {} }),
    });
  });
  after(() => services.stop());

  const limited =
    (options: Parameters<typeof edgeBefore>[1], test: (edge: EdgeUnderTest) => Promise<void>) => async () => {
      const edge = await edgeBefore(services.address, options);
      try {
        await test(edge);
      } finally {
        await edge.stop();
      }
    };
  const read = (edge: EdgeUnderTest, authorization = "Bearer CUSTOMER.c-17.token", more = {}) =>
    edge.fetch("/v1/resolutions/res_1", { headers: { authorization, ...more } });
  const statuses = async (answers: readonly Promise<Response>[]) =>
    (await Promise.all(answers)).map(({ status }) => status).sort();

  it(
    "is told so with a time to come back, before a service hears of it",
    limited({ rates: { reads: quota(2) } }, async (edge) => {
      const first = await read(edge);
      assert.equal(first.headers.get("ratelimit-policy"), '"reads";q=2;w=60');
      assert.equal(first.headers.get("ratelimit"), '"reads";r=1;t=30');
      await read(edge);
      const calls = services.seen.length;
      const refused = await read(edge);
      assert.equal(refused.status, 429);
      assert.equal(refused.headers.get("content-type"), "application/problem+json");
      assert.equal(refused.headers.get("retry-after"), "30");
      assert.equal(refused.headers.get("ratelimit"), '"reads";r=0;t=60');
      const { reason, metadata } = (await refused.json()) as { reason: string; metadata: object };
      assert.equal(reason, "RATE_LIMITED");
      assert.deepEqual(metadata, { kind: "reads", requests: "2", window_seconds: "60" });
      assert.equal(services.seen.length, calls);
    }),
  );

  it(
    "keeps nobody else from asking, and may still change something",
    limited({ rates: { reads: quota(1), writes: quota(1) } }, async (edge) => {
      assert.deepEqual(await statuses([read(edge), read(edge)]), [200, 429]);
      assert.equal((await read(edge, "Bearer CUSTOMER.c-18.token")).status, 200);
      assert.equal((await read(edge, "Bearer AGENT.c-17.token")).status, 200, "the same name, in another role");
      const change = { method: "POST", headers: { "idempotency-key": "k" } };
      assert.equal((await edge.fetch("/v1/resolutions/res_1:withdraw", change)).status, 200);
      assert.equal((await edge.fetch("/v1/resolutions/res_1:withdraw", change)).status, 429);
    }),
  );

  it(
    "is counted by address when nobody knows them: no token, a wrong role, a wrong path, a wrong signature",
    limited({ rates: { anonymous: quota(4) } }, async (edge) => {
      assert.equal((await read(edge, "none")).status, 401);
      const cancel = { method: "POST", headers: { "idempotency-key": "k" } };
      assert.equal((await edge.fetch("/v1/resolutions/res_1:cancel", cancel)).status, 403);
      assert.equal((await edge.fetch("/v1/nothing")).status, 404);
      assert.equal((await edge.fetch("/webhooks/carriers/tcat", { method: "POST", body: "{}" })).status, 401);
      assert.equal((await read(edge, "none")).status, 429);
      assert.equal((await edge.fetch("/v1/nothing")).status, 429);
      assert.equal((await edge.fetch("/webhooks/carriers/tcat", { method: "POST", body: "{}" })).status, 429);
      assert.equal((await read(edge)).status, 200, "a valid token opens from the same address");
      assert.equal((await edge.fetch("/healthz")).status, 200);
    }),
  );

  it(
    "is told from others behind a proxy that is trusted, and only there",
    limited({ rates: { anonymous: quota(1) }, trustedProxies: ["127.0.0.0/8"] }, async (edge) => {
      const from = (address: string) => read(edge, "none", { "x-forwarded-for": address });
      assert.deepEqual(await statuses([from("203.0.113.7"), from("203.0.113.8")]), [401, 401]);
      assert.equal((await from("198.51.100.1, 203.0.113.7")).status, 429, "what a caller adds itself is no address");
    }),
  );
  it(
    "cannot be another by a header that nobody vouches for",
    limited({ rates: { anonymous: quota(1) } }, async (edge) => {
      const from = (address: string) => read(edge, "none", { "x-forwarded-for": address });
      assert.deepEqual(await statuses([from("203.0.113.7"), from("203.0.113.8")]), [401, 429]);
    }),
  );

  it("is forgotten when ten thousand others asked since, so that no flood of names fills the memory", () => {
    const counter = createCounter({ reads: quota(1), writes: "off", webhooks: "off", anonymous: "off" }, () => 0);
    const reply = { headers: () => {} } as unknown as FastifyReply;
    const ask = (who: string | number) => counter.count("reads", String(who), reply);
    for (let i = 0; i < 10_000; i++) ask(i);
    assert.throws(() => ask(0), RateLimited); // and so asked last
    ask("one more");
    assert.throws(() => ask(0), RateLimited);
    assert.throws(() => ask("one more"), RateLimited);
    ask(1);
  });

  it("is one network of IPv6, for that has more addresses than anybody counts", () => {
    const networks = {
      "203.0.113.7": "203.0.113.7",
      "::ffff:203.0.113.7": "203.0.113.7",
      "2001:db8:1:2:3:4:5:6": "2001:db8:1:2::/64",
      "2001:db8:1:2::9": "2001:db8:1:2::/64",
      "2001:db8::1": "2001:db8:0:0::/64",
      "::1": "0:0:0:0::/64",
    };
    for (const [address, network] of Object.entries(networks)) assert.equal(networkOf(address), network);
  });

  it("has a quota of requests in seconds", () => {
    assert.deepEqual(parseQuota("600/60"), { requests: 600, windowMs: 60_000 });
    assert.equal(parseQuota("off"), "off");
    for (const wrong of ["", "600", "0/60", "600/0", "-1/60", "1.5/60", "600/60s", "none"]) {
      assert.throws(() => parseQuota(wrong), /neither "off" nor/, wrong);
    }
  });
});
