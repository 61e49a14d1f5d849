// One JSON line per thing that happened: a constant message, the rest in fields, trace ids on each.
import { trace } from "@opentelemetry/api";
import { pino } from "pino";

/** The kit's logger. warn: the caller's fault; error: ours. */
export type Log = {
  debug(fields: object, message: string): void;
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
};

/** How much is logged. */
export type LogLevel = "debug" | "info" | "warn" | "error" | "silent";

/** A logger for one service; its level can be set while it runs. */
export function createLog(service: string, level: LogLevel): Log & { level: string } {
  return pino({
    level,
    // An Error's own fields are not enumerable: without this it would print as {}.
    errorKey: "error",
    base: { service },
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label) => ({ level: label }) },
    mixin: () => {
      const span = trace.getActiveSpan()?.spanContext();
      return span ? { trace_id: span.traceId, span_id: span.spanId } : {};
    },
  });
}
