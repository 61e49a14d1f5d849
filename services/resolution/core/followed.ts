// Two things that happen in one commit, the second to what the first left.
import type { Outcome, Resolution } from "./types.js";

/** The outcome of both. What the second drops of the first's steps is not begun. */
export function followed(first: Outcome, decide: (next: Resolution) => Outcome): Outcome {
  const second = decide(first.next);
  return {
    next: second.next,
    entries: [...first.entries, ...second.entries],
    facts: [...first.facts, ...second.facts],
    steps: [...first.steps.filter(({ step }) => !second.dropped.includes(step)), ...second.steps],
    dropped: [...first.dropped, ...second.dropped],
    held: [...first.held, ...second.held],
  };
}
