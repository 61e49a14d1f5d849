import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { registry } from "#kit/contracts.js";
import { documentOf } from "../openapi/document.js";
import { typesOf } from "../openapi/types.js";
import { buildRoutes } from "../routes.js";

describe("the types for clients", () => {
  const document = documentOf(buildRoutes(registry));
  const types = typesOf(document);

  it("are what npm run generate wrote", () => {
    const written = readFileSync(new URL("../../gen/rest/api.ts", import.meta.url), "utf8");
    assert.equal(written, types, "make them again: npm run generate");
  });

  it("name every route by verb and path, and every message", () => {
    for (const [path, item] of Object.entries(document.paths)) {
      for (const verb of Object.keys(item)) assert.ok(types.includes(`  "${verb.toUpperCase()} ${path}": {`), path);
    }
    for (const name of Object.keys(document.components.schemas)) {
      assert.ok(types.includes(`  "${name}": `) || types.includes(`  ${name}: `), name);
    }
  });

  it("cannot be ended by a comment of a contract", () => {
    const hostile = { Note: { type: "string", description: "*/ globalThis.leak() /*" } };
    const text = typesOf({ ...document, paths: {}, components: { ...document.components, schemas: hostile } });
    assert.ok(text.includes("/** * / globalThis.leak() /* */\n  Note: string;"));
  });
});
