import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

describe("the check that cores ask for no time and no chance", () => {
  function checked(source: string): string[] {
    const folder = mkdtempSync(join(tmpdir(), "core-"));
    try {
      writeFileSync(join(folder, "core.ts"), source);
      const { status, stdout } = spawnSync(process.execPath, ["scripts/check/chance.mjs", folder], {
        encoding: "utf8",
      });
      const lines = stdout.split("\n").filter((line) => line !== "");
      assert.equal(status, lines.length > 0 ? 1 : 0);
      return lines.map((line) => line.slice(folder.length + 1));
    } finally {
      rmSync(folder, { recursive: true });
    }
  }

  it("finds every way to ask, and the line of it", () => {
    const source = [
      "const a = Date.now();",
      "const b = new Date();",
      "Math.random();",
      "randomUUID();",
      "setTimeout(a);",
    ];
    assert.deepEqual(checked(source.join("\n")), [
      "core.ts:1 asks for the time: hand it in",
      "core.ts:2 asks for the time: hand it in",
      "core.ts:3 asks for chance: hand it in",
      "core.ts:4 asks for chance: hand it in",
      "core.ts:5 asks for the process: hand it in",
    ]);
  });

  it("lets be what is handed in, and what is only spoken of", () => {
    assert.deepEqual(
      checked('// no Date.now() here\nconst at = new Date(now.getTime()); const text = "Math.random()";'),
      [],
    );
  });
});
