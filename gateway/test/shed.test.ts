import assert from "node:assert/strict";
import { type EdgeUnderTest, edgeBefore, fakeServices, quiet } from "./fakes.js";

const service = "/backhaul.resolution.v1.ResolutionService";

describe("an edge with more to do than it can", () => {
  let services: Awaited<ReturnType<typeof fakeServices>>;
  let waiting: (() => void)[] = [];
  const release = () => {
    for (const answer of waiting) answer();
    waiting = [];
  };

  before(async () => {
    services = await fakeServices(
      {
        [`${service}/GetResolution`]: () => new Promise((resolve) => waiting.push(() => resolve({ resolution: {} }))),
        [`${service}/CreateResolution`]: () => ({ resolution: {} }),
        [`${service}/WithdrawResolution`]: () => ({ resolution: {} }),
        "/backhaul.refund.v1.RefundService/GetRefund": () => ({ refund: {} }),
      },
      { [`${service}/WatchResolution`]: (_input, stream) => stream.send({ entry: { sequence: "1" } }) },
    );
  });
  after(() => services.stop());

  const loaded =
    (options: Parameters<typeof edgeBefore>[1], test: (edge: EdgeUnderTest) => Promise<void>) => async () => {
      const edge = await edgeBefore(services.address, options);
      try {
        await test(edge);
      } finally {
        release();
        await edge.stop();
      }
    };
  const slow = (edge: EdgeUnderTest) => edge.fetch("/v1/resolutions/res_1");
  const post = (edge: EdgeUnderTest, path: string) =>
    edge.fetch(path, { method: "POST", headers: { "idempotency-key": "k" } });
  const arrived = async (count: number) => {
    while (waiting.length < count) await new Promise((resolve) => setTimeout(resolve, 2));
  };

  it(
    "turns away within 50 ms what it cannot take, and finishes what it took",
    loaded({ capacity: { inFlightMax: 8 } }, async (edge) => {
      const taken = Array.from({ length: 6 }, () => slow(edge));
      await arrived(6);
      const calls = services.seen.length;
      const tookMs: number[] = [];
      for (let i = 0; i < 30; i++) {
        const started = performance.now();
        const { status, headers, reason } = await refusal(slow(edge));
        tookMs.push(performance.now() - started);
        assert.deepEqual([status, reason], [503, "OVERLOADED"]);
        assert.match(headers.get("retry-after") ?? "", /^[123]$/);
      }
      // Nine in ten: the machine may pause for somebody else.
      tookMs.sort((a, b) => a - b);
      assert.ok((tookMs[26] ?? 0) < 50, `${tookMs.join(", ")} ms`);
      assert.equal(services.seen.length, calls, "no service hears of it");
      release();
      assert.deepEqual(
        (await Promise.all(taken)).map(({ status }) => status),
        Array(6).fill(200),
      );
      const next = slow(edge);
      await arrived(1);
      release();
      assert.equal((await next).status, 200, "and there is room again");
    }),
  );

  it(
    "says so in the language asked for, and to pages that may read it, over a connection that is kept",
    loaded({ capacity: { inFlightMax: 2 }, corsOrigins: new Set(["https://shop.example"]) }, async (edge) => {
      const taken = [slow(edge), slow(edge)];
      await arrived(2);
      const headers = { "accept-language": "ko-KR", origin: "https://shop.example" };
      const { status, headers: told, body } = await edge.fetch("/v1/resolutions/res_1", { headers });
      assert.equal(status, 503);
      assert.equal(told.get("content-type"), "application/problem+json");
      assert.equal(told.get("content-language"), "ko");
      assert.equal(told.get("access-control-allow-origin"), "https://shop.example");
      assert.equal(told.get("x-content-type-options"), "nosniff");
      assert.equal(told.get("connection"), "keep-alive");
      assert.match(await new Response(body).text(), /[가-힣]/);
      const elsewhere = await edge.fetch("/v1/resolutions/res_1", { headers: { origin: "https://other.example" } });
      assert.equal(elsewhere.headers.get("access-control-allow-origin"), null);
      await elsewhere.body?.cancel();
      release();
      await Promise.all(taken);
    }),
  );

  it(
    "answers for other services while one hangs, and its probes",
    loaded({ capacity: { inFlightMax: 8 } }, async (edge) => {
      const stuck = Array.from({ length: 6 }, () => slow(edge));
      await arrived(6);
      assert.equal((await post(edge, "/v1/resolutions/res_1:withdraw")).status, 503);
      const refund = await edge.fetch("/v1/refunds/rfd_1", { headers: { authorization: "Bearer FINANCE.f-1.token" } });
      assert.equal(refund.status, 200);
      assert.equal((await edge.fetch("/healthz")).status, 200);
      assert.equal((await edge.fetch("/readyz")).status, 200);
      release();
      await Promise.all(stuck);
    }),
  );

  it(
    "turns away strangers first, then what begins, and last what goes on",
    loaded({ capacity: { inFlightMax: 20 } }, async (edge) => {
      const held: Promise<Response>[] = [];
      const hold = async (count: number) => {
        while (held.length < count) held.push(slow(edge));
        await arrived(count);
      };
      const answers = async () => [
        (await edge.fetch("/v1/resolutions/res_1", { headers: { authorization: "none" } })).status,
        (await post(edge, "/v1/resolutions")).status,
        (await post(edge, "/v1/resolutions/res_1:withdraw")).status,
      ];
      // One service may have 15 of the 20 places.
      await hold(8);
      assert.deepEqual(await answers(), [401, 200, 200]);
      await hold(9);
      assert.deepEqual(await answers(), [503, 200, 200]);
      await hold(12);
      assert.deepEqual(await answers(), [503, 503, 200]);
      await hold(15);
      assert.deepEqual(await answers(), [503, 503, 503]);
      release();
      await Promise.all(held);
    }),
  );

  it(
    "counts open streams apart",
    loaded({ capacity: { inFlightMax: 4, streamsMax: 2 } }, async (edge) => {
      const open = [await edge.fetch("/v1/resolutions/res_1:watch"), await edge.fetch("/v1/resolutions/res_1:watch")];
      assert.equal((await refusal(edge.fetch("/v1/resolutions/res_1:watch"))).reason, "OVERLOADED");
      assert.equal((await post(edge, "/v1/resolutions/res_1:withdraw")).status, 200);
      await open[0]?.body?.cancel();
      let again = await edge.fetch("/v1/resolutions/res_1:watch");
      while (again.status === 503) again = await edge.fetch("/v1/resolutions/res_1:watch");
      assert.equal(again.status, 200);
      await Promise.all([open[1]?.body?.cancel(), again.body?.cancel()]);
    }),
  );

  it(
    "turns away while its event loop is late, and takes on again when it is not",
    loaded({ capacity: { loopDelayMaxMs: 30 } }, async (edge) => {
      const ask = async () => (await post(edge, "/v1/resolutions/res_1:withdraw")).status;
      assert.equal(await ask(), 200);
      const seen = new Set<number>();
      for (let tries = 0; tries < 20 && !seen.has(503); tries++) {
        const until = performance.now() + 200;
        while (performance.now() < until); // what a handler that computes too much would do
        seen.add(await ask());
      }
      assert.ok(seen.has(503));
      assert.equal((await edge.fetch("/healthz")).status, 200);
      while ((await ask()) === 503) await new Promise((resolve) => setTimeout(resolve, 20));
    }),
  );

  it("writes one line about however many", async () => {
    const lines: object[] = [];
    let written = () => {};
    const line = new Promise<void>((resolve) => {
      written = resolve;
    });
    const warn = (fields: object, message: string) => {
      lines.push({ ...fields, message });
      written();
    };
    await loaded({ capacity: { inFlightMax: 1 }, log: { ...quiet, warn } }, async (edge) => {
      const taken = slow(edge);
      await arrived(1);
      for (let i = 0; i < 5; i++) assert.equal((await slow(edge)).status, 503);
      release();
      await taken;
      await line;
    })();
    assert.deepEqual(lines, [{ turned_away: 5, in_flight: 0, loop_delay_ms: undefined, message: "overloaded" }]);
  });
});

async function refusal(asked: Promise<Response>) {
  const answer = await asked;
  const { reason } = (await answer.json()) as { reason: string };
  return { status: answer.status, headers: answer.headers, reason };
}
