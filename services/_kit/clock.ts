// Two clocks, both handed in. Business time judges windows, deadlines and interest; real time rules leases, retries and
// tokens. In the sandbox business time is real time plus an offset that every process is told by the clock service.
import { hostname } from "node:os";
import { ClockServiceService, type JoinClockRequest } from "#gen/backhaul/sandbox/v1/clock_service.js";
import type { Connect } from "#kit/client.js";

/** Tells the time. */
export type Clock = { now(): Date };

/** The clocks of one process. */
export type Clocks = { readonly business: Clock; readonly real: Clock };

/** What is left to do that is due now; see JoinClock. */
export type WorkLeft = { agenda: number; outbox: number; bus: number; commits: number };

/** Business time that follows the sandbox's clock. */
export type JoinedClock = {
  readonly clock: Clock;
  /**
   * Somebody has told of this time, so it is no earlier here: whoever is cut off from the clock while it is moved would
   * otherwise date what he does before what it follows from.
   */
  reached(time: Date): void;
  stop(): void;
};

export const realClock: Clock = { now: () => new Date() };

/** Waits this long for the first offset; a process that does not know the time must not judge anything. */
const firstOffsetMs = 15_000;
const rejoinMs = 250;

/**
 * Joins the sandbox's clock: resolves with the first offset, keeps following it, and answers questions about work left.
 * @param onMove called after each change of the offset, to wake whatever waits for business time
 * @throws Error if no offset is learned within 15 seconds
 */
export function joinClock(
  connect: Connect,
  service: string,
  workLeft: () => Promise<WorkLeft>,
  onMove: () => void,
): Promise<JoinedClock> {
  const client = connect(ClockServiceService);
  const instance = `${service}@${hostname()}:${process.pid}:${Math.random().toString(36).slice(2, 8)}`;
  let offsetMs = 0;
  let stopped = false;
  let stream: Awaited<ReturnType<typeof client.joinClock>> | undefined;
  const clock = { now: () => new Date(Date.now() + offsetMs) };
  const reached = (time: Date) => {
    const aheadMs = time.getTime() - Date.now() - offsetMs;
    if (!(aheadMs > 0)) return;
    offsetMs += aheadMs;
    onMove();
  };

  return new Promise((resolve, reject) => {
    const giveUp = setTimeout(() => {
      stop();
      reject(
        new Error("the clock service did not tell the time within 15 s: is the sandbox up, and CLOCK_ADDRESS right?"),
      );
    }, firstOffsetMs);
    function stop(): void {
      stopped = true;
      clearTimeout(giveUp);
      stream?.cancel();
    }
    async function join(): Promise<void> {
      if (stopped) return;
      const current = await client.joinClock();
      stream = current;
      const say = (message: Partial<JoinClockRequest>) =>
        current.write({ service, instance, acknowledged: 0n, work: undefined, ...message });
      current.on("data", async (order) => {
        const moved = offsetMs !== Number(order.offsetMs);
        offsetMs = Number(order.offsetMs);
        clearTimeout(giveUp);
        resolve({ clock, reached, stop });
        if (moved) onMove();
        if (!order.askWork) return say({ acknowledged: order.sequence });
        try {
          const left = await workLeft();
          say({
            acknowledged: order.sequence,
            work: {
              sequence: order.sequence,
              agenda: BigInt(left.agenda),
              outbox: BigInt(left.outbox),
              bus: BigInt(left.bus),
              commits: BigInt(left.commits),
            },
          });
        } catch {
          // No answer means "not settled": the clock service asks again.
          say({ acknowledged: order.sequence });
        }
      });
      const again = () => {
        if (stream === current && !stopped) setTimeout(() => void join(), rejoinMs);
      };
      current.once("error", again);
      current.once("end", again);
      say({});
    }
    void join();
  });
}
