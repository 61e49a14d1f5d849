import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { exportJWK, generateKeyPair, SignJWT, UnsecuredJWT } from "jose";
import { Refund } from "#gen/backhaul/refund/v1/refund.js";
import { RefundServiceService } from "#gen/backhaul/refund/v1/refund_service.js";
import { createMinter, createVerifier } from "#kit/access.js";
import type { Call } from "#kit/call.js";
import type { ServiceContract } from "#kit/client.js";
import { ConfigError } from "#kit/config.js";
import { DomainError } from "#kit/pure/check.js";
import { type Implementation, serve } from "#kit/server.js";
import { traceId } from "#kit/telemetry.js";
import { readGatewayConfig } from "../config.js";
import type { OpenApi } from "../openapi/spec.js";
import { start } from "../service.js";
import { quiet } from "./fakes.js";

const issuer = "https://id.example.com";
const meshSecret = "m".repeat(32);
const trace = "0af7651916cd43dd8448eb211c80319c";
const refundId = "rfd_01ARZ3NDEKTSV4RRFFQ69G5FAV";
const path = `/v1/refunds/${refundId}`;

describe("the gateway, started", () => {
  const folder = mkdtempSync(join(tmpdir(), "backhaul-gateway-"));
  const jwks = join(folder, "jwks.json");
  const calls: { call: Call; trace: string }[] = [];
  let keys: Awaited<ReturnType<typeof generateKeyPair>>;
  let service: Awaited<ReturnType<typeof serve>>;
  let gateway: Awaited<ReturnType<typeof start>>;

  const env = (address: string) => ({
    PORT: "0",
    MESH_SECRET: meshSecret,
    TOKEN_ISSUER: issuer,
    TOKEN_JWKS: jwks,
    LOG_LEVEL: "silent",
    DRAIN_MS: "500",
    ...Object.fromEntries(
      ["ELIGIBILITY", "RESOLUTION", "COLLECTION", "INSPECTION", "REFUND", "RECONCILER", "OUTREACH"].map((name) => [
        `${name}_ADDRESS`,
        address,
      ]),
    ),
  });

  before(async () => {
    keys = await generateKeyPair("ES256", { extractable: true });
    const jwk = { ...(await exportJWK(keys.publicKey)), kid: "k1", alg: "ES256" };
    writeFileSync(jwks, JSON.stringify({ keys: [jwk] }));
    service = await serve([refundService(calls)], {
      host: "127.0.0.1",
      port: 0,
      verify: createVerifier({ issuer, audience: "backhaul", jwks }, meshSecret),
      log: quiet,
      reflection: false,
      drainMs: 100,
    });
    gateway = await start(readGatewayConfig(env(`127.0.0.1:${service.port}`)));
  });
  after(async () => {
    await gateway.stop();
    await service.stop();
    rmSync(folder, { recursive: true });
  });

  const token = (change: (jwt: SignJWT) => SignJWT = (jwt) => jwt, claims: object = { role: "FINANCE" }, kid = "k1") =>
    change(
      new SignJWT({ ...claims })
        .setProtectedHeader({ alg: "ES256", kid })
        .setIssuer(issuer)
        .setAudience("backhaul")
        .setSubject("fin-1")
        .setExpirationTime("5m"),
    ).sign(keys.privateKey);
  const get = (bearer: string, at = path) =>
    fetch(`http://127.0.0.1:${gateway.port}${at}`, {
      headers: { authorization: `Bearer ${bearer}`, traceparent: `00-${trace}-b7ad6b7169203331-01` },
    });

  it("finds no service of a name that nobody has, where the path names the service", async () => {
    const answer = await get(await token(undefined, { role: "OPERATOR" }), "/v1/audit/nobody");
    const { reason } = (await answer.json()) as { reason: string };
    assert.deepEqual([answer.status, reason], [404, "ROUTE_NOT_FOUND"]);
  });

  it("serves every operation of the document it gives out, and nobody without a token but where it says so", async () => {
    const url = `http://127.0.0.1:${gateway.port}`;
    const { paths, security } = (await (await fetch(`${url}/openapi.json`)).json()) as OpenApi;
    assert.deepEqual(security, [{ bearer: [] }]);
    const operations = Object.entries(paths).flatMap(([at, item]) =>
      Object.entries(item).map(([verb, operation]) => ({ verb: verb.toUpperCase(), at, operation })),
    );
    assert.ok(operations.length > 90);
    for (const { verb, at, operation } of operations) {
      const { status } = await fetch(url + at.replaceAll(/\{\w+\}/g, "x"), { method: verb });
      // Not ready: the services of this test are one. What strangers may ask is asked without an Idempotency-Key.
      const stranger = operation["x-roles"] ? [400] : [200, 503];
      const expected = operation.security?.length === 0 ? stranger : [401];
      assert.ok(expected.includes(status), `${verb} ${at} answers ${status}`);
    }
  });

  it("lets the reference's page run its own script and be framed by nobody", async () => {
    const { headers } = await fetch(`http://127.0.0.1:${gateway.port}/docs`);
    assert.match(headers.get("content-security-policy") ?? "", /script-src 'sha256-[^']+'; .*frame-ancestors 'none'$/);
    assert.equal(headers.get("x-content-type-options"), "nosniff");
    assert.equal(headers.get("referrer-policy"), "no-referrer");
  });

  it("passes the caller on to the service, in the mesh's token, within the caller's trace", async () => {
    const response = await get(await token());
    assert.equal(response.status, 200);
    assert.equal(((await response.json()) as { refundId: string }).refundId, refundId);
    const seen = calls.at(-1);
    assert.deepEqual(seen?.call.caller, { subject: "fin-1", role: "FINANCE", via: "gateway" });
    assert.equal(seen?.trace, trace);
  });

  it("passes on what the service found wrong with a field, with the trace to quote", async () => {
    const response = await get(await token(), "/v1/refunds/rfd_short");
    assert.equal(response.status, 400);
    const problem = (await response.json()) as { violations: { field: string }[]; trace_id: string };
    assert.equal(problem.violations[0]?.field, "refund_id");
    assert.equal(problem.trace_id, trace);
    assert.match(response.headers.get("traceparent") ?? "", new RegExp(`^00-${trace}-`));
  });

  it("lets in nobody whose token is not wholly right", async () => {
    const other = await generateKeyPair("ES256");
    const unsigned = new UnsecuredJWT({ role: "FINANCE" }).setIssuer(issuer).setSubject("x").setExpirationTime("5m");
    const publicAsSecret = new SignJWT({ role: "FINANCE" })
      .setProtectedHeader({ alg: "HS256", kid: "k1" })
      .setIssuer(issuer);
    const wrong = {
      "signed by another": await new SignJWT({ role: "FINANCE" })
        .setProtectedHeader({ alg: "ES256", kid: "k1" })
        .setIssuer(issuer)
        .setAudience("backhaul")
        .setSubject("x")
        .setExpirationTime("5m")
        .sign(other.privateKey),
      "not signed": `${unsigned.encode()}x`,
      "signed with the public key": await publicAsSecret.sign(
        new TextEncoder().encode(JSON.stringify(await exportJWK(keys.publicKey))),
      ),
      expired: await token((jwt) => jwt.setExpirationTime(Math.floor(Date.now() / 1000) - 60)),
      "not yet valid": await token((jwt) => jwt.setNotBefore("1h")),
      "of another issuer": await token((jwt) => jwt.setIssuer("https://evil.example.com")),
      "for another audience": await token((jwt) => jwt.setAudience("shop")),
      "of an unknown key": await token(undefined, undefined, "k2"),
      "of no role": await token(undefined, {}),
      "of a role there is none": await token(undefined, { role: "ROOT" }),
      "of the mesh": await createMinter("resolution", meshSecret)({ subject: "fin-1", role: "FINANCE", via: "" }),
      broken: "a.b.c",
    };
    const before = calls.length;
    for (const [what, bearer] of Object.entries(wrong)) {
      const response = await get(bearer);
      assert.equal(response.status, 401, what);
      assert.equal(((await response.json()) as { reason: string }).reason, "UNAUTHENTICATED", what);
    }
    assert.equal(calls.length, before);
  });

  it("lives, and is ready when every service has been reached", async () => {
    assert.equal((await get("", "/healthz")).status, 200);
    const ready = await get("", "/readyz");
    const names = ["collection", "eligibility", "inspection", "outreach", "reconciler", "refund", "resolution"];
    const services = Object.fromEntries(names.map((name) => [name, true]));
    assert.deepEqual(await ready.json(), { status: "ready", services });
  });

  it("stops within its time although somebody never finishes", async () => {
    const second = await start(readGatewayConfig(env(`127.0.0.1:${service.port}`)));
    const stuck = fetch(`http://127.0.0.1:${second.port}/v1/refunds/rfd_01ARZ3NDEKTSV4RRFFQ69G5STK`, {
      headers: { authorization: `Bearer ${await token()}` },
    });
    stuck.catch(() => {});
    await new Promise((resolve) => setTimeout(resolve, 100));
    const started = performance.now();
    await second.stop();
    const took = performance.now() - started;
    assert.ok(took > 400 && took < 1500, `${took} ms`);
    await assert.rejects(stuck);
    await assert.rejects(fetch(`http://127.0.0.1:${second.port}/healthz`));
  });
});

describe("the gateway's settings", () => {
  it("are all named at once when they are missing or wrong, without their values", () => {
    try {
      readGatewayConfig({
        MESH_SECRET: "hunter2",
        WEBHOOK_SECRETS: "cj:hunter2",
        PORT: "http",
        RATE_READS: "many",
        TRUSTED_PROXIES: "10.0.0.0/33",
        CORS_ORIGINS: "shop",
        REFUND_ADDRESS: "somewhere",
      });
      assert.fail("nothing was wrong");
    } catch (error) {
      assert.ok(error instanceof ConfigError);
      assert.ok(!error.message.includes("hunter2"));
      for (const name of [
        "MESH_SECRET",
        "WEBHOOK_SECRETS",
        "PORT",
        "RATE_READS",
        "TRUSTED_PROXIES",
        "CORS_ORIGINS",
        "TOKEN_JWKS",
        "RESOLUTION_ADDRESS",
        "REFUND_ADDRESS",
      ]) {
        assert.match(error.message, new RegExp(`^ {2}${name} `, "m"));
      }
    }
  });
});

/** A refund service without a database: it finds every refund, and never comes back from one. */
function refundService(calls: { call: Call; trace: string }[]): Implementation {
  const refuse = async () => {
    throw new DomainError("REFUND_NOT_FOUND", "there is none");
  };
  const getRefund = async ({ refundId }: { refundId: string }, call: Call) => {
    calls.push({ call, trace: traceId() });
    if (refundId.endsWith("STK")) await new Promise(() => {});
    return { refund: Refund.fromPartial({ refundId }) };
  };
  const contract: ServiceContract = RefundServiceService;
  const handlers = { ...Object.fromEntries(Object.keys(contract).map((name) => [name, refuse])), getRefund };
  return { contract, handlers } as unknown as Implementation;
}
