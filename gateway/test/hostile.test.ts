import assert from "node:assert/strict";
import { type DescField, type DescMessage, fromBinary, ScalarType, toJson } from "@bufbuild/protobuf";
import fc from "fast-check";
import { registry } from "#kit/contracts.js";
import { DomainError } from "#kit/pure/check.js";
import { buildRoutes, type Route } from "../routes.js";
import { encodeRequest } from "../transcode.js";

const routes = buildRoutes(registry);

/** Values that have broken readers of JSON before. As text: some of them no literal can say. */
const classics: unknown[] = JSON.parse(`[
  null, -1, -0, 1e400, 0.1, 9007199254740992, -2147483649, 4294967296, "9223372036854775808", "1e3", "0x10", "NaN",
  "", " ", "\\ud800", "\\u0000", "\\u202e", "__proto__", "KIND_RETURN", true, [], {}, [[]], [null], {"seconds": 1},
  "2026-02-30T00:00:00Z", "10000-01-01T00:00:00Z", "1.0000000001s",
  {"@type": "type.googleapis.com/google.protobuf.Any", "value": {}}
]`);
const junk = fc.oneof(fc.constantFrom(...classics), fc.jsonValue({ maxDepth: 3 }));

/** JSON that looks like a message, with some of its fields, and junk in some of those. */
function like(message: DescMessage, depth = 0): fc.Arbitrary<unknown> {
  if (depth > 3 || message.typeName.startsWith("google.protobuf.")) return junk;
  const fields = Object.fromEntries(message.fields.map((field) => [field.jsonName, valueLike(field, depth)]));
  return fc.record(fields, { requiredKeys: [] });
}

function valueLike(field: DescField, depth: number): fc.Arbitrary<unknown> {
  const one = field.message
    ? like(field.message, depth + 1)
    : field.enum
      ? fc.constantFrom<unknown>(...field.enum.values.map((value) => value.name))
      : fc.constant<unknown>(field.scalar === ScalarType.STRING ? "x" : field.scalar === ScalarType.BOOL ? true : 1);
  const proper = field.fieldKind === "list" ? fc.array(one, { maxLength: 3 }) : one;
  return fc.oneof({ weight: 24, arbitrary: proper }, { weight: 1, arbitrary: junk });
}

/** Either bytes that the service can read, or a refusal with a reason: nothing else may come out. */
function taken(route: Route, body: Buffer | undefined, query: Record<string, string | string[]>): boolean {
  const params = Object.fromEntries(route.pathFields.map((_, i) => [`p${i}`, "x"]));
  try {
    const bytes = encodeRequest(route, { params, query, body, idempotencyKey: "x" });
    toJson(route.input, fromBinary(route.input, bytes));
    return true;
  } catch (error) {
    assert.ok(error instanceof DomainError, `${route.path}: ${(error as Error).stack}`);
    assert.ok(error.message.length < 2000);
    return false;
  }
}

describe("whatever a caller sends", () => {
  it("is read or refused with a reason", () => {
    const seen = { read: 0, refused: 0 };
    for (const route of routes.filter(({ body }) => body)) {
      fc.assert(
        fc.property(like(route.input), (json) => {
          seen[taken(route, Buffer.from(JSON.stringify(json)), {}) ? "read" : "refused"]++;
        }),
        { numRuns: 60 },
      );
    }
    assert.ok(seen.read > 100 && seen.refused > 100, JSON.stringify(seen));
  });

  it("is read or refused as a query, too", () => {
    const text = fc.oneof(fc.string(), fc.constantFrom("true", "1", "-1", "OPEN", "99999999999999999999", "\ud800"));
    for (const route of routes.filter(({ body }) => !body)) {
      const names = route.input.fields.flatMap(({ name, jsonName }) => [name, jsonName]);
      const name = fc.oneof(fc.constantFrom(...names, "__proto__", "constructor", "a.b", "."), fc.string());
      const query = fc.dictionary(name, fc.oneof(text, fc.array(text, { minLength: 2, maxLength: 3 })), { maxKeys: 3 });
      fc.assert(
        fc.property(query, (given) => {
          taken(route, undefined, given);
        }),
        { numRuns: 60 },
      );
    }
  });

  it("is read or refused as bytes, too", () => {
    const route = routes.find(({ path }) => path.endsWith("/CreateResolution")) as Route;
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        taken(route, Buffer.from(bytes), {});
      }),
      { numRuns: 500 },
    );
  });
});
