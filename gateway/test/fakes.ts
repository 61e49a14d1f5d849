// What edge tests stand on: services that are only handlers, and an edge in front of them, both on real sockets.
import { type EventEmitter, once } from "node:events";
import { connect, type Socket } from "node:net";
import { fromBinary, fromJson, type JsonObject, toBinary, toJson } from "@bufbuild/protobuf";
import { Server, ServerCredentials, type ServerUnaryCall, type ServerWritableStream } from "@grpc/grpc-js";
import { bearer, type Verifier } from "#kit/access.js";
import { methodOf, type RoleWord, registry } from "#kit/contracts.js";
import { toStatus } from "#kit/errors.js";
import type { Log } from "#kit/log.js";
import { createDoor } from "../auth.js";
import type { Origins } from "../cors.js";
import { createEdge } from "../edge.js";
import { addHealth } from "../health.js";
import { createPageTokens } from "../pageTokens.js";
import { createCounter, type Rates } from "../rates.js";
import { buildRoutes } from "../routes.js";
import type { Capacity } from "../shed.js";
import { openUpstream } from "../upstream.js";
import { addWebhooks, carrierRoutes, parseSecrets } from "../webhooks.js";

/** One call as a fake service saw it. */
type Seen = { readonly path: string; readonly input: JsonObject; readonly headers: Readonly<Record<string, unknown>> };

/** Answers a unary call; what it throws becomes the status a kit server would send. */
export type Answer = (input: JsonObject, canceled: Promise<void>) => JsonObject | Promise<JsonObject>;

/** Answers a server stream, and learns when it is canceled. */
export type StreamAnswer = (input: JsonObject, stream: FakeStream) => void | Promise<void>;
type FakeStream = {
  send(json: JsonObject): void;
  sendBytes(bytes: Buffer): void;
  end(): void;
  fail(error: unknown): void;
  readonly canceled: Promise<void>;
};

export const routes = buildRoutes(registry);
const asIs = (bytes: Buffer) => bytes;

const untilCanceled = (call: EventEmitter) => once(call, "cancelled").then(() => {});

/** A gRPC server with these handlers, by method path. */
export async function fakeServices(unary: Record<string, Answer>, streams: Record<string, StreamAnswer> = {}) {
  const seen: Seen[] = [];
  const server = new Server();
  const note = (
    path: string,
    call: { request: Buffer; metadata: { getMap(): Record<string, unknown> } },
  ): JsonObject => {
    const desc = methodOf(path).input;
    const input = toJson(desc, fromBinary(desc, call.request)) as JsonObject;
    seen.push({ path, input, headers: call.metadata.getMap() });
    return input;
  };
  const encode = (path: string, json: JsonObject) => {
    const desc = methodOf(path).output;
    return Buffer.from(toBinary(desc, fromJson(desc, json)));
  };
  const add = (path: string, responseStream: boolean, handler: unknown) =>
    server.register(path, handler as never, asIs, asIs, responseStream ? "serverStream" : "unary");
  for (const [path, answer] of Object.entries(unary)) {
    add(path, false, async (call: ServerUnaryCall<Buffer, Buffer>, reply: (error: unknown, value?: Buffer) => void) => {
      try {
        reply(null, encode(path, await answer(note(path, call), untilCanceled(call))));
      } catch (error) {
        reply(toStatus(error, ""));
      }
    });
  }
  for (const [path, answer] of Object.entries(streams)) {
    add(path, true, (call: ServerWritableStream<Buffer, Buffer>) => {
      void answer(note(path, call), {
        send: (json) => call.write(encode(path, json)),
        sendBytes: (bytes) => call.write(bytes),
        end: () => call.end(),
        fail: (error) => call.emit("error", toStatus(error, "")),
        canceled: untilCanceled(call),
      });
    });
  }
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync("127.0.0.1:0", ServerCredentials.createInsecure(), (e, bound) => (e ? reject(e) : resolve(bound)));
  });
  return { seen, address: `127.0.0.1:${port}`, stop: () => server.forceShutdown() };
}

/** "CUSTOMER.c-17.token" is a customer; anything else is nobody. */
const verify: Verifier = (token) => {
  const [role = "", subject = ""] = token.split(".");
  return { role: role as RoleWord, subject, via: subject === "mesh" ? "resolution" : "" };
};

export const quiet: Log = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };

export const webhookSecrets = {
  old: `whsec_${Buffer.alloc(32, "old").toString("base64")}`,
  fresh: `whsec_${Buffer.alloc(32, "new").toString("base64")}`,
};

export type EdgeUnderTest = Awaited<ReturnType<typeof edgeBefore>>;

/** An edge in front of one address that plays every service. */
export async function edgeBefore(
  address: string,
  {
    deadlineMs = 5000,
    heartbeatMs = 60_000,
    nowMs = Date.now,
    log = quiet,
    corsOrigins = new Set<string>() as Origins,
    hstsSeconds = 31_536_000,
    rates = {} as Partial<Rates>,
    capacity = {} as Partial<Capacity>,
    trustedProxies = [] as readonly string[],
  } = {},
) {
  const draining = new AbortController();
  const upstream = openUpstream([...routes, ...carrierRoutes], {
    addresses: Object.fromEntries(routes.map(({ domain }) => [domain, address])),
    deadlineMs,
  });
  const door = createDoor(
    async (authorization) => verify(bearer(authorization)),
    (caller) => `mesh-token-of-${caller.role}-${caller.subject}`,
    (address) => ({ subject: address, role: "GUEST", via: "" }),
  );
  // Its clock stands still: how buckets fill is told elsewhere.
  const counter = createCounter({ reads: "off", writes: "off", webhooks: "off", anonymous: "off", ...rates }, () => 0);
  const app = createEdge({
    routes,
    upstream,
    door,
    counter,
    pageTokens: createPageTokens("a secret of the mesh"),
    log,
    bodyLimitBytes: 256 * 1024,
    requestTimeoutMs: 5000,
    heartbeatMs,
    corsOrigins,
    hstsSeconds,
    capacity: { inFlightMax: 0, streamsMax: 0, loopDelayMaxMs: 0, ...capacity },
    trustedProxies,
    draining: draining.signal,
  });
  const secrets = parseSecrets(`tcat:${webhookSecrets.old},tcat:${webhookSecrets.fresh}`);
  addWebhooks(app, { secrets, door, counter, upstream, nowMs });
  addHealth(app, upstream, draining.signal);
  const url = await app.listen({ host: "127.0.0.1", port: 0 });
  return {
    url,
    draining,
    fetch: (path: string, init: RequestInit = {}) => fetch(url + path, withToken(init)),
    raw: (text: string) => exchange(Number(new URL(url).port), text),
    stop: async () => {
      draining.abort();
      await app.close();
      upstream.close();
    },
  };
}

function withToken(init: RequestInit): RequestInit {
  const headers = new Headers(init.headers);
  if (!headers.has("authorization")) headers.set("authorization", "Bearer CUSTOMER.c-17.token");
  if (headers.get("authorization") === "none") headers.delete("authorization");
  if (typeof init.body === "string" && !headers.has("content-type")) headers.set("content-type", "application/json");
  else if (headers.get("content-type") === "none") headers.delete("content-type");
  return { ...init, headers };
}

/** Sends bytes no HTTP client would, and reads until the server hangs up. */
async function exchange(port: number, text: string): Promise<string> {
  const socket: Socket = connect(port, "127.0.0.1");
  socket.end(text);
  let answer = "";
  for await (const chunk of socket) answer += chunk;
  return answer;
}
