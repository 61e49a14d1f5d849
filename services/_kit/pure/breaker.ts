// Whether it makes sense to ask somebody who did not answer of late. CLOSED asks; OPEN does not, for a while; then one call
// goes out as a probe, and its outcome decides. Pure: time comes in, so that a table of cases tells all there is to it.

/** How a call ended, as far as this matters. A refusal is an answer; what the caller gave up itself says nothing. */
export type Outcome = "ANSWERED" | "FAILED" | "NOTHING";

/** When it opens, and for how long. */
export type BreakerPolicy = {
  /** Calls of so long ago count; looked at in halves, so that old ones go half a window at a time. */
  readonly windowMs: number;
  /** Fewer calls than this tell nothing. */
  readonly callsMin: number;
  /** Share of failures in the window, at which it opens. */
  readonly failShare: number;
  /** How long it stays open the first time; twice as long after each probe that failed, up to the most. */
  readonly openMs: number;
  readonly openMaxMs: number;
};

type Half = { readonly calls: number; readonly failed: number };

export type Breaker =
  | { readonly word: "CLOSED"; readonly sinceMs: number; readonly now: Half; readonly before: Half }
  | { readonly word: "OPEN"; readonly untilMs: number; readonly openMs: number }
  | { readonly word: "HALF_OPEN"; readonly probedMs: number; readonly openMs: number };

const none: Half = { calls: 0, failed: 0 };

export const closedBreaker = (nowMs: number): Breaker => ({ word: "CLOSED", sinceMs: nowMs, now: none, before: none });

/** Before a call: whether it goes out, and the breaker from then on. */
export function ask(breaker: Breaker, { openMaxMs }: BreakerPolicy, nowMs: number): [goes: boolean, next: Breaker] {
  if (breaker.word === "CLOSED") return [true, breaker];
  // A probe of which nobody heard again does not hold up the next one for ever.
  const dueMs = breaker.word === "OPEN" ? breaker.untilMs : breaker.probedMs + openMaxMs;
  if (nowMs < dueMs) return [false, breaker];
  return [true, { word: "HALF_OPEN", probedMs: nowMs, openMs: breaker.openMs }];
}

/** After a call that went out. */
export function hear(breaker: Breaker, outcome: Outcome, policy: BreakerPolicy, nowMs: number): Breaker {
  // What was asked before it opened comes in late, and says nothing new.
  if (breaker.word === "OPEN") return breaker;
  if (breaker.word === "HALF_OPEN") {
    if (outcome === "ANSWERED") return closedBreaker(nowMs);
    if (outcome === "NOTHING") return { word: "OPEN", untilMs: nowMs, openMs: breaker.openMs };
    const openMs = Math.min(breaker.openMs * 2, policy.openMaxMs);
    return { word: "OPEN", untilMs: nowMs + openMs, openMs };
  }
  if (outcome === "NOTHING") return breaker;
  const turned = turn(breaker, policy.windowMs / 2, nowMs);
  const failed = outcome === "FAILED" ? 1 : 0;
  const now = { calls: turned.now.calls + 1, failed: turned.now.failed + failed };
  const calls = now.calls + turned.before.calls;
  const lost = now.failed + turned.before.failed;
  if (failed && calls >= policy.callsMin && lost >= calls * policy.failShare) {
    return { word: "OPEN", untilMs: nowMs + policy.openMs, openMs: policy.openMs };
  }
  return { ...turned, now };
}

/** In how many milliseconds asking makes sense again; 0 where it does now. */
export function waitMs(breaker: Breaker, { openMaxMs }: BreakerPolicy, nowMs: number): number {
  if (breaker.word === "CLOSED") return 0;
  return Math.max(0, (breaker.word === "OPEN" ? breaker.untilMs : breaker.probedMs + openMaxMs) - nowMs);
}

type Closed = Extract<Breaker, { word: "CLOSED" }>;

function turn(breaker: Closed, halfMs: number, nowMs: number): Closed {
  const halves = Math.floor((nowMs - breaker.sinceMs) / halfMs);
  if (halves <= 0) return breaker;
  return {
    ...breaker,
    sinceMs: breaker.sinceMs + halves * halfMs,
    now: none,
    before: halves === 1 ? breaker.now : none,
  };
}
