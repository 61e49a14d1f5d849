// What becomes of a break.
import { check } from "#kit/pure/check.js";
import { allows, type Moves } from "#kit/pure/moves.js";
import type { Break, BreakState } from "./types.js";

/** OPEN → GONE is a run's doing, in the store. Neither end is left again: what comes back is another break. */
export const breakMoves = {
  OPEN: ["EXPLAINED", "GONE"],
  EXPLAINED: [],
  GONE: [],
} as const satisfies Moves<BreakState>;

export type Explanation = { readonly explanation: string; readonly by: string; readonly now: Date };

/** OPEN → EXPLAINED; whoever explains it owns it. @throws DomainError BREAK_STATE */
export function explain(found: Break, { explanation, by, now }: Explanation): Break {
  const { breakId, state } = found;
  check(allows<BreakState>(breakMoves, state, "EXPLAINED"), "BREAK_STATE", `the break is ${state} already`, {
    break_id: breakId,
    state,
  });
  return { ...found, state: "EXPLAINED", owner: by, closeTime: now, explanation };
}
