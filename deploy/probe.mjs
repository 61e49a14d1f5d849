// Whether the process in this container answers, for its health check: `node probe.mjs` asks the gRPC health service,
// `node probe.mjs edge` the gateway's /readyz. It ends with 0 or 1. In the image it lies in /app, beside dist/.
import { Client, credentials } from "@grpc/grpc-js";
import { HealthCheckResponse_ServingStatus, HealthService } from "#gen/grpc/health/v1/health.js";

const timeoutMs = 3_000;
const port = process.env.PORT;

async function edgeReady() {
  const { ok } = await fetch(`http://127.0.0.1:${port}/readyz`, { signal: AbortSignal.timeout(timeoutMs) });
  return ok;
}

function serving() {
  const { path, requestSerialize, responseDeserialize } = HealthService.check;
  const client = new Client(`127.0.0.1:${port}`, credentials.createInsecure());
  return new Promise((resolve) => {
    const options = { deadline: Date.now() + timeoutMs };
    client.makeUnaryRequest(path, requestSerialize, responseDeserialize, { service: "" }, options, (_error, answer) => {
      resolve(answer?.status === HealthCheckResponse_ServingStatus.SERVING);
    });
  });
}

const probe = process.argv[2] === "edge" ? edgeReady : serving;
process.exit((await probe().catch(() => false)) ? 0 : 1);
