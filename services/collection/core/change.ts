// How a verb says what it comes to: nothing, a change without a move, a move by the table.
import { allows } from "#kit/pure/moves.js";
import { type Collection, type CollectionState, collectionMoves, type Outcome, type Route } from "./types.js";

/** Nothing changes; the commit keeps the answer, the report or the end of the step. */
export function unchanged(before: Collection): Outcome {
  return outcome(before);
}

export function outcome(
  next: Collection,
  { facts = [], todo = [], dropped = [], ...more }: Partial<Outcome> = {},
): Outcome {
  return { ...more, next, facts, todo, dropped };
}

/** With the route that was fixed for it, in case this copy of it was read before. */
export function routed(collection: Collection, route: Route | undefined): Collection {
  return route ? { ...collection, route } : collection;
}

export function changed(before: Collection, now: Date): Collection {
  return { ...before, updateTime: now, version: before.version + 1 };
}

/** @throws RangeError for a move that is not in the table: verbs look before they move, so the fault is ours */
export function moved(before: Collection, state: CollectionState, now: Date): Collection {
  if (!allows<CollectionState>(collectionMoves, before.state, state)) {
    throw new RangeError(`collection ${before.collectionId} is ${before.state} and cannot become ${state}`);
  }
  return { ...changed(before, now), state };
}
