// A route as an operation of the document.
import type { DescField, DescMethod } from "@bufbuild/protobuf";
import { methodOf } from "#kit/contracts.js";
import { isBinary } from "../binary.js";
import type { Route } from "../routes.js";
import { commentOf, firstSentence } from "./comments.js";
import type { Examples } from "./example.js";
import { faultResponses, reasonsOf } from "./faults.js";
import { isTagged, parametersOf } from "./parameters.js";
import { demandOf } from "./rules.js";
import type { Schemas } from "./schema.js";
import type { Content, Media, Operation, Response } from "./spec.js";

/** What operations are made with. */
export type Workshop = { readonly schemas: Schemas; readonly examples: Examples };

/** @param twin how many routes of the same rpc came before: an operationId is given once */
export function operationOf(route: Route, workshop: Workshop, twin = 0): Operation {
  const method = methodOf(route.path);
  const parameters = parametersOf(route, workshop.schemas, workshop.examples);
  return {
    operationId: `${method.parent.name}_${method.name}${twin > 0 ? `_${twin + 1}` : ""}`,
    tags: [method.parent.name],
    ...wordsOf(method),
    ...(parameters.length > 0 ? { parameters } : {}),
    ...(route.body ? { requestBody: bodyOf(route, workshop) } : {}),
    responses: {
      "200": answerOf(route, workshop),
      ...(isTagged(route) ? { "304": { description: "What you have still holds." } } : {}),
      ...faultResponses(allReasons(route, method)),
    },
    "x-roles": [...route.access.roles],
    ...(route.access.owner ? { "x-owner": true } : {}),
    ...(route.access.withoutToken ? { security: [] } : {}),
  };
}

/** What the contract says about the rpc; its reasons are told as responses. */
export function wordsOf(method: DescMethod): Pick<Operation, "summary" | "description"> {
  const text = commentOf(method).replace(/\s*\bReasons: [^.]*\./, "");
  const summary = firstSentence(text);
  return { summary, ...(text.length > summary.length + 1 ? { description: text } : {}) };
}

/** What the rpc's contract names and what the edge, the kit and the database add to any. */
export function allReasons(route: Route, method: DescMethod): string[] {
  return [
    "INVALID_REQUEST",
    ...(route.requestId ? ["IDEMPOTENCY_KEY_MISSING"] : []),
    ...(route.body ? ["MALFORMED_BODY", "BODY_TOO_LARGE", "UNSUPPORTED_MEDIA"] : []),
    "UNAUTHENTICATED",
    "ROLE_NOT_ALLOWED",
    ...(route.access.roles.has("SELLER") || route.access.roles.has("CARRIER") ? ["SCOPE_NOT_ALLOWED"] : []),
    ...(route.requestId ? ["REQUEST_ID_REUSED", "CONTENTION"] : []),
    ...reasonsOf(method),
    "RATE_LIMITED",
    "INTERNAL",
    "OVERLOADED",
    "STORE_UNAVAILABLE",
    "UPSTREAM_UNAVAILABLE",
    ...(route.streaming ? ["DRAINING"] : []),
    "DEADLINE_EXCEEDED",
  ];
}

function bodyOf(route: Route, { schemas, examples }: Workshop): NonNullable<Operation["requestBody"]> {
  const taken = new Set(route.bound.flatMap((path) => (path.length === 1 ? path : [])) as DescField[]);
  const input = route.body === "*" ? route.input : route.body?.message;
  if (!input) throw new Error(`${route.path}: its body is no message`);
  const without = route.body === "*" ? taken : new Set<DescField>();
  const required = input.fields.some((field) => !without.has(field) && demandOf(field).required);
  const media: Media = {
    schema: schemas.ofMessage(input, "request", without),
    example: examples.ofMessage(input, "request", without),
  };
  return { required, content: { "application/json": media } };
}

function answerOf(route: Route, workshop: Workshop): Response {
  if (isBinary(route.responseBody)) return binaryAnswer;
  const media = mediaOf(route, workshop);
  const description = commentOf(route.responseBody ?? route.output) || "Done.";
  const headers = isTagged(route) ? { headers: tagHeader } : {};
  if (!route.streaming) return { description, ...headers, content: { "application/json": media } };
  return {
    description: `${description} One message after another; where the stream breaks, the last is a problem.`,
    content: streamed(media),
  };
}

function mediaOf({ responseBody, output }: Route, { schemas, examples }: Workshop): Media {
  if (!responseBody) return { schema: schemas.refTo(output, "answer"), example: examples.ofMessage(output, "answer") };
  const { description: _said, ...schema } = schemas.ofField(responseBody, "answer");
  return { schema, example: examples.ofField(responseBody, "answer") };
}

/** A media type's schema is that of one message; 3.1 has no word for a sequence. */
function streamed({ schema, example }: Media): Content {
  const event = `id: 1\ndata: ${JSON.stringify(example)}\n\nevent: end\ndata: {}\n\n`;
  return {
    "application/x-ndjson": { schema, example },
    "text/event-stream": { schema: { type: "string", "x-event-data": schema }, example: event },
  };
}

const tagHeader = { etag: { description: "For `If-None-Match`.", schema: { type: "string" } } } as const;

const binaryAnswer: Response = {
  description: "The bytes, under their own content type.",
  headers: tagHeader,
  content: { "*/*": { schema: { format: "binary" } } },
};
