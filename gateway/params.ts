// Path and query parameters as the JSON they stand for. Names are those of the contract, in either form (page_size or
// pageSize), dotted for a field of a field; values follow the proto3 JSON mapping, and an enum also goes by its short
// name: ?state=OPEN.
import {
  type DescEnum,
  type DescField,
  type DescMessage,
  type JsonObject,
  type JsonValue,
  ScalarType,
} from "@bufbuild/protobuf";
import { InvalidRequest, type Violation } from "#kit/errors.js";
import { shorten } from "./json.js";
import type { FieldPath } from "./routes.js";

/** A query as fastify parsed it: a parameter that comes twice is a list. */
export type Query = Readonly<Record<string, string | readonly string[] | undefined>>;

/**
 * Adds what a query says to a JSON object of that message.
 * @param taken a field that the body fills, so the query must not
 * @throws InvalidRequest naming every parameter that is unknown or not of its type
 */
export function placeQuery(into: JsonObject, message: DescMessage, query: Query, taken?: DescField): void {
  const violations: Violation[] = [];
  for (const [name, given] of Object.entries(query)) {
    const texts = typeof given === "string" ? [given] : (given ?? []);
    const path = findPath(message, name);
    if (!path || path[0] === taken)
      violations.push({ field: shorten(name), description: "there is no such parameter" });
    else if (texts.length > 1 && path.at(-1)?.fieldKind !== "list") violations.push(twice(name));
    else violations.push(...place(into, path, name, texts));
  }
  if (violations.length > 0) throw new InvalidRequest(violations);
}

/** Adds what a path parameter says. @throws InvalidRequest if it is not of its field's type */
export function placeParam(into: JsonObject, path: FieldPath, text: string): void {
  const violations = place(into, path, path.map((field) => field.name).join("."), [text]);
  if (violations.length > 0) throw new InvalidRequest(violations);
}

function place(into: JsonObject, path: FieldPath, name: string, texts: readonly string[]): Violation[] {
  const field = path.at(-1) as DescField;
  const values = texts.map((text) => jsonOf(field, text));
  const bad = values.find((value) => value instanceof Wrong);
  if (bad) return [{ field: name, description: bad.message }];
  let at = into;
  for (const step of path.slice(0, -1)) at = (at[step.name] ??= {}) as JsonObject;
  if (field.name in at) return [twice(name)]; // once as page_size, once as pageSize
  at[field.name] = field.fieldKind === "list" ? (values as JsonValue[]) : (values[0] as JsonValue);
  return [];
}

const twice = (name: string): Violation => ({ field: name, description: "is given more than once" });

function findPath(message: DescMessage, dotted: string): FieldPath | undefined {
  const path: DescField[] = [];
  let at: DescMessage | undefined = message;
  for (const name of dotted.split(".")) {
    const field: DescField | undefined = at?.fields.find((f) => f.name === name || f.jsonName === name);
    if (!field) return undefined;
    path.push(field);
    at = field.fieldKind === "message" ? field.message : undefined;
  }
  return path;
}

/** Why a text is no value of its field. */
class Wrong {
  constructor(readonly message: string) {}
}

function jsonOf(field: DescField, text: string): JsonValue | Wrong {
  const kind = field.fieldKind === "list" ? field.listKind : field.fieldKind;
  if (kind === "enum" && field.enum) return enumValue(field.enum, text);
  if (kind === "scalar") return scalarValue(field.scalar as ScalarType, text);
  // Those with a text form of their own, such as a Timestamp; for any other message and for a map there is none.
  if (kind === "message" && textual.has(field.message?.typeName ?? "")) return text;
  return new Wrong("is a message: name one of its fields, as in a.b=…");
}

const textual = new Set(["Timestamp", "Duration", "FieldMask", "StringValue"].map((name) => `google.protobuf.${name}`));
const floats = new Set([ScalarType.DOUBLE, ScalarType.FLOAT]);

function scalarValue(scalar: ScalarType, text: string): JsonValue | Wrong {
  if (scalar === ScalarType.STRING || scalar === ScalarType.BYTES || floats.has(scalar)) return text;
  if (scalar === ScalarType.BOOL) {
    if (text === "true" || text === "false") return text === "true";
    return new Wrong("is neither true nor false");
  }
  // Proto3 JSON takes whole numbers as text, and judges their range.
  return /^-?\d{1,20}$/.test(text) ? text : new Wrong("is not a whole number");
}

function enumValue(desc: DescEnum, text: string): JsonValue | Wrong {
  const prefix = desc.sharedPrefix?.toUpperCase() ?? "";
  const value = desc.values.find((v) => v.name === text || v.name === prefix + text);
  if (value) return value.name;
  const known = desc.values.filter((v) => v.number > 0).map((v) => v.name.slice(prefix.length));
  return new Wrong(`is none of ${known.join(", ")}`);
}
