// The book of a market's policies: which versions there are, how far each has come, and which of them judges an order.
// Every change of one market follows the one before by the book's version, so there is never more than one active policy
// and never more than one shadow. What puts a version in force stands in force.ts.
import type * as events from "#gen/backhaul/eligibility/v1/eligibility_events.js";
import type { FactOf } from "#kit/facts.js";
import { check } from "#kit/pure/check.js";
import { allows, type Moves } from "#kit/pure/moves.js";
import { type Act, type ActVerb, act, type Who } from "./acts.js";

export type PolicyState = "DRAFT" | "VALIDATED" | "SIMULATED" | "APPROVED" | "ACTIVE" | "RETIRED";

/**
 * Where a version may go; one that is revised begins anew. RETIRED still judges the orders placed while it was in force.
 * A rollback begins a version as ACTIVE, since its document was approved before.
 */
export const policyMoves = {
  DRAFT: ["VALIDATED"],
  VALIDATED: ["SIMULATED", "DRAFT"],
  SIMULATED: ["APPROVED", "DRAFT"],
  APPROVED: ["ACTIVE", "DRAFT"],
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
  /** From when on another one judges: undefined until that is known. Not after effectiveTime: it never judges. */
  readonly endTime: Date | undefined;
  /** Whose document it is. */
  readonly author: string;
  /** Empty until it is approved. */
  readonly approver: string;
  readonly createTime: Date;
  /** SHA-256 of the document, hex. */
  readonly documentHash: string;
  /** The last simulation of this document; empty before. */
  readonly simulationId: string;
  /** The version whose document this one brings back; empty if none. */
  readonly restoredPolicyId: string;
  /** Judges beside the active one, for the record only. */
  readonly shadow: boolean;
};

export type Book = {
  readonly market: string;
  /** Guards the next change. */
  readonly version: number;
  readonly policies: readonly PolicyEntry[];
};

/** What every verb gives: the book as it becomes, what goes on record with it, and what is announced. */
export type BookChange = {
  readonly book: Book;
  readonly acts: readonly Act[];
  readonly facts: readonly FactOf<Pick<typeof events, "PolicyActivated">>[];
};

export type NewDraft = Pick<PolicyEntry, "policyId" | "effectiveTime" | "author" | "createTime" | "documentHash">;

/** Adds a draft as the market's next version. */
export function draft(book: Book, entry: NewDraft): BookChange {
  const added = blank(book, entry);
  const who = { subject: entry.author, now: entry.createTime };
  return turn(book, [added], [act(added, "create", who, "")]);
}

/**
 * Gives a version that is not in force yet another document or another time. It begins anew as a DRAFT, and nobody's
 * shadow: what was found out is no longer true of it. Whoever brings the document is its author.
 * @throws DomainError POLICY_STATE once it is ACTIVE or RETIRED
 */
export function revise(
  book: Book,
  policyId: string,
  { documentHash, effectiveTime }: Pick<PolicyEntry, "documentHash" | "effectiveTime">,
  who: Who,
): BookChange {
  const policy = entryOf(book, policyId);
  must(policy, policy.state === "DRAFT" || allows(policyMoves, policy.state, "DRAFT"), "revise", "was in force once");
  const rewritten = documentHash !== policy.documentHash;
  const moved = effectiveTime.getTime() !== policy.effectiveTime.getTime();
  const author = rewritten ? who.subject : policy.author;
  const begun = { state: "DRAFT", approver: "", simulationId: "", shadow: false } as const;
  const revised: PolicyEntry = { ...policy, ...begun, author, documentHash, effectiveTime };
  const note = [rewritten && "document", moved && "effective time"].filter(Boolean).join(", ");
  return turn(book, [revised], [act(revised, "revise", who, note), ...endOfShadow(policy, who, "it was revised")]);
}

/**
 * DRAFT → VALIDATED if its document has no errors, else it stays a DRAFT; either way it is on record that it was tried.
 * The caller sees to it that what was found is about the document in the book.
 * @throws DomainError POLICY_STATE unless it is a DRAFT
 */
export function validated(
  book: Book,
  policyId: string,
  who: Who,
  { errors, warnings }: { readonly errors: number; readonly warnings: number } = { errors: 0, warnings: 0 },
): BookChange {
  const policy = entryOf(book, policyId);
  must(policy, policy.state === "DRAFT", "validate", "is no draft");
  const after: PolicyEntry = errors > 0 ? policy : { ...policy, state: "VALIDATED" };
  return turn(book, [after], [act(after, "validate", who, `${count(errors, "error")}, ${count(warnings, "warning")}`)]);
}

/**
 * VALIDATED → SIMULATED by a simulation of the document it has. One that was revised, approved or put in force meanwhile
 * stays as it is: the book comes back as it was given, without an act.
 */
export function simulated(
  book: Book,
  policyId: string,
  { simulationId, documentHash }: Pick<PolicyEntry, "simulationId" | "documentHash">,
  who: Who,
): BookChange {
  const policy = entryOf(book, policyId);
  const awaited = policy.state === "VALIDATED" || policy.state === "SIMULATED";
  if (!awaited || policy.documentHash !== documentHash) return { book, acts: [], facts: [] };
  const after: PolicyEntry = { ...policy, state: "SIMULATED", simulationId };
  return turn(book, [after], [act(after, "simulate", who, simulationId)]);
}

/**
 * SIMULATED → APPROVED, by a second person.
 * @throws DomainError POLICY_STATE in any other state, or if its author approves it
 */
export function approve(
  book: Book,
  policyId: string,
  { approver, now, note }: { readonly approver: string; readonly now: Date; readonly note: string },
): BookChange {
  const policy = entryOf(book, policyId);
  must(policy, policy.state === "SIMULATED", "approve", "must be SIMULATED first");
  must(policy, approver !== policy.author, "approve", `needs somebody else than its author ${policy.author}`);
  const after: PolicyEntry = { ...policy, state: "APPROVED", approver };
  return turn(book, [after], [act(after, "approve", { subject: approver, now }, note)]);
}

/**
 * Lets it judge beside the active one; the market's shadow before it stops.
 * @throws DomainError POLICY_STATE unless it is VALIDATED, SIMULATED or APPROVED, or if it is the shadow already
 */
export function shadow(book: Book, policyId: string, who: Who): BookChange {
  const policy = entryOf(book, policyId);
  const ready = policy.state === "VALIDATED" || policy.state === "SIMULATED" || policy.state === "APPROVED";
  must(policy, ready, "shadow", "cannot judge beside another one");
  must(policy, !policy.shadow, "shadow", "is the shadow already");
  const before = book.policies.filter((other) => other.shadow);
  const stopped = before.map((other) => ({ ...other, shadow: false }));
  const ends = before.flatMap((other) => endOfShadow(other, who, `${policyId} took its place`));
  return turn(book, [...stopped, { ...policy, shadow: true }], [...ends, act(policy, "shadow", who, "")]);
}

/** Ends that. @throws DomainError POLICY_STATE if it is not the shadow */
export function unshadow(book: Book, policyId: string, who: Who): BookChange {
  const policy = entryOf(book, policyId);
  must(policy, policy.shadow, "unshadow", "is not the shadow");
  return turn(book, [{ ...policy, shadow: false }], endOfShadow(policy, who, ""));
}

/** Whether it was, or is, to judge the orders that are placed then. */
export function judgesAt({ state, effectiveTime, endTime }: PolicyEntry, at: Date): boolean {
  if (state !== "ACTIVE" && state !== "RETIRED") return false;
  return effectiveTime <= at && (endTime === undefined || at < endTime);
}

/**
 * The version that judges an order placed at that time.
 * @throws DomainError NO_POLICY
 */
export function inForce(book: Book, at: Date): PolicyEntry {
  const found = book.policies.find((policy) => judgesAt(policy, at));
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

/** The market's next version, as it begins. */
export function blank({ policies }: Book, entry: NewDraft): PolicyEntry {
  const version = Math.max(0, ...policies.map((policy) => policy.version)) + 1;
  const nothing = { endTime: undefined, approver: "", simulationId: "", restoredPolicyId: "", shadow: false } as const;
  return { ...entry, ...nothing, version, state: "DRAFT" };
}

/** The book with these entries in the place of those of their ids, or added. */
export function turn(
  book: Book,
  entries: readonly PolicyEntry[],
  acts: readonly Act[],
  facts: BookChange["facts"] = [],
): BookChange {
  const changed = new Map(entries.map((entry) => [entry.policyId, entry]));
  const kept = book.policies.map((policy) => changed.get(policy.policyId) ?? policy);
  const added = entries.filter(({ policyId }) => !book.policies.some((policy) => policy.policyId === policyId));
  return { book: { ...book, version: book.version + 1, policies: [...kept, ...added] }, acts, facts };
}

/** That a version is no longer the shadow, if it was. */
export function endOfShadow(policy: PolicyEntry, who: Who, note: string): Act[] {
  return policy.shadow ? [act(policy, "unshadow", who, note)] : [];
}

/** @throws DomainError POLICY_STATE unless the condition holds */
export function must({ policyId, state }: PolicyEntry, condition: boolean, verb: ActVerb, problem: string): void {
  const metadata = { policy_id: policyId, state, verb };
  check(condition, "POLICY_STATE", `cannot ${verb} ${policyId}: it is ${state} and ${problem}`, metadata);
}

const count = (n: number, what: string) => `${n} ${what}${n === 1 ? "" : "s"}`;
