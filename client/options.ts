// What createBackhaul may be told, and what a single call may be told otherwise.
import type { Interceptor } from "@grpc/grpc-js";
import type { Code } from "./errors.js";
import type { RetryPolicy } from "./retry.js";

/** A bearer token, or where to have it from: asked before every attempt, so that it may expire in between. */
export type Token = string | (() => string | Promise<string>);

/** PEM, or the path of a file with it; read once. */
export type TlsOptions = {
  /** Whom to believe; the system's authorities if not said. */
  readonly ca?: string | Buffer;
  /** Who we are, where the mesh asks for it; together with `key`. */
  readonly cert?: string | Buffer;
  readonly key?: string | Buffer;
};

/** One call, after its end. */
export type CallReport = {
  readonly rpc: string;
  readonly code: Code | "OK";
  /** How often it was sent, the first time included; of a stream, how many connections it took. */
  readonly attempts: number;
  readonly durationMs: number;
  /** Of a write. */
  readonly requestId: string | undefined;
  /** True where the answer was given before, and nothing happened this time. */
  readonly replayed: boolean;
};

export type BackhaulOptions<Home extends string> = {
  /** Where every service is, "mesh.internal:443"; grpc-js's names, such as "dns:///host:port", are fine. */
  readonly address?: string;
  /** Where each is; comes before `address`. */
  readonly addresses?: Readonly<Partial<Record<Home, string>>>;
  readonly token: Token;
  /** true for TLS by the system's authorities; plain text if not said. */
  readonly tls?: TlsOptions | boolean;
  /** Milliseconds a call may take, retries included; 10,000 if not said. */
  readonly deadlineMs?: number;
  /** `attempts` 1 to 3, 3 if not said; waits up to `baseMs` (100) first, twice that next, `capMs` (2,000) at most. */
  readonly retry?: Partial<RetryPolicy>;
  /** Milliseconds a stream may be without a connection before it fails; 300,000 if not said. */
  readonly patienceMs?: number;
  /** A BCP 47 tag, sent as accept-language. */
  readonly locale?: string;
  /** Who calls, put before grpc-js's own words. */
  readonly userAgent?: string;
  /** grpc-js's, around every attempt. */
  readonly interceptors?: readonly Interceptor[];
  /** Told of every call after its end. It runs apart from the call: what it throws is nobody's to catch. */
  readonly onCall?: (report: CallReport) => void;
};

/** What holds for one stream. */
export type WatchOptions = {
  /** Ends it: the call throws Cancelled, whose cause is the signal's reason. */
  readonly signal?: AbortSignal;
  readonly token?: Token;
  readonly locale?: string;
  /** Further metadata, such as traceparent; of every attempt. */
  readonly headers?: Readonly<Record<string, string>>;
};

/** What holds for one call. */
export type CallOptions = WatchOptions & {
  readonly deadlineMs?: number;
  /** The caller's own id of a write: whoever repeats it under the same one, gets the first answer. */
  readonly requestId?: string;
};

/** The options with what was not said. */
export type Settings = Pick<
  BackhaulOptions<string>,
  "token" | "tls" | "locale" | "userAgent" | "interceptors" | "onCall"
> & { readonly deadlineMs: number; readonly retry: RetryPolicy; readonly patienceMs: number };

/** @throws RangeError naming an option that cannot be */
export function settingsOf(options: BackhaulOptions<string>): Settings {
  const { deadlineMs = 10_000, patienceMs = 300_000 } = options;
  const retry = { attempts: 3, baseMs: 100, capMs: 2000, ...options.retry };
  const whole = (value: number, least: number) => Number.isInteger(value) && value >= least;
  if (!whole(deadlineMs, 1)) throw new RangeError(`deadlineMs is a whole number from 1, not ${deadlineMs}`);
  if (!whole(patienceMs, 0)) throw new RangeError(`patienceMs is a whole number from 0, not ${patienceMs}`);
  if (!whole(retry.attempts, 1) || retry.attempts > 3) {
    throw new RangeError(`retry.attempts is 1, 2 or 3, not ${retry.attempts}: more would bury a service in trouble`);
  }
  return { ...options, deadlineMs, patienceMs, retry };
}
