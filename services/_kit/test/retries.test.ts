import assert from "node:assert/strict";
import { status } from "@grpc/grpc-js";
import { RefundServiceService } from "#gen/backhaul/refund/v1/refund_service.js";
import { createMinter } from "#kit/access.js";
import { type Breakers, NotAsked, openBreakers } from "#kit/breakers.js";
import type { Call } from "#kit/call.js";
import { openAddress } from "#kit/client.js";
import { RpcError, Unavailable } from "#kit/errors.js";
import { DomainError } from "#kit/pure/check.js";
import type { RunningServer } from "#kit/server.js";
import { partOf, serveAlone, until } from "#kit/testing/peers.js";
import { meshSecret } from "#kit/testing/stage.js";

const refundId = "rfd_01ARZ3NDEKTSV4RRFFQ69G5FAV";

describe("kit: calls to somebody who fails", () => {
  let server: RunningServer;
  let close = () => {};
  let asked: Call[] = [];
  let behave: (call: Call) => object;
  afterEach(async () => {
    close();
    await server.stop();
  });

  async function calling(
    behaviour: typeof behave,
    { callsMax = 0, ...more }: { breakers?: Breakers; deadlineMs?: number; callsMax?: number } = {},
  ) {
    asked = [];
    behave = behaviour;
    const getRefund = async (_: unknown, call: Call) => {
      asked.push(call);
      return (await behave(call)) as never;
    };
    server = await serveAlone([partOf(RefundServiceService, { getRefund })], {
      capacity: { callsMax, streamsMax: 0, callMaxMs: 1_000 },
    });
    const mint = createMinter("test", meshSecret);
    const opened = openAddress(`127.0.0.1:${server.port}`, { service: "test", mint, deadlineMs: 5_000, ...more });
    close = opened.close;
    return opened.connect(RefundServiceService);
  }
  const away = () => Promise.reject(new Unavailable("STORE_UNAVAILABLE", "the database is away"));
  const reasonOf = (answer: Promise<unknown>) =>
    answer.then(
      () => "",
      (error: RpcError) => error.reason,
    );

  it("are tried three times where the contract lets them be repeated", async () => {
    const client = await calling(away);
    assert.equal(await reasonOf(client.getRefund({ refundId })), "STORE_UNAVAILABLE");
    assert.equal(asked.length, 3);
  });

  it("are tried once where the other side was refused by somebody behind it, for it has tried before", async () => {
    const client = await calling(() =>
      Promise.reject(new RpcError(status.UNAVAILABLE, "", "nobody there", {}, "/a.B/C")),
    );
    assert.equal(await reasonOf(client.getRefund({ refundId })), "UPSTREAM_UNAVAILABLE");
    assert.equal(asked.length, 1);
  });

  it("are tried once where the answer was no", async () => {
    const client = await calling(() => Promise.reject(new DomainError("REFUND_STATE", "it is paid")));
    assert.equal(await reasonOf(client.getRefund({ refundId })), "REFUND_STATE");
    assert.equal(asked.length, 1);
  });

  it("cost somebody who fails all of them a tenth more attempts than there were calls, at most", async () => {
    const client = await calling(away);
    const calls = 300;
    const atOnce = (count: number) =>
      Promise.all(Array.from({ length: count }, () => reasonOf(client.getRefund({ refundId }))));
    for (let made = 0; made < calls; made += made < 10 ? 2 : 29) await atOnce(made < 10 ? 2 : 29);
    assert.ok(asked.length > calls && asked.length <= calls * 1.1, `${asked.length} attempts of ${calls} calls`);
  });

  it("do not go out while a breaker is open, and go out again when it is answered", async () => {
    let now = 0;
    const breakers = openBreakers(() => now);
    const client = await calling(away, { breakers });
    for (let i = 0; i < 20; i++) await reasonOf(client.getRefund({ refundId }));
    const before = asked.length;
    await assert.rejects(client.getRefund({ refundId }), NotAsked);
    assert.equal(asked.length, before, "nobody was asked");
    behave = () => ({ refund: undefined });
    now = 2_000;
    await client.getRefund({ refundId });
    assert.deepEqual(breakers.all(), [{ contract: "backhaul.refund.v1.RefundService", word: "CLOSED" }]);
    breakers.close();
  });

  it("never open a breaker by being refused", async () => {
    const breakers = openBreakers();
    const client = await calling(() => Promise.reject(new DomainError("REFUND_STATE", "it is paid")), { breakers });
    for (let i = 0; i < 40; i++) assert.equal(await reasonOf(client.getRefund({ refundId })), "REFUND_STATE");
    assert.equal(breakers.all()[0]?.word, "CLOSED");
    breakers.close();
  });

  it("are not begun with less than 100 ms left, and leave the other side 20 ms of what there is", async () => {
    const client = await calling(() => ({ refund: undefined }), { deadlineMs: 90 });
    await assert.rejects(client.getRefund({ refundId }), (error: RpcError) => error.code === status.DEADLINE_EXCEEDED);
    assert.equal(asked.length, 0);
    close();
    await server.stop();
    let left = 0;
    const patient = await calling(({ deadline = 0 }) => {
      left = deadline - Date.now();
      return { refund: undefined };
    });
    await patient.getRefund({ refundId });
    assert.ok(left > 4_500 && left <= 4_980, `${left} ms`);
  });

  it("are answered by the other side's own maximum where they come without a deadline", async () => {
    const client = await calling(() => new Promise<never>(() => {}), { deadlineMs: Number.POSITIVE_INFINITY });
    const sentAt = performance.now();
    assert.equal(await reasonOf(client.getRefund({ refundId })), "DEADLINE_EXCEEDED");
    assert.ok(performance.now() - sentAt >= 990, "not before");
  });

  it("are turned away before anything is done for them, when as many as there may be are under way", async () => {
    const ends: (() => void)[] = [];
    const held = () => new Promise<object>((resolve) => ends.push(() => resolve({ refund: undefined })));
    const client = await calling(held, { callsMax: 2 });
    const first = [client.getRefund({ refundId }), client.getRefund({ refundId })];
    await until("both under way", async () => asked.length === 2);
    const late = { reason: "OVERLOADED", retryAfterMs: 500 };
    await assert.rejects(client.getRefund({ refundId }), late);
    assert.equal(asked.length, 2);
    for (const end of ends) end();
    await Promise.all(first);
  });
});
