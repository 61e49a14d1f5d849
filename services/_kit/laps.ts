// How late the event loop is, and who made it so. A tick is due every ten milliseconds; it comes after all that its lap of
// the loop has to do, so what is measured is a lap, with as many callbacks as were ready, garbage collection included. On a
// machine that others use, too, a tick is late as well while the thread is ready and has no core: the kernel books that.
import { readFileSync } from "node:fs";

const tickMs = 10;

/** The longest of each since it was last taken. */
export type Laps = {
  /** How late a tick was: what a caller feels, whoever's fault it is. */
  takeLate(): number;
  /** How late without the time in which the thread waited for a core: work, and calls that block. */
  takeHeld(): number;
  stop(): void;
};

/** Begins to watch the event loop of the main thread. @param waitedMs how long it was ready and had no core, in all */
export function watchLaps(waitedMs: () => number = openWaits()): Laps {
  let [late, held] = [0, 0];
  let [at, waited] = [performance.now(), waitedMs()];
  const timer = setInterval(() => {
    const [now, nowWaited] = [performance.now(), waitedMs()];
    const lateMs = now - at - tickMs;
    late = Math.max(late, lateMs);
    held = Math.max(held, lateMs - (nowWaited - waited));
    [at, waited] = [now, nowWaited];
  }, tickMs).unref();
  return {
    takeLate: () => {
      const longest = late;
      late = 0;
      return longest;
    },
    takeHeld: () => {
      const longest = held;
      held = 0;
      return longest;
    },
    stop: () => clearInterval(timer),
  };
}

/**
 * The second figure of /proc/self/schedstat, in nanoseconds, which is of the main thread. Where no kernel tells it, what the process did not compute is taken for waiting, so that a call that blocks is not seen.
 */
function openWaits(): () => number {
  const read = () => Number(readFileSync("/proc/self/schedstat", "latin1").split(" ")[1]) / 1e6;
  try {
    if (read() >= 0) return read;
  } catch {
    // no Linux, or no such file in this container
  }
  return () => {
    const { user, system } = process.cpuUsage();
    return performance.now() - (user + system) / 1000;
  };
}
