import assert from "node:assert/strict";
import { PolicyState } from "#gen/backhaul/eligibility/v1/policy.js";
import { DomainError } from "#kit/pure/check.js";
import { assertComplete } from "#kit/pure/moves.js";
import { words } from "#kit/words.js";
import { activate, type Book, draft, inForce, type PolicyState as PolicyWord, policyMoves } from "../core/book.js";

const day = (n: number) => new Date(Date.UTC(2026, 0, n));
const refuses = (problem: RegExp) => (error: unknown) =>
  error instanceof DomainError &&
  error.reason === "POLICY_STATE" &&
  error.metadata.verb === "activate" &&
  problem.test(error.message);
const empty: Book = { market: "KR", version: 1, policies: [] };
const drafted = (book: Book, policyId: string, effective: number, author = "ann") =>
  draft(book, { policyId, author, effectiveTime: day(effective), createTime: day(1), documentHash: "" });

/** p1 in force from day 2. */
const one = activate(drafted(empty, "p1", 2), "p1", { approver: "bob", now: day(1) });

describe("the book of policies", () => {
  it("knows every state of the contract", () => {
    assertComplete<PolicyWord>(policyMoves, words(PolicyState, "POLICY_STATE_").all, ["DRAFT"]);
  });
  it("counts versions up, and its own with each change", () => {
    const two = drafted(one, "p2", 5);
    assert.deepEqual(
      two.policies.map((p) => [p.version, p.state]),
      [
        [1, "ACTIVE"],
        [2, "DRAFT"],
      ],
    );
    assert.equal(two.version, 4);
  });
  it("judges an order by the version in force when it was placed, also after that was replaced", () => {
    const two = activate(drafted(one, "p2", 5), "p2", { approver: "bob", now: day(3) });
    assert.deepEqual(
      two.policies.map((p) => p.state),
      ["RETIRED", "ACTIVE"],
    );
    assert.equal(inForce(two, day(4)).policyId, "p1");
    assert.equal(inForce(two, day(5)).policyId, "p2");
  });
  it("never lets a draft judge", () => {
    assert.equal(inForce(drafted(one, "p2", 3), day(9)).policyId, "p1");
  });
  it("says so when no policy was in force", () => {
    assert.throws(
      () => inForce(one, day(1)),
      (error) => error instanceof DomainError && error.reason === "NO_POLICY" && error.metadata.market === "KR",
    );
  });
  it("is never back-dated: what took effect in the past takes effect now", () => {
    const two = activate(drafted(one, "p2", 3), "p2", { approver: "bob", now: day(7) });
    assert.equal(inForce(two, day(6)).policyId, "p1");
    assert.equal(inForce(two, day(7)).policyId, "p2");
  });
  it("refuses an author as approver, a second activation, and one that takes effect before what it replaces", () => {
    const two = drafted(one, "p2", 5);
    assert.throws(
      () => activate(two, "p2", { approver: "ann", now: day(3) }),
      refuses(/somebody else than its author ann/),
    );
    assert.throws(() => activate(one, "p1", { approver: "bob", now: day(3) }), refuses(/p1 is ACTIVE/));
    const later = activate(drafted(one, "p3", 20), "p3", { approver: "bob", now: day(3) });
    assert.throws(
      () => activate(drafted(later, "p4", 10), "p4", { approver: "bob", now: day(3) }),
      refuses(/not after version 2/),
    );
  });
});
