import assert from "node:assert/strict";
import { once } from "node:events";
import { Client, credentials, Metadata, status } from "@grpc/grpc-js";
import { RefundServiceService } from "#gen/backhaul/refund/v1/refund_service.js";
import { ResolutionServiceService } from "#gen/backhaul/resolution/v1/resolution_service.js";
import { HealthCheckResponse_ServingStatus, HealthService } from "#gen/grpc/health/v1/health.js";
import { createMinter } from "#kit/access.js";
import { fromServiceError } from "#kit/errors.js";
import { freePorts } from "#kit/local/ports.js";
import { clientAs, partOf, serveAlone } from "#kit/testing/peers.js";
import { meshSecret } from "#kit/testing/stage.js";

const refundId = "rfd_01ARZ3NDEKTSV4RRFFQ69G5FAV";
const resolutionId = "res_01ARZ3NDEKTSV4RRFFQ69G5FAV";
const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

describe("kit: a server that stops", function () {
  this.timeout(60_000);

  /** As a client that repeats nothing itself: what fails here, failed. */
  async function calling(ports: readonly number[]) {
    const client = new Client(`ipv4:${ports.map((port) => `127.0.0.1:${port}`).join()}`, credentials.createInsecure(), {
      "grpc.service_config": JSON.stringify({ loadBalancingConfig: [{ round_robin: {} }] }),
      "grpc.initial_reconnect_backoff_ms": 20,
      "grpc.max_reconnect_backoff_ms": 50,
    });
    const { path, requestSerialize, responseDeserialize } = RefundServiceService.getRefund;
    const metadata = new Metadata();
    const token = await createMinter("test", meshSecret)({ subject: "test", role: "SERVICE", via: "" });
    metadata.set("authorization", `Bearer ${token}`);
    const call = () =>
      new Promise<status>((resolve) => {
        const options = { deadline: Date.now() + 5_000 };
        client.makeUnaryRequest(path, requestSerialize, responseDeserialize, { refundId }, metadata, options, (error) =>
          resolve(error?.code ?? status.OK),
        );
      });
    return { call, close: () => client.close() };
  }

  it("fails no call of those under way nor of those that arrive, restart after restart of two replicas", async () => {
    const getRefund = async () => {
      await pause(5 * Math.random());
      return { refund: undefined };
    };
    const start = (port: number) => serveAlone([partOf(RefundServiceService, { getRefund })], { port });
    const ports = await freePorts(2);
    const servers = await Promise.all(ports.map(start));
    const { call, close } = await calling(ports);
    const ends = new Map<status, number>();
    let going = true;
    const lane = async () => {
      while (going) {
        const code = await call();
        ends.set(code, (ends.get(code) ?? 0) + 1);
      }
    };
    const lanes = Array.from({ length: 16 }, lane);
    for (let restart = 0; restart < 20; restart++) {
      await servers[restart % 2]?.stop();
      servers[restart % 2] = await start(ports[restart % 2] as number);
      await pause(100); // it is found again before the other one goes
    }
    going = false;
    await Promise.all(lanes);
    close();
    await Promise.all(servers.map((server) => server.stop()));
    assert.deepEqual([...ends.keys()], [status.OK], JSON.stringify([...ends]));
    assert.ok((ends.get(status.OK) ?? 0) > 500);
  });

  it("ends streams with DRAINING, so that their readers go on elsewhere, and waits for nobody who watches its health", async () => {
    const server = await serveAlone([partOf(ResolutionServiceService, { watchResolution })], { drainMs: 20_000 });
    const client = clientAs(ResolutionServiceService, server.port, "AGENT");
    const stream = await client.watchResolution({ resolutionId, afterSequence: 0n });
    stream.resume();
    await once(stream, "data");
    const watcher = new Client(`127.0.0.1:${server.port}`, credentials.createInsecure());
    const { path, requestSerialize, responseDeserialize } = HealthService.watch;
    const watch = watcher.makeServerStreamRequest(path, requestSerialize, responseDeserialize, { service: "" });
    const heard: HealthCheckResponse_ServingStatus[] = [];
    watch.on("data", ({ status: said }) => heard.push(said));
    watch.on("error", () => {});
    await once(watch, "data");
    const stoppedAt = performance.now();
    const [[error]] = await Promise.all([once(stream, "error"), server.stop()]);
    assert.equal(fromServiceError(error, "WatchResolution").reason, "DRAINING");
    assert.deepEqual(heard, [HealthCheckResponse_ServingStatus.SERVING, HealthCheckResponse_ServingStatus.NOT_SERVING]);
    assert.ok(performance.now() - stoppedAt < 5_000);
    client.close();
    watcher.close();
  });
});

/** Says one thing, and then nothing until it is told to end. */
async function* watchResolution(_request: object, _call: object, canceled: AbortSignal) {
  yield { entry: undefined };
  await once(canceled, "abort");
}
