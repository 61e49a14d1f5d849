// The published schema against the reader it is made from: what the reader takes, the schema takes, and what is broken
// in its shape both refuse.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { DomainError } from "#kit/pure/check.js";
import { parseDocument } from "../core/document.js";
import { policySchema } from "../core/schema.js";
import { changed, jsonOf, type Market, markets, rulesOf } from "./builders.js";
import { japan } from "./plants.js";

type Validator = { (value: unknown): boolean; errors?: readonly { instancePath: string; message?: string }[] | null };

/** A validator of JSON Schema 2020-12: the one that fastify brings along. */
function validator(schema: object): Validator {
  const fastify = createRequire(import.meta.url).resolve("fastify");
  const compiler = createRequire(fastify).resolve("@fastify/ajv-compiler");
  const { Ajv2020 } = createRequire(compiler)("ajv/dist/2020");
  return new Ajv2020({ allErrors: true, allowUnionTypes: true }).compile(schema);
}

const reads = (json: string): boolean => {
  try {
    parseDocument(json);
    return true;
  } catch (error) {
    if (error instanceof DomainError && error.reason === "POLICY_BROKEN") return false;
    throw error;
  }
};

/** Korea's document with something else at a place. */
const broken: [path: string, value: unknown][] = [
  ["market", "kr"],
  ["market", undefined],
  ["handover.days", 14],
  ["civil.weekend", [7]],
  ["effective_time", "2020-01-01"],
  ["languages", []],
  ["clocks.refund.days", "3"],
  ["clocks.refund.days", 2.5],
  ["window.starts", "FIRST"],
  ["reasons[0].leaves[0].fault", "BUYER"],
  ["reasons[0].leaves[0].kinds", []],
  ["reasons[0].leaves[0].texts.ko-KR", ""],
  ["reasons[0].leaves[0].evidence", { photos: 1 }],
  ["tables.fault", undefined],
  ["tables.score", {}],
  ["tables.terms.nodes[1].type", "functionNode"],
  ["tables.terms.nodes[1].content.hitPolicy", "collect"],
  ["tables.terms.nodes[1].content.passThrough", true],
  [`${rulesOf("terms")}[0]._id`, undefined],
  [`${rulesOf("terms")}[0].collect`, true],
  ["rules.kr-too-late.article", ""],
  ["separate_rule", "Too late"],
  ["law", { rights: [] }],
];

describe("the schema of policy documents", () => {
  const validate = validator(policySchema());
  const problems = (json: string) => {
    validate(JSON.parse(json));
    return (validate.errors ?? []).map(({ instancePath, message }) => `${instancePath} ${message}`);
  };

  it("is the one that stands in policies/schema.json: npm run policy -- schema writes it", () => {
    const published = readFileSync(new URL("../policies/schema.json", import.meta.url), "utf8");
    assert.equal(published, `${JSON.stringify(policySchema(), null, 2)}\n`);
  });
  it("is JSON Schema 2020-12, and says everything once", () => {
    const { $schema, $defs } = policySchema() as { $schema: string; $defs: object };
    assert.equal($schema, "https://json-schema.org/draft/2020-12/schema");
    const text = JSON.stringify(policySchema());
    for (const name of Object.keys($defs))
      assert.ok(text.split(`"#/$defs/${name}"`).length > 2, `${name} is used once`);
  });
  for (const market of markets) {
    it(`takes the shipped document of ${market}`, () => assert.deepEqual(problems(jsonOf(market)), []));
  }
  it("takes a document that brings its own law, names its schema, and holds an editor's notes", () => {
    const { json } = japan((own) => {
      own.$schema = "./schema.json";
      own.tables.window.nodes[1].position = { x: 1, y: 2 };
      own.tables.window.nodes[1].content.inputs[0].defaultValue = "";
    });
    assert.deepEqual(problems(JSON.stringify(json)), []);
    assert.ok(reads(JSON.stringify(json)));
  });
  for (const [path, value] of broken) {
    it(`refuses ${JSON.stringify(value) ?? "nothing"} as ${path}, as the reader does`, () => {
      const json = changed("KR" satisfies Market, path, value);
      assert.equal(reads(json), false);
      assert.notDeepEqual(problems(json), []);
    });
  }
});
