// What a route takes outside of its body: path, query and header.
import type { DescField, DescMessage } from "@bufbuild/protobuf";
import { isMaskable, maskParameter } from "../fields.js";
import { hasTexts } from "../localise.js";
import type { FieldPath, Route } from "../routes.js";
import type { Examples } from "./example.js";
import { demandOf } from "./rules.js";
import { type Schemas, wellKnown } from "./schema.js";
import type { Parameter, Schema } from "./spec.js";

/** Fields of fields that a query may name; contracts go no deeper. */
const deepest = 3;

/** All parameters of a route, in the order path, query, header. */
export function parametersOf(route: Route, schemas: Schemas, examples: Examples): Parameter[] {
  const show = (place: "path" | "query", path: FieldPath) => parameter(place, path, schemas, examples);
  const asked = route.body === "*" ? [] : queryPaths(route.input).filter((path) => !isTaken(route, path));
  return [
    ...route.pathFields.map((path) => show("path", path)),
    ...asked.map((path) => show("query", path)),
    ...(isMaskable(route) ? [mask] : []),
    ...headersOf(route),
  ];
}

function parameter(place: "path" | "query", path: FieldPath, schemas: Schemas, examples: Examples): Parameter {
  const field = path.at(-1) as DescField;
  const { description = "", ...schema } = schemas.ofField(field, "request");
  const required = place === "path" || path.every((step) => demandOf(step).required);
  return {
    name: path.map(({ name }) => name).join("."),
    in: place,
    ...(required ? { required } : {}),
    ...(description ? { description } : {}),
    schema: schema as Schema,
    ...(required ? { example: examples.ofField(field, "request") } : {}),
  };
}

/** Every field that has a value as text, also within messages: a.b. */
function queryPaths(message: DescMessage, before: FieldPath = []): FieldPath[] {
  return message.fields.flatMap((field): FieldPath[] => {
    const path = [...before, field];
    if (field.fieldKind === "map" || demandOf(field).outputOnly) return [];
    if (!field.message || wellKnown[field.message.typeName]?.type === "string") return [path];
    return field.fieldKind === "message" && path.length < deepest ? queryPaths(field.message, path) : [];
  });
}

function isTaken(route: Route, path: FieldPath): boolean {
  const isBound = route.bound.some(
    (bound) => bound.length === path.length && bound.every((step, i) => step === path[i]),
  );
  return isBound || path[0] === route.body;
}

/** Whether its answers carry an ETag: reads do, but for streams. */
export function isTagged({ verb, streaming }: Route): boolean {
  return verb === "GET" && !streaming;
}

const mask: Parameter = {
  name: maskParameter,
  in: "query",
  description:
    "Sends these fields of the answer alone: names with a comma between, dotted for a field of a field, also through lists. An unknown one is refused.",
  schema: { type: "string" },
};

const language: Parameter = {
  name: "Accept-Language",
  in: "header",
  description: "The language of texts and errors: `ko`, `zh-TW` or `en`, with weights as RFC 9110 has them.",
  schema: { type: "string" },
};

function headersOf(route: Route): Parameter[] {
  const headers: Parameter[] = [];
  if (route.requestId) {
    headers.push({
      name: "Idempotency-Key",
      in: "header",
      required: true,
      description:
        "An id of your own for this request. Sent again with the same key, it gets the first answer; another request under the same key is refused.",
      schema: { type: "string", pattern: "^[A-Za-z0-9_.:-]{1,128}$" },
      example: "8c1f0b7e",
    });
  }
  if (route.streaming && route.input.fields.some(({ name }) => name === "after_sequence")) {
    headers.push({
      name: "Last-Event-ID",
      in: "header",
      description: "Goes on after this event; an EventSource sends it by itself.",
      schema: { type: "string", pattern: "^[0-9]{1,19}$" },
    });
  }
  if (isTagged(route)) {
    headers.push({
      name: "If-None-Match",
      in: "header",
      description: "The `ETag` of what you have: while it still holds, the answer is 304.",
      schema: { type: "string" },
    });
  }
  if (hasTexts(route.output)) headers.push(language);
  return headers;
}
