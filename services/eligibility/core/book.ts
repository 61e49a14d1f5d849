// The book of a market's policies: which versions there are and which of them judges an order. Drafts and activations of
// one market follow each other by the book's version, so there is never more than one active policy.
import { check } from "#kit/pure/check.js";
import type { Moves } from "#kit/pure/moves.js";

export type PolicyState = "DRAFT" | "ACTIVE" | "RETIRED";

/** Where a version may go. RETIRED still judges the orders placed while it was in force. */
export const policyMoves = {
  DRAFT: ["ACTIVE"],
  ACTIVE: ["RETIRED"],
  RETIRED: [],
} as const satisfies Moves<PolicyState>;

/** A version without its document. */
export type PolicyEntry = {
  readonly policyId: string;
  /** Counts up per market. */
  readonly version: number;
  readonly state: PolicyState;
  readonly effectiveTime: Date;
  readonly author: string;
  /** Empty while a draft. */
  readonly approver: string;
  readonly createTime: Date;
  /** SHA-256 of the document, hex. */
  readonly documentHash: string;
};

export type Book = {
  readonly market: string;
  /** Guards the next change. */
  readonly version: number;
  readonly policies: readonly PolicyEntry[];
};

export type NewDraft = Pick<PolicyEntry, "policyId" | "effectiveTime" | "author" | "createTime" | "documentHash">;

/** Adds a draft as the market's next version. */
export function draft(book: Book, entry: NewDraft): Book {
  const version = Math.max(0, ...book.policies.map((policy) => policy.version)) + 1;
  const added = { ...entry, version, state: "DRAFT" as const, approver: "" };
  return { ...book, version: book.version + 1, policies: [...book.policies, added] };
}

/**
 * DRAFT → ACTIVE, and the active one, if any, → RETIRED. It never judges orders that were placed before it was approved:
 * an effective time that has passed becomes now.
 * @throws DomainError POLICY_STATE if it is no draft, if its author approves it, or if it would be in force before the
 * one it replaces
 */
export function activate(book: Book, policyId: string, { approver, now }: { approver: string; now: Date }): Book {
  const policy = entryOf(book, policyId);
  const { state, author } = policy;
  const metadata = { policy_id: policyId, state, verb: "activate" };
  check(state === "DRAFT", "POLICY_STATE", `${policyId} is ${state}; only a draft can be activated`, metadata);
  check(
    approver !== author,
    "POLICY_STATE",
    `${policyId} must be approved by somebody else than its author ${author}`,
    metadata,
  );
  const effectiveTime = policy.effectiveTime > now ? policy.effectiveTime : now;
  const active = book.policies.find((other) => other.state === "ACTIVE");
  check(
    active === undefined || effectiveTime > active.effectiveTime,
    "POLICY_STATE",
    `${policyId} would take effect at ${effectiveTime.toISOString()}, not after version ${active?.version} which it replaces`,
    metadata,
  );
  const policies = book.policies.map((other): PolicyEntry => {
    if (other === policy) return { ...policy, state: "ACTIVE", approver, effectiveTime };
    return other === active ? { ...other, state: "RETIRED" } : other;
  });
  return { ...book, version: book.version + 1, policies };
}

/**
 * The version that judges an order placed at that time: of those that were ever active the one that took effect last.
 * @throws DomainError NO_POLICY
 */
export function inForce(book: Book, at: Date): PolicyEntry {
  let found: PolicyEntry | undefined;
  for (const policy of book.policies) {
    if (policy.state === "DRAFT" || policy.effectiveTime > at) continue;
    if (!found || policy.effectiveTime > found.effectiveTime) found = policy;
  }
  const time = at.toISOString();
  check(found !== undefined, "NO_POLICY", `${book.market} had no policy at ${time}`, { market: book.market, time });
  return found;
}

/** @throws RangeError if it does not stand in the book, which only our own code can get wrong */
export function entryOf(book: Book, policyId: string): PolicyEntry {
  const found = book.policies.find((policy) => policy.policyId === policyId);
  if (!found) throw new RangeError(`${policyId} does not stand in the book of ${book.market}`);
  return found;
}
