// How a process of the mesh starts and ends: settings from the environment, telemetry first, a clean end on a signal.
import { ConfigError, type Env, integer, readConfig, text } from "#kit/config.js";
import { armFailpoint } from "#kit/failpoint.js";
import { startTelemetry, type TelemetryConfig } from "#kit/telemetry.js";

/**
 * Runs a service as a process of its own: reads its settings, starts it, and stops it on SIGINT or SIGTERM.
 * Wrong settings end the process with 2 and a list of all of them; a failed start ends it with 1.
 */
export async function runProcess<C>(
  name: string,
  readServiceConfig: (env: Env) => C,
  start: (config: C) => Promise<{ port: number; stop(): Promise<void> }>,
): Promise<void> {
  const env = process.env;
  try {
    armFailpoint(name, env);
    const config = readServiceConfig(env);
    const telemetry = startTelemetry(name, readTelemetryConfig(env));
    const running = await start(config);
    let stopping = false;
    const stop = async () => {
      if (stopping) return;
      stopping = true;
      await running.stop();
      await telemetry.stop();
      process.exit(0);
    };
    process.once("SIGTERM", stop);
    process.once("SIGINT", stop);
  } catch (error) {
    console.error(error instanceof ConfigError ? `${name}: ${error.message}` : error);
    process.exit(error instanceof ConfigError ? 2 : 1);
  }
}

function readTelemetryConfig(env: Env): TelemetryConfig {
  const { tracePercent, ...config } = readConfig(env, {
    metricsHost: text("METRICS_HOST", "interface of /metrics", "127.0.0.1"),
    metricsPort: integer("METRICS_PORT", "port of /metrics; 0 for none", { max: 65535, fallback: 0 }),
    tracesEndpoint: text("OTEL_EXPORTER_OTLP_ENDPOINT", "OTLP/gRPC address for spans; empty for none", ""),
    tracePercent: integer("TRACE_SAMPLE_PERCENT", "share of traces that are recorded", { max: 100, fallback: 5 }),
  });
  return { ...config, sampleRatio: tracePercent / 100 };
}
