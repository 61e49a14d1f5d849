// Readers of a service's tables by Prisma, over the pool that its statements go through. For the first question it is asked
// Prisma loads and compiles its own compiler, which costs many times what a question does: that is done before the doors open.
import { PrismaPg } from "@prisma/adapter-pg";
import type { Database } from "#kit/postgres.js";

/** As a generated client takes them. */
export type ReaderOptions = { readonly adapter: PrismaPg; readonly errorFormat: "minimal" };

const firstQuestions = new WeakMap<Database, (() => PromiseLike<unknown>)[]>();

/**
 * Opens a generated client on a service's schema.
 * @param ask a question of the kind it is opened for, which it is asked once before anybody else asks
 */
export function openReader<R>(
  db: Database,
  open: (options: ReaderOptions) => R,
  ask: (reader: R) => PromiseLike<unknown>,
): R {
  if (db.reader) return db.reader as R;
  // Otherwise an error looks for its place in the sources, through their maps, to quote it to nobody.
  const reader = open({ adapter: new PrismaPg(db.pool, { schema: db.schema }), errorFormat: "minimal" });
  firstQuestions.set(db, [...(firstQuestions.get(db) ?? []), () => ask(reader)]);
  return reader;
}

/** Asks each reader of a database its first question. */
export async function makeReadersReady(db: Database): Promise<void> {
  for (const ask of firstQuestions.get(db) ?? []) await ask();
}
