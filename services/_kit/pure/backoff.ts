/** How long to wait before trying again. Used by the relay, the agenda workers and provider clients. */

/** `baseMs`: upper bound of the first wait. `capMs`: no wait is longer. */
export type Backoff = { readonly baseMs: number; readonly capMs: number };

/**
 * Full jitter: a random whole number of milliseconds in [0, min(capMs, baseMs · 2^(attempt-1))). It spreads retries of
 * many clients best (AWS Architecture Blog, "Exponential Backoff And Jitter", 2015).
 * @param attempt 1 for the first retry
 * @param random in [0, 1), handed in by the caller
 * @throws RangeError if attempt is not a positive whole number or random is outside [0, 1)
 */
export function delayMs(attempt: number, { baseMs, capMs }: Backoff, random: number): number {
  if (!Number.isInteger(attempt) || attempt < 1) throw new RangeError(`attempt must be 1 or more, got ${attempt}`);
  if (!(random >= 0 && random < 1)) throw new RangeError(`random must be in [0, 1), got ${random}`);
  return Math.floor(random * Math.min(capMs, baseMs * 2 ** (attempt - 1)));
}
