// One service at its address: the channel, and what its calls share.
import { existsSync, readFileSync } from "node:fs";
import { type ChannelCredentials, Client, credentials, Metadata, status } from "@grpc/grpc-js";
import { RetryBudget } from "./budget.js";
import type { Settings, TlsOptions, WatchOptions } from "./options.js";

export type Line = { readonly client: Client; readonly budget: RetryBudget; readonly settings: Settings };

/** Opens nothing yet: the first call connects. Retries are ours, within a budget; gRPC's own are off. */
export function openLine(address: string, settings: Settings, channel: ChannelCredentials): Line {
  const client = new Client(address, channel, {
    "grpc.service_config": JSON.stringify({ loadBalancingConfig: [{ round_robin: {} }] }),
    "grpc.enable_retries": 0,
    "grpc.initial_reconnect_backoff_ms": 100,
    "grpc.max_reconnect_backoff_ms": 2000,
    // A connection that died without a word is noticed under a stream, too.
    "grpc.keepalive_time_ms": 30_000,
    "grpc.keepalive_timeout_ms": 10_000,
    ...(settings.userAgent ? { "grpc.primary_user_agent": settings.userAgent } : {}),
    ...(settings.interceptors ? { interceptors: [...settings.interceptors] } : {}),
  });
  return { client, budget: new RetryBudget(), settings };
}

/** @throws Error if a file cannot be read, or if it is no certificate or key */
export function credentialsOf(tls: TlsOptions | boolean | undefined): ChannelCredentials {
  if (!tls) return credentials.createInsecure();
  const { ca, cert, key } = tls === true ? {} : tls;
  return credentials.createSsl(pem(ca), pem(key), pem(cert));
}

function pem(source: string | Buffer | undefined): Buffer | null {
  if (source === undefined) return null;
  if (typeof source !== "string") return source;
  if (source.includes("-----BEGIN ")) return Buffer.from(source);
  if (!existsSync(source)) throw new Error(`tls: ${source} is neither PEM nor a file`);
  return readFileSync(source);
}

/** What goes with an attempt. @throws NoToken if there is none before the deadline */
export async function headersOf(
  { token, locale }: Settings,
  options: WatchOptions,
  deadline: number,
): Promise<Metadata> {
  const metadata = new Metadata();
  for (const [name, value] of Object.entries(options.headers ?? {})) metadata.set(name, value);
  const spoken = options.locale ?? locale;
  if (spoken) metadata.set("accept-language", spoken);
  const bearer = options.token ?? token;
  metadata.set("authorization", `Bearer ${typeof bearer === "string" ? bearer : await inTime(bearer(), deadline)}`);
  return metadata;
}

/** As gRPC would say it of an answer. */
class NoToken extends Error {
  readonly code = status.DEADLINE_EXCEEDED;
  readonly details = "no token came in time";
}

/** Where a token is had from may be slow; it does not get more time than the call. */
async function inTime(token: string | Promise<string>, deadline: number): Promise<string> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new NoToken()), Math.max(0, deadline - Date.now()));
  });
  try {
    return await Promise.race([token, late]);
  } finally {
    clearTimeout(timer);
  }
}

/** Tells the caller's onCall, apart from the call. */
export function report({ settings: { onCall } }: Line, told: Parameters<NonNullable<Settings["onCall"]>>[0]): void {
  if (onCall) queueMicrotask(() => onCall(told));
}
