// The schema of policy documents as JSON Schema 2020-12, for editors and for whoever writes documents elsewhere. It is
// what the readers of document.ts read, so it refuses nothing that they take; what the words mean together is the
// linter's to know. It stands in policies/schema.json; `npm run policy -- schema` writes it.
import { documentSchema } from "./document.js";
import type { Schema } from "./shape.js";

export function policySchema(): Schema {
  const definitions: Record<string, unknown> = {};
  const { properties, ...rest } = define(documentSchema, definitions) as Schema;
  return {
    $schema: "https://json-schema.org/draft/2020-12/schema",
    title: "Policy document",
    ...rest,
    properties,
    $defs: definitions,
  };
}

/** The schema with each titled piece replaced by a reference to its definition. */
function define(piece: unknown, definitions: Record<string, unknown>): unknown {
  if (Array.isArray(piece)) return piece.map((item) => define(item, definitions));
  if (typeof piece !== "object" || piece === null) return piece;
  const { title, ...rest } = piece as Schema;
  const named = typeof title === "string";
  const plain = Object.fromEntries(
    Object.entries(named ? rest : piece).map(([key, item]) => [key, define(item, definitions)]),
  );
  if (!named) return plain;
  definitions[title] = plain;
  return { $ref: `#/$defs/${title}` };
}
