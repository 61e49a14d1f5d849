// One span, one measurement and one log line per REST request, the same way the kit does it for an rpc.
import { isSpanContextValid, type Span, SpanKind, SpanStatusCode, trace } from "@opentelemetry/api";
import type { FastifyInstance, FastifyRequest } from "fastify";
import type { Log } from "#kit/log.js";
import { measure, traceFrom } from "#kit/telemetry.js";
import type { Admitted } from "./auth.js";
import type { Route } from "./routes.js";

/** What the edge keeps of a request while it is under way. */
export type Work = {
  readonly startedAt: number;
  readonly span: Span;
  /** "" when no telemetry runs. */
  readonly traceId: string;
  /** What the call behind this request goes out with; "" when no telemetry runs. */
  readonly traceparent: string;
  admitted?: Admitted;
  /** Why it was refused. */
  reason?: string;
  /** What went wrong on our side. */
  failure?: unknown;
};

declare module "fastify" {
  interface FastifyRequest {
    work: Work;
  }
  interface FastifyContextConfig {
    /** The path template, as logs and metrics name the route. */
    template?: string;
    /** What a route of the contracts is. */
    route?: Route;
    /** Asked every few seconds by machines; nobody reads a line about each. */
    probe?: boolean;
  }
}

const tracer = trace.getTracer("backhaul");

/** Adds `request.work` to each request, and books each when it is answered. */
export function observe(app: FastifyInstance, log: Log): void {
  app.decorateRequest("work");
  app.addHook("onRequest", (request, reply, done) => {
    request.work = begin(request);
    // Not fastify's onResponse: that one never hears of a caller who left. Who left before an answer began has no status;
    // 499 is what proxies write down for that.
    reply.raw.once("close", () => finish(request, reply.raw.headersSent ? reply.statusCode : 499, log));
    done();
  });
}

function begin(request: FastifyRequest): Work {
  const header = request.headers.traceparent;
  const parent = traceFrom(typeof header === "string" ? header : undefined);
  const name = `${request.method} ${routeName(request)}`;
  const span = tracer.startSpan(name, { kind: SpanKind.SERVER }, parent);
  const ids = span.spanContext();
  const isTraced = isSpanContextValid(ids);
  return {
    startedAt: performance.now(),
    span,
    traceId: isTraced ? ids.traceId : "",
    // W3C Trace Context, 3.2; written once, for the answer and for the call behind it.
    traceparent: isTraced ? `00-${ids.traceId}-${ids.spanId}-0${ids.traceFlags.toString(16)}` : "",
  };
}

/** The contract's template; not the path, whose ids would make each request a kind of its own. */
export function routeName({ routeOptions }: FastifyRequest): string {
  return routeOptions.config?.template ?? routeOptions.url ?? "unknown";
}

function finish(request: FastifyRequest, status: number, log: Log): void {
  const { work } = request;
  const route = routeName(request);
  const method = request.method;
  measure("edge", work.startedAt, { method, route, status });
  if (status >= 500) work.span.setStatus({ code: SpanStatusCode.ERROR, message: work.reason ?? "error" });
  work.span.end();
  if (request.routeOptions.config?.probe) return;
  const ms = Math.round((performance.now() - work.startedAt) * 10) / 10;
  const fields = {
    method,
    route,
    status,
    ms,
    role: work.admitted?.caller.role,
    reason: work.reason,
    trace_id: work.traceId,
  };
  // In a flood a line each would be one more load; how many there were is measured above.
  if (work.reason === "RATE_LIMITED" || work.reason === "OVERLOADED") log.debug(fields, "refused");
  else if (status >= 500) log.error({ ...fields, error: work.failure }, "failed");
  else if (status >= 400) log.warn(fields, "refused");
  else log.debug(fields, "answered");
}
