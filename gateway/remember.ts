// Answers remembered for a short while, a bounded number of them: who asks for one that is on its way waits for it.
export type Memory<V> = (key: string, load: () => Promise<V>) => Promise<V>;

/** A failure is not remembered. `nowMs` is of a clock that nobody sets. */
export function remember<V>(forMs: number, most: number, nowMs: () => number = () => performance.now()): Memory<V> {
  const known = new Map<string, { readonly answer: Promise<V>; readonly untilMs: number }>();
  return (key, load) => {
    const hit = known.get(key);
    if (hit && hit.untilMs > nowMs()) return hit.answer;
    // From when it was asked for: what changed meanwhile may not be in it.
    const untilMs = nowMs() + forMs;
    const answer = load();
    const entry = { answer, untilMs };
    known.delete(key); // a Map keeps the order of insertion: the first is the oldest
    known.set(key, entry);
    if (known.size > most) known.delete(known.keys().next().value as string);
    answer.catch(() => {
      if (known.get(key) === entry) known.delete(key);
    });
    return answer;
  };
}
