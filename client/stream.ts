// A stream that outlives its connections: it goes on from the last message that was seen, without a gap and without a
// repeat, until the mesh says that it is at its end.
import type { AnyMethod } from "../services/_kit/methods.js";
import { delayMs } from "../services/_kit/pure/backoff.js";
import { onAbort, pause } from "./canceling.js";
import { type BackhaulError, type Code, errorOf } from "./errors.js";
import { headersOf, type Line, report } from "./line.js";
import type { WatchOptions } from "./options.js";
import type { Fact } from "./shape.js";

type Message = Readonly<Record<string, { readonly sequence: bigint } | undefined>>;

/** No connection lasts longer: then there is a new one, so that none hangs for ever. */
const connectionMs = 15 * 60_000;
const backoff = { baseMs: 200, capMs: 5000 };

/** @throws BackhaulError when it is refused, canceled, or without a connection for too long */
export async function* follow(
  line: Line,
  method: AnyMethod,
  fact: Fact,
  request: object,
  options: WatchOptions = {},
): AsyncGenerator<unknown, void> {
  const startedAt = performance.now();
  const rpc = method.path.slice(1);
  const way = { request: fact.fill(request) as { readonly afterSequence?: bigint }, heardAt: Date.now() };
  let connections = 0;
  let silent = 0;
  const tell = (code: Code | "OK") =>
    report(line, {
      rpc,
      code,
      attempts: connections,
      durationMs: performance.now() - startedAt,
      requestId: undefined,
      replayed: false,
    });

  for (;;) {
    try {
      connections++;
      for await (const message of connection(line, method, way.request, options)) {
        silent = 0;
        way.heardAt = Date.now();
        const sequence = fact.resumeBy ? (message as Message)[fact.resumeBy]?.sequence : undefined;
        if (sequence !== undefined) {
          if (sequence <= (way.request.afterSequence ?? 0n)) continue;
          way.request = { ...way.request, afterSequence: sequence };
        }
        yield message;
        // The reader took its time; that was no silence.
        way.heardAt = Date.now();
      }
      tell("OK");
      return;
    } catch (cause) {
      const error = errorOf(cause, rpc, undefined, options.signal);
      if (
        !fact.resumeBy ||
        options.signal?.aborted ||
        !isLost(error) ||
        Date.now() - way.heardAt > line.settings.patienceMs
      ) {
        tell(error.code);
        throw error;
      }
      silent = Math.min(silent + 1, 10);
      const waitMs = (error.retryAfterMs ?? 0) + delayMs(silent, backoff, Math.random());
      await pause(waitMs, options.signal);
    }
  }
}

async function* connection(line: Line, method: AnyMethod, request: unknown, { signal, ...options }: WatchOptions) {
  const headers = await headersOf(line.settings, options, Date.now() + line.settings.deadlineMs);
  signal?.throwIfAborted();
  const call = line.client.makeServerStreamRequest(
    method.path,
    method.requestSerialize,
    method.responseDeserialize,
    request,
    headers,
    { deadline: Date.now() + connectionMs },
  );
  // After the reader has left, the cancellation still comes as an error.
  call.on("error", () => undefined);
  const forget = onAbort(signal, () => call.cancel());
  try {
    yield* call;
  } finally {
    forget();
    call.cancel();
  }
}

/** Whether only the connection is gone: nobody said no. */
function isLost({ code, reasonText, retryable, retryAfterMs }: BackhaulError): boolean {
  if (code === "UNAVAILABLE" || code === "DEADLINE_EXCEEDED") return true;
  if (code === "RESOURCE_EXHAUSTED") return retryAfterMs !== undefined;
  return retryable && reasonText === "" && code !== "UNKNOWN";
}
