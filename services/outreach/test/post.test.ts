import assert from "node:assert/strict";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { openPost } from "../post.js";
import { openTargets, type Resolve } from "../targets.js";

type Play = (request: IncomingMessage, response: ServerResponse) => void;

describe("a request to a subscriber", () => {
  let play: Play = (_, response) => response.end();
  let asked = 0;
  const server = createServer((request, response) => {
    asked++;
    request.resume();
    request.once("end", () => play(request, response));
  });
  const loop: Resolve = async () => [{ address: "127.0.0.1", family: 4 }];
  const post = (resolve: Resolve = loop, timeoutMs = 2_000) =>
    openPost(openTargets({ reach: "local", ports: [443] }, resolve), timeoutMs);
  const url = () => `http://hooks.test:${(server.address() as AddressInfo).port}/in`;

  before((done) => {
    server.listen(0, "127.0.0.1", () => done());
  });
  beforeEach(() => {
    asked = 0;
  });
  after(() => {
    server.closeAllConnections();
    server.close();
  });

  it("goes to the address that was looked at, whatever the name leads to a moment later", async () => {
    let looks = 0;
    // Found good, then inside: what a rebinding name server answers. No other resolver knows the name at all.
    const rebinding: Resolve = async () => [{ address: looks++ === 0 ? "127.0.0.1" : "10.0.0.1", family: 4 }];
    const send = post(rebinding);
    assert.equal((await send(url(), {}, "{}")).status, 200);
    assert.equal(looks, 1);
    const { status, error } = await send(url(), {}, "{}");
    assert.equal(status, 0);
    assert.match(error, /not on the public internet/);
    assert.equal(asked, 1);
  });

  it("carries the body, its headers and the host's own name", async () => {
    let seen: IncomingMessage["headers"] = {};
    play = (request, response) => {
      seen = request.headers;
      response.writeHead(204).end();
    };
    assert.equal((await post()(url(), { "webhook-id": "res_1.1" }, "{}")).status, 204);
    assert.deepEqual(
      [seen["webhook-id"], seen["content-type"], seen["content-length"], seen.host?.split(":")[0]],
      ["res_1.1", "application/json", "2", "hooks.test"],
    );
  });

  it("follows no redirect", async () => {
    play = (_, response) => response.writeHead(302, { location: url() }).end();
    assert.equal((await post()(url(), {}, "{}")).status, 302);
    assert.equal(asked, 1);
  });

  it("ends when the time is over, whether nothing is said or a name is never found", async () => {
    play = () => {};
    const silent = await post(loop, 150)(url(), {}, "{}");
    assert.deepEqual([silent.status, silent.error], [0, "no answer within 150 ms"]);
    const lost = await post(() => new Promise(() => {}), 150)(url(), {}, "{}");
    assert.equal(lost.error, "no answer within 150 ms");
  });

  it("reads a kilobyte of an answer without end, and counts its status", async () => {
    play = (_, response) => {
      response.writeHead(200);
      const more = () => {
        while (!response.destroyed && response.write("x".repeat(4096)));
      };
      response.on("drain", more);
      more();
    };
    const { status, head } = await post()(url(), {}, "{}");
    assert.equal(status, 200);
    assert.equal(head.length, 1024);
  });

  it("keeps secrets and people's numbers out of the log", async () => {
    play = (_, response) =>
      response
        .writeHead(500, { "retry-after": "120" })
        .end("kim@shop.example 010-1234-5678 whsec_abc Bearer t0ken eyJhbGciOi.eyJzdWIi.sig\u0000 ok");
    const { head, retryAfterMs } = await post()(url(), {}, "{}");
    assert.equal(head, "[mail] [number] [secret] [secret] [secret]  ok");
    assert.equal(retryAfterMs, 120_000);
  });

  it("is over when the other side answers with another protocol, which nobody asked for", async () => {
    play = (request) =>
      request.socket.end("HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: x\r\n\r\n");
    assert.equal((await post()(url(), {}, "{}")).status, 101);
  });

  it("counts a status whose body never ends when the time is over", async () => {
    play = (_, response) => response.writeHead(200).write("on my way");
    const { status, head, error } = await post(loop, 150)(url(), {}, "{}");
    assert.deepEqual([status, head, error], [200, "on my way", ""]);
  });

  it("says of a broken connection only that it broke", async () => {
    play = (request) => request.socket.destroy();
    const { status, error } = await post()(url(), {}, "{}");
    assert.deepEqual([status, error], [0, "ECONNRESET"]);
  });
});
