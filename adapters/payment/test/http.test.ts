import assert from "node:assert/strict";
import { createServer, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { boundedFetch, NoAnswer } from "../http.js";

describe("requests to a provider", () => {
  const limits = { timeoutMs: 200, maxBytes: 1000 };
  const answers: Record<string, (outgoing: ServerResponse) => void> = {
    "/whole": (outgoing) => outgoing.end(JSON.stringify({ text: "x".repeat(980) })),
    "/too-large": (outgoing) => outgoing.end(JSON.stringify({ text: "x".repeat(1000) })),
    "/moved": (outgoing) => outgoing.writeHead(307, { location: "/whole" }).end("{}"),
    "/empty": (outgoing) => outgoing.writeHead(204).end(),
    "/half": (outgoing) => outgoing.end('{"text": "x'),
    "/word": (outgoing) => outgoing.end('"ok"'),
    "/null": (outgoing) => outgoing.end("null"),
    "/cut": (outgoing) => outgoing.destroy(),
    "/never": () => {},
  };
  const asked: string[] = [];
  let server: Server;
  let url: string;

  before(async () => {
    server = createServer(({ url: path = "" }, outgoing) => {
      asked.push(path);
      answers[path]?.(outgoing);
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  after(() => {
    server.closeAllConnections();
    server.close();
  });

  const get = (path: string, init?: RequestInit) => boundedFetch(limits)(`${url}${path}`, init);

  it("give an answer that fits, whatever its status", async () => {
    assert.equal(((await (await get("/whole")).json()) as { text: string }).text.length, 980);
  });

  const cases: [path: string, reason: string][] = [
    ["/too-large", "answer_too_large"],
    ["/moved", "connection"],
    ["/empty", "http_204_empty"],
    ["/half", "http_200_not_json"],
    ["/word", "http_200_not_json"],
    ["/null", "http_200_not_json"],
    ["/cut", "connection"],
    ["/never", "timeout"],
  ];
  for (const [path, reason] of cases) {
    it(`end as ${reason} for ${path}, once`, async () => {
      asked.length = 0;
      await assert.rejects(get(path), (error) => error instanceof NoAnswer && error.reason === reason);
      assert.deepEqual(asked, [path]);
    });
  }

  it("end when their caller ends them, and where nobody listens", async () => {
    await assert.rejects(get("/never", { signal: AbortSignal.timeout(20) }), NoAnswer);
    await assert.rejects(boundedFetch(limits)("http://127.0.0.1:1/"), NoAnswer);
  });
});
