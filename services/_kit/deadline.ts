// How long a call may take. Each hop keeps a little of what its caller gave it, so that its own answer, which says what
// went wrong, comes before the caller's time is over; and what cannot be done in time is not begun.
import { DomainError } from "#kit/pure/check.js";

/** Kept of a caller's time for the way back. */
const answerMs = 20;
/** With less than this left, whatever is begun would be thrown away. */
const leastMs = 100;

/**
 * Until when calls made on behalf of one that came with this deadline may take, in real time. Who sets none gets `maxMs`.
 * @param deadline as gRPC tells it: epoch milliseconds, Infinity where the caller set none
 * @throws DomainError DEADLINE_EXCEEDED with less than 100 ms left
 */
export function deadlineOf(deadline: Date | number, maxMs: number, nowMs: number): number {
  const until = Number(deadline);
  if (until === Number.POSITIVE_INFINITY) return nowMs + maxMs;
  if (until - nowMs < leastMs) {
    throw new DomainError("DEADLINE_EXCEEDED", `less than ${leastMs} ms were left, so nothing was begun; give it more`);
  }
  return until - answerMs;
}
