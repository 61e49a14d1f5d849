// How one call is answered, whatever its shape: let in, its caller known, its handler run inside a span, its end booked.
// Every error becomes a status with a reason, and nothing is left hanging.
import { Metadata, type ServerUnaryCall, type ServerWritableStream, type StatusObject, status } from "@grpc/grpc-js";
import { bearer, type Caller, type Verifier } from "#kit/access.js";
import type { Call } from "#kit/call.js";
import type { KnownCallers } from "#kit/callers.js";
import type { AccessRule } from "#kit/contracts.js";
import type { Door, Visit } from "#kit/door.js";
import { toStatus, Unavailable } from "#kit/errors.js";
import type { Log } from "#kit/log.js";
import { DomainError } from "#kit/pure/check.js";
import { measure, spanned, traceFrom, traceId } from "#kit/telemetry.js";
import { businessTimeKey, replayedKey } from "#kit/trailers.js";
import type { Received } from "#kit/validate.js";

/** What a method's calls are answered with. */
export type Desk = {
  readonly path: string;
  readonly rule: AccessRule;
  readonly verify: Verifier;
  readonly known: KnownCallers | undefined;
  readonly door: Door;
  /** Told the business time of services that call. */
  readonly reached: ((time: Date) => void) | undefined;
  readonly log: Log;
  /** Aborted when the server stops: streams end, so that their readers go on at another replica. */
  readonly draining: AbortSignal;
};

type Incoming = Pick<ServerUnaryCall<unknown, unknown>, "metadata" | "getDeadline">;
type Refuse = (error: Partial<StatusObject>) => void;

/** Operators come to help, whoever else is turned away. */
const helping = "/backhaul.operator.";

/** One request, one answer. */
export function unary(desk: Desk, handler: (request: unknown, call: Call) => Promise<unknown>) {
  return (surface: ServerUnaryCall<Received<unknown>, unknown>, reply: (error: unknown, response?: unknown) => void) =>
    void answered(desk, "calls", surface, reply, async ({ until }) => {
      const caller = await admit(desk, surface);
      let replayed = false;
      const recalled = () => {
        replayed = true;
      };
      const answer = await inTime(
        surface,
        until,
        handler(received(surface.request), { caller, surface, deadline: until, recalled }),
      );
      if (replayed) surface.sendMetadata(replayedMetadata());
      reply(null, answer);
    });
}

/** One request, many answers. */
export function serverStream(
  desk: Desk,
  handler: (request: unknown, call: Call, canceled: AbortSignal) => AsyncIterable<unknown>,
) {
  return (surface: ServerWritableStream<Received<unknown>, unknown>) => {
    const canceled = new AbortController();
    const { draining } = desk;
    const cancel = () => canceled.abort();
    surface.on("cancelled", cancel);
    draining.addEventListener("abort", cancel, { once: true });
    const refuse = (error: unknown) => refuseStream(surface, error);
    void answered(desk, "streams", surface, refuse, async () => {
      try {
        const caller = await admit(desk, surface);
        for await (const message of handler(received(surface.request), { caller, surface }, canceled.signal)) {
          if (!surface.write(message)) await drained(surface, canceled.signal);
        }
        if (draining.aborted) throw leaving();
        surface.end();
      } finally {
        draining.removeEventListener("abort", cancel);
      }
    });
  };
}

/** Many requests, many answers, as grpc-js has them. */
export function duplex(desk: Desk, handler: (stream: unknown, call: Call) => void) {
  // biome-ignore lint/suspicious/noExplicitAny: the raw grpc-js stream
  return (surface: any) => {
    surface.pause();
    const { draining } = desk;
    const refuse = (error: unknown) => refuseStream(surface, error);
    const leave = () => refuse(toStatus(leaving(), traceId()));
    draining.addEventListener("abort", leave, { once: true });
    surface.once("close", () => draining.removeEventListener("abort", leave));
    void answered(desk, "streams", surface, refuse, async () => {
      const caller = await admit(desk, surface);
      handler(surface, { caller });
      surface.resume();
    });
  };
}

/** Runs one answer inside its span, and books how it ended. Never rejects. */
async function answered(
  { path, door, log }: Desk,
  kind: "calls" | "streams",
  surface: Incoming,
  refuse: Refuse,
  work: (visit: Visit) => Promise<void>,
): Promise<void> {
  const startedAt = performance.now();
  const { metadata } = surface;
  const parent = traceFrom(metadata.get("traceparent")[0]?.toString());
  let code = status.OK;
  let visit: Visit | undefined;
  await spanned(path.slice(1), "SERVER", parent, async () => {
    try {
      visit = door.enter(kind, metadata, surface.getDeadline(), path.startsWith(helping));
      await work(visit);
      log.debug({ method: path, ms: elapsed(startedAt) }, "answered");
    } catch (error) {
      const refusal = toStatus(error, traceId());
      code = refusal.code ?? status.INTERNAL;
      const fields = {
        method: path,
        code: status[code],
        reason: (error as DomainError).reason,
        ms: elapsed(startedAt),
      };
      if (code === status.INTERNAL) log.error({ ...fields, error }, "failed");
      else log.warn(fields, "refused");
      refuse(refusal);
    }
  });
  visit?.leave();
  measure("server", startedAt, { method: path, code: status[code] });
}

async function admit({ path, rule, verify, known, reached }: Desk, { metadata }: Incoming): Promise<Caller> {
  const caller = await verify(bearer(metadata.get("authorization")[0]?.toString()));
  known?.confirm(metadata, caller);
  if (reached && caller.role === "SERVICE") reached(new Date(Number(metadata.get(businessTimeKey)[0])));
  if (rule.roles.has(caller.role)) return caller;
  const method = path.slice(1);
  throw new DomainError("ROLE_NOT_ALLOWED", `${caller.role} may not call ${method}`, { role: caller.role, method });
}

function received<Q>(message: Received<Q>): Q {
  if ("error" in message) throw message.error;
  return message.request;
}

/** Whose caller set a deadline, gRPC ends by it; whoever set none is told here, and asks again with the same request id. */
async function inTime<T>(surface: Incoming, until: number, answer: Promise<T>): Promise<T> {
  if (Number(surface.getDeadline()) !== Number.POSITIVE_INFINITY) return answer;
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    const error = new DomainError("DEADLINE_EXCEEDED", "time ran out; repeat with the same request_id");
    timer = setTimeout(() => reject(error), until - Date.now());
  });
  try {
    return await Promise.race([answer, late]);
  } finally {
    clearTimeout(timer);
  }
}

function leaving(): Unavailable {
  return new Unavailable("DRAINING", "this process is shutting down; another replica goes on", {}, 100);
}

function elapsed(startedAt: number): number {
  return Math.round((performance.now() - startedAt) * 10) / 10;
}

function replayedMetadata(): Metadata {
  const metadata = new Metadata();
  metadata.set(replayedKey, "true");
  return metadata;
}

/** As grpc-js wants it: a stream that is destroyed instead never sends its status, and its reader waits for ever. */
function refuseStream(surface: NodeJS.EventEmitter, error: unknown): void {
  surface.emit("error", error);
}

/** A slow reader is waited for; one that left is not. */
function drained(surface: NodeJS.EventEmitter, canceled: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    surface.once("drain", resolve);
    canceled.addEventListener("abort", () => resolve(), { once: true });
  });
}
