// Policies at hand: the books of the markets and the compiled documents, kept in memory. A document never changes, so it
// is kept for good; a book does, so whoever relies on one says which version of it, and the commit of a decision finds
// out if it was an old one.
import { DomainError } from "#kit/pure/check.js";
import { type Book, inForce, type PolicyEntry } from "./core/book.js";
import { parseDocument } from "./core/document.js";
import { compile, type Policy } from "./core/engine.js";
import { parseStored } from "./core/former.js";
import type { Shadow } from "./shadow.js";
import { hashOf } from "./store/books.js";
import type { Store } from "./store.js";

/** What judges an order. */
export type InForce = {
  readonly policy: Policy;
  readonly entry: PolicyEntry;
  readonly bookVersion: number;
  /** What judges beside it, of the same book. */
  readonly shadow: Shadow | undefined;
};

/** How old the book may be that a policy is taken from. */
type Freshness = "kept" | "read" | number;

export type Shelf = {
  /**
   * The policy of a market that was in force then.
   * @param freshness "kept" as last read; a version reads the book again if it is another one; "read" always does
   * @throws DomainError NO_POLICY
   */
  inForce(market: string, at: Date, freshness: Freshness): Promise<InForce>;
  /** A version that judged once. */
  byId(policyId: string): Promise<Policy>;
};

export function openShelf(store: Pick<Store, "book" | "documentOf">): Shelf {
  const books = new Map<string, Book>();
  const policies = new Map<string, Promise<Policy>>();
  const shadows = new Map<string, Shadow>();

  async function bookOf(market: string, freshness: Freshness): Promise<Book | undefined> {
    const kept = books.get(market);
    if (kept && freshness === "kept") return kept;
    if (kept && freshness === kept.version) return kept;
    const book = await store.book(market);
    // Two reads may overtake each other.
    if (book && book.version >= (books.get(market)?.version ?? 0)) books.set(market, book);
    return book;
  }

  function policyOf(policyId: string): Promise<Policy> {
    let policy = policies.get(policyId);
    if (!policy) {
      policy = store.documentOf(policyId).then((json) => compile(parseStored(json)));
      policies.set(policyId, policy);
      policy.catch(() => policies.delete(policyId));
    }
    return policy;
  }

  /** A shadow may still be revised, so it is kept by its document. One that cannot be read holds nothing up. */
  async function shadowOf({ policies: entries, market }: Book): Promise<Shadow | undefined> {
    const entry = entries.find(({ shadow }) => shadow);
    if (!entry) return undefined;
    const { policyId, documentHash } = entry;
    const kept = shadows.get(market);
    if (kept?.policyId === policyId && kept.documentHash === documentHash) return kept;
    const policy = await readShadow(entry);
    const shadow = { policyId, documentHash, policy };
    if (policy) shadows.set(market, shadow);
    return shadow;
  }

  async function readShadow({ policyId, documentHash }: PolicyEntry): Promise<Policy | undefined> {
    try {
      const json = await store.documentOf(policyId);
      return hashOf(json) === documentHash ? compile(parseDocument(json)) : undefined;
    } catch {
      return undefined;
    }
  }

  return {
    byId: policyOf,
    inForce: async (market, at, freshness) => {
      const book = await bookOf(market, freshness);
      if (!book) {
        const time = at.toISOString();
        throw new DomainError("NO_POLICY", `no policy is known for market ${market}`, { market, time });
      }
      const entry = inForce(book, at);
      const [policy, shadow] = await Promise.all([policyOf(entry.policyId), shadowOf(book)]);
      return { policy, entry, bookVersion: book.version, shadow };
    },
  };
}
