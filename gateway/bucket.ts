// The token bucket: how often somebody may ask. Pure: time comes in, so that a table of cases can tell all there is to it.

/** So many requests within so long, all at once or spread. */
export type Quota = { readonly requests: number; readonly windowMs: number };

/** What somebody had left, and when. */
export type Bucket = { readonly tokens: number; readonly atMs: number };

/** What came of taking one. */
export type Taken = {
  readonly bucket: Bucket;
  readonly allowed: boolean;
  /** How many more could be taken at once. */
  readonly left: number;
  /** Until one can be taken; 0 if one can. */
  readonly nextInMs: number;
  /** Until the bucket is full again. */
  readonly fullInMs: number;
};

/**
 * Takes one token, if there is one. A bucket fills evenly: who used up a quota waits for a token, not for a window to
 * turn. What is refused takes nothing, so that who keeps asking is not kept out.
 * @param before undefined for who has not asked yet, or so long ago that it was forgotten: a full bucket
 */
export function take({ requests, windowMs }: Quota, before: Bucket | undefined, nowMs: number): Taken {
  const perMs = requests / windowMs;
  // A clock that was set back gives nothing.
  const passedMs = before ? Math.max(0, nowMs - before.atMs) : 0;
  const there = before ? Math.min(requests, before.tokens + passedMs * perMs) : requests;
  const allowed = there >= 1;
  const tokens = allowed ? there - 1 : there;
  return {
    bucket: { tokens, atMs: nowMs },
    allowed,
    left: Math.floor(tokens),
    nextInMs: Math.max(0, (1 - tokens) / perMs),
    fullInMs: (requests - tokens) / perMs,
  };
}
