// How a process of the mesh starts and ends: settings from the environment, telemetry and probes first, a clean end on a
// signal. It may as well be killed: whatever it was at, a start after a crash finds it.
import { ConfigError, type Env, integer, readConfig, text } from "#kit/config.js";
import { armFailpoint } from "#kit/failpoint.js";
import { createLog } from "#kit/log.js";
import { serveProbes } from "#kit/probes.js";
import type { Conditions } from "#kit/readiness.js";
import { startTelemetry } from "#kit/telemetry.js";

/** What a process runs. */
export type Run = { readonly port: number; conditions(): Conditions; stop(): Promise<void> };

/**
 * Runs a service as a process of its own: reads its settings, starts it, and stops it on SIGINT or SIGTERM, cut short after
 * STOP_MS. Wrong settings end the process with 2 and a list of all of them; a failed start, and whatever nobody caught, with 1.
 */
export async function runProcess<C>(
  name: string,
  readServiceConfig: (env: Env) => C,
  start: (config: C) => Promise<Run>,
): Promise<void> {
  const env = process.env;
  const log = createLog(name, "info");
  // What it knows may be wrong from here on: the next start reads it from the database.
  process.on("uncaughtException", (error) => {
    log.error({ error }, "ends: nobody caught this");
    process.exit(1);
  });
  try {
    armFailpoint(name, env);
    const config = readServiceConfig(env);
    const { host, port, tracesEndpoint, sampleRatio, stopMs } = readProcessConfig(env);
    let running: Run | undefined;
    const telemetry = startTelemetry(name, { shown: port > 0, tracesEndpoint, sampleRatio });
    const { page: metrics } = telemetry;
    const probes = metrics && (await serveProbes({ host, port, metrics, conditions: () => running?.conditions() }));
    const started = await start(config);
    running = started;
    let stopping = false;
    const stop = async () => {
      if (stopping) return;
      stopping = true;
      setTimeout(() => {
        log.error({ ms: stopMs }, "ends: it took too long to stop");
        process.exit(1);
      }, stopMs).unref();
      await started.stop();
      await telemetry.stop();
      probes?.close();
      process.exit(0);
    };
    process.once("SIGTERM", stop);
    process.once("SIGINT", stop);
  } catch (error) {
    console.error(error instanceof ConfigError ? `${name}: ${error.message}` : error);
    process.exit(error instanceof ConfigError ? 2 : 1);
  }
}

function readProcessConfig(env: Env) {
  const { tracePercent, ...config } = readConfig(env, {
    host: text("METRICS_HOST", "interface of /metrics, /livez and /readyz", "127.0.0.1"),
    port: integer("METRICS_PORT", "port of /metrics, /livez and /readyz; 0 for none", { max: 65535, fallback: 0 }),
    tracesEndpoint: text("OTEL_EXPORTER_OTLP_ENDPOINT", "OTLP/gRPC address for spans; empty for none", ""),
    tracePercent: integer("TRACE_SAMPLE_PERCENT", "share of traces that are recorded", { max: 100, fallback: 5 }),
    stopMs: integer(
      "STOP_MS",
      "after a signal, time until the process ends whatever it is at; UNREADY_MS is part of it",
      {
        min: 100,
        fallback: 10_000,
      },
    ),
  });
  return { ...config, sampleRatio: tracePercent / 100 };
}
