// All that this service keeps. Only the files in store/ see SQL: the books of policies, the lists, the decisions given
// and how they would have been given by another policy.
import { PrismaClient } from "#gen/prisma/eligibility/client.js";
import type { Followers } from "#kit/commit.js";
import type { Database } from "#kit/postgres.js";
import { openReader } from "#kit/reader.js";
import type { Vault } from "#kit/vault.js";
import { openBooks } from "./store/books.js";
import { openDecisions } from "./store/decisions.js";
import { openLists } from "./store/lists.js";
import { openShadows } from "./store/shadows.js";
import { openSimulations } from "./store/simulations.js";

export function openStore(db: Database, followers: Followers, vault: Vault) {
  const prisma = openReader(
    db,
    (options) => new PrismaClient(options),
    (reader) => reader.policy.findMany({ take: 1 }),
  );
  const shadows = openShadows(db);
  return {
    ...openBooks(db, followers, prisma),
    ...openDecisions(db, followers, vault, shadows.noted),
    ...openLists(db, followers, vault, prisma),
    ...openSimulations(db, followers),
    shadow: shadows.shadow,
    close: () => prisma.$disconnect(),
  };
}

export type Store = ReturnType<typeof openStore>;
