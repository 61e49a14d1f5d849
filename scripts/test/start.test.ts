import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const scripts = fileURLToPath(new URL("..", import.meta.url));

describe("npm start", function () {
  this.timeout(60_000);

  it("ends with 1 when the mesh cannot be started, and says why", () => {
    // No folder can lie in a file.
    const args = [join(scripts, "run.mjs"), "start", "--empty", "--dir", join(scripts, "run.mjs", "mesh")];
    const { status, stderr } = spawnSync(process.execPath, args, {
      encoding: "utf8",
      timeout: 20_000,
      killSignal: "SIGKILL",
    });
    assert.match(stderr, /^mesh: ENOTDIR: not a directory/m);
    assert.equal(status, 1, "it did not end by itself");
  });
});
