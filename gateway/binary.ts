// Answers that are no JSON: a field of google.api.HttpBody goes out as its bytes, under its own content type, with a tag by
// which a caller who has them already need not load them again.
import { createHash } from "node:crypto";
import { type DescField, fromBinary } from "@bufbuild/protobuf";
import type { FastifyReply, FastifyRequest } from "fastify";
import type { Route } from "./routes.js";

const httpBody = "google.api.HttpBody";

/** Bytes and what they are. */
type Body = { readonly contentType: string; readonly data: Uint8Array };

/** Whether a field is sent as it is. */
export function isBinary(field: DescField | undefined): boolean {
  return field?.fieldKind === "message" && field.message.typeName === httpBody;
}

/** Sends the bytes of an answer, or says that the caller's are still the same. */
export function sendBinary(route: Route, answer: Uint8Array, request: FastifyRequest, reply: FastifyReply) {
  const { contentType, data } = bodyIn(route, answer);
  const tag = tagOf(contentType, data);
  // Kept by the caller alone, and only as long as we say that it still holds: a label may be called off.
  reply.headers({ etag: tag, "cache-control": "private, no-cache" });
  if (isKnown(request.headers["if-none-match"], tag)) return reply.code(304).send();
  return reply.type(contentType || "application/octet-stream").send(Buffer.from(data));
}

function bodyIn({ output, responseBody }: Route, answer: Uint8Array): Body {
  const message = fromBinary(output, answer) as unknown as Record<string, Body | undefined>;
  return message[responseBody?.localName ?? ""] ?? { contentType: "", data: new Uint8Array() };
}

/** The tag of some bytes under a content type. */
export function tagOf(contentType: string, data: Uint8Array): string {
  return `"${createHash("sha256").update(contentType).update("\0").update(data).digest("base64url")}"`;
}

/** Whether an If-None-Match names this tag. RFC 9110: any of a list, weak or not, or "*". */
export function isKnown(header: string | undefined, tag: string): boolean {
  const tags = (header ?? "").split(",").map((one) => one.trim().replace(/^W\//, ""));
  return tags.includes(tag) || tags.includes("*");
}
