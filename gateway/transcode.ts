// Between REST and gRPC: a request's path, query, header and JSON body become the bytes of the rpc's input, the bytes of
// its answer become JSON, both by the proto3 JSON mapping. All that can be known of a route is worked out beforehand.
import {
  create,
  type DescField,
  type DescMessage,
  fromBinary,
  fromJson,
  type JsonObject,
  type JsonValue,
  type Message,
  mergeFromJson,
  toBinary,
  toJson,
} from "@bufbuild/protobuf";
import { registry } from "#kit/contracts.js";
import { InvalidRequest } from "#kit/errors.js";
import { check, type DomainError } from "#kit/pure/check.js";
import { deepest, malformed, parseStrictJson, shorten } from "./json.js";
import { placeParam, placeQuery, type Query } from "./params.js";
import type { FieldPath, Route } from "./routes.js";

/** What came in over HTTP. */
export type Parts = {
  /** p0, p1, … of the path, decoded. */
  readonly params: Readonly<Record<string, string>>;
  readonly query: Query;
  readonly body: Buffer | undefined;
  readonly idempotencyKey: string | undefined;
};

// Every field is written, set or not, so that a phone never meets a missing one.
const writeOptions = { alwaysEmitImplicit: true, registry };
const readOptions = { recursionLimit: deepest, registry };
const noUnknownFields = { readUnknownFields: false };

/** The input of the rpc, encoded. @throws as readRequest */
export function encodeRequest(route: Route, parts: Parts): Buffer {
  return encode(route, readRequest(route, parts));
}

/** An input as bytes. */
export function encode({ input }: Route, message: Message): Buffer {
  const bytes = toBinary(input, message);
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/**
 * The input of the rpc.
 * @throws DomainError IDEMPOTENCY_KEY_MISSING, MALFORMED_BODY; InvalidRequest for a parameter or for what is said twice
 * and not the same
 */
export function readRequest(route: Route, parts: Parts): Message {
  const outside = outsideBody(route, parts);
  const message = route.body ? fromBody(route, parts.body) : create(route.input);
  const inBody = route.bound.map((path) => valueAt(message, path));
  readParams(route.input, message, outside);
  route.bound.forEach((path, i) => {
    if (inBody[i] && inBody[i] !== valueAt(message, path)) throw contradiction(path);
  });
  return message;
}

/** All that does not stand in the body, as JSON of the input. */
function outsideBody(route: Route, { params, query, idempotencyKey }: Parts): JsonObject {
  const json: JsonObject = {};
  if (route.requestId) json[route.requestId.name] = requiredKey(idempotencyKey);
  for (const [i, path] of route.pathFields.entries()) placeParam(json, path, params[`p${i}`] ?? "");
  if (route.body !== "*") placeQuery(json, route.input, query, route.body);
  else refuseQuery(query);
  return json;
}

/** The draft standard quotes the key, most clients do not. */
function requiredKey(header: string | undefined): string {
  const key = header?.trim().replace(/^"(.*)"$/, "$1");
  check(!!key, "IDEMPOTENCY_KEY_MISSING", "send header Idempotency-Key with an id of your own for this request");
  return key;
}

function refuseQuery(query: Query): void {
  const names = Object.keys(query);
  if (names.length === 0) return;
  throw new InvalidRequest(
    names.map((name) => ({ field: shorten(name), description: "there is no such parameter; it belongs in the body" })),
  );
}

/** An empty body counts as {}: a verb such as :withdraw has nothing more to say. */
function fromBody(route: Route, body: Buffer | undefined): Message {
  const json = body && body.length > 0 ? parseStrictJson(body) : {};
  const field = route.body as "*" | DescField;
  const target = field === "*" ? route.input : (field.message as DescMessage);
  let message: Message;
  try {
    message = fromJson(target, json, readOptions);
  } catch (error) {
    throw refusal(error as Error);
  }
  if (field === "*") return message;
  return create(route.input, { [field.localName]: message });
}

function readParams(input: DescMessage, message: Message, json: JsonObject): void {
  try {
    mergeFromJson(input, message, json, readOptions);
  } catch (error) {
    const { field, text } = explain(error as Error);
    // A parameter goes by its own name, not by its message's.
    throw new InvalidRequest([{ field: field.slice(field.indexOf(".") + 1), description: text }]);
  }
}

function valueAt(message: Message, path: FieldPath): unknown {
  let at: unknown = message;
  for (const field of path) at = (at as Record<string, unknown> | undefined)?.[field.localName];
  return at;
}

function contradiction(path: FieldPath): InvalidRequest {
  const field = path.map((f) => f.name).join(".");
  const where = field === "request_id" ? "the header Idempotency-Key" : "the path";
  return new InvalidRequest([{ field, description: `differs from ${where}: say it once` }]);
}

/** protobuf-es says what is wrong with a body, in words for programmers. */
function refusal(error: Error): DomainError {
  const unknown = /^cannot decode message ([\w.]+) from JSON: key "(.*)" is unknown$/s.exec(error.message);
  if (unknown) {
    const [, type = "", key = ""] = unknown;
    const field = shorten(key);
    return malformed(`unknown field "${field}" in ${shortName(type)}`, { field, message: shortName(type) });
  }
  const { field, text } = explain(error);
  return malformed(`${field}: ${text}`, { field });
}

function explain(error: Error): { field: string; text: string } {
  const found = /^cannot decode (?:message|field|enum) ([\w.]+)(?: from JSON)?: (.*)$/s.exec(error.message);
  if (!found) return { field: "body", text: shorten(error.message, 200) };
  return { field: shortName(found[1] ?? ""), text: shorten(found[2] ?? "", 200) };
}

/** "backhaul.eligibility.v1.RequestedLine.quantity" → "RequestedLine.quantity" */
function shortName(full: string): string {
  const parts = full.split(".");
  return parts.slice(parts.findIndex((part) => /^[A-Z]/.test(part))).join(".");
}

/** An answer, or one message of a stream, as JSON. */
export function decodeAnswer(route: Route, bytes: Uint8Array): JsonObject {
  return toJson(route.output, fromBinary(route.output, bytes, noUnknownFields), writeOptions) as JsonObject;
}

/** The part of an answer that REST sends. */
export function bodyOf(route: Route, answer: JsonObject): JsonValue {
  return route.responseBody ? (answer[route.responseBody.jsonName] ?? null) : answer;
}
