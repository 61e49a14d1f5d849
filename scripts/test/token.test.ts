import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { decodeJwt } from "jose";
import { createVerifier } from "#kit/access.js";
import { audience, issuerName } from "../mesh/issuer.js";

const run = fileURLToPath(new URL("../run.mjs", import.meta.url));

describe("npm run token", function () {
  this.timeout(60_000);
  let dir: string;

  const token = (...args: string[]) =>
    spawnSync(process.execPath, [run, "token", "--dir", dir, ...args], { encoding: "utf8" });

  beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), "backhaul-token-"));
  });
  afterEach(() => rmSync(dir, { recursive: true, force: true }));

  it("makes a key once, and tokens that a service lets in", async () => {
    const { stdout, status } = token("--role", "agent", "--subject", "alice", "--ttl", "15m");
    assert.equal(status, 0);
    const key = readFileSync(join(dir, "issuer.json"), "utf8");
    const verify = createVerifier({ issuer: issuerName, audience, jwks: join(dir, "jwks.json") }, "x".repeat(32));
    assert.deepEqual(await verify(stdout.trim()), { subject: "alice", role: "AGENT", via: "" });
    const { iat = 0, exp = 0 } = decodeJwt(stdout.trim());
    assert.equal(exp - iat, 900);
    const again = token("--role", "CUSTOMER", "--subject", "17850").stdout.trim();
    assert.deepEqual(await verify(again), { subject: "17850", role: "CUSTOMER", via: "" });
    assert.equal(readFileSync(join(dir, "issuer.json"), "utf8"), key);
  });

  for (const [what, args, says] of [
    ["a role that is none", ["--role", "BOSS", "--subject", "a"], /no BOSS: it is one of CUSTOMER, .*OPERATOR;/],
    ["a service's role", ["--role", "SERVICE", "--subject", "a"], /no SERVICE/],
    ["no subject", ["--role", "AGENT"], /--subject is missing/],
    ["a span that is none", ["--role", "AGENT", "--subject", "a", "--ttl", "soon"], /"soon" is no span of time/],
    ["an option that is none", ["--who", "a"], /Unknown option '--who'/],
  ] as const) {
    it(`refuses ${what} in one line`, () => {
      const { stdout, stderr, status } = token(...args);
      assert.deepEqual([status, stdout], [2, ""]);
      assert.match(stderr, says);
      assert.equal(
        stderr
          .trim()
          .split("\n")
          .filter((line) => !line.startsWith("build:")).length,
        1,
      );
    });
  }
});
