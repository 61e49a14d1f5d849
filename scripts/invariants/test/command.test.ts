import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { openStage, type Stage } from "#kit/testing/stage.js";
import { openClean } from "./clean.js";

const script = fileURLToPath(new URL("../../invariants.ts", import.meta.url));
const node = ["--import", "tsx", "--conditions=source"];

/** Runs the command as npm does, but from its source. */
function invariants(...args: string[]): Promise<{ code: number | null; stdout: string; stderr: string }> {
  return new Promise((resolve) => {
    const env = { ...process.env, DATABASE_URL: "", NATS_URL: "" };
    const child = spawn(process.execPath, [...node, script, ...args], { env, stdio: ["ignore", "pipe", "pipe"] });
    const out = { stdout: "", stderr: "" };
    for (const stream of ["stdout", "stderr"] as const) {
      child[stream].on("data", (chunk) => {
        out[stream] += chunk;
      });
    }
    child.on("close", (code) => resolve({ code, ...out }));
  });
}

describe("npm run invariants", function () {
  this.timeout(60_000);
  const dir = mkdtempSync(join(tmpdir(), "backhaul-invariants-"));
  let stage: Stage;
  let clean: Awaited<ReturnType<typeof openClean>>;
  let where: string[];
  before(async () => {
    stage = await openStage();
    clean = await openClean(stage.databaseUrl);
    where = ["--url", stage.databaseUrl, "--prefix", clean.of(""), "--only", "1-15"];
  });
  after(async () => {
    await clean?.close();
    await stage?.close();
    rmSync(dir, { recursive: true, force: true });
  });

  it("lists each with its number, its name and no rows, and ends with 0", async () => {
    const { code, stdout, stderr } = await invariants(...where);
    assert.equal(code, 0, stdout + stderr);
    assert.equal(stdout.match(/^ +\d+ {2}\S.* 0$/gm)?.length, 15);
    assert.match(stdout, /^ {2}1 {2}no payment gives back more than was captured/m);
    assert.match(stdout, /all 15 hold/);
  });

  it("shows what breaks one, and ends with 1", async () => {
    const { client, of } = clean;
    await client.query(
      `UPDATE ${of("reconciler")}.break SET find_time = now() - interval '2 days' WHERE state = 'OPEN'`,
    );
    const { code, stdout } = await invariants(...where);
    assert.equal(code, 1);
    assert.match(stdout, /^ 10 .* 1\n.*"a break is open for more than a day".*"key_young"/m);
    assert.match(stdout, /^ {5}look at the reconciler's open breaks/m);
    assert.match(stdout, /1 of 15 do not hold/);
    const machine = await invariants(...where, "--json");
    assert.equal(machine.code, 1);
    const asked = JSON.parse(machine.stdout) as { number: number; name: string; rows: object[] }[];
    assert.deepEqual(
      asked.filter(({ rows }) => rows.length > 0).map(({ number, rows }) => [number, rows.length]),
      [[10, 1]],
    );
  });

  it("says what it needs", async () => {
    const url = where.slice(0, 2);
    const [nowhere, away, wrong, absent] = await Promise.all([
      invariants("--dir", dir),
      invariants("--url", "postgresql://postgres@127.0.0.1:1/postgres"),
      invariants(...url, "--prefix", "x; DROP"),
      invariants(...url, "--prefix", "nobody_"),
    ]);
    assert.equal(nowhere.code, 1);
    assert.match(nowhere.stderr, /no mesh runs from .*npm start.*--url/);
    assert.equal(away.code, 1);
    assert.match(away.stderr, /the database cannot be asked: .*ECONNREFUSED/);
    assert.equal(wrong.code, 2);
    assert.equal(absent.code, 1);
    assert.match(absent.stdout, /cannot be asked\n +relation "nobody_refund/);
    assert.match(absent.stdout, /^no --nats: what the streams would show was left out$/m);
  });
});
