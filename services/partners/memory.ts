// A bounded memory in front of a table. This process alone writes its tables, so what it forgets after a write is true.

export type Memory<V> = {
  /** What is remembered, or else loaded; a failed load is not remembered. */
  get(key: string, load: () => Promise<V>): Promise<V>;
  /** Call it after the commit that changed the row: a load that began before it is dropped with the entry. */
  forget(key: string): void;
};

/** Remembers the `limit` entries that were asked for last. */
export function remember<V>(limit: number): Memory<V> {
  const entries = new Map<string, Promise<V>>();
  return {
    get: (key, load) => {
      const known = entries.get(key);
      if (known) {
        entries.delete(key);
        entries.set(key, known);
        return known;
      }
      const loading = load();
      entries.set(key, loading);
      loading.catch(() => entries.get(key) === loading && entries.delete(key));
      if (entries.size > limit) entries.delete(entries.keys().next().value as string);
      return loading;
    },
    forget: (key) => entries.delete(key),
  };
}
