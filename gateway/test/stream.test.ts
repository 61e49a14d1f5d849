import assert from "node:assert/strict";
import { Unavailable } from "#kit/errors.js";
import { DomainError } from "#kit/pure/check.js";
import { sequencePath } from "../stream.js";
import { edgeBefore, fakeServices, routes, type StreamAnswer } from "./fakes.js";

const watch = "/backhaul.resolution.v1.ResolutionService/WatchResolution";
const path = "/v1/resolutions/res_1:watch";
const sse = { headers: { accept: "text/event-stream" } };
const entry = (sequence: number) => ({ entry: { sequence: String(sequence), text: "took a step" } });

describe("a stream", () => {
  /** Runs a test against an edge whose one stream behaves so. */
  const streaming =
    (
      answer: StreamAnswer,
      test: (edge: Awaited<ReturnType<typeof edgeBefore>>, seen: readonly unknown[]) => Promise<void>,
      heartbeatMs = 60_000,
    ) =>
    async () => {
      const services = await fakeServices({}, { [watch]: answer });
      const edge = await edgeBefore(services.address, { heartbeatMs });
      try {
        await test(edge, services.seen);
      } finally {
        await edge.stop();
        services.stop();
      }
    };
  const two: StreamAnswer = (_input, stream) => {
    stream.send(entry(1));
    stream.send(entry(2));
    stream.end();
  };

  it(
    "is one JSON message per line",
    streaming(two, async (edge) => {
      const response = await edge.fetch(path);
      assert.equal(response.headers.get("content-type"), "application/x-ndjson");
      const lines = (await response.text())
        .trimEnd()
        .split("\n")
        .map((line) => JSON.parse(line));
      assert.deepEqual(
        lines.map((line) => line.entry.sequence),
        ["1", "2"],
      );
    }),
  );

  it(
    "is server-sent events for who wants those, each with the id to go on from",
    streaming(two, async (edge) => {
      const response = await edge.fetch(path, sse);
      assert.equal(response.headers.get("content-type"), "text/event-stream");
      assert.equal(response.headers.get("x-accel-buffering"), "no");
      const events = (await response.text()).trimEnd().split("\n\n");
      assert.match(events[0] ?? "", /^id: 1\ndata: \{"entry":/);
      assert.match(events[1] ?? "", /^id: 2\n/);
      assert.equal(events[2], "event: end\ndata: {}");
    }),
  );

  it(
    "goes on where the last event was",
    streaming(
      (input, stream) => {
        stream.send(entry(Number(input.afterSequence ?? 0) + 1));
        stream.end();
      },
      async (edge) => {
        const resumed = await edge.fetch(`${path}?afterSequence=3`, {
          headers: { ...sse.headers, "last-event-id": "7" },
        });
        assert.match(await resumed.text(), /^id: 8\n/);
        const nonsense = await edge.fetch(`${path}?afterSequence=3`, { headers: { "last-event-id": "drop table" } });
        assert.match(await nonsense.text(), /"sequence":"4"/);
      },
    ),
  );

  it(
    "has an HTTP status when it is refused before it begins",
    streaming(
      (_input, stream) => stream.fail(new DomainError("RESOLUTION_NOT_FOUND", "no such thing")),
      async (edge) => {
        for (const init of [{}, sse]) {
          const response = await edge.fetch(path, init);
          assert.equal(response.status, 404);
          assert.equal(response.headers.get("content-type"), "application/problem+json");
          assert.match(await response.text(), /RESOLUTION_NOT_FOUND/);
        }
      },
    ),
  );

  it(
    "says that it broke, after all that came before",
    streaming(
      (_input, stream) => {
        for (let i = 1; i <= 200; i++) stream.send(entry(i));
        stream.fail(new DomainError("STORE_UNAVAILABLE", "the database is away"));
      },
      async (edge) => {
        const lines = (await (await edge.fetch(path)).text()).trimEnd().split("\n");
        assert.equal(lines.length, 201);
        assert.equal(JSON.parse(lines[200] ?? "").problem.reason, "STORE_UNAVAILABLE");
        const events = await (await edge.fetch(path, sse)).text();
        assert.match(events, /\n\nevent: problem\ndata: \{"type":"urn:backhaul:error:STORE_UNAVAILABLE"/);
        assert.ok(!events.includes("event: end"));
      },
    ),
  );

  it(
    "outlives a message that cannot be read",
    streaming(
      (_input, stream) => {
        stream.send(entry(1));
        stream.sendBytes(Buffer.from([0x0a, 0x05, 0x01]));
      },
      async (edge) => {
        const lines = (await (await edge.fetch(path)).text()).trimEnd().split("\n");
        assert.deepEqual([lines.length, JSON.parse(lines[1] ?? "").problem.reason], [2, "INTERNAL"]);
        assert.equal((await edge.fetch("/healthz")).status, 200);
      },
    ),
  );

  it("opens while there is nothing to say, breathes, and ends at the service when its reader leaves", async () => {
    let canceled: Promise<void> | undefined;
    const silent: StreamAnswer = (_input, stream) => {
      canceled = stream.canceled;
    };
    await streaming(
      silent,
      async (edge) => {
        const leaving = new AbortController();
        const response = await edge.fetch(path, { ...sse, signal: leaving.signal });
        assert.equal(response.status, 200);
        const first = await response.body?.getReader().read();
        assert.equal(Buffer.from(first?.value ?? []).toString(), ": still here\n\n");
        leaving.abort();
        await canceled;
      },
      20,
    )();
  });

  it(
    "waits for a slow reader, and loses nothing",
    streaming(
      async (_input, stream) => {
        for (let i = 1; i <= 20_000; i++) stream.send(entry(i));
        stream.end();
      },
      async (edge) => {
        const response = await edge.fetch(path);
        await new Promise((resolve) => setTimeout(resolve, 200));
        const lines = (await response.text()).trimEnd().split("\n");
        assert.deepEqual([lines.length, JSON.parse(lines[19_999] ?? "").entry.sequence], [20_000, "20000"]);
      },
    ),
  );

  it(
    "ends without `end` when the edge shuts down, and has its reader come back at once",
    streaming(
      (_input, stream) => stream.send(entry(1)),
      async (edge) => {
        const response = await edge.fetch(path, sse);
        setTimeout(() => edge.draining.abort(), 50);
        assert.match(await response.text(), /^id: 1\ndata: .*\n\nretry: 250\n\n$/);
      },
    ),
  );

  it(
    "says to readers of lines that the edge shuts down",
    streaming(
      (_input, stream) => stream.send(entry(1)),
      async (edge) => {
        const response = await edge.fetch(path);
        setTimeout(() => edge.draining.abort(), 50);
        const [, last = ""] = (await response.text()).trimEnd().split("\n");
        assert.equal(JSON.parse(last).problem.reason, "DRAINING");
      },
    ),
  );

  it(
    "has its reader come back at once when it is the service that shuts down",
    streaming(
      (_input, stream) => {
        stream.send(entry(1));
        stream.fail(new Unavailable("DRAINING", "another replica goes on"));
      },
      async (edge) => assert.match(await (await edge.fetch(path, sse)).text(), /^id: 1\ndata: .*\n\nretry: 250\n\n$/),
    ),
  );

  it("finds the sequence in a message or one level below", () => {
    const output = routes.find((route) => route.path === watch)?.output;
    assert.deepEqual(output && sequencePath(output)?.map((field) => field.name), ["entry", "sequence"]);
    const list = routes.find((route) => route.path.endsWith("/GetRefund"))?.output;
    assert.equal(list && sequencePath(list), undefined);
  });
});
