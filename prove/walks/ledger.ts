// What a set of walks through a table of states has come to: which edges were gone, and what was refused.
import type { Moves } from "#kit/pure/moves.js";

/** One line of the table that the proof prints. */
export type WalkReport = {
  readonly walks: number;
  readonly edges: number;
  /** Edges that no walk has gone; must be none. */
  readonly missed: readonly string[];
  /** Pairs of states, or of a state and an event, that are not in the table: tried, and refused. */
  readonly refused: number;
  /** Of those, the ones that were not; must be none. */
  readonly allowed: readonly string[];
  /** Stories that were told in order and then late, doubled and shuffled. */
  readonly retold: number;
  /** Of those, the ones that ended elsewhere; must be none. */
  readonly unequal: readonly string[];
};

/** The edges of one table, ticked off as walks go them. */
export class Edges {
  private readonly gone = new Set<string>();
  readonly strays = new Set<string>();
  private readonly edges: ReadonlySet<string>;

  constructor(edges: Iterable<string>) {
    this.edges = new Set(edges);
  }

  /** Staying where it is is no move. */
  go(from: string, to: string): void {
    if (from === to) return;
    const edge = edgeOf(from, to);
    if (this.edges.has(edge)) this.gone.add(edge);
    else this.strays.add(edge);
  }

  has(from: string, to: string): boolean {
    return this.edges.has(edgeOf(from, to));
  }

  get size(): number {
    return this.edges.size;
  }

  get missed(): string[] {
    return [...this.edges].filter((edge) => !this.gone.has(edge));
  }
}

export function edgeOf(from: string, to: string): string {
  return `${from} → ${to}`;
}

/** The edges of a table; a row that names itself says that it may be tried again, which is no move. */
export function edgesOf<S extends string>(moves: Moves<S>): string[] {
  const rows = Object.entries(moves) as [S, readonly S[]][];
  return rows.flatMap(([from, all]) => all.filter((to) => to !== from).map((to) => edgeOf(from, to)));
}

/** Tries every pair that is not in the table; answers how many were refused, and which were not. */
export function refusals<S extends string>(
  moves: Moves<S>,
  attempt: (from: S, to: S) => unknown,
): { refused: number; allowed: string[] } {
  const states = Object.keys(moves) as S[];
  const allowed: string[] = [];
  let refused = 0;
  for (const from of states) {
    for (const to of states) {
      if (moves[from].includes(to)) continue;
      try {
        attempt(from, to);
        allowed.push(edgeOf(from, to));
      } catch {
        refused++;
      }
    }
  }
  return { refused, allowed };
}
