// How the process in this container is, for its health check: `node probe.mjs` asks the gRPC health service whether it is
// ready, `node probe.mjs live` whether it lives, `node probe.mjs edge` the gateway's /readyz, `node probe.mjs metrics`
// the /metrics of a process without a port of its own. It ends with 0 or 1. In the image it lies in /app, beside dist/.
import { readFileSync } from "node:fs";
import { Client, credentials } from "@grpc/grpc-js";
import { HealthCheckResponse_ServingStatus, HealthService } from "#gen/grpc/health/v1/health.js";

const timeoutMs = 3_000;
const port = process.env.PORT;

async function edgeReady() {
  const { ok } = await fetch(`http://127.0.0.1:${port}/readyz`, { signal: AbortSignal.timeout(timeoutMs) });
  return ok;
}

async function metricsShown() {
  const url = `http://127.0.0.1:${process.env.METRICS_PORT}/metrics`;
  const { ok } = await fetch(url, { signal: AbortSignal.timeout(timeoutMs) });
  return ok;
}

/** A process lets itself in: by its own certificate, where it has one. */
function channel() {
  const { TLS_CERT, TLS_KEY, TLS_CA } = process.env;
  if (!TLS_CERT) return credentials.createInsecure();
  return credentials.createSsl(readFileSync(TLS_CA), readFileSync(TLS_KEY), readFileSync(TLS_CERT));
}

function serving(service) {
  const { path, requestSerialize, responseDeserialize } = HealthService.check;
  const client = new Client(`localhost:${port}`, channel());
  return new Promise((resolve) => {
    const options = { deadline: Date.now() + timeoutMs };
    client.makeUnaryRequest(path, requestSerialize, responseDeserialize, { service }, options, (_error, answer) => {
      resolve(answer?.status === HealthCheckResponse_ServingStatus.SERVING);
    });
  });
}

const probes = {
  edge: edgeReady,
  metrics: metricsShown,
  live: () => serving("liveness"),
  ready: () => serving("readiness"),
};
const probe = probes[process.argv[2] ?? "ready"];
process.exit((await probe().catch(() => false)) ? 0 : 1);
