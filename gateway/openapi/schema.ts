// Messages and enums as JSON Schema, by the proto3 JSON mapping. What goes in and what comes out are told apart: a request
// has the contract's rules and refuses what it does not know; an answer holds every field, set or not, and may grow.
import { type DescEnum, type DescField, type DescMessage, type DescOneof, ScalarType } from "@bufbuild/protobuf";
import { commentOf } from "./comments.js";
import { type Demand, demandOf, isImplicit } from "./rules.js";
import type { Schema } from "./spec.js";

/** Which way a message goes. */
export type Side = "request" | "answer";

export type Schemas = {
  /** A message's own schema, without these fields. */
  ofMessage(message: DescMessage, side: Side, without?: ReadonlySet<DescField>): Schema;
  /** A field as an object's property, a parameter or a whole answer. */
  ofField(field: DescField, side: Side): Schema;
  /** A reference to a message's schema, which becomes one of the components. */
  refTo(message: DescMessage, side: Side): Schema;
  /** What was referred to, by name. */
  components(): Record<string, Schema>;
};

/** Makes schemas for the messages of these requests and answers. A message that goes both ways has two. */
export function createSchemas(requests: readonly DescMessage[], answers: readonly DescMessage[]): Schemas {
  const asked = reach(requests.flatMap(messagesIn));
  const told = reach(answers);
  const found = new Map<string, Schema>();

  function refer(name: string, make: () => Schema): Schema {
    if (!found.has(name)) {
      found.set(name, {}); // taken before it is made: messages may hold themselves
      found.set(name, make());
    }
    return { $ref: `#/components/schemas/${name}` };
  }

  function refTo(message: DescMessage, side: Side): Schema {
    const twofold = side === "request" && asked.has(message) && told.has(message);
    return refer(nameOf(message) + (twofold ? ".Input" : ""), () => ofMessage(message, side));
  }

  function refToEnum(desc: DescEnum): Schema {
    return refer(nameOf(desc), () => ofEnum(desc));
  }

  function ofMessage(message: DescMessage, side: Side, without: ReadonlySet<DescField> = new Set()): Schema {
    const fields = message.fields.map((field) => ({ field, demand: demandOf(field) }));
    const shown = fields.filter(
      ({ field, demand }) => !without.has(field) && (side === "answer" || !demand.outputOnly),
    );
    const isRequired =
      side === "answer" ? ({ field }: Shown) => isImplicit(field) : ({ demand }: Shown) => demand.required;
    const required = shown.filter(isRequired).map(({ field }) => field.jsonName);
    const description = commentOf(message);
    return {
      type: "object",
      title: message.name,
      ...(description ? { description } : {}),
      properties: Object.fromEntries(shown.map(({ field, demand }) => [field.jsonName, property(field, demand, side)])),
      ...(required.length > 0 ? { required } : {}),
      ...(message.oneofs.length > 0 ? { allOf: message.oneofs.map(atMostOne) } : {}),
      ...(side === "request" ? { additionalProperties: false } : {}),
    };
  }

  function property(field: DescField, { keywords, items }: Demand, side: Side): Schema {
    const own = side === "request" ? keywords : {};
    const description = commentOf(field);
    const about = description ? { description } : {};
    switch (field.fieldKind) {
      case "list": {
        const item = ruled(itemOf(field, side), side === "request" ? items : {}, field.enum);
        return { type: "array", ...about, items: item, ...own };
      }
      case "map":
        return { type: "object", ...about, additionalProperties: itemOf(field, side), ...own };
      default:
        return { ...ruled(itemOf(field, side), own, field.enum), ...about };
    }
  }

  /** One value of a field: of its items, if it is a list. */
  function itemOf(field: DescField, side: Side): Schema {
    if (field.message) return wellKnown[field.message.typeName] ?? refTo(field.message, side);
    if (field.enum) return refToEnum(field.enum);
    return scalars[field.scalar as ScalarType] ?? { type: "string" };
  }

  return {
    ofMessage,
    ofField: (field, side) => property(field, demandOf(field), side),
    refTo,
    components: () => Object.fromEntries([...found].sort(([one], [other]) => (one < other ? -1 : 1))),
  };
}

type Shown = { readonly field: DescField; readonly demand: Demand };

/** A value with its rules: an enum's are told in names, a 64-bit integer's cannot be told of a text. */
function ruled(value: Schema, rules: Schema, desc: DescEnum | undefined): Schema {
  if (desc) {
    const { not, enum: among, ...others } = rules as { not?: { enum: unknown[] }; enum?: unknown[] };
    const names = (numbers: unknown[]) => desc.values.filter((v) => numbers.includes(v.number)).map((v) => v.name);
    return {
      ...value,
      ...others,
      ...(not ? { not: { enum: names(not.enum) } } : {}),
      ...(among ? { enum: names(among) } : {}),
    };
  }
  if (value.format !== "int64" && value.format !== "uint64") return { ...value, ...rules };
  const { minimum, exclusiveMinimum } = rules;
  return minimum === 0 || exclusiveMinimum === 0 ? { ...value, pattern: "^[0-9]{1,19}$" } : value;
}

function ofEnum(desc: DescEnum): Schema {
  const description = commentOf(desc);
  return {
    type: "string",
    title: desc.name,
    ...(description ? { description } : {}),
    enum: desc.values.map(({ name }) => name),
    "x-enum-descriptions": Object.fromEntries(desc.values.map((value) => [value.name, commentOf(value)])),
  };
}

function atMostOne({ fields }: DescOneof): Schema {
  const each = fields.map(({ jsonName }) => ({ required: [jsonName] }));
  return { oneOf: [...each, { not: { anyOf: each } }] };
}

/** "backhaul.refund.v1.Refund" → "refund.v1.Refund" */
function nameOf({ typeName }: DescMessage | DescEnum): string {
  return typeName.replace(/^backhaul\./, "");
}

const messagesIn = ({ fields }: DescMessage): DescMessage[] => fields.flatMap(({ message }) => message ?? []);

function reach(from: readonly DescMessage[]): ReadonlySet<DescMessage> {
  const all = new Set<DescMessage>();
  const open = [...from];
  for (let message = open.pop(); message; message = open.pop()) {
    if (all.has(message) || wellKnown[message.typeName]) continue;
    all.add(message);
    open.push(...messagesIn(message));
  }
  return all;
}

const int32: Schema = { type: "integer", format: "int32" };
const uint32: Schema = { type: "integer", format: "int64", minimum: 0, maximum: 4_294_967_295 };
const int64: Schema = { type: "string", format: "int64", pattern: "^-?[0-9]{1,19}$" };
const uint64: Schema = { type: "string", format: "uint64", pattern: "^[0-9]{1,20}$" };

const scalars: Readonly<Partial<Record<ScalarType, Schema>>> = {
  [ScalarType.BOOL]: { type: "boolean" },
  [ScalarType.BYTES]: { type: "string", contentEncoding: "base64" },
  [ScalarType.DOUBLE]: { type: "number", format: "double" },
  [ScalarType.FLOAT]: { type: "number", format: "float" },
  [ScalarType.INT32]: int32,
  [ScalarType.SINT32]: int32,
  [ScalarType.SFIXED32]: int32,
  [ScalarType.UINT32]: uint32,
  [ScalarType.FIXED32]: uint32,
  [ScalarType.INT64]: int64,
  [ScalarType.SINT64]: int64,
  [ScalarType.SFIXED64]: int64,
  [ScalarType.UINT64]: uint64,
  [ScalarType.FIXED64]: uint64,
};

/** Messages with a JSON form of their own. */
export const wellKnown: Readonly<Record<string, Schema>> = {
  "google.protobuf.Timestamp": { type: "string", format: "date-time" },
  "google.protobuf.Duration": { type: "string", pattern: "^-?[0-9]+(\\.[0-9]{1,9})?s$" },
  "google.protobuf.FieldMask": { type: "string" },
  "google.protobuf.Struct": { type: "object", additionalProperties: true },
  "google.protobuf.Value": {},
  "google.protobuf.Any": { type: "object", properties: { "@type": { type: "string" } }, required: ["@type"] },
  "google.protobuf.Empty": { type: "object", additionalProperties: false },
  "google.protobuf.StringValue": { type: "string" },
  "google.protobuf.BoolValue": { type: "boolean" },
  "google.protobuf.Int32Value": int32,
  "google.protobuf.Int64Value": int64,
  "google.protobuf.DoubleValue": { type: "number" },
};
