// Whether a process of the mesh answers: the gRPC health service of a service, /readyz of the gateway.
import { get } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import { Client, credentials } from "@grpc/grpc-js";
import { HealthCheckResponse_ServingStatus, HealthService } from "#gen/grpc/health/v1/health.js";
import type { Identity } from "#kit/tls.js";

/** A machine that does much else at the same time takes its time to answer. */
const probeMs = 3_000;
const betweenMs = 50;

/** Asks again and again until it is ready; resolves with false when the signal aborts before. */
export async function untilReady(probe: () => Promise<boolean>, ended: AbortSignal): Promise<boolean> {
  while (!ended.aborted) {
    if (await probe()) return true;
    await sleep(betweenMs);
  }
  return false;
}

/** Asks the service on that port how it is. */
export function serving(port: number, identity?: Identity): Promise<boolean> {
  const { path, requestSerialize, responseDeserialize } = HealthService.check;
  const client = identity
    ? new Client(`localhost:${port}`, identity.channel)
    : new Client(`127.0.0.1:${port}`, credentials.createInsecure());
  return new Promise((resolve) => {
    const options = { deadline: Date.now() + probeMs };
    client.makeUnaryRequest(path, requestSerialize, responseDeserialize, { service: "" }, options, (error, answer) => {
      client.close();
      resolve(!error && answer?.status === HealthCheckResponse_ServingStatus.SERVING);
    });
  });
}

/** Asks the gateway on that port whether requests are worth sending. */
export function edgeReady(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const request = get({ host: "127.0.0.1", port, path: "/readyz", timeout: probeMs, agent: false }, (answer) => {
      answer.resume();
      resolve(answer.statusCode === 200);
    });
    request.once("timeout", () => request.destroy());
    request.once("error", () => resolve(false));
  });
}
