// The generated client's questions, answered from the tables in memory: as many as the cores ask.
import type { Schema } from "./schema.js";
import type { Row } from "./table.js";

/** Does work as one statement of the process that asks. */
export type Operate = <R>(work: () => R) => Promise<R>;

/** What stands in for a service's generated client. */
export type Reader = (schema: Schema, operate: Operate) => unknown;

type Question = {
  readonly where?: Row;
  readonly orderBy?: Row | readonly Row[];
  readonly take?: number;
};

/** A model of the generated client. `fill` adds what the question may ask to include. */
export function model(
  schema: Schema,
  operate: Operate,
  table: string,
  fill: (row: Row) => Row = (row) => ({ ...row }),
) {
  const found = ({ where = {}, orderBy = [], take = Number.POSITIVE_INFINITY }: Question) =>
    sorted(
      schema.table(table).where((row) => fits(row, where)),
      [orderBy].flat() as Row[],
    )
      .slice(0, take)
      .map(fill);
  return {
    findMany: (question: Question) => operate(() => found(question)),
    aggregate: ({ where, _max = {} }: Question & { _max?: Row }) =>
      operate(() => {
        const rows = found({ where });
        const latest = (name: string) =>
          rows.reduce<unknown>((most, row) => (most === null || row[name] > (most as Date) ? row[name] : most), null);
        return { _max: Object.fromEntries(Object.keys(_max).map((name) => [name, latest(name)])) };
      }),
  };
}

function fits(row: Row, where: Row): boolean {
  return Object.entries(where).every(([name, wanted]) => {
    if (wanted === undefined) return true;
    if (typeof wanted !== "object" || wanted === null) return row[name] === wanted;
    return "gt" in wanted ? row[name] > wanted.gt : row[name] < wanted.lt;
  });
}

function sorted(rows: Row[], orderBy: readonly Row[]): Row[] {
  const keys = orderBy.flatMap((one) => Object.entries(one));
  return rows.toSorted((a, b) => {
    for (const [name, order] of keys) {
      if (a[name] < b[name]) return order === "asc" ? -1 : 1;
      if (a[name] > b[name]) return order === "asc" ? 1 : -1;
    }
    return 0;
  });
}
