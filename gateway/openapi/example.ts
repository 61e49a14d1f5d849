// An example of each message: what the contracts' comments give with "e.g.", ids as their patterns want them, and one value
// of each type for the rest. The same field has the same example everywhere, so that an id is seen to go on.
import type { DescEnum, DescField, DescMessage, JsonObject, JsonValue } from "@bufbuild/protobuf";
import { ScalarType } from "@bufbuild/protobuf";
import { commentOf, exampleIn } from "./comments.js";
import { demandOf } from "./rules.js";
import { sampleOf } from "./sample.js";
import type { Side } from "./schema.js";
import type { Schema } from "./spec.js";

export type Examples = {
  /** A message: of a request what it must hold, of an answer everything. */
  ofMessage(message: DescMessage, side: Side, without?: ReadonlySet<DescField>): JsonObject;
  /** One value; a list's has one item. */
  ofField(field: DescField, side: Side): JsonValue;
};

// Deeper down an answer shows nothing new, and a message that holds itself would have no end.
const deepest = 5;

/** Makes examples for these messages and all within them. */
export function createExamples(messages: readonly DescMessage[]): Examples {
  const known = learn(messages);

  function ofMessage(
    message: DescMessage,
    side: Side,
    without: ReadonlySet<DescField> = new Set(),
    depth = 0,
  ): JsonObject {
    // A message within a request that need not say anything: shown by what it may say.
    const isFree = depth > 0 && !message.fields.some((field) => demandOf(field).required);
    const shown = message.fields.filter((field) => {
      if (without.has(field) || (field.oneof && field.oneof.fields[0] !== field)) return false;
      const { required, outputOnly } = demandOf(field);
      if (side === "answer") return true;
      return !outputOnly && (required || (isFree && (!field.message || isText(field.message))));
    });
    const told = shown.filter((field) => depth < deepest || !field.message || isText(field.message));
    return Object.fromEntries(told.map((field) => [field.jsonName, ofField(field, side, depth)]));
  }

  function ofField(field: DescField, side: Side, depth = 0): JsonValue {
    const { keywords, items } = demandOf(field);
    if (field.fieldKind === "list") {
      const count = side === "request" ? Math.max(1, Number(keywords.minItems ?? 1)) : 1;
      return Array.from({ length: count }, () => one(field, side, items, depth));
    }
    if (field.fieldKind === "map")
      return { [field.mapKey === ScalarType.STRING ? "key" : "1"]: one(field, side, {}, depth) };
    return one(field, side, keywords, depth);
  }

  function one(field: DescField, side: Side, rules: Schema, depth: number): JsonValue {
    const { message } = field;
    if (message) return texts[message.typeName] ?? ofMessage(message, side, undefined, depth + 1);
    if (field.enum) return enumName(field.enum, rules);
    if (field.scalar === ScalarType.STRING) return textOf(field, rules, known);
    return scalarOf(field.scalar as ScalarType, rules);
  }

  return {
    ofMessage: (message, side, without) => ofMessage(message, side, without),
    ofField: (field, side) => ofField(field, side),
  };
}

const isText = ({ typeName }: DescMessage) => typeName in texts;

/** Messages whose example is not made of their fields. */
const texts: Readonly<Record<string, JsonValue>> = {
  "google.protobuf.Timestamp": "2026-11-02T09:30:00Z",
  "google.protobuf.Duration": "3600s",
  "google.protobuf.FieldMask": "state",
  "google.protobuf.Struct": {},
  "google.type.Money": { currencyCode: "GBP", units: "12", nanos: 500_000_000 },
};

/** Field name → example: what a comment gives somewhere, else what a pattern asks for where the field's name does not fit. */
function learn(messages: readonly DescMessage[]): ReadonlyMap<string, string> {
  const given = new Map<string, string>();
  const shaped = new Map<string, string>();
  const seen = new Set<DescMessage>();
  const open = [...messages];
  for (let message = open.shift(); message; message = open.shift()) {
    if (seen.has(message)) continue;
    seen.add(message);
    for (const field of message.fields) {
      if (field.message) open.push(field.message);
      if (field.scalar !== ScalarType.STRING || field.fieldKind !== "scalar") continue;
      const example = exampleIn(commentOf(field));
      if (example && !given.has(field.name)) given.set(field.name, example);
      const { pattern } = demandOf(field).keywords;
      const sample = typeof pattern === "string" && !new RegExp(pattern, "u").test(field.name) ? sampleOf(pattern) : "";
      if (sample && !shaped.has(field.name)) shaped.set(field.name, sample);
    }
  }
  return new Map([...shaped, ...given]);
}

function textOf(field: DescField, rules: Schema, known: ReadonlyMap<string, string>): string {
  const pattern = typeof rules.pattern === "string" ? rules.pattern : undefined;
  const fits = (text: string) => !pattern || new RegExp(pattern, "u").test(text);
  const word = field.name.replace(/_(id|ids|key)$/, "").replaceAll("_", "-");
  const isId = /_ids?$/.test(field.name);
  const wanted = [
    exampleIn(commentOf(field)),
    known.get(field.name),
    known.get(field.name.replace(/s$/, "")),
    isId ? `${word}-1` : undefined,
  ];
  const sampled = pattern ? sampleOf(pattern) : undefined;
  // A plain word says more than the shortest text of a pattern, unless the pattern asks for something special.
  const plain =
    pattern && /\{26\}|^\^\(?[A-Z|]+\)?/.test(pattern)
      ? [sampled]
      : [word, word.toUpperCase().replaceAll("-", "_"), sampled];
  const text = [...wanted, ...plain].find((candidate) => candidate !== undefined && fits(candidate)) ?? word;
  const least = Number(rules.minLength ?? 0);
  return text.padEnd(least, "x").slice(0, Number(rules.maxLength ?? 500));
}

function enumName({ values }: DescEnum, { not }: Schema): string {
  const refused = (not as { enum?: unknown[] } | undefined)?.enum ?? [];
  return (values.find(({ number }) => number > 0 && !refused.includes(number)) ?? values[0])?.name ?? "";
}

function scalarOf(scalar: ScalarType, rules: Schema): JsonValue {
  const least = Math.max(Number(rules.minimum ?? 1), Number(rules.exclusiveMinimum ?? 0) + 1);
  switch (scalar) {
    case ScalarType.BOOL:
      return true;
    case ScalarType.BYTES:
      return "aGVsbG8=";
    case ScalarType.DOUBLE:
    case ScalarType.FLOAT:
    case ScalarType.INT32:
    case ScalarType.SINT32:
    case ScalarType.SFIXED32:
    case ScalarType.UINT32:
    case ScalarType.FIXED32:
      return least;
    default:
      return String(least);
  }
}
