// One JSON line per thing that happened: a constant message, the rest in fields, trace ids on each. Only fields that stand
// below get through, and of those only words and numbers: whatever a caller wrote, no line repeats it.
import { trace } from "@opentelemetry/api";
import { pino } from "pino";
import { briefOf } from "#kit/errors.js";

/** The kit's logger. warn: the caller's fault; error: ours. */
export type Log = {
  debug(fields: object, message: string): void;
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
};

/** How much is logged. */
export type LogLevel = "debug" | "info" | "warn" | "error" | "silent";

/** What may stand in a line: ids, codes, names of things of ours, numbers. A new one is added here when it is none else. */
const allowed: ReadonlySet<string> = new Set([
  ...["method", "route", "status", "code", "reason", "ms", "role", "trace_id"],
  ...["subject", "event_id", "facts", "deliveries", "step", "aggregate_id", "attempt"],
  ...["port", "routes", "provider", "migrations", "to", "market", "version", "order_id", "orders", "resolutions"],
  ...["turned_away", "in_flight", "loop_delay_ms", "postgres", "work", "bus"],
  ...["run_id", "statement_lines", "refunds", "corrections", "found", "gone", "open"],
  ...["erasure_id", "keys", "rows"],
  ...["stream", "field", "sequence", "risk", "server_version"],
]);

/** A word, an id, a path of ours, a time: no spaces, so no sentences, and no @. */
const word = /^[\p{L}\p{N}_.:;/{}*+,=-]{0,200}$/u;

/** A logger for one service; its level can be set while it runs. */
export function createLog(service: string, level: LogLevel): Log & { level: string } {
  return pino({
    level,
    base: { service },
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label) => ({ level: label }), log: declared },
    mixin: () => {
      const span = trace.getActiveSpan()?.spanContext();
      return span ? { trace_id: span.traceId, span_id: span.spanId } : {};
    },
  });
}

/** What of a line's fields may be printed. Names that were left out are told, so that somebody declares them or stops. */
export function declared(fields: object): Record<string, unknown> {
  const line: Record<string, unknown> = {};
  const left: string[] = [];
  for (const [name, value] of Object.entries(fields)) {
    if (value === undefined) continue;
    if (name === "error") line.error = failure(value);
    else if (allowed.has(name) || name === "span_id") line[name] = plain(value);
    else left.push(name);
  }
  if (left.length > 0) line.left_out = left.map((name) => (word.test(name) ? name : "?")).join();
  return line;
}

function plain(value: unknown): unknown {
  if (typeof value === "number" || typeof value === "boolean") return value;
  if (typeof value === "bigint") return value.toString();
  if (typeof value === "string") return word.test(value) ? value : "[text]";
  if (value instanceof Date) return value.toISOString();
  return Array.isArray(value) ? value.map(plain) : "[object]";
}

/** An error without its message, which may quote anybody: what it is, and where it was thrown. */
function failure(error: unknown): object {
  const { name, stack, constraint, syscall, message } = (error ?? {}) as {
    name?: unknown;
    stack?: unknown;
    constraint?: unknown;
    syscall?: unknown;
    message?: unknown;
  };
  const frames = typeof stack === "string" ? stack.split("\n").filter((line) => /^ {4}at /.test(line)) : [];
  return {
    name: plain(name ?? typeof error),
    brief: briefOf(error),
    ...(constraint !== undefined && { constraint: plain(constraint) }),
    // What the system says of a socket or a file names nobody.
    ...(typeof syscall === "string" && { message }),
    ...(frames.length > 0 && { at: frames.map((line) => line.trim()).slice(0, 12) }),
  };
}
