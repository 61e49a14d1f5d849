// Rows in memory that a failed statement leaves as they were.

// biome-ignore lint/suspicious/noExplicitAny: a row is shaped by its table
export type Row = Record<string, any>;

/** What must be done, last first, to undo the statement under way. */
export type Undo = (() => void)[];

export class Table {
  readonly rows = new Map<string, Row>();

  constructor(private readonly undo: Undo) {}

  get(key: string): Row | undefined {
    return this.rows.get(key);
  }

  put(key: string, row: Row): void {
    const before = this.rows.get(key);
    this.undo.push(() => (before ? this.rows.set(key, before) : this.rows.delete(key)));
    this.rows.set(key, row);
  }

  remove(key: string): boolean {
    const before = this.rows.get(key);
    if (!before) return false;
    this.undo.push(() => this.rows.set(key, before));
    return this.rows.delete(key);
  }

  where(fits: (row: Row) => boolean): Row[] {
    return [...this.rows.values()].filter(fits);
  }
}

/** The key of several columns. */
export function keyOf(...parts: readonly unknown[]): string {
  return parts.join("\u0001");
}

/** What Postgres says of a broken constraint: 23505 for a key that is there, 23514 for a CHECK. */
export function violation(constraint: string, code: "23505" | "23514" = "23505"): Error {
  return Object.assign(new Error(`violates ${constraint}`), { code, constraint });
}

/** What the kit's own lease_lost() raises. */
export function leaseLost(): Error {
  return Object.assign(new Error("the lease was lost"), { code: "BH001" });
}
