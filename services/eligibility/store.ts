// All that this service keeps. Only the files in store/ see SQL: the books of policies and the decisions given.
import { PrismaPg } from "@prisma/adapter-pg";
import { PrismaClient } from "#gen/prisma/eligibility/client.js";
import type { Followers } from "#kit/commit.js";
import type { Database } from "#kit/postgres.js";
import { openBooks } from "./store/books.js";
import { openDecisions } from "./store/decisions.js";

export function openStore(db: Database, followers: Followers) {
  const prisma = new PrismaClient({ adapter: new PrismaPg(db.pool, { schema: db.schema }) });
  return {
    ...openBooks(db, followers, prisma),
    ...openDecisions(db, followers),
    close: () => prisma.$disconnect(),
  };
}

export type Store = ReturnType<typeof openStore>;
