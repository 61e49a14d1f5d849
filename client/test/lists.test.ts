import assert from "node:assert/strict";
import { once } from "node:events";
import { status } from "@grpc/grpc-js";
import { Resolution } from "../../gen/backhaul/resolution/v1/resolution.js";
import { DomainError } from "../../services/_kit/pure/check.js";
import { type Backhaul, createBackhaul } from "../index.js";
import { Bare, openDesk } from "./desk.js";

describe("a list and a stream", () => {
  const ends: (() => void)[] = [];
  afterEach(() => {
    for (const end of ends.splice(0)) end();
  });

  async function open(answers: Parameters<typeof openDesk>[0], patienceMs = 10_000): Promise<Backhaul> {
    const desk = await openDesk(answers);
    const backhaul = createBackhaul({ address: desk.address, token: "t", patienceMs });
    ends.push(backhaul.close, desk.stop);
    return backhaul;
  }
  const resolutionId = "res_1";

  it("gives each item of each page once, and asks for no page that nobody wants", async () => {
    const asked: string[] = [];
    const pages: Record<string, [ids: string[], next: string]> = {
      "": [["a", "b"], "p2"],
      p2: [[], "p3"],
      p3: [["c"], "p4"],
      p4: [["d"], ""],
    };
    const { resolution } = await open({
      list: async ({ request: { pageToken } }) => {
        asked.push(pageToken);
        const [ids, nextPageToken] = pages[pageToken] ?? [[], ""];
        return { resolutions: ids.map((resolutionId) => Resolution.fromPartial({ resolutionId })), nextPageToken };
      },
    });
    const seen: string[] = [];
    for await (const one of resolution.listResolutions.each({})) {
      seen.push(one.resolutionId);
      if (one.resolutionId === "c") break;
    }
    assert.deepEqual(seen, ["a", "b", "c"]);
    assert.deepEqual(asked, ["", "p2", "p3"]);
  });

  it("goes on from the last message seen over lost connections, without gap or repeat, to its end", async () => {
    const from: number[] = [];
    const { resolution } = await open({
      async *watch({ request }) {
        from.push(Number(request.afterSequence));
        if (from.length === 1) yield* [4, 5];
        // Another replica sends what was seen already.
        if (from.length === 2) yield* [5, 6];
        if (from.length < 4) throw new Bare(status.UNAVAILABLE);
        yield* [7, 8];
      },
    });
    const seen: bigint[] = [];
    for await (const { entry } of resolution.watchResolution({ resolutionId, afterSequence: 3 })) {
      seen.push(entry?.sequence ?? 0n);
    }
    assert.deepEqual(seen, [4n, 5n, 6n, 7n, 8n]);
    assert.deepEqual(from, [3, 5, 6, 6]);
  });

  it("ends there, too, when its reader leaves or its signal says so", async () => {
    const left: Promise<unknown>[] = [];
    const { resolution } = await open({
      async *watch({ canceled }) {
        left.push(once(canceled, "abort"));
        yield 1;
        await once(canceled, "abort");
      },
    });
    for await (const _ of resolution.watchResolution({ resolutionId })) break;
    await left[0];
    const mine = new AbortController();
    const watching = resolution.watchResolution({ resolutionId }, { signal: mine.signal });
    await watching.next();
    mine.abort("enough");
    await assert.rejects(watching.next(), { name: "Cancelled", cause: "enough" });
    await left[1];
  });

  it("fails when it is refused, or has been without a connection for longer than its patience", async () => {
    const refusing = await open({
      // biome-ignore lint/correctness/useYield: it has nothing to give
      async *watch() {
        throw new DomainError("RESOLUTION_NOT_FOUND", "look it up again");
      },
    });
    await assert.rejects(refusing.resolution.watchResolution({ resolutionId }).next(), {
      reason: "RESOLUTION_NOT_FOUND",
    });
    const away = createBackhaul({ address: "127.0.0.1:1", token: "t", patienceMs: 0 });
    ends.push(away.close);
    await assert.rejects(away.resolution.watchResolution({ resolutionId }).next(), { name: "Unavailable" });
  });
});
