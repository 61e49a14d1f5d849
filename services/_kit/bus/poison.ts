// What is to be done with a fact that could not be taken in: again, after a while, or never. Whose fault it was decides. What
// nobody can read does not get better; what a service that is away could not do has all the time; the rest has so many
// deliveries, and half a minute.
import { status } from "@grpc/grpc-js";
import { codes, RpcError } from "#kit/errors.js";
import { DomainError } from "#kit/pure/check.js";
import { ackPendingMax } from "./declared.js";

/** Nobody here can make anything of it, now or later. */
export class Unreadable extends Error {
  override readonly name = "Unreadable";
}

/** Each wait twice as long: ten deliveries in 26 s. */
const firstWaitMs = 200;
const longestWaitMs = 5_000;
/** Several replicas count each for itself; so long after its first failure a fact has been seen often enough by all. */
const patienceMs = 30_000;
/** As long may whatever a fact needs be away. Then somebody must look. */
const awayMs = 6 * 60 * 60_000;
/** What waits for another delivery takes the place of others: with so many waiting, each gets fewer deliveries. */
const crowd = ackPendingMax / 2;
const crowdedDeliveries = 3;
/** Those whose other deliveries went elsewhere are forgotten, oldest first. */
const rememberedMax = 10_000;

type Failures = { count: number; readonly since: number };

export type Patience = {
  /** How long to wait before the next delivery; undefined: there shall be none. */
  failed(key: string, error: unknown, now: number): number | undefined;
  /** It is taken in, or a dead letter. */
  over(key: string): void;
};

/** Counts failures of each fact, by this process. @param deliveriesMax after so many there is no other delivery */
export function openPatience(deliveriesMax: number): Patience {
  const failing = new Map<string, Failures>();

  function count(key: string, now: number): Failures {
    const known = failing.get(key) ?? { count: 0, since: now };
    known.count++;
    failing.delete(key);
    failing.set(key, known);
    if (failing.size > rememberedMax) failing.delete(failing.keys().next().value as string);
    return known;
  }

  return {
    failed: (key, error, now) => {
      if (error instanceof Unreadable) return undefined;
      const others = isAway(error);
      const { count: failures, since } = count(others ? `${key} away` : key, now);
      const most = failing.size > crowd ? Math.min(crowdedDeliveries, deliveriesMax) : deliveriesMax;
      const late = now - since >= (others ? awayMs : patienceMs) && failures > 1;
      if (late || (!others && failures >= most)) return undefined;
      return Math.min(firstWaitMs * 2 ** (failures - 1), longestWaitMs);
    },
    over: (key) => {
      failing.delete(key);
      failing.delete(`${key} away`);
    },
  };
}

const away: ReadonlySet<status> = new Set([
  status.UNAVAILABLE,
  status.DEADLINE_EXCEEDED,
  status.RESOURCE_EXHAUSTED,
  status.ABORTED,
]);

/** Whether it failed because something else was away or busy, which says nothing of the fact. */
export function isAway(error: unknown): boolean {
  if (error instanceof RpcError) return away.has(error.code);
  return error instanceof DomainError && away.has(codes[error.reason as keyof typeof codes]);
}
