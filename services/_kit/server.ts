// A gRPC server whose handlers are promise functions. At the door, in this order: the other end's certificate, how much
// there is to do and how much time is left, the caller's token, the contract's access rule, the request's rules.
import { setMaxListeners } from "node:events";
import { Server, ServerCredentials } from "@grpc/grpc-js";
import type { Verifier } from "#kit/access.js";
import { type Desk, duplex, serverStream, unary } from "#kit/answering.js";
import type { Call } from "#kit/call.js";
import { knownCallers } from "#kit/callers.js";
import { accessOf, methodOf } from "#kit/contracts.js";
import { type Capacity, openDoor } from "#kit/door.js";
import { openHealth } from "#kit/health.js";
import { heldAlive } from "#kit/keepalive.js";
import type { Log } from "#kit/log.js";
import type { RequestOf, ResponseOf, ServiceContract } from "#kit/methods.js";
import { reflectionServices } from "#kit/reflection.js";
import type { Identity } from "#kit/tls.js";
import { receiver } from "#kit/validate.js";

/** How a contract is implemented: one function per rpc. A server stream is an async iterable, a duplex one is raw. */
export type Handlers<S> = {
  readonly [K in keyof S]: S[K] extends { requestStream: true }
    ? // biome-ignore lint/suspicious/noExplicitAny: the raw grpc-js stream of either direction
      (stream: any, call: Call) => void
    : S[K] extends { responseStream: true }
      ? (request: RequestOf<S[K]>, call: Call, canceled: AbortSignal) => AsyncIterable<ResponseOf<S[K]>>
      : (request: RequestOf<S[K]>, call: Call) => Promise<ResponseOf<S[K]>>;
};

/** A contract with its implementation, as `serve` takes it. */
export type Implementation = { readonly contract: ServiceContract; readonly handlers: Handlers<ServiceContract> };

/** Pairs a contract with its handlers, and has the compiler see that they fit. */
export function implement<S extends ServiceContract>(contract: S, handlers: Handlers<S>): Implementation {
  return { contract, handlers: handlers as unknown as Handlers<ServiceContract> };
}

/** What a server needs. */
export type ServerOptions = {
  readonly host: string;
  /** 0 takes a free one. */
  readonly port: number;
  readonly verify: Verifier;
  readonly log: Log;
  readonly reflection: boolean;
  /** How long a shutdown waits for calls under way. */
  readonly drainMs: number;
  /** Without one, anybody may connect, and in plain text. */
  readonly identity?: Identity | undefined;
  /** The services that may call, by the names in their certificates. With none, only those whom the settings name. */
  readonly callers?: readonly string[] | undefined;
  /** How long a connection lasts before its client is asked to make a new one; 10 minutes if not said. */
  readonly connectionAgeMs?: number;
  /** The largest message it reads; 4 MB if not said. */
  readonly messageBytesMax?: number | undefined;
  /** Told the business time of services that call. */
  readonly reached?: ((time: Date) => void) | undefined;
  /** How much it takes on; any number of calls and streams if not said. */
  readonly capacity?: Capacity;
};

/** A server that answers. */
export type RunningServer = {
  readonly port: number;
  /** What health says of its readiness; calls are answered either way. */
  setServing(serving: boolean): void;
  /** What health says of something by its own name. */
  setCondition(name: string, holds: boolean): void;
  /** Calls under way, streams included. */
  calls(): number;
  /** Health says NOT_SERVING at once, and no new connection is taken; streams end, calls under way are answered. */
  stop(): Promise<void>;
};

const anything: Capacity = { callsMax: 0, streamsMax: 0, callMaxMs: 60_000 };

/**
 * Starts answering.
 * @throws Error if a method has no access option, or the port is taken
 */
export async function serve(
  implementations: readonly Implementation[],
  options: ServerOptions,
): Promise<RunningServer> {
  const { identity, callers = [], log, verify } = options;
  // A process may call itself: that is how its health is asked for, where it runs.
  const known =
    identity &&
    knownCallers({ services: [...callers, ...identity.names], others: identity.others, domain: identity.domain }, log);
  const server = new Server({
    interceptors: known ? [known.interceptor] : [],
    "grpc.max_receive_message_length": options.messageBytesMax ?? 1024 * 1024 * 4,
    // A client that stays on one replica for ever would never see a new one, nor show its new certificate.
    "grpc.max_connection_age_ms": options.connectionAgeMs ?? 10 * 60_000,
    "grpc.max_connection_age_grace_ms": 30_000,
    ...heldAlive,
  });
  const names = implementations.map(({ contract }) => serviceName(contract));
  const health = openHealth(names);
  health.addTo(server);
  if (options.reflection)
    for (const [contract, handlers] of reflectionServices(names)) server.addService(contract, handlers);
  const door = openDoor(options.capacity ?? anything);
  const draining = new AbortController();
  setMaxListeners(0, draining.signal); // every open stream listens
  const { reached } = options;
  const desk = { verify, known, door, reached, log, draining: draining.signal };
  for (const { contract, handlers } of implementations) addService(server, contract, handlers, desk);

  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync(
      `${options.host}:${options.port}`,
      identity?.server() ?? ServerCredentials.createInsecure(),
      (error, bound) =>
        error ? reject(new Error(`port ${options.port} cannot be used: ${error.message}`)) : resolve(bound),
    );
  });
  return {
    port,
    setServing: health.setReady,
    setCondition: health.set,
    calls: door.calls,
    stop: () => {
      health.setReady(false);
      draining.abort();
      return closed(server, door.calls, options.drainMs);
    },
  };
}

/** With no call of ours under way for so long, what keeps a connection is somebody who watches our health. */
const idleMs = 500;

/**
 * Takes no more connections, and tells those there are to take their next call elsewhere; a call that crosses that message
 * on its way was not begun, and its client sends it again by itself. Resolves when all under way are answered.
 */
function closed(server: Server, calls: () => number, drainMs: number): Promise<void> {
  return new Promise((resolve) => {
    const until = performance.now() + drainMs;
    let busyAt = performance.now();
    const look = setInterval(() => {
      const now = performance.now();
      if (calls() > 0) busyAt = now;
      if (now > until || now - busyAt > idleMs) server.forceShutdown();
    }, 50);
    server.tryShutdown(() => {
      clearInterval(look);
      resolve();
    });
  });
}

function serviceName(contract: ServiceContract): string {
  return Object.values(contract)[0]?.path.split("/")[1] ?? "";
}

function addService(
  server: Server,
  contract: ServiceContract,
  handlers: Handlers<ServiceContract>,
  room: Omit<Desk, "path" | "rule">,
): void {
  const definitions: Record<string, unknown> = {};
  const adapted: Record<string, unknown> = {};
  for (const [name, method] of Object.entries(contract)) {
    const descriptor = methodOf(method.path);
    const desk: Desk = { path: method.path, rule: accessOf(descriptor), ...room };
    // biome-ignore lint/suspicious/noExplicitAny: one of the three shapes of Handlers
    const handler = handlers[name] as any;
    if (!handler) throw new Error(`${method.path} is not implemented`);
    if (method.requestStream) {
      definitions[name] = method;
      adapted[name] = duplex(desk, handler);
    } else {
      definitions[name] = { ...method, requestDeserialize: receiver(descriptor, method.requestDeserialize) };
      adapted[name] = method.responseStream ? serverStream(desk, handler) : unary(desk, handler);
    }
  }
  server.addService(definitions as never, adapted as never);
}
