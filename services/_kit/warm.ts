// The aggregates that this process wrote last, as it wrote them. Never the truth, only a likely guess at it: a commit that
// starts from here is guarded by version, token and constraints like any other. With one replica nearly every guess holds
// and saves a read; with many it costs a commit in vain, so what is learned decides whether guessing goes on.

/** The last states written here. */
export type Warm<A> = {
  /** The state to start from, if guessing is worth it; it is forgotten until it is kept again. */
  take(id: string): A | undefined;
  keep(id: string, state: A): void;
  /** Whether a guess held. */
  learn(held: boolean): void;
};

const capacity = 2_000;
/** A guess that fails costs more than a read saves: below this share of guesses that held, nothing is guessed. */
const worthwhile = 0.6;
/** How much one guess counts against all before it. */
const weight = 1 / 16;
/** While not guessing, one in so many is guessed all the same, to learn that the others have gone. */
const probe = 32;

export function openWarm<A>(): Warm<A> {
  const states = new Map<string, A>();
  let held = 1;
  let skipped = 0;
  return {
    take: (id) => {
      const state = states.get(id);
      if (state === undefined) return undefined;
      states.delete(id);
      if (held < worthwhile && ++skipped % probe !== 0) return undefined;
      return state;
    },
    keep: (id, state) => {
      states.delete(id);
      states.set(id, state);
      if (states.size <= capacity) return;
      const [oldest] = states.keys();
      states.delete(oldest as string);
    },
    learn: (did) => {
      held += ((did ? 1 : 0) - held) * weight;
    },
  };
}
