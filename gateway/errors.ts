// What can go wrong before a route is reached, and how every error leaves: as a problem.
import type { Socket } from "node:net";
import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { DomainError } from "#kit/pure/check.js";
import { type Headers, vary } from "./headers.js";
import { malformed, shorten } from "./json.js";
import { languageOf } from "./language.js";
import { answerOf } from "./problem.js";
import type { Route } from "./routes.js";

/** Nobody packs a request of a few hundred bytes, and a small body that unpacks to a large one is an old trick. */
export function refusePacked(request: FastifyRequest): void {
  const encoding = request.headers["content-encoding"];
  if (!encoding || encoding === "identity") return;
  const metadata = { encoding: shorten(encoding) };
  throw new DomainError("UNSUPPORTED_MEDIA", `send the body as it is, not packed with ${metadata.encoding}`, metadata);
}

type Refusal = { readonly error: unknown; readonly http?: number };

export const edgeErrors = {
  /** For fastify's constructor: errors that no hook hears of. */
  server: (headers: Headers) => ({
    frameworkErrors: (_error: FastifyError, request: FastifyRequest, reply: FastifyReply) => {
      // A path that cannot be decoded leads nowhere.
      send(request, reply.headers(headers), { error: notFound(request) });
    },
    clientErrorHandler: (error: Error & { code?: string }, socket: Socket) => answerRawly(error, socket, headers),
  }),
  /** Answers whatever a handler or a hook throws, and paths that nobody serves. */
  handle: (app: FastifyInstance, routes: readonly Route[]): void => {
    app.setErrorHandler((error, request, reply) => send(request, reply, refusalOf(error as FastifyError, request)));
    app.setNotFoundHandler((request, reply) => {
      const verbs = verbsAt(routes, request.url);
      if (verbs.length === 0 || verbs.includes(request.method))
        return send(request, reply, { error: notFound(request) });
      return send(request, reply, { error: wrongVerb(request, verbs) });
    });
  },
};

function send(request: FastifyRequest, reply: FastifyReply, { error, http }: Refusal): FastifyReply {
  const { work } = request;
  const language = languageOf(request.headers["accept-language"]);
  const { body, headers } = answerOf(error, work?.traceId ?? "", http, language);
  vary(reply, "accept-language");
  if (work) {
    work.reason = body.reason;
    if (body.status >= 500) work.failure = error;
  }
  return reply
    .code(body.status)
    .headers(headers)
    .send(Buffer.from(JSON.stringify(body)));
}

/** Fastify's own errors, in our words. */
function refusalOf(error: FastifyError, request: FastifyRequest): Refusal {
  if (error.code === "FST_ERR_CTP_BODY_TOO_LARGE") {
    const limit = String(request.routeOptions.bodyLimit);
    const message = `the body is larger than the ${limit} bytes that are accepted`;
    return { error: new DomainError("BODY_TOO_LARGE", message, { limit_bytes: limit }) };
  }
  if (error.code === "FST_ERR_CTP_INVALID_MEDIA_TYPE") {
    const type = shorten(request.headers["content-type"] ?? "");
    const message = `send application/json, not "${type}"`;
    return { error: new DomainError("UNSUPPORTED_MEDIA", message, { content_type: type }) };
  }
  const own = typeof error.code === "string" && error.code.startsWith("FST_");
  if (own && error.statusCode && error.statusCode < 500) {
    return { error: malformed(error.message), http: error.statusCode };
  }
  return { error };
}

/** Which verbs a path takes. */
export function verbsAt(routes: readonly Route[], url: string): string[] {
  const path = url.split("?")[0] ?? "";
  return [...new Set(routes.filter(({ template }) => template.matcher.test(path)).map(({ verb }) => verb))];
}

function notFound(request: FastifyRequest): DomainError {
  const metadata = placeOf(request);
  return new DomainError("ROUTE_NOT_FOUND", `there is no ${metadata.method} ${metadata.path}`, metadata);
}

function wrongVerb(request: FastifyRequest, verbs: readonly string[]): DomainError {
  const metadata = { ...placeOf(request), allow: verbs.join(", ") };
  return new DomainError(
    "METHOD_NOT_ALLOWED",
    `${metadata.path} takes ${metadata.allow}, not ${metadata.method}`,
    metadata,
  );
}

function placeOf({ method, url }: FastifyRequest): { method: string; path: string } {
  return { method, path: shorten(url.split("?")[0] ?? "", 200) };
}

/** What is no HTTP at all, or too slow, or too large in its head. There is no request yet, only a socket. */
function answerRawly(error: Error & { code?: string }, socket: Socket, headers: Headers): void {
  if (error.code === "ECONNRESET" || !socket.writable) return;
  const [http, text] = rawStatus[error.code ?? ""] ?? [400, "Bad Request"];
  const { body } = answerOf(malformed(`this is no HTTP request that can be read: ${text}`), "", http);
  const json = JSON.stringify(body);
  const lines = Object.entries({
    ...headers,
    "content-type": "application/problem+json",
    "content-length": String(Buffer.byteLength(json)),
    connection: "close",
  }).map(([name, value]) => `${name}: ${value}\r\n`);
  socket.end(`HTTP/1.1 ${http} ${text}\r\n${lines.join("")}\r\n${json}`);
}

const rawStatus: Readonly<Record<string, readonly [number, string]>> = {
  HPE_HEADER_OVERFLOW: [431, "Request Header Fields Too Large"],
  ERR_HTTP_REQUEST_TIMEOUT: [408, "Request Timeout"],
};
