// What a proof comes to: what was asked for, what was counted, and whether that will do.

export type Proof = {
  readonly asked: string;
  readonly counted: string;
  readonly ok: boolean;
  /** Rows in columns that show what was counted, the names of the columns first. */
  readonly rows?: readonly (readonly string[])[];
};

/** Tells how far a long part is. */
export type Say = (line: string) => void;

export const number = (n: number): string => n.toLocaleString("en-GB");

/** Rows in columns, two blanks before each. */
export function columns(rows: readonly (readonly string[])[]): string {
  const widths = rows.reduce<number[]>((all, row) => {
    row.forEach((cell, at) => {
      all[at] = Math.max(all[at] ?? 0, cell.length);
    });
    return all;
  }, []);
  return rows.map((row) => `  ${row.map((cell, at) => cell.padEnd(widths[at] ?? 0)).join("  ")}`.trimEnd()).join("\n");
}

/** Counts by name, in the order of first appearance. */
export class Tally {
  private readonly counts = new Map<string, number>();

  add(name: string, by = 1): void {
    this.counts.set(name, this.of(name) + by);
  }

  of(name: string): number {
    return this.counts.get(name) ?? 0;
  }

  get all(): [string, number][] {
    return [...this.counts];
  }

  toString(): string {
    return this.all.map(([name, n]) => `${name} ${number(n)}`).join(", ");
  }
}

/** Says how far it is, every few seconds. */
export function counter(say: Say, what: string, of: number): (done: number) => void {
  let saidAt = Date.now();
  return (done) => {
    if (Date.now() - saidAt < 5_000) return;
    saidAt = Date.now();
    say(`  ${what}: ${number(done)} of ${number(of)}`);
  };
}

/** Does work on every item, so many at a time; the results in the items' order. */
export async function atOnce<T, R>(
  items: readonly T[],
  width: number,
  work: (item: T, index: number) => Promise<R>,
): Promise<R[]> {
  const results: R[] = new Array(items.length);
  let next = 0;
  const lane = async (): Promise<void> => {
    for (let i = next++; i < items.length; i = next++) results[i] = await work(items[i] as T, i);
  };
  await Promise.all(Array.from({ length: width }, lane));
  return results;
}
