import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { exportJWK, generateKeyPair, SignJWT } from "jose";
import { createMinter, createVerifier } from "#kit/access.js";
import { ConfigError, type Env, readConfig } from "#kit/config.js";
import { issuersOf, tokenSettings } from "#kit/issuers.js";
import { until } from "#kit/testing/peers.js";

const read = (env: Env) => issuersOf(readConfig(env, tokenSettings));

describe("kit: the settings that name issuers", () => {
  it("take one issuer by three settings, as ever, who may give any role but a service's", () => {
    const [only, ...others] = read({ TOKEN_JWKS: "/keys.json", TOKEN_ISSUER: "shop" });
    assert.deepEqual(others, []);
    assert.deepEqual([only?.issuer, only?.audience, only?.jwks], ["shop", "backhaul", "/keys.json"]);
    assert.ok(only?.roles.has("OPERATOR") && !only.roles.has("SERVICE"));
  });

  it("take several as pairs, or as a list with roles and audiences, instead of the one", () => {
    const pairs = read({
      TOKEN_ISSUERS: "https://id.example.com=https://id.example.com/jwks?v=1, staff=/keys.json",
      TOKEN_AUDIENCE: "returns",
    });
    assert.deepEqual(
      pairs.map(({ issuer, audience, jwks }) => [issuer, audience, jwks]),
      [
        ["https://id.example.com", "returns", "https://id.example.com/jwks?v=1"],
        ["staff", "returns", "/keys.json"],
      ],
    );
    const list = JSON.stringify([{ issuer: "a", jwks: "http://127.0.0.1:9/jwks", audience: "app", roles: ["GUEST"] }]);
    const [one] = read({ TOKEN_ISSUERS: list, TOKEN_JWKS: "/ignored.json" });
    assert.deepEqual([one?.issuer, one?.audience, [...(one?.roles ?? [])]], ["a", "app", ["GUEST"]]);
  });

  for (const [what, env, says] of [
    ["no issuer at all", {}, /TOKEN_JWKS is not set/],
    [
      "keys that anybody on the way could change",
      { TOKEN_JWKS: "http://id.example.com/jwks" },
      /TOKEN_JWKS is not https/,
    ],
    ["the same in a list", { TOKEN_ISSUERS: "a=http://id.example.com/jwks" }, /TOKEN_ISSUERS is not https/],
    ["a pair that is none", { TOKEN_ISSUERS: "a" }, /an entry without issuer or jwks/],
    ["a list that is none", { TOKEN_ISSUERS: "[{" }, /is no JSON list/],
    ["an issuer twice", { TOKEN_ISSUERS: "a=/x,a=/y" }, /names a twice/],
    ["the mesh itself", { TOKEN_ISSUERS: "backhaul-mesh=/x" }, /the mesh's own/],
    ["a role that is none", { TOKEN_ISSUERS: '[{"issuer":"a","jwks":"/x","roles":["ROOT"]}]' }, /has roles for a that/],
    ["a service's role", { TOKEN_ISSUERS: '[{"issuer":"a","jwks":"/x","roles":["SERVICE"]}]' }, /has roles for a that/],
    ["no roles", { TOKEN_ISSUERS: '[{"issuer":"a","jwks":"/x","roles":[]}]' }, /has roles for a that/],
    ["a field that is none", { TOKEN_ISSUERS: '[{"issuer":"a","jwks":"/x","role":["GUEST"]}]' }, /has a field role/],
  ] as const) {
    it(`refuse ${what}`, () => {
      assert.throws(
        () => read(env),
        (error) => error instanceof ConfigError && says.test(error.message),
      );
    });
  }
});

describe("kit: a verifier", () => {
  const folder = mkdtempSync(join(tmpdir(), "backhaul-issuers-"));
  const file = join(folder, "jwks.json");
  const meshSecret = "m".repeat(32);
  after(() => rmSync(folder, { recursive: true }));

  async function newKey(kid: string) {
    const { privateKey, publicKey } = await generateKeyPair("EdDSA", { extractable: true });
    const jwk = { ...(await exportJWK(publicKey)), kid, alg: "EdDSA" };
    const token = (claims: object = { role: "AGENT" }) =>
      new SignJWT({ ...claims })
        .setProtectedHeader({ alg: "EdDSA", kid })
        .setIssuer("shop")
        .setAudience("backhaul")
        .setSubject("alice")
        .setExpirationTime("5m")
        .sign(privateKey);
    return { jwk, token };
  }
  const settings = (more: object = {}) => ({ issuer: "shop", audience: "backhaul", jwks: file, ...more });

  it("says at the start that a file of keys is not there, or none", () => {
    assert.throws(() => createVerifier(settings({ jwks: join(folder, "none.json") }), meshSecret), /ENOENT/);
    writeFileSync(file, '{"keys":"none"}');
    assert.throws(() => createVerifier(settings(), meshSecret), /JSON Web Key Set malformed/);
  });

  it("reads a file again when its keys have changed", async () => {
    const [first, second] = await Promise.all([newKey("k1"), newKey("k2")]);
    writeFileSync(file, JSON.stringify({ keys: [first.jwk] }));
    const verify = createVerifier(settings({ keysCoolDownMs: 50 }), meshSecret);
    assert.equal((await verify(await first.token())).role, "AGENT");
    writeFileSync(file, JSON.stringify({ keys: [second.jwk] }));
    const fresh = await second.token();
    await until("the new key is read", async () => Promise.resolve(verify(fresh)).catch(() => undefined));
    await assert.rejects(async () => verify(await first.token()), { reason: "UNAUTHENTICATED" });
  });

  it("takes nobody's word for a service through which they come", async () => {
    const { jwk, token } = await newKey("k1");
    writeFileSync(file, JSON.stringify({ keys: [jwk] }));
    const verify = createVerifier(settings(), meshSecret);
    const claims = { role: "AGENT", via: "gateway" };
    assert.deepEqual(await verify(await token(claims)), { subject: "alice", role: "AGENT", via: "" });
  });

  it("believes nobody but the mesh when the list of issuers is empty", async () => {
    const { jwk, token } = await newKey("k1");
    writeFileSync(file, JSON.stringify({ keys: [jwk] }));
    const verify = createVerifier(
      settings({ issuers: readConfig({ TOKEN_ISSUERS: "[]" }, tokenSettings).issuers }),
      meshSecret,
    );
    const caller = { subject: "alice", role: "AGENT", via: "" } as const;
    assert.deepEqual(await verify(await createMinter("gateway", meshSecret)(caller)), { ...caller, via: "gateway" });
    await assert.rejects(async () => verify(await token()), { reason: "UNAUTHENTICATED" });
  });
});
