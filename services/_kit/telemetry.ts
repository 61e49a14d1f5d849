// Traces through gRPC and JetStream, and RED metrics. One SDK per process, started by whatever launches it; the kit
// makes the spans itself, so that what is measured is what the mesh does and nothing else.
import type { IncomingMessage, ServerResponse } from "node:http";
import {
  type Attributes,
  type Context,
  context,
  type Meter,
  metrics,
  type ObservableResult,
  propagation,
  type Span,
  SpanKind,
  SpanStatusCode,
  trace,
} from "@opentelemetry/api";
import { PrometheusExporter } from "@opentelemetry/exporter-prometheus";
import { OTLPTraceExporter } from "@opentelemetry/exporter-trace-otlp-grpc";
import { node, resources, metrics as sdkMetrics, tracing } from "@opentelemetry/sdk-node";
import { watchLaps } from "#kit/laps.js";

const tracer = trace.getTracer("backhaul");

/** Duration of everything the mesh answers or does, by what it was and how it ended. */
const meter = () => metrics.getMeter("backhaul");
const durations = {
  server: () => meter().createHistogram("rpc_server_duration_ms", { description: "rpcs answered", unit: "ms" }),
  client: () => meter().createHistogram("rpc_client_duration_ms", { description: "rpcs called", unit: "ms" }),
  fact: () => meter().createHistogram("fact_duration_ms", { description: "facts taken in", unit: "ms" }),
  step: () => meter().createHistogram("step_duration_ms", { description: "steps of the agenda done", unit: "ms" }),
  webhook: () =>
    meter().createHistogram("webhook_duration_ms", { description: "events sent to subscribers", unit: "ms" }),
  edge: () => meter().createHistogram("http_server_duration_ms", { description: "REST requests answered", unit: "ms" }),
};
type Measured = keyof typeof durations;
const histograms = new Map<Measured, ReturnType<(typeof durations)[Measured]>>();

/** Books one piece of work. */
export function measure(what: Measured, startedAt: number, attributes: Attributes): void {
  let histogram = histograms.get(what);
  if (!histogram) histograms.set(what, (histogram = durations[what]()));
  histogram.record(performance.now() - startedAt, attributes);
}

const counters = new Map<string, ReturnType<ReturnType<typeof meter>["createCounter"]>>();

/** Counts something that has no duration. */
export function counted(what: string, by: number, attributes: Attributes): void {
  let counter = counters.get(what);
  if (!counter) counters.set(what, (counter = meter().createCounter(what)));
  counter.add(by, attributes);
}

/** Shows figures that are read whenever somebody reads the metrics. @returns what ends it */
export function gauged(what: string, description: string, read: () => Iterable<[number, Attributes]>): () => void {
  const gauge = meter().createObservableGauge(what, { description });
  const observe = (result: ObservableResult) => {
    for (const [value, attributes] of read()) result.observe(value, attributes);
  };
  gauge.addCallback(observe);
  return () => gauge.removeCallback(observe);
}

/** Where telemetry goes. */
export type TelemetryConfig = {
  /** Whether anybody reads the metrics. */
  readonly shown: boolean;
  /** OTLP/gRPC address for spans; empty for none. */
  readonly tracesEndpoint: string;
  /** Share of traces recorded, 0 … 1; all of them carry ids through the mesh. */
  readonly sampleRatio: number;
};

/** The process's one SDK, at work. */
export type Telemetry = {
  /** Answers with the metrics; none where nobody reads them. */
  readonly page: ((request: IncomingMessage, response: ServerResponse) => void) | undefined;
  stop(): Promise<void>;
};

/** Starts it. Call it before any service starts. */
export function startTelemetry(service: string, config: TelemetryConfig): Telemetry {
  const exporter = config.shown ? new PrometheusExporter({ preventServerStart: true }) : undefined;
  const resource = resources.resourceFromAttributes({ "service.name": service });
  // Without an exporter, too: ids travel through the mesh and stand in every log line.
  const traces = new node.NodeTracerProvider({
    resource,
    sampler: new tracing.ParentBasedSampler({ root: new tracing.TraceIdRatioBasedSampler(config.sampleRatio) }),
    spanProcessors: config.tracesEndpoint
      ? [new tracing.BatchSpanProcessor(new OTLPTraceExporter({ url: config.tracesEndpoint }))]
      : [],
  });
  traces.register();
  const meters = new sdkMetrics.MeterProvider({
    resource,
    readers: exporter ? [exporter] : [],
    views: [
      {
        instrumentName: "*_duration_ms",
        aggregation: {
          type: sdkMetrics.AggregationType.EXPLICIT_BUCKET_HISTOGRAM,
          options: { boundaries: [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10000] },
        },
      },
    ],
  });
  metrics.setGlobalMeterProvider(meters);
  const loop = exporter && watchLoop(meters.getMeter("backhaul"));
  return {
    page: exporter && ((request, response) => exporter.getMetricsRequestHandler(request, response)),
    stop: async () => {
      loop?.stop();
      await Promise.all([traces.shutdown(), meters.shutdown()]);
    },
  };
}

/** Shows how late the event loop was at most since it was last asked, and how much of that was its own doing. */
function watchLoop(meter: Meter): { stop(): void } {
  const loop = watchLaps();
  const gauge = (name: string, description: string, read: () => number) =>
    meter.createObservableGauge(name, { description, unit: "ms" }).addCallback((result) => result.observe(read()));
  gauge("event_loop_late_max_ms", "latest tick since the last read, whoever made it late", loop.takeLate);
  gauge("event_loop_held_max_ms", "the same without the time that the machine let it wait", loop.takeHeld);
  return loop;
}

/** Runs work inside a span that continues the trace of `carrier`; the span ends with the work. */
export async function spanned<T>(
  name: string,
  kind: keyof typeof SpanKind,
  parent: Context,
  work: () => Promise<T>,
): Promise<T> {
  const span = tracer.startSpan(name, { kind: SpanKind[kind] }, parent);
  try {
    return await context.with(trace.setSpan(parent, span), work);
  } catch (error) {
    failed(span, error);
    throw error;
  } finally {
    span.end();
  }
}

function failed(span: Span, error: unknown): void {
  // The message may quote a caller's input; the reason never does.
  span.setStatus({ code: SpanStatusCode.ERROR, message: (error as { reason?: string }).reason ?? "error" });
}

/** The trace a W3C traceparent continues; the root if there is none. */
export function traceFrom(traceparent: string | undefined): Context {
  if (!traceparent) return context.active();
  return propagation.extract(context.active(), { traceparent });
}

/** The traceparent to hand on, "" outside any trace. */
export function traceparent(): string {
  const carrier: { traceparent?: string } = {};
  propagation.inject(context.active(), carrier);
  return carrier.traceparent ?? "";
}

/** The trace under way, to be quoted in errors and logs; "" outside any. */
export function traceId(): string {
  return trace.getActiveSpan()?.spanContext().traceId ?? "";
}
