import assert from "node:assert/strict";
import { openTestIssuer, type TestIssuer } from "#kit/testing/issuer.js";
import { until } from "#kit/testing/peers.js";
import { readGatewayConfig } from "../config.js";
import type { Problem } from "../problem.js";
import { start } from "../service.js";
import { fakeServices, routes } from "./fakes.js";

const coolDownMs = 200;
const forEver = 3_600_000;

describe("whose tokens the edge believes", () => {
  let services: Awaited<ReturnType<typeof fakeServices>>;
  let shop: TestIssuer;
  let staff: TestIssuer;
  const open: { stop(): Promise<void> }[] = [];

  before(async () => {
    services = await fakeServices({
      "/backhaul.refund.v1.RefundService/GetRefund": () => ({ refund: {} }),
      "/backhaul.refund.v1.RefundService/ListRefunds": () => ({}),
    });
  });
  after(() => services.stop());
  beforeEach(async () => {
    [shop, staff] = await Promise.all([openTestIssuer("https://id.example.com"), openTestIssuer("staff")]);
    await Promise.all([shop.publish("k1"), staff.publish("s1", "RS256")]);
  });
  afterEach(async () => {
    await Promise.all(open.splice(0).map((gateway) => gateway.stop()));
    await Promise.all([shop.close(), staff.close()]);
  });

  /** A gateway that believes both: customers come from the shop's, staff from the other. */
  async function gateway(keysCoolDownMs = coolDownMs) {
    const addresses = Object.fromEntries(
      routes.map(({ domain }) => [`${domain.toUpperCase()}_ADDRESS`, services.address]),
    );
    const issuers = [
      { issuer: shop.issuer, jwks: shop.jwks, roles: ["CUSTOMER", "GUEST"] },
      { issuer: staff.issuer, jwks: staff.jwks, roles: ["FINANCE", "AGENT"] },
    ];
    const started = await start(
      readGatewayConfig({
        PORT: "0",
        MESH_SECRET: "m".repeat(32),
        TOKEN_ISSUERS: JSON.stringify(issuers),
        TOKEN_KEYS_COOL_DOWN_MS: String(keysCoolDownMs),
        LOG_LEVEL: "silent",
        DRAIN_MS: "500",
        ...addresses,
      }),
    );
    open.push(started);
    return async (token: string, path = "/v1/refunds/rfd_1") => {
      const url = `http://127.0.0.1:${started.port}${path}`;
      const answer = await fetch(url, { headers: { authorization: `Bearer ${token}` } });
      return { status: answer.status, headers: answer.headers, problem: (await answer.json()) as Problem };
    };
  }

  it("are those of every issuer that the settings name, each for itself", async () => {
    const get = await gateway();
    assert.equal((await get(await shop.token("CUSTOMER"))).status, 200);
    assert.equal((await get(await staff.token("FINANCE", { kid: "s1" }))).status, 200);
    const crossed = await get(await shop.token("FINANCE", { iss: staff.issuer }));
    assert.deepEqual([crossed.status, crossed.problem.reason], [401, "UNAUTHENTICATED"]);
    const stranger = await get(await shop.token("CUSTOMER", { iss: "https://evil.example.com" }));
    assert.equal(stranger.status, 401);
  });

  it("make nobody what their issuer may not", async () => {
    const get = await gateway();
    for (const role of ["FINANCE", "OPERATOR", "SERVICE"]) {
      const { status, problem } = await get(await shop.token(role));
      assert.deepEqual([status, problem.reason], [401, "UNAUTHENTICATED"], role);
      assert.equal(problem.metadata.cause, `its issuer makes nobody ${role}`);
    }
    assert.equal((await get(await staff.token("SERVICE", { kid: "s1" }))).status, 401);
    assert.equal((await get(await shop.token("CUSTOMER"), "/v1/refunds")).status, 403, "but a customer is one");
  });

  it("go on without a failed call while the keys change", async () => {
    const get = await gateway();
    const failed: number[] = [];
    const call = async (kid: string) => {
      const { status } = await get(await shop.token("CUSTOMER", { kid }));
      if (status !== 200) failed.push(status);
    };
    /** Calls on until what was published has been read. */
    async function readAgain(kid: string): Promise<void> {
      const before = shop.reads();
      await until("the keys are read again", async () => {
        await call(kid);
        return shop.reads() > before;
      });
    }
    await call("k1");
    await shop.publish("k2"); // beside the old one, before anything is signed with it
    await readAgain("k1");
    await call("k2");
    shop.withdraw("k1"); // once nothing is signed with it any more
    await readAgain("k2");
    await call("k2");
    assert.deepEqual(failed, []);
  });

  it("find a new key as soon as a token names it, when the keys are older than the cool-down", async () => {
    const get = await gateway();
    await get(await shop.token("CUSTOMER"));
    await shop.publish("k2");
    const token = await shop.token("CUSTOMER", { kid: "k2" });
    await until("the new key is known", async () => (await get(token)).status === 200);
  });

  it("are turned away after the cool-down when their key was taken back, remembered or not", async () => {
    const get = await gateway();
    const token = await shop.token("CUSTOMER");
    assert.equal((await get(token)).status, 200);
    shop.withdraw("k1");
    await shop.publish("k2");
    const withdrawnAt = performance.now();
    await until("the token is turned away", async () => (await get(token)).status === 401);
    const tookMs = performance.now() - withdrawnAt;
    assert.ok(tookMs < 5 * coolDownMs, `${tookMs} ms`);
    assert.equal((await get(await shop.token("CUSTOMER", { kid: "k2" }))).status, 200);
  });

  it("of keys that nobody knows cost the issuer one question in a cool-down, however many come", async () => {
    const get = await gateway(forEver);
    assert.equal((await get(await shop.token("CUSTOMER"))).status, 200);
    const made = await Promise.all(
      Array.from({ length: 50 }, (_, i) => shop.token("CUSTOMER", { kid: `made-up-${i}` })),
    );
    const answers = await Promise.all(made.map((token) => get(token)));
    assert.ok(answers.every(({ status }) => status === 401));
    assert.equal(shop.reads(), 1);
  });

  for (const [what, status, body] of [
    ["answers 503", 503, ""],
    ["answers with something else", 200, "<html>"],
    ["sends the caller elsewhere", 302, ""],
  ] as const) {
    it(`are nobody's fault while an issuer ${what}: 503 with a time to come back, then let in`, async () => {
      const get = await gateway();
      shop.breakDown(status, body);
      const token = await shop.token("CUSTOMER");
      const away = await get(token);
      assert.deepEqual([away.status, away.problem.reason], [503, "ISSUER_KEYS_UNAVAILABLE"]);
      assert.deepEqual(away.problem.metadata, { issuer: shop.issuer });
      assert.equal(away.headers.get("retry-after"), "1");
      assert.equal((await get(await staff.token("AGENT", { kid: "s1" }))).status, 200, "the other issuer is there");
      shop.recover();
      await until("the token is let in", async () => (await get(token)).status === 200);
    });
  }

  it("hold by the keys that were read while their issuer is away", async () => {
    const get = await gateway();
    assert.equal((await get(await shop.token("CUSTOMER"))).status, 200);
    shop.breakDown(503);
    const before = shop.reads();
    await until("the keys were asked for in vain", async () => {
      assert.equal((await get(await shop.token("CUSTOMER"))).status, 200);
      return shop.reads() > before;
    });
    assert.equal((await get(await shop.token("CUSTOMER", { subject: "another" }))).status, 200);
    const unknown = await get(await shop.token("CUSTOMER", { kid: "k9" }));
    assert.deepEqual([unknown.status, unknown.problem.reason], [503, "ISSUER_KEYS_UNAVAILABLE"]);
  });

  it("cost an issuer that is away no more than a question in a while", async () => {
    const get = await gateway(forEver);
    shop.breakDown(503);
    const token = await shop.token("CUSTOMER");
    const answers = await Promise.all(Array.from({ length: 20 }, () => get(token)));
    assert.ok(answers.every(({ status }) => status === 503));
    assert.ok(shop.reads() <= 2, `${shop.reads()} questions`);
  });
});
