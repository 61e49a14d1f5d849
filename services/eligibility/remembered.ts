// Answers of outside systems that hold for a while: who looks at an order in the app asks again in a moment, and every
// order of a day's best seller asks for the same product.

/**
 * Asked by key; what is not remembered is loaded, all of it in one call.
 * @param fresh true to load everything, for those who may not lean on what was true a moment ago
 */
export type Remembered<V> = (
  keys: readonly string[],
  fresh: boolean,
  load: (missing: string[]) => Promise<ReadonlyMap<string, V>>,
) => Promise<Map<string, V>>;

/**
 * Remembers up to `limit` answers, each for `ttlMs` of real time; 0 remembers nothing. Absence is not remembered, and
 * neither is a failure.
 */
export function remembered<V>(ttlMs: number, limit: number): Remembered<V> {
  const entries = new Map<string, { readonly value: V; readonly until: number }>();

  function keep(key: string, value: V, now: number): void {
    entries.delete(key);
    entries.set(key, { value, until: now + ttlMs });
    if (entries.size > limit) entries.delete(entries.keys().next().value as string);
  }

  return async (keys, fresh, load) => {
    const now = performance.now();
    const found = new Map<string, V>();
    const missing = keys.filter((key) => {
      const entry = fresh ? undefined : entries.get(key);
      if (!entry || entry.until <= now) return true;
      found.set(key, entry.value);
      return false;
    });
    if (missing.length === 0) return found;
    for (const [key, value] of await load(missing)) {
      found.set(key, value);
      if (ttlMs > 0) keep(key, value, now);
    }
    return found;
  };
}
