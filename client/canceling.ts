// The caller's signals. One signal may stand over hundreds of calls, for which Node would warn of a leak: it gets one
// listener of ours, however many wait for it.

const waiting = new WeakMap<AbortSignal, Set<() => void>>();

/** Does it when the signal says stop, unless the function that comes back was called before. */
export function onAbort(signal: AbortSignal | undefined, act: () => void): () => void {
  if (!signal) return () => undefined;
  const acts = waiting.get(signal) ?? listen(signal);
  acts.add(act);
  return () => void acts.delete(act);
}

/** Waits; a signal ends it early. */
export function pause(ms: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve) => {
    const end = () => {
      clearTimeout(timer);
      forget();
      resolve();
    };
    const timer = setTimeout(end, signal?.aborted ? 0 : ms);
    const forget = onAbort(signal, end);
  });
}

function listen(signal: AbortSignal): Set<() => void> {
  const acts = new Set<() => void>();
  waiting.set(signal, acts);
  signal.addEventListener("abort", () => [...acts].forEach((act) => act()), { once: true });
  return acts;
}
