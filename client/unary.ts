// A call with one answer: always a deadline, the same request id on every attempt, retries within the service's budget.
import { randomUUID } from "node:crypto";
import type { Metadata, ServiceError } from "@grpc/grpc-js";
import type { AnyMethod } from "../services/_kit/methods.js";
import { replayedKey } from "../services/_kit/trailers.js";
import { onAbort, pause } from "./canceling.js";
import { type BackhaulError, errorOf } from "./errors.js";
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
      const headers = await headersOf(settings, options, deadline);
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
      forget();
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
    const forget = onAbort(signal, () => call.cancel());
  });
}
