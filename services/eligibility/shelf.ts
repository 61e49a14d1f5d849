// Policies at hand: the books of the markets and the compiled documents, kept in memory. A document never changes, so it
// is kept for good; a book does, so whoever relies on one says which version of it, and the commit of a decision finds
// out if it was an old one.
import { DomainError } from "#kit/pure/check.js";
import { type Book, inForce, type PolicyEntry } from "./core/book.js";
import { parseDocument } from "./core/document.js";
import { compile, type Policy } from "./core/engine.js";
import type { Store } from "./store.js";

/** What judges an order. */
export type InForce = { readonly policy: Policy; readonly entry: PolicyEntry; readonly bookVersion: number };

export type Shelf = {
  /**
   * The policy of a market that was in force then.
   * @param freshness "kept" as last read; "checked" reads the book again if it has changed; "read" always does
   * @throws DomainError NO_POLICY
   */
  inForce(market: string, at: Date, freshness: "kept" | "checked" | "read"): Promise<InForce>;
};

export function openShelf(store: Pick<Store, "book" | "bookVersion" | "documentOf">): Shelf {
  const books = new Map<string, Book>();
  const policies = new Map<string, Promise<Policy>>();

  async function bookOf(market: string, freshness: "kept" | "checked" | "read"): Promise<Book | undefined> {
    const kept = books.get(market);
    if (kept && freshness === "kept") return kept;
    if (kept && freshness === "checked" && (await store.bookVersion(market)) === kept.version) return kept;
    const book = await store.book(market);
    // Two reads may overtake each other.
    if (book && book.version >= (books.get(market)?.version ?? 0)) books.set(market, book);
    return book;
  }

  function policyOf(policyId: string): Promise<Policy> {
    let policy = policies.get(policyId);
    if (!policy) {
      policy = store.documentOf(policyId).then((json) => compile(parseDocument(json)));
      policies.set(policyId, policy);
      policy.catch(() => policies.delete(policyId));
    }
    return policy;
  }

  return {
    inForce: async (market, at, freshness) => {
      const book = await bookOf(market, freshness);
      if (!book) {
        const time = at.toISOString();
        throw new DomainError("NO_POLICY", `no policy is known for market ${market}`, { market, time });
      }
      const entry = inForce(book, at);
      return { policy: await policyOf(entry.policyId), entry, bookVersion: book.version };
    },
  };
}
