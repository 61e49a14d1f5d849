// How much a process logs: as configured, or otherwise for a while, so that nobody forgets to turn it back.
import type { Log, LogLevel } from "#kit/log.js";

export type Level = {
  now(): { readonly level: LogLevel; readonly configured: LogLevel; readonly untilTime: Date | undefined };
  /** Falls back after so long; resolves with when that is. */
  set(level: LogLevel, forMs: number): Date;
  stop(): void;
};

export function openLevel(log: Log & { level: string }): Level {
  const configured = log.level as LogLevel;
  let untilTime: Date | undefined;
  let timer: NodeJS.Timeout | undefined;

  function fallBack(): void {
    clearTimeout(timer);
    log.level = configured;
    untilTime = undefined;
    log.info({ level: configured }, "log level fell back");
  }

  return {
    now: () => ({ level: log.level as LogLevel, configured, untilTime }),
    set: (level, forMs) => {
      clearTimeout(timer);
      log.level = level;
      untilTime = new Date(Date.now() + forMs);
      timer = setTimeout(fallBack, forMs).unref();
      return untilTime;
    },
    stop: () => clearTimeout(timer),
  };
}
