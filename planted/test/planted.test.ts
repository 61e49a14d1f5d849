import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { bugs } from "../bugs.js";
import { runTrial } from "../trial.js";

const read = (file: string) => readFileSync(new URL(`../../${file}`, import.meta.url), "utf8");

describe("a planted bug", () => {
  it("is one of twenty and more, each with a name of its own", () => {
    assert.ok(bugs.length >= 20);
    assert.equal(new Set(bugs.map(({ name }) => name)).size, bugs.length);
  });

  for (const { name, file, find, put, caughtBy } of bugs) {
    it(`can be planted, and there is a test for it: ${name}`, () => {
      assert.equal(read(file).split(find).length - 1, 1, `its text must stand in ${file} exactly once`);
      assert.notEqual(find, put);
      assert.ok(caughtBy.length > 0);
      for (const { file, title } of caughtBy) assert.ok(read(file).includes(title), `${file} has no "${title}"`);
    });
  }

  for (const name of ["float-money", "four-eyes-skipped", "refund-before-receipt"]) {
    it(`turns its test red: ${name}`, async () => {
      const bug = bugs.find((one) => one.name === name);
      assert.ok(bug);
      const { red, output } = await runTrial(bug.caughtBy, bug);
      assert.deepEqual(red, bug.caughtBy, output);
    }).timeout(60_000);
  }
});
