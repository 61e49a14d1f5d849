// Calls to other services: promises in place of callbacks, always a deadline, retries where the contract says that a call
// may be repeated, a breaker, errors as RpcError, the caller's token and the trace passed on.
import {
  Client,
  type ClientDuplexStream,
  type ClientReadableStream,
  credentials,
  Metadata,
  type ServiceError,
  status,
} from "@grpc/grpc-js";
import { context } from "@opentelemetry/api";
import type { Minter } from "#kit/access.js";
import { type Breakers, type Guard, outcomeOf } from "#kit/breakers.js";
import { type Call, ownCall } from "#kit/call.js";
import { channelOptions } from "#kit/channel.js";
import { methodOf, repeatable } from "#kit/contracts.js";
import { fromServiceError } from "#kit/errors.js";
import { failpoint } from "#kit/failpoint.js";
import type { AnyMethod, RequestOf, ResponseOf, ServiceContract } from "#kit/methods.js";
import { measure, spanned, traceparent } from "#kit/telemetry.js";
import { type Identity, serverOf } from "#kit/tls.js";
import { businessTimeKey, sentKey } from "#kit/trailers.js";

export type { ServiceContract };

/** A contract as seen by its callers. Without a call, the service calls on its own behalf. */
export type ClientOf<S> = {
  readonly [K in keyof S]: S[K] extends { requestStream: true; responseStream: true }
    ? () => Promise<ClientDuplexStream<RequestOf<S[K]>, ResponseOf<S[K]>>>
    : S[K] extends { responseStream: true }
      ? (request: RequestOf<S[K]>, call?: Call) => Promise<ClientReadableStream<ResponseOf<S[K]>>>
      : (request: RequestOf<S[K]>, call?: Call) => Promise<ResponseOf<S[K]>>;
};

/** Gives the client of a contract at one address. */
export type Connect = <S extends ServiceContract>(contract: S) => ClientOf<S>;

/** What every call of one process shares. */
export type ClientOptions = {
  /** The service that calls. */
  readonly service: string;
  readonly mint: Minter;
  /** Time a call may take when nobody further up set a deadline. */
  readonly deadlineMs: number;
  /** Whose certificate is shown; without one, calls go in plain text. */
  readonly identity?: Identity | undefined;
  /** Whose certificate is expected, where the contract does not say: every service answers operators by the same one. */
  readonly server?: string | undefined;
  /** The time by which this process judges, told with each call; none where it is real time. */
  readonly businessTime?: (() => Date | undefined) | undefined;
  /** Who does not answer is left alone for a while; without them, everybody is asked always. */
  readonly breakers?: Breakers | undefined;
};

/** Opens an address. Closing it ends every client made from it. */
export function openAddress(address: string, options: ClientOptions): { connect: Connect; close(): void } {
  const open: Client[] = [];
  const connect: Connect = (contract) => {
    const paths = Object.values(contract).map(({ path }) => path);
    const client = new Client(address, options.identity?.channel ?? credentials.createInsecure(), {
      ...options.identity?.expecting(options.server ?? serverOf(paths[0] ?? "")),
      ...channelOptions(paths.filter((path) => repeatable(methodOf(path)))),
    });
    open.push(client);
    const self = ownCall(options.service);
    const guard = options.breakers?.before(paths[0]?.split("/")[1] ?? "");
    const methods = Object.entries(contract).map(([name, method]) => {
      if (method.requestStream) return [name, () => duplex(client, method, options, self)];
      if (method.responseStream) {
        return [name, (request: unknown, call = self) => stream(client, method, options, request, call)];
      }
      return [name, (request: unknown, call = self) => unary({ client, method, options, guard }, request, call)];
    });
    return Object.fromEntries(methods);
  };
  return { connect, close: () => open.forEach((client) => client.close()) };
}

type Line = {
  readonly client: Client;
  readonly method: AnyMethod;
  readonly options: ClientOptions;
  readonly guard: Guard | undefined;
};

function unary({ client, method, options, guard }: Line, request: unknown, call: Call): Promise<unknown> {
  const startedAt = performance.now();
  return spanned(method.path.slice(1), "CLIENT", context.active(), async () => {
    const metadata = await headers(options, call);
    const heard = guard?.passing(method.path);
    const deadline = Math.min(Date.now() + options.deadlineMs, call.deadline ?? Number.POSITIVE_INFINITY);
    const givenMs = deadline - Date.now();
    // A caller who leaves ends what is done for them.
    const callOptions = call.surface ? { deadline, parent: call.surface } : { deadline };
    failpoint("call", method.path, "before");
    const answer = await new Promise((resolve, reject) => {
      client.makeUnaryRequest(
        method.path,
        method.requestSerialize,
        method.responseDeserialize,
        request,
        metadata,
        callOptions,
        (error: ServiceError | null, response: unknown) => {
          measure("client", startedAt, { method: method.path, code: status[error?.code ?? status.OK] });
          const failure = error ? fromServiceError(error, method.path) : undefined;
          heard?.(outcomeOf(failure, givenMs));
          if (failure) reject(failure);
          else resolve(response);
        },
      );
    });
    failpoint("call", method.path, "after");
    return answer;
  });
}

async function headers(options: ClientOptions, call: Call): Promise<Metadata> {
  const metadata = new Metadata();
  const token = options.mint(call.caller);
  metadata.set("authorization", `Bearer ${typeof token === "string" ? token : await token}`);
  metadata.set(sentKey, String(Date.now()));
  const time = options.businessTime?.();
  if (time) metadata.set(businessTimeKey, String(time.getTime()));
  const trace = traceparent();
  if (trace) metadata.set("traceparent", trace);
  return metadata;
}

/** Streams have no deadline of their own: the caller cancels them. */
async function stream(client: Client, method: AnyMethod, options: ClientOptions, request: unknown, call: Call) {
  const { requestSerialize, responseDeserialize } = method;
  const parent = call.surface ? { parent: call.surface } : {};
  const metadata = await headers(options, call);
  failpoint("call", method.path, "before");
  const answers = client.makeServerStreamRequest(
    method.path,
    requestSerialize,
    responseDeserialize,
    request,
    metadata,
    parent,
  );
  failpoint("call", method.path, "after");
  return answers;
}

async function duplex(client: Client, method: AnyMethod, options: ClientOptions, call: Call) {
  const { requestSerialize, responseDeserialize } = method;
  const metadata = await headers(options, call);
  failpoint("call", method.path, "before");
  const both = client.makeBidiStreamRequest(method.path, requestSerialize, responseDeserialize, metadata, {});
  failpoint("call", method.path, "after");
  return both;
}
