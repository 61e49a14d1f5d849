import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { errorsPage } from "./make-errors.js";

const root = fileURLToPath(new URL("..", import.meta.url));
const services = readdirSync(join(root, "services")).map((name) => `services/${name}/README.md`);
const pages = ["README.md", "deploy/README.md", "docs/errors.md", ...services].filter((page) =>
  existsSync(join(root, page)),
);

for (const page of pages) {
  describe(page, () => {
    const text = readFileSync(join(root, page), "utf8");

    it("links only to what is there", () => {
      const targets = [...text.matchAll(/\]\(([^)#]+)(?:#[^)]*)?\)/g)].map(([, target = ""]) => target);
      const gone = targets.filter((it) => !/^https?:/.test(it) && !existsSync(join(root, dirname(page), it)));
      assert.deepEqual(gone, []);
    });

    it("names only commands that package.json has", () => {
      const { scripts } = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as { scripts: object };
      const commands = [...text.matchAll(/\bnpm (?:run (?:-s )?([\w:]+)|(start|test)\b)/g)].map(
        ([, run, short]) => run ?? short ?? "",
      );
      assert.deepEqual(
        commands.filter((name) => !(name in scripts)),
        [],
      );
    });
  });
}

describe("docs/errors.md", () => {
  it("is what the error manual says", () => {
    const command = "node --conditions=source --import=tsx docs/make-errors.ts";
    assert.equal(readFileSync(join(root, "docs/errors.md"), "utf8"), errorsPage(), `make it again: ${command}`);
  });
});
