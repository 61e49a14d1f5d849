// A breaker before each contract that a process calls at an address: who did not answer of late is left alone for a moment,
// and whoever would have asked is told at once.
import { status } from "@grpc/grpc-js";
import { RpcError } from "#kit/errors.js";
import { ask, type Breaker, type BreakerPolicy, closedBreaker, hear, type Outcome, waitMs } from "#kit/pure/breaker.js";
import { counted, gauged } from "#kit/telemetry.js";

/** A call that did not go out. Nobody was asked, so nothing was answered: it counts as no attempt. */
export class NotAsked extends RpcError {
  constructor(method: string, retryAfterMs: number) {
    const message = `${method} is not asked now: most calls of late had no answer`;
    super(status.UNAVAILABLE, "UPSTREAM_UNAVAILABLE", message, { target: method }, method, retryAfterMs);
  }
}

/** How one breaker stands. */
export type BreakerView = { readonly contract: string; readonly word: Breaker["word"] };

/** Before one contract at one address. */
export type Guard = {
  /** Lets a call out, and is told how it ended. @throws NotAsked */
  passing(method: string): (outcome: Outcome) => void;
};

/** The breakers of a process. */
export type Breakers = {
  before(contract: string): Guard;
  all(): BreakerView[];
  close(): void;
};

const policy: BreakerPolicy = { windowMs: 10_000, callsMin: 20, failShare: 0.5, openMs: 1_000, openMaxMs: 5_000 };

const shown: Readonly<Record<Breaker["word"], number>> = { CLOSED: 0, HALF_OPEN: 1, OPEN: 2 };

export function openBreakers(nowMs: () => number = () => performance.now()): Breakers {
  const views: (() => BreakerView)[] = [];
  const all = () => views.map((view) => view());
  const close = gauged("breaker_state", "0 asks, 1 tries, 2 does not ask", () =>
    all().map(({ contract, word }) => [shown[word], { contract }]),
  );

  function before(contract: string): Guard {
    let breaker = closedBreaker(nowMs());
    views.push(() => ({ contract, word: breaker.word }));
    return {
      passing: (method) => {
        const [goes, next] = ask(breaker, policy, nowMs());
        breaker = next;
        if (!goes) throw new NotAsked(method, Math.max(100, Math.ceil(waitMs(breaker, policy, nowMs()))));
        return (outcome) => {
          const was = breaker.word;
          breaker = hear(breaker, outcome, policy, nowMs());
          if (breaker.word === "OPEN" && was !== "OPEN") counted("breaker_opened", 1, { contract });
        };
      },
    };
  }

  return { before, all, close };
}

/** Less time than this may simply not have been enough. */
const enoughMs = 1_000;
/** What an answering service says of itself, and not of somebody behind it. */
const itself: ReadonlySet<string> = new Set(["", "STORE_UNAVAILABLE", "OVERLOADED"]);

/** What a call's end says of the other side. Whoever refuses is there, whatever the reason. */
export function outcomeOf(error: RpcError | undefined, givenMs: number): Outcome {
  if (!error) return "ANSWERED";
  if (error.code === status.UNAVAILABLE) return itself.has(error.reason) ? "FAILED" : "ANSWERED";
  if (error.code === status.DEADLINE_EXCEEDED) return givenMs >= enoughMs ? "FAILED" : "NOTHING";
  return error.code === status.CANCELLED ? "NOTHING" : "ANSWERED";
}
