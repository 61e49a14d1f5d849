// The HTTP server of the edge: limits, who may come in, the routes of the contracts, and errors as problem+json. What it
// talks to is handed in.
import { setMaxListeners } from "node:events";
import type { Socket } from "node:net";
import type { JsonObject } from "@bufbuild/protobuf";
import fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from "fastify";
import { principal } from "#kit/access.js";
import type { Log } from "#kit/log.js";
import type { Admitted, Door } from "./auth.js";
import { isBinary, sendBinary } from "./binary.js";
import { addCors, type Origins } from "./cors.js";
import { sendDownload } from "./download.js";
import { edgeErrors, refusePacked } from "./errors.js";
import { masked, takeMask } from "./fields.js";
import { everyAnswer, vary } from "./headers.js";
import { languageOf } from "./language.js";
import { hasTexts, localise } from "./localise.js";
import { observe } from "./observe.js";
import { packAnswers } from "./pack.js";
import { type PageTokens, pagingOf } from "./pageTokens.js";
import type { Query } from "./params.js";
import type { Counter } from "./rates.js";
import type { Route } from "./routes.js";
import { type Capacity, shedLoad } from "./shed.js";
import { whileAdmitted } from "./staying.js";
import { drainingEdge, resumedQuery, sendStream } from "./stream.js";
import { sendTagged } from "./tags.js";
import type { EdgeTls } from "./tls.js";
import { bodyOf, decodeAnswer, encode, encodeRequest, type Parts, readRequest } from "./transcode.js";
import type { Upstream } from "./upstream.js";

export type EdgeOptions = {
  readonly routes: readonly Route[];
  readonly upstream: Upstream;
  readonly door: Door;
  readonly counter: Counter;
  readonly pageTokens: PageTokens;
  readonly log: Log;
  readonly bodyLimitBytes: number;
  /** How long a caller may take to send a request. */
  readonly requestTimeoutMs: number;
  readonly heartbeatMs: number;
  readonly capacity: Capacity;
  /** Addresses whose word on who asks, in X-Forwarded-For, is taken. */
  readonly trustedProxies: readonly string[];
  /** Web pages that may call. */
  readonly corsOrigins: Origins;
  /** How long browsers come by TLS only; 0 says nothing of it. */
  readonly hstsSeconds: number;
  /** Aborted when the edge shuts down: streams end, and connections are not kept. */
  readonly draining: AbortSignal;
  /** TLS of its own port; without it, whoever stands before it ends TLS. */
  readonly tls?: EdgeTls | undefined;
};

// Ids and page tokens; the router's own limit of 100 characters would be too short for a path such as /orders/{order_id}.
const maxParamLength = 256;

const json = "application/json; charset=utf-8";

/** Builds the server; it does not listen yet. */
export function createEdge(options: EdgeOptions): FastifyInstance {
  const headers = everyAnswer(options.hstsSeconds);
  const app = fastify({
    logger: false,
    ...(options.tls ? { https: options.tls.server } : {}),
    bodyLimit: options.bodyLimitBytes,
    requestTimeout: options.requestTimeoutMs,
    trustProxy: options.trustedProxies.length > 0 && [...options.trustedProxies],
    exposeHeadRoutes: false,
    // What comes on a kept connection during the shutdown is still answered; see `draining`.
    return503OnClosing: false,
    routerOptions: { maxParamLength },
    ...edgeErrors.server(headers),
  });
  // Bodies stay bytes: the transcoder reads them once, and a signature is over the bytes as they came.
  app.removeAllContentTypeParsers();
  app.addContentTypeParser("application/json", { parseAs: "buffer" }, (_request, body, done) => done(null, body));
  edgeErrors.handle(app, options.routes);
  shedLoad(app, { ...options, headers });
  observe(app, options.log);
  app.addHook("onRequest", ({ work }, reply, done) => {
    reply.headers(headers);
    // So that any answer can be quoted to us, not only a problem.
    if (work.traceId) reply.header("traceparent", work.traceparent);
    if (options.draining.aborted) reply.header("connection", "close");
    options.tls?.confirm(reply.request.raw.socket);
    done();
  });
  addCors(app, options.corsOrigins, options.routes);
  app.addHook("onRequest", (request, reply, done) => {
    // Routes of the contracts count when they know who asks. What else there is, and what there is not, is open to all.
    const { template, probe } = request.routeOptions.config ?? {};
    if (!template && !probe) options.counter.countStranger(request, reply);
    refusePacked(request);
    done();
  });
  packAnswers(app);
  closeAsTheyFallIdle(app);
  setMaxListeners(0, options.draining); // every open stream listens
  for (const route of options.routes) addRoute(app, route, options);
  return app;
}

/**
 * Node closes what is idle when a shutdown begins. What is busy then it would keep for another keep-alive time, and what
 * a browser or an HTTP client opened in advance, without having sent anything yet, for a minute.
 */
function closeAsTheyFallIdle(app: FastifyInstance): void {
  const open = new Set<Socket>();
  app.server.on("connection", (socket: Socket) => {
    open.add(socket);
    socket.once("close", () => open.delete(socket));
  });
  app.addHook("preClose", (done) => {
    const timer = setInterval(() => {
      app.server.closeIdleConnections();
      for (const socket of open) if (socket.bytesRead === 0) socket.destroy();
    }, 20);
    app.server.once("close", () => clearInterval(timer));
    done();
  });
}

function addRoute(app: FastifyInstance, route: Route, options: EdgeOptions): void {
  app.route({
    method: route.verb,
    url: route.template.pattern,
    config: { template: route.template.text, route },
    // Before the body is read, so that nobody without a token can send one.
    onRequest: (request, reply) => admit(route, request, reply, options),
    handler: route.streaming ? streamHandler(route, options) : unaryHandler(route, options),
  });
}

/** Lets a caller in who may call this, and not too often. */
async function admit(route: Route, request: FastifyRequest, reply: FastifyReply, { door, counter }: EdgeOptions) {
  const { authorization } = request.headers;
  const admit = () => door.admit(authorization, route, request.ip);
  const admitted = await counter.admitting(request, reply, admit);
  request.work.admitted = admitted;
  if (admitted.known) counter.count(route.readOnly ? "reads" : "writes", principal(admitted.caller), reply);
  else counter.countStranger(request, reply);
}

function unaryHandler(route: Route, options: EdgeOptions) {
  return async (request: FastifyRequest, reply: FastifyReply) => {
    const { mask, query } = takeMask(route, request.query as Query);
    const parts = { ...partsOf(request), query };
    const asked = readRequest(route, parts);
    const paging = pagingOf(route);
    const seal = paging && options.pageTokens.open(route, asked, principal(admittedOf(request).caller));
    const answer = await callService(
      route,
      encode(route, asked),
      request,
      reply,
      options.upstream,
      servedBy(route, parts),
    );
    if (isBinary(route.responseBody)) return sendBinary(route, answer, request, reply);
    const decoded = decodeAnswer(route, answer);
    if (seal) decoded[paging.next.jsonName] = seal(String(decoded[paging.next.jsonName] ?? ""));
    speakTo(request, reply, route, decoded);
    const data = JSON.stringify(masked(bodyOf(route, decoded), mask));
    if (route.verb === "GET") return sendTagged({ contentType: json, data, weak: true }, request, reply);
    return reply.type(json).send(data);
  };
}

/** Puts an answer's texts into the language that the caller asks for. */
function speakTo(request: FastifyRequest, reply: FastifyReply, { output }: Route, answer: JsonObject): void {
  if (!hasTexts(output)) return;
  vary(reply, "accept-language");
  const language = languageOf(request.headers["accept-language"]);
  if (language && localise(output, answer, language)) reply.header("content-language", language);
}

/** One call for one request, on behalf of whoever was let in. */
export async function callUnary(
  route: Route,
  parts: Parts,
  request: FastifyRequest,
  reply: FastifyReply,
  upstream: Upstream,
): Promise<Buffer> {
  return callService(route, encodeRequest(route, parts), request, reply, upstream, servedBy(route, parts));
}

/** The service that the path names, where every one of them answers. */
function servedBy(route: Route, parts: Parts): string | undefined {
  return route.serviceParam && parts.params[route.serviceParam];
}

async function callService(
  route: Route,
  input: Buffer,
  request: FastifyRequest,
  reply: FastifyReply,
  upstream: Upstream,
  served?: string,
) {
  const call = upstream.call(route, input, passportOf(request), served);
  // Nobody waits for what a caller who left only wanted to read. A change goes on: their phone will ask for it again.
  if (route.readOnly) reply.raw.once("close", call.cancel);
  const { bytes, replayed } = await call.answer;
  if (replayed) reply.header("idempotent-replayed", "true");
  return bytes;
}

function streamHandler(route: Route, { door, upstream, heartbeatMs, draining }: EdgeOptions) {
  return async (request: FastifyRequest, reply: FastifyReply) => {
    if (draining.aborted) throw drainingEdge();
    const parts = partsOf(request);
    const query = resumedQuery(route, parts.query, request.headers["last-event-id"]);
    const call = upstream.stream(route, encodeRequest(route, { ...parts, query }), passportOf(request));
    if (isBinary(route.responseBody)) return sendDownload(route, call, reply, draining);
    whileAdmitted(door, route, request, reply, admittedOf(request), () => call.cancel());
    return sendStream(route, call, request, reply, { heartbeatMs, until: draining });
  };
}

/** A request as the transcoder takes it. */
export function partsOf({ params, query, body, headers }: FastifyRequest): Parts {
  const key = headers["idempotency-key"];
  return {
    params: params as Record<string, string>,
    query: query as Query,
    body: body as Buffer | undefined,
    idempotencyKey: typeof key === "string" ? key : undefined,
  };
}

function passportOf(request: FastifyRequest) {
  return { token: admittedOf(request).token, traceparent: request.work.traceparent };
}

function admittedOf({ work }: FastifyRequest): Admitted {
  return work.admitted as Admitted;
}
