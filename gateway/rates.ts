// How often somebody may ask: each caller by kind of request, and whoever is nobody by address. Counted in memory, at each
// replica for itself: a limit shared by all would be one more thing that every request waits for.
import type { FastifyReply, FastifyRequest } from "fastify";
import { DomainError } from "#kit/pure/check.js";
import { type Bucket, type Quota, take } from "./bucket.js";

/** What is counted apart: a console that reads much must still be able to decline a return. */
export type RateKind = "reads" | "writes" | "webhooks" | "anonymous";

/** The quota of each kind. */
export type Rates = Readonly<Record<RateKind, Quota | "off">>;

/** Somebody asked more often than anybody may. */
export class RateLimited extends DomainError {
  constructor(
    kind: RateKind,
    { requests, windowMs }: Quota,
    readonly retryAfterMs: number,
  ) {
    const windowSeconds = windowMs / 1000;
    super(
      "RATE_LIMITED",
      `more than ${requests} requests (${kind}) in ${windowSeconds} s; wait ${Math.ceil(retryAfterMs / 1000)} s`,
      { kind, requests: String(requests), window_seconds: String(windowSeconds) },
    );
  }
}

export type Counter = {
  /** Counts a request of somebody who is known, and tells them what they have left. @throws RateLimited */
  count(kind: RateKind, who: string, reply: FastifyReply): void;
  /** Counts a request of somebody nobody knows. @throws RateLimited */
  countStranger(request: FastifyRequest, reply: FastifyReply): void;
  /** Lets somebody in; who is turned away counts as a stranger. @throws what `admit` throws, RateLimited */
  admitting<T>(request: FastifyRequest, reply: FastifyReply, admit: () => Promise<T>): Promise<T>;
};

// Callers remembered per kind; beyond that, who asked longest ago begins anew with a full bucket. Some 2 MB.
const remembered = 10_000;

const turnedAway = new Set(["UNAUTHENTICATED", "ROLE_NOT_ALLOWED", "SCOPE_NOT_ALLOWED", "WEBHOOK_SIGNATURE"]);

/** Opens the books. `nowMs` is of a clock that nobody sets. */
export function createCounter(rates: Rates, nowMs: () => number = () => performance.now()): Counter {
  const buckets: Readonly<Record<RateKind, Map<string, Bucket>>> = {
    reads: new Map(),
    writes: new Map(),
    webhooks: new Map(),
    anonymous: new Map(),
  };

  const count: Counter["count"] = (kind, who, reply) => {
    const quota = rates[kind];
    if (quota === "off") return;
    const known = buckets[kind];
    const { bucket, allowed, left, nextInMs, fullInMs } = take(quota, known.get(who), nowMs());
    known.delete(who); // a Map keeps the order of insertion: the first is who asked longest ago
    known.set(who, bucket);
    if (known.size > remembered) known.delete(known.keys().next().value as string);
    // draft-ietf-httpapi-ratelimit-headers-10
    reply.headers({
      "ratelimit-policy": `"${kind}";q=${quota.requests};w=${quota.windowMs / 1000}`,
      ratelimit: `"${kind}";r=${left};t=${Math.ceil(fullInMs / 1000)}`,
    });
    if (!allowed) throw new RateLimited(kind, quota, nextInMs);
  };
  const countStranger: Counter["countStranger"] = (request, reply) => count("anonymous", networkOf(request.ip), reply);

  return {
    count,
    countStranger,
    admitting: async (request, reply, admit) => {
      try {
        return await admit();
      } catch (error) {
        if (error instanceof DomainError && turnedAway.has(error.reason)) countStranger(request, reply);
        throw error;
      }
    },
  };
}

/** Who an address belongs to: of IPv6, everybody has 2^64 to ask from. */
export function networkOf(address: string): string {
  const plain = address.replace(/^::ffff:(?=\d+\.)/i, "");
  if (!plain.includes(":")) return plain;
  const [head = "", tail] = plain.split("::");
  const first = head.split(":").filter(Boolean);
  const last = tail?.split(":").filter(Boolean) ?? [];
  const zeros = Array.from({ length: 8 - first.length - last.length }, () => "0");
  return `${[...first, ...zeros, ...last].slice(0, 4).join(":")}::/64`;
}

/**
 * Reads "600/60": so many requests in so many seconds; "off" is no limit.
 * @throws Error if it is neither
 */
export function parseQuota(text: string): Quota | "off" {
  if (text === "off") return "off";
  const [, requests, seconds] = /^([1-9]\d{0,8})\/([1-9]\d{0,4})$/.exec(text) ?? [];
  if (!requests || !seconds) throw new Error('is neither "off" nor requests/seconds such as 600/60');
  return { requests: Number(requests), windowMs: Number(seconds) * 1000 };
}
