// Answers that are no JSON: a field of google.api.HttpBody goes out as its bytes, under its own content type.
import { type DescField, fromBinary } from "@bufbuild/protobuf";
import type { FastifyReply, FastifyRequest } from "fastify";
import type { Route } from "./routes.js";
import { sendTagged } from "./tags.js";

const httpBody = "google.api.HttpBody";

/** Bytes and what they are. */
type Body = { readonly contentType: string; readonly data: Uint8Array };

/** Whether a field is sent as it is. */
export function isBinary(field: DescField | undefined): boolean {
  return field?.fieldKind === "message" && field.message.typeName === httpBody;
}

/** Sends the bytes of an answer. Kept only as long as we say that they still hold: a label may be called off. */
export function sendBinary(route: Route, answer: Uint8Array, request: FastifyRequest, reply: FastifyReply) {
  const { contentType, data } = bodyIn(route, answer);
  const type = contentType || "application/octet-stream";
  return sendTagged({ contentType: type, data: Buffer.from(data), weak: false }, request, reply);
}

/** The bytes of an answer, or of one message of a stream. */
export function bodyIn({ output, responseBody }: Route, answer: Uint8Array): Body {
  const message = fromBinary(output, answer) as unknown as Record<string, Body | undefined>;
  return message[responseBody?.localName ?? ""] ?? { contentType: "", data: new Uint8Array() };
}
