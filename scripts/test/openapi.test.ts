import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const run = fileURLToPath(new URL("../run.mjs", import.meta.url));

describe("npm run openapi", function () {
  this.timeout(60_000);
  let dir: string;

  const openapi = (...args: string[]) =>
    spawnSync(process.execPath, [run, "openapi", ...args], { encoding: "utf8", maxBuffer: 2 ** 24 });

  before(() => {
    dir = mkdtempSync(join(tmpdir(), "backhaul-openapi-"));
  });
  after(() => rmSync(dir, { recursive: true, force: true }));

  it("writes the document and its types, and says so to people only", () => {
    const [document, types] = [join(dir, "openapi.json"), join(dir, "api.ts")];
    const { status, stdout, stderr } = openapi("--out", document, "--types", types);
    assert.deepEqual([status, stdout], [0, ""]);
    assert.match(stderr, /\d+ paths, \d+ schemas written to .*openapi\.json/);
    assert.equal(JSON.parse(readFileSync(document, "utf8")).openapi, "3.1.1");
    assert.match(readFileSync(types, "utf8"), /export interface Routes/);
  });

  it("prints the same document where no file is named", () => {
    const { stdout } = openapi();
    assert.equal(stdout, readFileSync(join(dir, "openapi.json"), "utf8"));
  });

  it("is no failure when its reader has seen enough", () => {
    const { status, stderr } = spawnSync(
      "bash",
      ["-o", "pipefail", "-c", `"${process.execPath}" "${run}" openapi | true`],
      {
        encoding: "utf8",
      },
    );
    assert.deepEqual([status, stderr], [0, ""]);
  });

  it("says what is wrong with its arguments, or with the place", () => {
    const wrong = openapi("nonsense");
    assert.deepEqual([wrong.status, /"nonsense" has no option before it/.test(wrong.stderr)], [2, true]);
    const nowhere = openapi("--out", join(dir, "no", "such", "folder.json"));
    assert.deepEqual([nowhere.status, /cannot be written/.test(nowhere.stderr)], [1, true]);
  });
});
