// Of many lines that show the same fault, the one to tell of.
import type { Finding } from "./finding.js";
import { type Box, rarity } from "./space.js";

/** One finding for each key: the one whose lines are the likeliest to be ordered. */
export function onePerKey() {
  const kept = new Map<string, { readonly rarity: number; readonly tell: () => Finding }>();
  return {
    add(key: string, box: Box, tell: () => Finding): void {
      const before = kept.get(key);
      if (!before || rarity(box) < before.rarity) kept.set(key, { rarity: rarity(box), tell });
    },
    findings: (): Finding[] => [...kept.values()].map(({ tell }) => tell()),
  };
}
