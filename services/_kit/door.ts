// Whether a call is begun at all: decided before its token is looked at or anything is read for it. Operators are let in
// however much there is to do.
import type { Metadata } from "@grpc/grpc-js";
import { deadlineOf } from "#kit/deadline.js";
import { Unavailable } from "#kit/errors.js";
import { sentKey } from "#kit/trailers.js";

/** How much a process takes on, and for how long; 0 calls or streams is any number. */
export type Capacity = {
  /** Calls under way. */
  readonly callsMax: number;
  /** Open streams: they wait most of the time, and are counted apart. */
  readonly streamsMax: number;
  /** Time for a call whose caller set no deadline. */
  readonly callMaxMs: number;
};

/** What was let in. */
export type Visit = {
  /** Until when calls on its behalf may take, in epoch milliseconds. */
  readonly until: number;
  leave(): void;
};

/** What is under way in a process. */
export type Door = {
  /**
   * Lets a call in. `always` is for those who come to help.
   * @throws DomainError DEADLINE_EXCEEDED; Unavailable OVERLOADED or CLOCK_SKEWED
   */
  enter(kind: "calls" | "streams", metadata: Metadata, deadline: Date | number, always: boolean): Visit;
  /** Calls under way, streams included. */
  calls(): number;
};

const skewMaxMs = 10 * 60_000;
/** For whoever is turned away: by then much of what is under way has ended. */
const retryAfterMs = 500;

export function openDoor({ callsMax, streamsMax, callMaxMs }: Capacity, nowMs: () => number = Date.now): Door {
  const most = { calls: callsMax, streams: streamsMax };
  const open = { calls: 0, streams: 0 };
  return {
    enter: (kind, metadata, deadline, always) => {
      const now = nowMs();
      confirmClock(metadata, now);
      const until = kind === "calls" ? deadlineOf(deadline, callMaxMs, now) : Number(deadline);
      if (!always && most[kind] > 0 && open[kind] >= most[kind]) {
        throw new Unavailable(
          "OVERLOADED",
          "as much is under way as can be finished in time; try again",
          {},
          retryAfterMs,
        );
      }
      open[kind]++;
      return { until, leave: () => open[kind]-- };
    },
    calls: () => open.calls + open.streams,
  };
}

/** Only who says when it sent the call is asked to have the right time: a person with grpcurl does not. */
function confirmClock(metadata: Metadata, now: number): void {
  const [sent] = metadata.get(sentKey);
  if (sent === undefined) return;
  const skewMs = Math.abs(now - Number(sent));
  if (skewMs <= skewMaxMs) return;
  const skew = Number.isFinite(skewMs) ? String(Math.round(skewMs / 1000)) : "unknown";
  throw new Unavailable("CLOCK_SKEWED", `your clock and ours are more than 10 minutes apart (${skew} s)`, {
    skew_seconds: skew,
  });
}
