// What breaks an invariant, one way: SQL that no service would run, and what is then found.

export type Plant = {
  /** The invariant that sees it, and what it says; "" where the query has only one thing to say. */
  readonly number: number;
  readonly what: string;
  /** Others that see it too. */
  readonly also?: readonly number[];
  readonly sql: string;
};

/** A row again, with these changes. */
export function again(table: string, where: string, changes: object): string {
  const row = `(jsonb_populate_record(t, '${JSON.stringify(changes)}')).*`;
  return `INSERT INTO ${table} SELECT ${row} FROM ${table} t WHERE ${where}`;
}

/** A constraint that would refuse it. */
export function drop(table: string, constraint: string): string {
  return `ALTER TABLE ${table} DROP CONSTRAINT ${constraint}`;
}
