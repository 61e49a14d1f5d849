// Many who ask at the same time are answered by one call. What is asked in one turn of the event loop goes together, so
// nobody waits for company, and an answer is never older than its question; the busier a process is, the more ask at once.

/**
 * @param load answers all of them, in their order; if it fails, all have failed. An answer may be a promise of its own
 * @param keyOf asks with the same key are asked once
 */
export function gather<A, V>(
  load: (asks: readonly A[]) => Promise<readonly V[]>,
  keyOf: (ask: A) => string,
): (ask: A) => Promise<Awaited<V>> {
  let waiting = new Map<string, A>();
  let answers: Promise<ReadonlyMap<string, V>> | undefined;

  async function answered(): Promise<ReadonlyMap<string, V>> {
    await new Promise(setImmediate);
    const asked = waiting;
    waiting = new Map();
    answers = undefined;
    const loaded = await load([...asked.values()]);
    return new Map([...asked.keys()].map((key, i) => [key, loaded[i] as V]));
  }

  return async (ask): Promise<Awaited<V>> => {
    const key = keyOf(ask);
    waiting.set(key, ask);
    answers ??= answered();
    const answer = (await answers).get(key) as V;
    return await answer;
  };
}

/** As gather, where one could spoil it for all: if the call fails, each is asked for by itself. */
export function gatherEach<A, V>(
  load: (asks: readonly A[]) => Promise<readonly V[]>,
  keyOf: (ask: A) => string,
): (ask: A) => Promise<Awaited<V>> {
  return gather<A, V | Promise<V>>(async (asks) => {
    try {
      return await load(asks);
    } catch (error) {
      if (asks.length === 1) throw error;
      return asks.map(async (ask) => (await load([ask]))[0] as V);
    }
  }, keyOf) as (ask: A) => Promise<Awaited<V>>;
}
