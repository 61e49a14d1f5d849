import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const run = fileURLToPath(new URL("../run.mjs", import.meta.url));
const shipped = fileURLToPath(new URL("../../services/eligibility/policies/KR.json", import.meta.url));

describe("npm run policy", function () {
  this.timeout(60_000);
  let dir: string;

  const policy = (...args: string[]) => spawnSync(process.execPath, [run, "policy", ...args], { encoding: "utf8" });

  /** Korea's document with another sentence in it, and perhaps a shorter window. */
  const draft = (days: string): string => {
    const json = JSON.parse(readFileSync(shipped, "utf8"));
    const rules: Record<string, string>[] = json.tables.window.nodes[1].content.rules;
    Object.assign(rules.find(({ _id }) => _id === "kr-window-withdrawal") ?? {}, { days });
    const file = join(dir, "draft.json");
    writeFileSync(file, JSON.stringify(json));
    return file;
  };

  beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), "backhaul-policy-"));
  });
  afterEach(() => rmSync(dir, { recursive: true, force: true }));

  it("lint finds a sound document sound, and says what to do next", () => {
    const { stdout, status } = policy("lint", draft("14"));
    assert.match(stdout, /: 0 errors, \d+ warnings?\n/);
    assert.match(stdout, /\nIt is sound. Next: create a draft of it/);
    assert.equal(status, 0);
  });
  it("lint names the article that a draft breaks, and an order that shows it", () => {
    const { stdout, status } = policy("lint", draft("5"));
    assert.match(stdout, /ERROR BELOW_FLOOR at tables\.window\.nodes\[1\]\.content\.rules\[\d+\]\n/);
    assert.match(stdout, /\n {2}law: E-Commerce Act art\. 17\(1\)\n {2}for instance: A RETURN for .*delivered on/);
    assert.match(stdout, /Mend the errors and lint again/);
    assert.equal(status, 1);
  });
  it("lint gives its findings to programs, too, by file", () => {
    const file = draft("5");
    const { stdout, status } = policy("lint", shipped, file, "--json");
    const found = JSON.parse(stdout);
    assert.deepEqual(Object.keys(found), [shipped, file]);
    assert.deepEqual(found[file][0].code, "BELOW_FLOOR");
    assert.equal(status, 1);
  });
  it("diff says in words what a draft changes", () => {
    const { stdout, status } = policy("diff", shipped, draft("14"));
    assert.match(stdout, /kr-window-withdrawal.*14/);
    assert.equal(status, 0);
    assert.equal(policy("diff", shipped, shipped).stdout, "no difference\n");
  });

  for (const [what, args, says] of [
    ["no command", [], /no command: say lint, diff or schema/],
    ["a command that is none", ["check"], /no command check: say lint, diff or schema/],
    ["no document", ["lint"], /no document: say which, such as services/],
    [
      "a document that is not there",
      ["lint", "nix.json"],
      /nix.json cannot be read: there is no such file; say the path/,
    ],
    ["one document to compare", ["diff", shipped], /diff needs two documents: the older, then the newer/],
    ["an option that is none", ["lint", shipped, "--fix"], /Unknown option '--fix'/],
  ] as const) {
    it(`refuses ${what} in one line`, () => {
      const { stdout, stderr, status } = policy(...args);
      assert.deepEqual([status, stdout], [2, ""]);
      assert.match(stderr, says);
      const lines = stderr.trim().split("\n");
      assert.equal(lines.filter((line) => !line.startsWith("build:")).length, 1);
    });
  }
});
