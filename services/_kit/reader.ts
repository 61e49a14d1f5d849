// Readers of a service's tables by Prisma, over the pool that its statements go through. For the first question it is asked
// Prisma loads and compiles its own compiler, which costs many times what a question does: that is done before the doors open.
import { PrismaPg } from "@prisma/adapter-pg";
import { type Database, told } from "#kit/postgres.js";

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
  const reader = open({ adapter: new PrismaPg(telling(db.pool), { schema: db.schema }), errorFormat: "minimal" });
  firstQuestions.set(db, [...(firstQuestions.get(db) ?? []), () => ask(reader)]);
  return reader;
}

/** The pool, whose errors say that the database is away as those of statements do: Prisma's own would be anybody's fault. */
function telling(pool: Database["pool"]): Database["pool"] {
  return new Proxy(pool, {
    get: (target, name) => {
      const value = Reflect.get(target, name);
      if (typeof value !== "function") return value;
      if (name !== "query" && name !== "connect") return value.bind(target);
      return async (...args: unknown[]) => {
        try {
          return await value.apply(target, args);
        } catch (error) {
          throw told(error);
        }
      };
    },
  });
}

/** Asks each reader of a database its first question. */
export async function makeReadersReady(db: Database): Promise<void> {
  for (const ask of firstQuestions.get(db) ?? []) await ask();
}
