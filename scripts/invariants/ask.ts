// Puts questions to a database, in the transaction that its client is in, and to the bus.
import type pg from "pg";
import type { BusBook } from "./bus.js";
import { type Asking, type Invariant, type Question, readsOf } from "./invariant.js";

/** One that was asked, with the rows that break it, at most a thousand of each question. */
export type Asked = Omit<Invariant, "questions"> & {
  readonly reads: readonly string[];
  readonly rows: readonly object[];
  /** Why it could not be asked. */
  readonly error?: string;
  /** What is not there, and so was not read: the sandbox's books, the streams. */
  readonly unread?: readonly string[];
};

/** What else is asked, and what need not be there. */
export type Beside = {
  readonly bus?: BusBook | undefined;
  readonly memory?: Map<string, number> | undefined;
  readonly absent?: ReadonlySet<string>;
};

type Answer = { readonly rows: readonly object[]; readonly error?: string };

const rowsMax = 1000;

/** What does not hold, or could not be asked. */
export function broken(asked: readonly Asked[]): Asked[] {
  return asked.filter(({ rows, error }) => rows.length > 0 || error !== undefined);
}

/** Asks all of them. A question that cannot be asked says why, and the others are asked all the same. */
export async function askAll(
  client: pg.ClientBase,
  invariants: readonly Invariant[],
  { bus, memory = new Map(), absent = new Set() }: Beside = {},
): Promise<Asked[]> {
  const isThere = ({ reads }: Question) => !reads.some((name) => absent.has(name) || (name === "streams" && !bus));
  const questions = invariants.flatMap((invariant) => invariant.questions.filter(isThere));
  const answers = await answersOf(client, questions, { bus, memory });
  return invariants.map((invariant) => {
    const { questions: own, ...said } = invariant;
    const given = own.map((question) => answers.get(question));
    const error = given.find((answer) => answer?.error)?.error;
    const unread = readsOf(invariant).filter((name) => absent.has(name) || (name === "streams" && !bus));
    return {
      ...said,
      reads: readsOf(invariant),
      rows: given.flatMap((answer) => answer?.rows ?? []),
      ...(error !== undefined && { error }),
      ...(unread.length > 0 && { unread }),
    };
  });
}

async function answersOf(
  client: pg.ClientBase,
  questions: readonly Question[],
  { bus, memory }: Required<Pick<Beside, "memory">> & Pick<Beside, "bus">,
): Promise<Map<Question, Answer>> {
  const answers = new Map<Question, Answer>();
  const queries = questions.flatMap((question) => ("sql" in question ? { question, sql: bounded(question.sql) } : []));
  const rows = await inOneGo(
    client,
    queries.map(({ sql }) => sql),
  );
  for (const [i, { question, sql }] of queries.entries()) {
    const found = rows?.[i];
    answers.set(question, found ? { rows: found } : await guarded(client, async () => (await client.query(sql)).rows));
  }
  const query: Asking["query"] = async (sql, values = []) => (await client.query(sql, [...values])).rows;
  for (const question of questions) {
    if (!("ask" in question)) continue;
    answers.set(question, await guarded(client, () => question.ask({ query, bus, memory })));
  }
  return answers;
}

/** One round trip for all; undefined if one of them fails. */
async function inOneGo(client: pg.ClientBase, queries: readonly string[]): Promise<object[][] | undefined> {
  await client.query("SAVEPOINT all_of_them");
  try {
    // Never a single one: then the answer would not be a list.
    const results = await client.query(["SELECT", "SELECT", ...queries].join(";\n"));
    return (results as unknown as pg.QueryResult[]).slice(2).map(({ rows }) => rows);
  } catch {
    await client.query("ROLLBACK TO SAVEPOINT all_of_them");
    return undefined;
  }
}

async function guarded(client: pg.ClientBase, ask: () => Promise<object[]>): Promise<Answer> {
  await client.query("SAVEPOINT asking");
  try {
    return { rows: await ask() };
  } catch (error) {
    await client.query("ROLLBACK TO SAVEPOINT asking");
    return { rows: [], error: (error as Error).message };
  }
}

function bounded(sql: string): string {
  return `SELECT * FROM (${sql}) AS found LIMIT ${rowsMax}`;
}
