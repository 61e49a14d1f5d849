/** State machines as data: where each state may go. A service keeps one table per noun beside its verbs. */

/** Every state with the states it may go to; an end state has an empty row. */
export type Moves<S extends string> = Readonly<Record<S, readonly S[]>>;

/** Whether the table lets `from` go to `to`. A word that is not in the table goes nowhere. */
export function allows<S extends string>(moves: Moves<S>, from: NoInfer<S>, to: NoInfer<S>): boolean {
  return Object.hasOwn(moves, from) && moves[from].includes(to);
}

/** The states that can be entered from the given starts, the starts included. */
export function reachable<S extends string>(moves: Moves<S>, starts: readonly NoInfer<S>[]): Set<S> {
  const seen = new Set<S>(starts);
  for (const state of seen) for (const next of moves[state] ?? []) seen.add(next);
  return seen;
}

/**
 * Called at start-up and in a test with the words of the contract's enum (without prefix and UNSPECIFIED).
 * @throws Error naming at once every word without a row, every row or target that is no word, every unreachable state.
 */
export function assertComplete<S extends string>(
  moves: Moves<S>,
  words: readonly string[],
  starts: readonly NoInfer<S>[],
): void {
  const known = new Set(words);
  const rows = Object.keys(moves) as S[];
  const targets = new Set<string>([...starts, ...rows.flatMap((row) => moves[row])]);
  const entered = reachable(moves, starts);
  const faults = [
    ...words.filter((word) => !Object.hasOwn(moves, word)).map((word) => `${word} has no row`),
    ...rows.filter((row) => !known.has(row)).map((row) => `row ${row} is not a word of the contract`),
    ...[...targets].filter((to) => !Object.hasOwn(moves, to)).map((to) => `${to} is entered but has no row`),
    ...rows.filter((row) => !entered.has(row)).map((row) => `${row} cannot be reached`),
  ];
  if (faults.length > 0) throw new Error(`moves table is incomplete: ${faults.join("; ")}`);
}
