// Says in few rows what is answered to every combination of some dimensions.

type Sets = readonly (readonly number[])[];

/** A row: of each dimension the values it is for, by their places, and the answer that all their combinations have. */
export type Box = { readonly sets: Sets; readonly answer: string };

/**
 * Rows that fit each combination exactly once. It divides by the dimension that settles most of the combinations, and
 * so on in each part: within a row or two of the fewest that dividing can come to.
 * @param sizes how many values each dimension has
 * @param answers of all combinations, the last dimension's values next to each other
 */
export function boxesOf(sizes: readonly number[], answers: readonly string[]): Box[] {
  const answersTo = (sets: Sets) =>
    placesOf(sets).map((place) => answers[place.reduce((at, value, of) => at * (sizes[of] ?? 1) + value, 0)] ?? "");
  const divided = (sets: Sets): Box[] => {
    const [answer = "", ...others] = new Set(answersTo(sets));
    if (others.length === 0) return [{ sets, answer }];
    const divisions = sets.flatMap((_, of) => {
      const groups = groupsOf(sets, of, answersTo);
      return groups.length > 1 ? [{ of, groups }] : [];
    });
    const [best] = divisions.sort((a, b) => settled(b.groups) - settled(a.groups) || a.groups.length - b.groups.length);
    if (!best) throw new RangeError("combinations that no dimension tells apart have different answers");
    return best.groups.flatMap(({ values }) => divided(sets.with(best.of, values)));
  };
  return divided(sizes.map(upTo));
}

/** The first whole numbers from 0. */
export const upTo = (size: number) => Array.from({ length: size }, (_, at) => at);

/** Every combination of places, the last dimension's next to each other. */
export function placesOf(sets: Sets): (readonly number[])[] {
  return sets.reduce<number[][]>(
    (places, set) => places.flatMap((place) => set.map((value) => [...place, value])),
    [[]],
  );
}

type Group = { readonly values: number[]; combinations: number; readonly isSettled: boolean };

/** The values of a dimension, those together between which no answer changes. */
function groupsOf(sets: Sets, of: number, answersTo: (sets: Sets) => readonly string[]): Group[] {
  const groups = new Map<string, Group>();
  for (const value of sets[of] ?? []) {
    const answers = answersTo(sets.with(of, [value]));
    const key = answers.join("\n");
    const group = groups.get(key) ?? { values: [], combinations: 0, isSettled: new Set(answers).size === 1 };
    group.values.push(value);
    group.combinations += answers.length;
    groups.set(key, group);
  }
  return [...groups.values()];
}

/** The share of the combinations whose group has one answer. */
function settled(groups: readonly Group[]): number {
  const all = groups.reduce((sum, { combinations }) => sum + combinations, 0);
  return groups.reduce((sum, { isSettled, combinations }) => (isSettled ? sum + combinations : sum), 0) / all;
}
