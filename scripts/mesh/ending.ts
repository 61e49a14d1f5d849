// The one place where a launcher hears that it shall end: a signal, or the end of the process that started it.

/** Resolves with what happened. A second signal does not wait for the first one's work: it ends the process at once. */
export function askedToEnd(): Promise<string> {
  return new Promise((resolve) => {
    let asked = false;
    const hear = (what: string) => {
      if (asked) process.exit(130);
      asked = true;
      resolve(what);
    };
    for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, () => hear(signal));
    // Under run.mjs: it was killed, and nobody is left to stop us.
    if (process.connected) process.once("disconnect", () => hear("disconnect"));
    // Who listens is kept alive by it: a launch that failed would never end.
    process.channel?.unref();
  });
}
