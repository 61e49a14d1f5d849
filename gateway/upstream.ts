// The services behind the edge. Messages pass as bytes: what the transcoder wrote is what goes out, what comes in is what
// it reads. One channel per domain; several replicas are an address list, taken in turn.
import { Client, type ClientReadableStream, credentials, Metadata } from "@grpc/grpc-js";
import { channelOptions } from "#kit/channel.js";
import { failpoint } from "#kit/failpoint.js";
import { DomainError } from "#kit/pure/check.js";
import { type Identity, serverOf } from "#kit/tls.js";
import { replayedKey, sentKey } from "#kit/trailers.js";
import type { Route } from "./routes.js";

/** What goes along with a call. */
type Passport = {
  /** The mesh's own token for the caller. */
  readonly token: string;
  /** W3C trace context; "" outside any trace. */
  readonly traceparent: string;
};

/** What a service said, and whether it had said so before, to the same request. */
type Answered = { readonly bytes: Buffer; readonly replayed: boolean };

/** A call under way. */
type PendingCall = { readonly answer: Promise<Answered>; cancel(): void };

/** The services, by domain. */
export type Upstream = {
  /** Rejects with a ServiceError. `domain` says who is asked, where every service serves the route; @throws DomainError ROUTE_NOT_FOUND if it is none. */
  call(route: Route, request: Buffer, passport: Passport, domain?: string): PendingCall;
  /** A server stream; it has no deadline, its reader ends it. */
  stream(route: Route, request: Buffer, passport: Passport): ClientReadableStream<Buffer>;
  /** Which domains can be talked to now, waiting for a connection so long. */
  reachable(withinMs: number): Promise<Record<string, boolean>>;
  close(): void;
};

export type UpstreamOptions = {
  /** Domain → gRPC target, e.g. refund → "ipv4:10.0.0.1:7051,10.0.0.2:7051". */
  readonly addresses: Readonly<Record<string, string>>;
  /** How long a unary call may take. */
  readonly deadlineMs: number;
  /** Whose certificate is shown; without one, calls go in plain text. */
  readonly identity?: Identity | undefined;
};

const asIs = (bytes: Buffer): Buffer => bytes;

/**
 * Opens the channels that the routes need.
 * @throws Error if a domain has no address
 */
export function openUpstream(routes: readonly Route[], options: UpstreamOptions): Upstream {
  const clients = new Map<string, Client>();
  for (const { domain, path } of routes) {
    if (domain === "" || clients.has(domain)) continue;
    const address = options.addresses[domain];
    if (!address) throw new Error(`${path} has no address: the domain is "${domain}"`);
    const own = routes.filter((route) => route.domain === domain || route.domain === "");
    const { identity } = options;
    const repeatable = own.filter((route) => route.repeatable).map((route) => route.path);
    const expected = { ...channelOptions(repeatable), ...identity?.expecting(serverOf(path)) };
    clients.set(domain, new Client(address, identity?.channel ?? credentials.createInsecure(), expected));
  }
  const clientOf = (route: Route, domain = route.domain): Client => {
    const client = clients.get(domain);
    if (client) return client;
    throw new DomainError("ROUTE_NOT_FOUND", `no service "${domain}" answers this`, {
      method: route.verb,
      path: route.template.text,
    });
  };
  return {
    call: (route, request, passport, domain) =>
      unary(clientOf(route, domain), route, request, passport, options.deadlineMs),
    stream: (route, request, passport) => {
      failpoint("call", route.path, "before");
      const answers = clientOf(route).makeServerStreamRequest(route.path, asIs, asIs, request, metadataOf(passport));
      failpoint("call", route.path, "after");
      return answers;
    },
    reachable: async (withinMs) => {
      const answers = [...clients].map(async ([domain, client]) => [domain, await isReady(client, withinMs)] as const);
      return Object.fromEntries(await Promise.all(answers));
    },
    close: () => {
      for (const client of clients.values()) client.close();
    },
  };
}

function unary(client: Client, route: Route, request: Buffer, passport: Passport, deadlineMs: number): PendingCall {
  let cancel = () => {};
  let replayed = false;
  const answered = async () => {
    failpoint("call", route.path, "before");
    const answer = await new Promise<Answered>((resolve, reject) => {
      const options = { deadline: Date.now() + deadlineMs };
      const call = client.makeUnaryRequest(
        route.path,
        asIs,
        asIs,
        request,
        metadataOf(passport),
        options,
        (error, bytes) => {
          // The caller is told which service is away, never where it would have been.
          if (error) reject(Object.assign(error, { target: route.service }));
          else resolve({ bytes: bytes as Buffer, replayed });
        },
      );
      call.once("metadata", (metadata) => {
        replayed = metadata.get(replayedKey)[0] === "true";
      });
      cancel = () => call.cancel();
    });
    failpoint("call", route.path, "after");
    return answer;
  };
  return { answer: answered(), cancel };
}

function metadataOf({ token, traceparent }: Passport): Metadata {
  const metadata = new Metadata();
  metadata.set("authorization", `Bearer ${token}`);
  metadata.set(sentKey, String(Date.now()));
  if (traceparent) metadata.set("traceparent", traceparent);
  return metadata;
}

function isReady(client: Client, withinMs: number): Promise<boolean> {
  return new Promise((resolve) => client.waitForReady(Date.now() + withinMs, (error) => resolve(!error)));
}
