// The rpcs of backhaul.sandbox.v1.ClockService.
import type { ClockServiceService } from "#gen/backhaul/sandbox/v1/clock_service.js";
import type { Agenda } from "#kit/agenda.js";
import type { Call } from "#kit/call.js";
import type { Handlers } from "#kit/server.js";
import type { ClockStream, Joined } from "../clock/joined.js";
import { type OwnWork, settle, told } from "../clock/settle.js";
import type { SandboxClock } from "../clock/time.js";

export type ClockParts = {
  readonly time: SandboxClock;
  readonly joined: Joined;
  readonly agenda: Agenda;
  readonly ownWork: OwnWork;
};

/** The longest that anybody waits for the mesh. */
const longestWaitMs = 60_000;
/** Kept of a caller's deadline, so that our answer says what is missing before theirs says nothing. */
const answerMs = 50;

export function clockRpc({ time, joined, agenda, ownWork }: ClockParts): Handlers<typeof ClockServiceService> {
  return {
    async getClock() {
      return { now: time.now(), offsetMs: BigInt(time.offsetMs) };
    },

    async advanceClock({ to, noWait }, call) {
      await time.advance(to as Date);
      agenda.poke();
      const { ended, clear } = patience(call);
      try {
        // The first question of settling brings the offset along.
        await (noWait ? told(joined, ended) : settle(joined, ownWork, ended));
      } finally {
        clear();
      }
      return { now: time.now() };
    },

    joinClock(stream: ClockStream) {
      joined.accept(stream);
    },
  };
}

type Cancelable = { once(event: "cancelled", heard: () => void): unknown };

/** Ends with the caller's deadline, when they hang up, or after a minute. */
function patience({ surface, deadline = Number.POSITIVE_INFINITY }: Call): {
  ended: Promise<"ended">;
  clear: () => void;
} {
  const ms = Math.max(0, Math.min(longestWaitMs, deadline - Date.now() - answerMs));
  let timer: NodeJS.Timeout | undefined;
  const ended = new Promise<"ended">((resolve) => {
    timer = setTimeout(() => resolve("ended"), ms);
    (surface as Cancelable | undefined)?.once("cancelled", () => resolve("ended"));
  });
  return { ended, clear: () => clearTimeout(timer) };
}
