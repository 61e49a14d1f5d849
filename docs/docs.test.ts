import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { placesOf } from "../scripts/failpoints/places.js";
import { accessPage } from "./make-access.js";
import { errorsPage } from "./make-errors.js";
import { failpointNames, failpointsPage } from "./make-failpoints.js";
import { personalDataPage } from "./make-personal-data.js";
import { pages, readPage, root } from "./pages.js";

for (const page of pages) {
  describe(page, () => {
    const text = readPage(page);

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
    assert.equal(readPage("docs/errors.md"), errorsPage(), `make it again: ${command}`);
  });
});

describe("docs/personal-data.md", () => {
  it("is what the contracts and the list of places say", () => {
    const command = "node --conditions=source --import=tsx docs/make-personal-data.ts";
    assert.equal(readPage("docs/personal-data.md"), personalDataPage(), `make it again: ${command}`);
  });
});

describe("docs/access.md", () => {
  it("is what the contracts say", () => {
    const command = "node --conditions=source --import=tsx docs/make-access.ts";
    assert.equal(readPage("docs/access.md"), accessPage(), `make it again: ${command}`);
  });
});

describe("docs/failpoints.md", () => {
  it("is what the code says, and so are the names that processes know", async () => {
    const command = "node --conditions=source --import=tsx docs/make-failpoints.ts";
    const places = await placesOf(root);
    assert.equal(readPage("docs/failpoints.md"), failpointsPage(places), `make it again: ${command}`);
    assert.equal(readPage("services/_kit/failpoints.json"), failpointNames(places), `make it again: ${command}`);
  });
});
