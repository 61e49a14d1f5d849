// Business time: real time and an offset that is stored before it holds, and only grows.
import type { Clock } from "#kit/clock.js";
import { DomainError } from "#kit/pure/check.js";
import type { Settings } from "../store/settings.js";

/** The sandbox's clock. */
export type SandboxClock = Clock & {
  readonly offsetMs: number;
  /** Goes forward to `to`; stored when it resolves. @throws DomainError CLOCK_BACKWARDS */
  advance(to: Date): Promise<void>;
};

/** Takes up the time where it was left. */
export async function openTime(settings: Settings): Promise<SandboxClock> {
  let { offsetMs } = await settings.read();
  const now = () => new Date(Date.now() + offsetMs);
  return {
    now,
    get offsetMs() {
      return offsetMs;
    },
    advance: async (to) => {
      const wanted = to.getTime() - Date.now();
      if (wanted < offsetMs) {
        const [current, asked] = [now().toISOString(), to.toISOString()];
        throw new DomainError("CLOCK_BACKWARDS", `it is ${current} already; go to a later time`, {
          now: current,
          asked,
        });
      }
      // Of two at once the later time holds.
      offsetMs = Math.max(offsetMs, await settings.saveOffset(wanted));
    },
  };
}
