// Server streams over HTTP: one JSON message per line (NDJSON), or server-sent events when the caller accepts those.
import { PassThrough } from "node:stream";
import { type DescField, type DescMessage, type JsonObject, ScalarType } from "@bufbuild/protobuf";
import { type ClientReadableStream, type ServiceError, status } from "@grpc/grpc-js";
import type { FastifyReply, FastifyRequest } from "fastify";
import { Unavailable } from "#kit/errors.js";
import { vary } from "./headers.js";
import { languageOf } from "./language.js";
import { hasTexts, localise } from "./localise.js";
import type { Query } from "./params.js";
import { answerOf, type Problem } from "./problem.js";
import type { Route } from "./routes.js";
import { bodyOf, decodeAnswer } from "./transcode.js";

/** How a stream is written. */
type Format = {
  readonly contentType: string;
  message(json: unknown, id: string | undefined): string;
  /** The stream broke; whoever follows it may come back with the last id. */
  broke(problem: Problem): string;
  /** Another replica goes on with it: whoever follows it comes back at once. */
  moved(problem: Problem): string;
  /** The stream is complete: an EventSource would otherwise begin anew. */
  readonly end: string;
  /** What keeps proxies from closing a quiet connection. */
  readonly heartbeat: string;
};

const ndjson: Format = {
  contentType: "application/x-ndjson",
  message: (json) => `${JSON.stringify(json)}\n`,
  broke: (problem) => `${JSON.stringify({ problem })}\n`,
  moved: (problem) => `${JSON.stringify({ problem })}\n`,
  end: "",
  heartbeat: "",
};

const sse: Format = {
  contentType: "text/event-stream",
  message: (json, id) => `${id === undefined ? "" : `id: ${id}\n`}data: ${JSON.stringify(json)}\n\n`,
  broke: (problem) => `event: problem\ndata: ${JSON.stringify(problem)}\n\n`,
  // An EventSource comes back by itself, with the last id it saw; this is how soon, in milliseconds.
  moved: () => "retry: 250\n\n",
  end: "event: end\ndata: {}\n\n",
  heartbeat: ": still here\n\n",
};

// A refusal comes at once, and then has an HTTP status of its own; a stream that has nothing to say yet shall still open.
const openAfterMs = 1000;

/** What a stream needs besides its call. */
export type StreamOptions = { readonly heartbeatMs: number; readonly until: AbortSignal };

/**
 * Sends what the call yields, until it ends, the caller leaves, or `until` is aborted.
 * @throws ServiceError if the call fails before it yields anything
 */
export async function sendStream(
  route: Route,
  call: ClientReadableStream<Buffer>,
  request: FastifyRequest,
  reply: FastifyReply,
  { heartbeatMs, until }: StreamOptions,
): Promise<FastifyReply> {
  const leave = () => call.cancel();
  reply.raw.once("close", leave);
  until.addEventListener("abort", leave, { once: true });
  reply.raw.once("close", () => until.removeEventListener("abort", leave));
  // Kept, not acted upon: gRPC raises it before what came earlier has been read.
  let failure: ServiceError | undefined;
  call.on("error", (error: ServiceError) => {
    failure ??= Object.assign(error, { target: route.service });
  });
  await opened(call, () => failure);

  const format = request.headers.accept?.includes("text/event-stream") ? sse : ndjson;
  const sequence = sequencePath(route.output);
  const language = languageOf(request.headers["accept-language"]);
  const out = new PassThrough();
  const heartbeat = format.heartbeat ? setInterval(() => out.write(format.heartbeat), heartbeatMs) : undefined;
  out.once("close", () => clearInterval(heartbeat));
  out.on("drain", () => call.resume());
  call.on("data", (bytes: Buffer) => {
    try {
      const json = decodeAnswer(route, bytes);
      if (language) localise(route.output, json, language);
      if (!out.write(format.message(bodyOf(route, json), textAt(json, sequence)))) call.pause();
    } catch (error) {
      // Not a message of this contract. Thrown from here it would end the process.
      failure ??= error as ServiceError;
      leave();
    }
  });
  function lastWords(): string {
    if (!failure) return format.end;
    const problem = (error: unknown) => answerOf(error, request.work.traceId, undefined, language).body;
    if (failure.code === status.CANCELLED) return until.aborted ? format.moved(problem(drainingEdge())) : "";
    const broken = problem(failure);
    return broken.reason === "DRAINING" ? format.moved(broken) : format.broke(broken);
  }
  call.once("end", () => {
    clearInterval(heartbeat);
    out.end(lastWords());
  });
  if (hasTexts(route.output)) vary(reply, "accept-language");
  // Proxies shall not collect a stream either.
  reply.header("x-accel-buffering", "no").type(format.contentType);
  void reply.send(out);
  reply.raw.flushHeaders();
  return reply;
}

/** What whoever asks, or follows, is told while the edge shuts down. */
export function drainingEdge(): Unavailable {
  return new Unavailable("DRAINING", "this process is shutting down; another replica answers");
}

/** Resolves when the call has something to say, or has been quiet for a while; rejects when it failed before. */
function opened(call: ClientReadableStream<Buffer>, failure: () => ServiceError | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(resolve, openAfterMs);
    const open = () => {
      clearTimeout(timer);
      const error = failure();
      if (error) reject(error);
      else resolve();
    };
    call.once("metadata", open);
    call.once("status", open);
  });
}

/** Where a message says how far the stream is: an int64 `sequence`, its own or of a message in it. */
export function sequencePath(message: DescMessage): readonly DescField[] | undefined {
  const isSequence = (f: DescField) =>
    f.name === "sequence" && f.fieldKind === "scalar" && f.scalar === ScalarType.INT64;
  const own = message.fields.find(isSequence);
  if (own) return [own];
  for (const field of message.fields) {
    const inner = field.fieldKind === "message" ? field.message.fields.find(isSequence) : undefined;
    if (inner) return [field, inner];
  }
  return undefined;
}

function textAt(json: JsonObject, path: readonly DescField[] | undefined): string | undefined {
  if (!path) return undefined;
  let at: unknown = json;
  for (const field of path) at = (at as JsonObject | undefined)?.[field.jsonName];
  return typeof at === "string" ? at : undefined;
}

/**
 * The query with which an EventSource that lost its connection goes on: it sends the last id it saw, and that is newer
 * than the after_sequence it began with.
 */
export function resumedQuery(route: Route, query: Query, lastEventId: unknown): Query {
  const resumable = typeof lastEventId === "string" && /^\d{1,19}$/.test(lastEventId);
  if (!resumable || !route.input.fields.some((field) => field.name === "after_sequence")) return query;
  const { afterSequence: _older, ...others } = query;
  return { ...others, after_sequence: lastEventId };
}
