// A call with one answer: always a deadline, the same request id on every attempt, retries within the service's budget.
import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import type { Metadata, ServiceError } from "@grpc/grpc-js";
import type { AnyMethod } from "../services/_kit/methods.js";
import { replayedKey } from "../services/_kit/trailers.js";
import { type BackhaulError, errorOf, failed } from "./errors.js";
import { headersOf, type Line, report } from "./line.js";
import type { CallOptions } from "./options.js";
import { pauseMs } from "./retry.js";
import type { Fact } from "./shape.js";

/** A request as the caller wrote it. */
export type Written = { readonly requestId?: string; readonly pageToken?: string };

type Answer = { readonly response: unknown; readonly replayed: boolean };

/** @throws BackhaulError */
export async function ask(
  line: Line,
  method: AnyMethod,
  fact: Fact,
  request: Written,
  options: CallOptions = {},
): Promise<unknown> {
  const { settings, budget } = line;
  const startedAt = performance.now();
  const rpc = method.path.slice(1);
  const deadline = Date.now() + (options.deadlineMs ?? settings.deadlineMs);
  const requestId = fact.requestId ? options.requestId || request.requestId || randomUUID() : undefined;
  const message = fact.fill(requestId ? { ...request, requestId } : request);

  for (let attempt = 1; ; attempt++) {
    const tell = (code: BackhaulError["code"] | "OK", replayed = false) =>
      report(line, { rpc, code, attempts: attempt, durationMs: performance.now() - startedAt, requestId, replayed });
    try {
      const headers = await before(deadline, headersOf(settings, options), rpc, requestId);
      const { response, replayed } = await send(line, method, message, headers, deadline, options.signal);
      budget.answered();
      tell("OK", replayed);
      return response;
    } catch (cause) {
      const error = errorOf(cause, rpc, requestId, options.signal);
      if (error.reasonText !== "" && error.code !== "UNAVAILABLE") budget.answered();
      const waitMs = fact.repeatable ? pauseMs(error, attempt, settings.retry, Math.random()) : undefined;
      // An attempt that could not be answered in time would only cost the other side.
      if (waitMs === undefined || Date.now() + waitMs >= deadline || !budget.take()) {
        tell(error.code);
        throw error;
      }
      await pause(waitMs, options.signal);
    }
  }
}

function send(
  { client }: Line,
  { path, requestSerialize, responseDeserialize }: AnyMethod,
  message: unknown,
  headers: Metadata,
  deadline: number,
  signal: AbortSignal | undefined,
): Promise<Answer> {
  signal?.throwIfAborted();
  return new Promise((resolve, reject) => {
    let replayed = false;
    const answered = (error: ServiceError | null, response: unknown) => {
      signal?.removeEventListener("abort", cancel);
      if (error) reject(error);
      else resolve({ response, replayed });
    };
    const call = client.makeUnaryRequest(
      path,
      requestSerialize,
      responseDeserialize,
      message,
      headers,
      { deadline },
      answered,
    );
    call.on("metadata", (metadata) => {
      replayed = metadata.get(replayedKey)[0] === "true";
    });
    const cancel = () => call.cancel();
    signal?.addEventListener("abort", cancel, { once: true });
  });
}

/** Where a token is had from may be slow; it does not get more time than the call. */
async function before<T>(deadline: number, work: Promise<T>, rpc: string, requestId?: string): Promise<T> {
  const stop = new AbortController();
  const late = sleep(Math.max(0, deadline - Date.now()), undefined, { signal: stop.signal }).then(
    () => Promise.reject(tooLate(rpc, requestId)),
    () => work,
  );
  try {
    return await Promise.race([work, late]);
  } finally {
    stop.abort();
  }
}

function tooLate(rpc: string, requestId?: string): BackhaulError {
  const refusal = { reason: "", metadata: {}, violations: [], retryAfterMs: undefined };
  return failed({
    code: "DEADLINE_EXCEEDED",
    said: "no token came in time; nothing was sent",
    rpc,
    requestId,
    refusal,
  });
}

/** Waits; a signal ends it early, and the next attempt notices. */
async function pause(ms: number, signal: AbortSignal | undefined): Promise<void> {
  await sleep(ms, undefined, { signal }).catch(() => undefined);
}
