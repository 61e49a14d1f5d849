// GET /openapi.json and GET /docs: what the edge offers, for programs and for people. Nobody needs a token to read it.
import { createHash } from "node:crypto";
import { gzipSync } from "node:zlib";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import type { Route } from "../routes.js";
import { isKnown, tagOf } from "../tags.js";
import { documentOf } from "./document.js";
import { pageOf } from "./page.js";
import { pageScript } from "./pageScript.js";
import { pageStyle } from "./pageStyle.js";

/** Something that is the same until the next release: made at the start, packed once. */
type Asset = { readonly type: string; readonly plain: Buffer; readonly packed: Buffer; readonly tag: string };

/** Adds both routes; makes the document, so that a contract it cannot describe fails the start. */
export function addDocs(app: FastifyInstance, routes: readonly Route[]): void {
  const document = documentOf(routes);
  add(app, "/openapi.json", asset("application/json; charset=utf-8", JSON.stringify(document)), {});
  add(app, "/docs", asset("text/html; charset=utf-8", pageOf(document)), { "content-security-policy": policy });
}

/** The page holds its own style and script, named by their hashes: nothing else runs on it, and nothing is loaded. */
const policy = [
  "default-src 'none'",
  `style-src ${hashOf(pageStyle)}`,
  `script-src ${hashOf(pageScript)}`,
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join("; ");

function hashOf(text: string): string {
  return `'sha256-${createHash("sha256").update(text).digest("base64")}'`;
}

function asset(type: string, text: string): Asset {
  const plain = Buffer.from(text);
  // Weak: the same for both forms.
  return { type, plain, packed: gzipSync(plain), tag: `W/${tagOf(type, plain)}` };
}

function add(
  app: FastifyInstance,
  path: string,
  { type, plain, packed, tag }: Asset,
  more: Record<string, string>,
): void {
  const handler = (request: FastifyRequest, reply: FastifyReply): FastifyReply => {
    reply.headers({ ...more, etag: tag, "cache-control": "no-cache", vary: "accept-encoding" });
    if (isKnown(request.headers["if-none-match"], tag)) return reply.code(304).send();
    reply.type(type);
    if (!/\bgzip\b/.test(request.headers["accept-encoding"] ?? "")) return reply.send(plain);
    return reply.header("content-encoding", "gzip").send(packed);
  };
  app.get(path, { config: { template: path } }, handler);
}
