// What every bad input needs: the doors, a return to spoil, and the books to look into afterwards.
import type { Desk } from "../desk.js";
import { openRest, type RestAnswer } from "../rest.js";
import { openReturns } from "./returns.js";

/** An input, what it must be answered, and what the books must say then. */
export type Input = {
  readonly input: string;
  readonly answer: string;
  readonly books: string;
  readonly tell: () => Promise<readonly [answer: string, books: string]>;
};

export type Field = ReturnType<typeof openField>;

export function openField(desk: Desk) {
  const rest = openRest(desk.mesh);

  /** Rows of a service's own tables. */
  async function count(
    service: "collection" | "inspection" | "partners",
    rows: string,
    values: readonly unknown[] = [],
  ): Promise<number> {
    const [row] = await desk.books<{ n: number }>(service, `SELECT count(*)::int AS n FROM ${rows}`, values);
    return row?.n ?? -1;
  }

  return { desk, rest, returns: openReturns(desk, rest), count };
}

/** The status, and the reason of a refusal. */
export function word({ status, json }: RestAnswer): string {
  return json?.reason ? `${status} ${json.reason}` : String(status);
}
