// What a contract demands of a field, in JSON Schema's words: buf.validate's rules and google.api.field_behavior. What a
// schema has no word for goes into the description.
import {
  type DescField,
  type DescMessage,
  getOption,
  hasOption,
  type JsonObject,
  type Message,
  toJson,
} from "@bufbuild/protobuf";
import { FeatureSet_FieldPresence } from "@bufbuild/protobuf/wkt";
import { registry } from "#kit/contracts.js";
import type { Schema } from "./spec.js";

/** google.api.FieldBehavior */
const behaviors = { required: 2, outputOnly: 3 } as const;

/** What is demanded of a field. */
export type Demand = {
  /** Whether a request without it is refused. */
  readonly required: boolean;
  /** Whether only answers have it. */
  readonly outputOnly: boolean;
  /** Keywords beside the field's type; a list's own. */
  readonly keywords: Schema;
  /** Keywords of a list's items. */
  readonly items: Schema;
};

/** buf.validate.FieldRules as JSON: only what is set. */
type Rules = { readonly required?: boolean } & Readonly<Record<string, JsonObject | undefined>>;

const known = new WeakMap<DescField, Demand>();

/** What the contract demands of a field: read once, asked often. */
export function demandOf(field: DescField): Demand {
  const found = known.get(field) ?? readDemand(field);
  known.set(field, found);
  return found;
}

function readDemand(field: DescField): Demand {
  const rules = rulesOf(field);
  const behavior = option<number[]>(field, "google.api.field_behavior") ?? [];
  const own = kindRules(rules);
  const keywords = keywordsOf(own);
  return {
    required: behavior.includes(behaviors.required) || rules.required === true || refusesUnset(field, keywords),
    outputOnly: behavior.includes(behaviors.outputOnly),
    keywords,
    items: keywordsOf(kindRules((rules.repeated?.items ?? {}) as Rules)),
  };
}

function rulesOf(field: DescField): Rules {
  const value = option<Message>(field, "buf.validate.field");
  if (!value) return {};
  return toJson(registry.getMessage("buf.validate.FieldRules") as DescMessage, value, { registry }) as Rules;
}

function option<T>(field: DescField, name: string): T | undefined {
  const extension = registry.getExtension(name);
  return extension && hasOption(field, extension) ? (getOption(field, extension) as T) : undefined;
}

/** The rules under their type's name: {"string": {"minLen": "1"}} */
function kindRules(rules: Rules): JsonObject {
  return Object.values(rules).find((value) => typeof value === "object") ?? {};
}

const numeric: Readonly<Record<string, string>> = {
  gt: "exclusiveMinimum",
  gte: "minimum",
  lt: "exclusiveMaximum",
  lte: "maximum",
  minLen: "minLength",
  maxLen: "maxLength",
  minItems: "minItems",
  maxItems: "maxItems",
  minPairs: "minProperties",
  maxPairs: "maxProperties",
};
const formats: Readonly<Record<string, string>> = {
  email: "email",
  uuid: "uuid",
  uri: "uri",
  hostname: "hostname",
  ip: "ip",
};

function keywordsOf(rules: JsonObject): Schema {
  const keywords: Record<string, unknown> = {};
  for (const [rule, value] of Object.entries(rules)) {
    const keyword = numeric[rule];
    if (keyword) keywords[keyword] = Number(value);
    else if (rule === "len") Object.assign(keywords, { minLength: Number(value), maxLength: Number(value) });
    else if (rule === "pattern" || rule === "const") keywords[rule] = value;
    else if (rule === "unique") keywords.uniqueItems = value;
    else if (rule === "in") keywords.enum = value;
    else if (rule === "notIn") keywords.not = { enum: value };
    else if (formats[rule]) keywords.format = formats[rule];
  }
  return keywords;
}

/** A field without presence is judged even when it was not sent, as what it is then: "", 0, an empty list. */
function refusesUnset(field: DescField, keywords: Schema): boolean {
  if (field.fieldKind === "list") return Number(keywords.minItems ?? 0) > 0;
  if (field.fieldKind === "map") return Number(keywords.minProperties ?? 0) > 0;
  if (field.fieldKind === "message" || !isImplicit(field)) return false;
  if (typeof keywords.pattern === "string" && !new RegExp(keywords.pattern, "u").test("")) return true;
  const least = Number(keywords.minimum ?? Number.NEGATIVE_INFINITY);
  const above = Number(keywords.exclusiveMinimum ?? Number.NEGATIVE_INFINITY);
  return Number(keywords.minLength ?? 0) > 0 || least > 0 || above >= 0 || refusesZero(keywords);
}

/** Whether unset is the same as zero, so that an answer always holds it. */
export function isImplicit(field: DescField): boolean {
  return field.presence === FeatureSet_FieldPresence.IMPLICIT;
}

function refusesZero({ not }: Schema): boolean {
  return ((not as { enum?: unknown[] } | undefined)?.enum ?? []).some((value) => Number(value) === 0);
}
