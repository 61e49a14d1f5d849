// A gRPC server whose handlers are promise functions. At the door, in this order: the other end's certificate, the
// request's rules, the caller's token, the contract's access rule. Behind it every error becomes a status with a reason, and nothing is left hanging.
import {
  Metadata,
  Server,
  ServerCredentials,
  type ServerUnaryCall,
  type ServerWritableStream,
  status,
} from "@grpc/grpc-js";
import { HealthImplementation } from "grpc-health-check";
import { bearer, type Caller, type Verifier } from "#kit/access.js";
import type { Call } from "#kit/call.js";
import { type KnownCallers, knownCallers } from "#kit/callers.js";
import { type AccessRule, accessOf, methodOf } from "#kit/contracts.js";
import { toStatus } from "#kit/errors.js";
import { heldAlive } from "#kit/keepalive.js";
import type { Log } from "#kit/log.js";
import type { RequestOf, ResponseOf, ServiceContract } from "#kit/methods.js";
import { DomainError } from "#kit/pure/check.js";
import { reflectionServices } from "#kit/reflection.js";
import { measure, spanned, traceFrom, traceId } from "#kit/telemetry.js";
import type { Identity } from "#kit/tls.js";
import { replayedKey } from "#kit/trailers.js";
import { type Received, receiver } from "#kit/validate.js";

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
};

/** A server that answers. */
export type RunningServer = {
  readonly port: number;
  /** What health says; calls are answered either way. */
  setServing(serving: boolean): void;
  /** Calls under way. */
  calls(): number;
  /** Health says NOT_SERVING at once; calls under way end, then the port closes. */
  stop(): Promise<void>;
};

/**
 * Starts answering.
 * @throws Error if a method has no access option, or the port is taken
 */
export async function serve(
  implementations: readonly Implementation[],
  options: ServerOptions,
): Promise<RunningServer> {
  const { identity, callers = [], log } = options;
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
  const health = new HealthImplementation({ "": "SERVING", ...Object.fromEntries(names.map((n) => [n, "SERVING"])) });
  health.addToServer(server);
  if (options.reflection)
    for (const [contract, handlers] of reflectionServices(names)) server.addService(contract, handlers);
  const underWay = { calls: 0 };
  for (const { contract, handlers } of implementations)
    addService(server, contract, handlers, { options, known, underWay });

  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync(
      `${options.host}:${options.port}`,
      identity?.server() ?? ServerCredentials.createInsecure(),
      (error, bound) =>
        error ? reject(new Error(`port ${options.port} cannot be used: ${error.message}`)) : resolve(bound),
    );
  });
  const setServing = (serving: boolean) => {
    for (const name of ["", ...names]) health.setStatus(name, serving ? "SERVING" : "NOT_SERVING");
  };
  return {
    port,
    setServing,
    calls: () => underWay.calls,
    stop: () => {
      setServing(false);
      return new Promise((resolve) => {
        const force = setTimeout(() => server.forceShutdown(), options.drainMs);
        server.tryShutdown(() => {
          clearTimeout(force);
          resolve();
        });
      });
    },
  };
}

function serviceName(contract: ServiceContract): string {
  return Object.values(contract)[0]?.path.split("/")[1] ?? "";
}

function addService(
  server: Server,
  contract: ServiceContract,
  handlers: Handlers<ServiceContract>,
  room: Pick<Door, "options" | "known" | "underWay">,
): void {
  const definitions: Record<string, unknown> = {};
  const adapted: Record<string, unknown> = {};
  for (const [name, method] of Object.entries(contract)) {
    const descriptor = methodOf(method.path);
    const rule = accessOf(descriptor);
    const door: Door = { path: method.path, rule, ...room };
    // biome-ignore lint/suspicious/noExplicitAny: one of the three shapes of Handlers
    const handler = handlers[name] as any;
    if (!handler) throw new Error(`${method.path} is not implemented`);
    if (method.requestStream) {
      definitions[name] = method;
      adapted[name] = duplex(door, handler);
    } else {
      definitions[name] = { ...method, requestDeserialize: receiver(descriptor, method.requestDeserialize) };
      adapted[name] = method.responseStream ? serverStream(door, handler) : unary(door, handler);
    }
  }
  server.addService(definitions as never, adapted as never);
}

type UnderWay = { calls: number };
type Door = {
  readonly path: string;
  readonly rule: AccessRule;
  readonly options: ServerOptions;
  readonly known: KnownCallers | undefined;
  readonly underWay: UnderWay;
};
type Incoming = Pick<ServerUnaryCall<unknown, unknown>, "metadata">;

async function admit({ path, rule, options, known }: Door, { metadata }: Incoming): Promise<Caller> {
  const caller = await options.verify(bearer(metadata.get("authorization")[0]?.toString()));
  known?.confirm(metadata, caller);
  if (rule.roles.has(caller.role)) return caller;
  const method = path.slice(1);
  throw new DomainError("ROLE_NOT_ALLOWED", `${caller.role} may not call ${method}`, { role: caller.role, method });
}

function received<Q>(message: Received<Q>): Q {
  if ("error" in message) throw message.error;
  return message.request;
}

/** Runs one answer inside its span, and books how it ended. Never rejects. */
async function answered(
  door: Door,
  metadata: Incoming["metadata"],
  work: () => Promise<void>,
  refuse: (error: Partial<import("@grpc/grpc-js").StatusObject>) => void,
): Promise<void> {
  const startedAt = performance.now();
  const { path, options } = door;
  const parent = traceFrom(metadata.get("traceparent")[0]?.toString());
  let code = status.OK;
  door.underWay.calls++;
  await spanned(path.slice(1), "SERVER", parent, async () => {
    try {
      await work();
      options.log.debug({ method: path, ms: elapsed(startedAt) }, "answered");
    } catch (error) {
      const refusal = toStatus(error, traceId());
      code = refusal.code ?? status.INTERNAL;
      const fields = {
        method: path,
        code: status[code],
        reason: (error as DomainError).reason,
        ms: elapsed(startedAt),
      };
      if (code === status.INTERNAL) options.log.error({ ...fields, error }, "failed");
      else options.log.warn(fields, "refused");
      refuse(refusal);
    }
  });
  door.underWay.calls--;
  measure("server", startedAt, { method: path, code: status[code] });
}

function elapsed(startedAt: number): number {
  return Math.round((performance.now() - startedAt) * 10) / 10;
}

function unary(door: Door, handler: (request: unknown, call: Call) => Promise<unknown>) {
  return (surface: ServerUnaryCall<Received<unknown>, unknown>, reply: (error: unknown, response?: unknown) => void) =>
    void answered(
      door,
      surface.metadata,
      async () => {
        const caller = await admit(door, surface);
        let replayed = false;
        const recalled = () => {
          replayed = true;
        };
        const answer = await handler(received(surface.request), { caller, surface, recalled });
        if (replayed) surface.sendMetadata(replayedMetadata());
        reply(null, answer);
      },
      reply,
    );
}

function replayedMetadata(): Metadata {
  const metadata = new Metadata();
  metadata.set(replayedKey, "true");
  return metadata;
}

function serverStream(
  door: Door,
  handler: (request: unknown, call: Call, canceled: AbortSignal) => AsyncIterable<unknown>,
) {
  return (surface: ServerWritableStream<Received<unknown>, unknown>) => {
    const canceled = new AbortController();
    surface.on("cancelled", () => canceled.abort());
    void answered(
      door,
      surface.metadata,
      async () => {
        const caller = await admit(door, surface);
        for await (const message of handler(received(surface.request), { caller, surface }, canceled.signal)) {
          if (!surface.write(message)) await drained(surface, canceled.signal);
        }
        surface.end();
      },
      (error) => refuseStream(surface, error),
    );
  };
}

/** As grpc-js wants it: a stream that is destroyed instead never sends its status, and its reader waits for ever. */
function refuseStream(surface: NodeJS.EventEmitter, error: unknown): void {
  surface.emit("error", error);
}

/** A slow reader is waited for; one that left is not. */
function drained(surface: NodeJS.EventEmitter, canceled: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    surface.once("drain", resolve);
    canceled.addEventListener("abort", () => resolve(), { once: true });
  });
}

function duplex(door: Door, handler: (stream: unknown, call: Call) => void) {
  // biome-ignore lint/suspicious/noExplicitAny: the raw grpc-js stream
  return (surface: any) => {
    surface.pause();
    void answered(
      door,
      surface.metadata,
      async () => {
        const caller = await admit(door, surface);
        handler(surface, { caller });
        surface.resume();
      },
      (error) => refuseStream(surface, error),
    );
  };
}
