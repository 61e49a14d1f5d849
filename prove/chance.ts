// Chance that can be told again: the same seed gives the same story, on every machine.

/** Draws from one seed. */
export type Chance = {
  /** From 0, below `n`. */
  below(n: number): number;
  /** From the first to the last, both included. */
  between(first: number, last: number): number;
  /** True so many times in a hundred. */
  percent(share: number): boolean;
  pick<T>(from: readonly T[]): T;
  shuffled<T>(all: readonly T[]): T[];
  /** Every item once, and some of them again, in any order. */
  retold<T>(all: readonly T[]): T[];
};

/** Mulberry32: 32 bits of state are enough for stories, and its whole text fits here. */
export function chanceOf(seed: number): Chance {
  let state = seed | 0;
  const draw = () => {
    state = (state + 0x6d2b79f5) | 0;
    let bits = Math.imul(state ^ (state >>> 15), 1 | state);
    bits = (bits + Math.imul(bits ^ (bits >>> 7), 61 | bits)) ^ bits;
    return ((bits ^ (bits >>> 14)) >>> 0) / 2 ** 32;
  };
  const below = (n: number) => Math.floor(draw() * n);
  const shuffled = <T>(all: readonly T[]): T[] => {
    const mixed = [...all];
    for (let at = mixed.length - 1; at > 0; at--) {
      const other = below(at + 1);
      [mixed[at], mixed[other]] = [mixed[other] as T, mixed[at] as T];
    }
    return mixed;
  };
  const percent = (share: number) => draw() * 100 < share;
  return {
    below,
    between: (first, last) => first + below(last - first + 1),
    percent,
    pick: (from) => {
      if (from.length === 0) throw new RangeError("nothing to pick from");
      return from[below(from.length)] as (typeof from)[number];
    },
    shuffled,
    retold: (all) => shuffled([...all, ...all.filter(() => percent(40))]),
  };
}
