// Answers that the caller may keep, as long as it asks each time whether they still hold: an ETag of the bytes, and 304
// without a body for who has them already (RFC 9110, 13.1.2).
import { createHash } from "node:crypto";
import type { FastifyReply, FastifyRequest } from "fastify";
import { vary } from "./headers.js";

/** What is sent, and as what. */
export type Tagged = {
  readonly contentType: string;
  readonly data: Buffer | string;
  /** Of text, which may be packed on its way: the same to whoever reads it, not to the byte. */
  readonly weak: boolean;
};

/** Sends it, or says that what the caller has is still the same. Kept by the caller alone: it is about people. */
export function sendTagged({ contentType, data, weak }: Tagged, request: FastifyRequest, reply: FastifyReply) {
  const strong = tagOf(contentType, data);
  const tag = weak ? `W/${strong}` : strong;
  reply.headers({ etag: tag, "cache-control": "private, no-cache" });
  vary(reply, "authorization");
  vary(reply, "accept-encoding");
  if (isKnown(request.headers["if-none-match"], tag)) return reply.code(304).send();
  return reply.type(contentType).send(data);
}

/** The tag of some bytes under a content type. */
export function tagOf(contentType: string, data: Buffer | string): string {
  return `"${createHash("sha256").update(contentType).update("\0").update(data).digest("base64url")}"`;
}

/** Whether an If-None-Match names this tag: any of a list, weak or not, or "*". */
export function isKnown(header: string | undefined, tag: string): boolean {
  if (!header) return false;
  const tags = header.split(",").map(bare);
  return tags.includes(bare(tag)) || tags.includes("*");
}

function bare(tag: string): string {
  return tag.trim().replace(/^W\//, "");
}
