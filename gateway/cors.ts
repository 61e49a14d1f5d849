// Which web pages of other origins may call the edge (Fetch standard, CORS). A page proves who it speaks for by a token it
// holds itself, never by what the browser would add, so Access-Control-Allow-Credentials is never sent.
import type { FastifyInstance } from "fastify";
import { verbsAt } from "./errors.js";
import { type Headers, vary } from "./headers.js";
import type { Route } from "./routes.js";

/** Exact origins, or any. */
export type Origins = ReadonlySet<string> | "*";

// What pages may send besides what every page may.
const requestHeaders = "authorization, content-type, idempotency-key, if-none-match, last-event-id, traceparent";
// What they may read besides what every page may.
const answerHeaders =
  "etag, idempotent-replayed, ratelimit, ratelimit-policy, retry-after, traceparent, www-authenticate";
// Browsers forget sooner: Chromium after two hours.
const rememberedSeconds = 7200;

/** Answers preflights of the pages that may call, without a token: a browser sends none with them. */
export function addCors(app: FastifyInstance, origins: Origins, routes: readonly Route[]): void {
  if (origins !== "*" && origins.size === 0) return;
  app.addHook("onRequest", (request, reply, done) => {
    const { origin } = request.headers;
    if (origins !== "*") vary(reply, "origin");
    const headers = pageHeaders(origins, origin);
    if (!headers) return done();
    reply.headers(headers);
    const isPreflight = request.method === "OPTIONS" && request.headers["access-control-request-method"];
    const verbs = isPreflight ? verbsAt(routes, request.url) : [];
    if (verbs.length === 0) return done();
    reply.code(204).headers(permission(verbs)).send();
  });
}

/** What lets a page read an answer; undefined where it may not, or none asks. */
export function pageHeaders(origins: Origins, origin: string | undefined): Headers | undefined {
  if (!origin || !(origins === "*" || origins.has(origin))) return undefined;
  return {
    "access-control-allow-origin": origins === "*" ? "*" : origin,
    "access-control-expose-headers": answerHeaders,
  };
}

function permission(verbs: readonly string[]): Headers {
  return {
    "access-control-allow-methods": verbs.join(", "),
    "access-control-allow-headers": requestHeaders,
    "access-control-max-age": String(rememberedSeconds),
  };
}

// As browsers write one, which is how it is compared; an app's web view has a scheme of its own.
const exact = /^[a-z][a-z0-9+.-]*:\/\/[a-z0-9.:[\]-]+$/;

/**
 * Reads "https://shop.example,https://desk.example", or "*".
 * @throws Error naming what is no origin
 */
export function parseOrigins(text: string): Origins {
  if (text.trim() === "*") return "*";
  const origins = text.split(",").map((one) => one.trim());
  const wrong = origins.find((one) => !exact.test(one));
  if (wrong !== undefined) throw new Error(`has "${wrong}", which is no origin such as https://shop.example`);
  return new Set(origins);
}
