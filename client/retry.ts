// Whether a failed call is sent again, and when.
import { type Backoff, delayMs } from "../services/_kit/pure/backoff.js";
import type { BackhaulError } from "./errors.js";

/** How often and how fast. */
export type RetryPolicy = Backoff & {
  /** The first one included; 1 never tries again. */
  readonly attempts: number;
};

/**
 * How long to wait before the next attempt of a call that may be repeated; undefined where there is none. What is
 * UNAVAILABLE may be there in a moment; RESOURCE_EXHAUSTED passes only where the other side says when.
 * @param attempt the one that failed, from 1
 * @param random in [0, 1)
 */
export function pauseMs(
  { code, retryAfterMs }: Pick<BackhaulError, "code" | "retryAfterMs">,
  attempt: number,
  policy: RetryPolicy,
  random: number,
): number | undefined {
  const passes = code === "UNAVAILABLE" || (code === "RESOURCE_EXHAUSTED" && retryAfterMs !== undefined);
  if (!passes || attempt >= policy.attempts) return undefined;
  return (retryAfterMs ?? 0) + delayMs(attempt, policy, random);
}
