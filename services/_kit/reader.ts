// Readers of a service's tables by Prisma, over the pool that its statements go through. For the first question it is asked
// Prisma loads and compiles its own compiler, which costs many times what a question does: that is done before the doors open.
import { PrismaPg } from "@prisma/adapter-pg";
import type pg from "pg";
import { away, type Database, lost } from "#kit/postgres.js";

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
  // Otherwise an error looks for its place in the sources, through their maps, to quote it to nobody.
  const reader = open({ adapter: new PrismaPg(telling(db.pool), { schema: db.schema }), errorFormat: "minimal" });
  firstQuestions.set(db, [...(firstQuestions.get(db) ?? []), () => ask(reader)]);
  return reader;
}

/** Asks each reader of a database its first question. */
export async function makeReadersReady(db: Database): Promise<void> {
  for (const ask of firstQuestions.get(db) ?? []) await ask();
}

/** The pool, but that a server that is away is told as such: Prisma has errors of its own, which would end as our fault. */
function telling(pool: pg.Pool): pg.Pool {
  const query = async (...asked: Parameters<pg.Pool["query"]>): Promise<unknown> => {
    try {
      return await pool.query(...asked);
    } catch (error) {
      throw lost(error) ? away() : error;
    }
  };
  return new Proxy(pool, {
    get: (target, name) => {
      if (name === "query") return query;
      const own = Reflect.get(target, name);
      return typeof own === "function" ? own.bind(target) : own;
    },
  });
}
