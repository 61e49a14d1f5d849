import assert from "node:assert/strict";
import fc from "fast-check";
import { PolicyState } from "#gen/backhaul/eligibility/v1/policy.js";
import { DomainError } from "#kit/pure/check.js";
import { assertComplete } from "#kit/pure/moves.js";
import { words } from "#kit/words.js";
import {
  approve,
  type Book,
  type BookChange,
  draft,
  entryOf,
  inForce,
  judgesAt,
  type PolicyState as PolicyWord,
  policyMoves,
  revise,
  shadow,
  simulated,
  unshadow,
  validated,
} from "../core/book.js";
import { activate, rollback } from "../core/force.js";

const day = (n: number) => new Date(Date.UTC(2026, 0, n));
const who = (subject: string, on = 1) => ({ subject, now: day(on) });
const refuses = (verb: string, problem: RegExp) => (error: unknown) =>
  error instanceof DomainError &&
  error.reason === "POLICY_STATE" &&
  error.metadata.verb === verb &&
  problem.test(error.message);
const empty: Book = { market: "KR", version: 1, policies: [] };

/** Ann's draft, with a document of its own. */
const drafted = (book: Book, policyId: string, effective = 2, author = "ann"): Book =>
  draft(book, { policyId, author, effectiveTime: day(effective), createTime: day(1), documentHash: `# ${policyId}` })
    .book;
const soundOf = (book: Book, policyId: string) => validated(book, policyId, who("ann")).book;
const triedOf = (book: Book, policyId: string, simulationId = "sim-1"): Book => {
  const { documentHash } = entryOf(book, policyId);
  return simulated(book, policyId, { simulationId, documentHash }, who("backhaul")).book;
};
const approvedOf = (book: Book, policyId: string) =>
  approve(book, policyId, { approver: "bob", now: day(1), note: "good" }).book;
/** Ann's, approved by Bob, not yet in force. */
const ready = (book: Book, policyId: string, effective = 2) =>
  approvedOf(triedOf(soundOf(drafted(book, policyId, effective), policyId), policyId), policyId);
const inForceFrom = (book: Book, policyId: string, effective: number, on: number): Book =>
  activate(ready(book, policyId, effective), policyId, who("bob", on)).book;
const back = (book: Book, policyId: string, newPolicyId: string, on: number, approver = "bob") =>
  rollback(book, policyId, { newPolicyId, approver, now: day(on), reason: "too many refunds" });

const states = ({ policies }: Book) => policies.map(({ policyId, state }) => `${policyId} ${state}`);
const deeds = ({ acts }: BookChange) => acts.map(({ policyId, subject, verb }) => `${subject}: ${verb} ${policyId}`);

/** p1 in force from day 2. */
const one = inForceFrom(empty, "p1", 2, 1);
/** And p2 from day 5. */
const two = inForceFrom(one, "p2", 5, 3);

describe("the book of policies", () => {
  it("knows every state of the contract", () => {
    assertComplete<PolicyWord>(policyMoves, words(PolicyState, "POLICY_STATE_").all, ["DRAFT"]);
  });

  it("counts versions up, and its own with each change", () => {
    const more = drafted(one, "p2", 5);
    assert.deepEqual(
      more.policies.map((p) => [p.version, p.state]),
      [
        [1, "ACTIVE"],
        [2, "DRAFT"],
      ],
    );
    assert.equal(more.version, one.version + 1);
  });

  describe("the way of a version", () => {
    it("leads from its draft over validation, simulation and a second person's word into force", () => {
      const seen = [drafted(empty, "p1")];
      for (const step of [soundOf, triedOf, approvedOf]) seen.push(step(seen.at(-1) as Book, "p1"));
      seen.push(activate(seen.at(-1) as Book, "p1", who("bob")).book);
      assert.deepEqual(
        seen.map(({ policies }) => policies[0]?.state),
        ["DRAFT", "VALIDATED", "SIMULATED", "APPROVED", "ACTIVE"],
      );
      const { approver, simulationId, author } = entryOf(seen.at(-1) as Book, "p1");
      assert.deepEqual([author, approver, simulationId], ["ann", "bob", "sim-1"]);
    });

    it("skips no step, and takes none twice", () => {
      const draftOnly = drafted(empty, "p1");
      const sound = soundOf(draftOnly, "p1");
      const tried = triedOf(sound, "p1");
      const approved = approvedOf(tried, "p1");
      const active = activate(approved, "p1", who("bob")).book;
      for (const book of [draftOnly, sound, approved, active]) {
        assert.throws(() => approvedOf(book, "p1"), refuses("approve", /must be SIMULATED first/));
      }
      for (const book of [draftOnly, sound, tried, active]) {
        assert.throws(() => activate(book, "p1", who("bob")), refuses("activate", /must be APPROVED first/));
      }
      for (const book of [sound, tried, approved, active]) {
        assert.throws(() => soundOf(book, "p1"), refuses("validate", /is no draft/));
      }
    });

    it("stays at DRAFT when errors were found, and tells how many", () => {
      const change = validated(drafted(empty, "p1"), "p1", who("ann"), { errors: 1, warnings: 2 });
      assert.equal(entryOf(change.book, "p1").state, "DRAFT");
      assert.deepEqual(deeds(change), ["ann: validate p1"]);
      assert.equal(change.acts[0]?.note, "1 error, 2 warnings");
    });

    it("is not gone on by its author: a second person approves it", () => {
      const tried = triedOf(soundOf(drafted(empty, "p1"), "p1"), "p1");
      assert.throws(
        () => approve(tried, "p1", { approver: "ann", now: day(1), note: "" }),
        refuses("approve", /somebody else than its author ann/),
      );
    });

    it("begins anew with a revision, until it was in force", () => {
      const other = { documentHash: "# other", effectiveTime: day(9) };
      for (const book of [
        drafted(empty, "p1"),
        soundOf(drafted(empty, "p1"), "p1"),
        triedOf(soundOf(drafted(empty, "p1"), "p1"), "p1"),
        ready(empty, "p1"),
      ]) {
        const change = revise(book, "p1", other, who("ann"));
        const { state, approver, simulationId, documentHash, effectiveTime } = entryOf(change.book, "p1");
        assert.deepEqual([state, approver, simulationId], ["DRAFT", "", ""]);
        assert.deepEqual({ documentHash, effectiveTime }, other);
        assert.deepEqual(
          change.acts.map(({ verb, note, documentHash: hash }) => [verb, note, hash]),
          [["revise", "document, effective time", "# other"]],
        );
      }
      assert.throws(() => revise(two, "p2", other, who("ann")), refuses("revise", /ACTIVE and was in force once/));
      assert.throws(() => revise(two, "p1", other, who("ann")), refuses("revise", /RETIRED and was in force once/));
    });

    it("makes whoever rewrites a document its author, so that nobody approves their own words", () => {
      const effectiveTime = day(2);
      const rewritten = revise(drafted(empty, "p1"), "p1", { documentHash: "# bob's", effectiveTime }, who("bob")).book;
      const tried = triedOf(soundOf(rewritten, "p1"), "p1");
      assert.throws(() => approvedOf(tried, "p1"), refuses("approve", /somebody else than its author bob/));
      const moved = revise(
        drafted(empty, "p1"),
        "p1",
        { documentHash: "# p1", effectiveTime: day(4) },
        who("bob"),
      ).book;
      assert.equal(entryOf(moved, "p1").author, "ann");
    });

    it("takes no simulation of a document that it no longer has, nor one that comes after the approval", () => {
      const sound = soundOf(drafted(empty, "p1"), "p1");
      const of = (documentHash: string) => ({ simulationId: "sim-2", documentHash });
      assert.deepEqual(simulated(sound, "p1", of("# older"), who("backhaul")), { book: sound, acts: [], facts: [] });
      for (const book of [drafted(empty, "p1"), ready(empty, "p1"), one]) {
        assert.deepEqual(simulated(book, "p1", of("# p1"), who("backhaul")), { book, acts: [], facts: [] });
      }
      const again = simulated(triedOf(sound, "p1"), "p1", of("# p1"), who("backhaul")).book;
      assert.deepEqual([entryOf(again, "p1").state, entryOf(again, "p1").simulationId], ["SIMULATED", "sim-2"]);
    });
  });

  describe("what is in force", () => {
    it("is the version whose time had come when the order was placed, also after that was replaced", () => {
      assert.deepEqual(states(two), ["p1 RETIRED", "p2 ACTIVE"]);
      assert.equal(inForce(two, day(4)).policyId, "p1");
      assert.equal(inForce(two, new Date(day(5).getTime() - 1)).policyId, "p1");
      assert.equal(inForce(two, day(5)).policyId, "p2");
    });

    it("is never a version that nobody activated", () => {
      for (const book of [drafted(one, "p2"), soundOf(drafted(one, "p2"), "p2"), ready(one, "p2")]) {
        assert.equal(inForce(book, day(9)).policyId, "p1");
      }
    });

    it("may be nothing, and then it says so", () => {
      assert.throws(
        () => inForce(one, day(1)),
        (error) => error instanceof DomainError && error.reason === "NO_POLICY" && error.metadata.market === "KR",
      );
    });

    it("is never back-dated: what took effect in the past takes effect now", () => {
      const later = inForceFrom(one, "p2", 3, 7);
      assert.equal(inForce(later, day(6)).policyId, "p1");
      assert.equal(inForce(later, day(7)).policyId, "p2");
    });

    it("gives each of several activations in one moment its time, also by a clock that is a little behind", () => {
      const atOnce = ["p2", "p3", "p4"].reduce((book, id) => inForceFrom(book, id, 3, 7), one);
      const at = (ms: number) => inForce(atOnce, new Date(day(7).getTime() + ms)).policyId;
      assert.deepEqual([-1, 0, 1, 2, 9999].map(at), ["p1", "p2", "p3", "p4", "p4"]);
      const behind = { subject: "bob", now: new Date(day(7).getTime() - 500) };
      const { book } = activate(ready(atOnce, "p5"), "p5", behind);
      assert.deepEqual(entryOf(book, "p5").effectiveTime, new Date(day(7).getTime() + 3));
    });

    it("cannot come before what it replaces", () => {
      const later = inForceFrom(one, "p3", 20, 3);
      assert.throws(() => inForceFrom(later, "p4", 10, 3), refuses("activate", /not after version 2/));
    });

    it("is announced with the version it replaces", () => {
      const { facts, acts } = activate(ready(one, "p2", 5), "p2", who("bob", 3));
      const body = { policyId: "p2", market: "KR", version: 2, effectiveTime: day(5), retiredPolicyId: "p1" };
      assert.deepEqual(facts, [{ name: "PolicyActivated", body: { ...body, rollback: false } }]);
      assert.deepEqual(
        acts.map(({ policyId, verb }) => [policyId, verb]),
        [
          ["p2", "activate"],
          ["p1", "retire"],
        ],
      );
      assert.equal(activate(ready(empty, "p1"), "p1", who("bob")).facts[0]?.body.retiredPolicyId, "");
    });
  });

  describe("a rollback", () => {
    it("brings back an older document at once, as a new version of its author", () => {
      const change = back(two, "p1", "p3", 8);
      assert.deepEqual(states(change.book), ["p1 RETIRED", "p2 RETIRED", "p3 ACTIVE"]);
      const { version, author, approver, documentHash, restoredPolicyId } = entryOf(change.book, "p3");
      assert.deepEqual([version, author, approver, documentHash, restoredPolicyId], [3, "ann", "bob", "# p1", "p1"]);
      assert.equal(inForce(change.book, day(4)).policyId, "p1");
      assert.equal(inForce(change.book, day(7)).policyId, "p2");
      assert.equal(inForce(change.book, day(8)).policyId, "p3");
      assert.deepEqual(deeds(change), ["bob: rollback p3", "bob: retire p2"]);
      assert.equal(change.acts[0]?.note, "too many refunds");
      const body = { policyId: "p3", market: "KR", version: 3, effectiveTime: day(8), retiredPolicyId: "p2" };
      assert.deepEqual(change.facts, [{ name: "PolicyActivated", body: { ...body, rollback: true } }]);
    });

    it("calls off a version whose time has not come: it is RETIRED and never judges", () => {
      const scheduled = inForceFrom(one, "p2", 20, 3);
      const change = back(scheduled, "p1", "p3", 8);
      assert.deepEqual(states(change.book), ["p1 RETIRED", "p2 RETIRED", "p3 ACTIVE"]);
      assert.equal(inForce(change.book, day(7)).policyId, "p1");
      for (const later of [8, 19, 20, 21, 300]) assert.equal(inForce(change.book, day(later)).policyId, "p3");
      assert.match(change.acts.find(({ policyId }) => policyId === "p2")?.note ?? "", /it never judged$/);
      assert.throws(() => back(change.book, "p2", "p4", 30), refuses("rollback", /was never in force/));
    });

    it("calls off every one of several that were still to come", () => {
      const scheduled = inForceFrom(inForceFrom(one, "p2", 20, 3), "p3", 30, 3);
      const { book } = back(scheduled, "p1", "p4", 8);
      for (const later of [8, 20, 25, 30, 300]) assert.equal(inForce(book, day(later)).policyId, "p4");
      assert.deepEqual(
        book.policies.filter((p) => [8, 20, 25, 30].some((n) => judgesAt(p, day(n)))).map((p) => p.policyId),
        ["p4"],
      );
    });

    it("takes what judged before, not what judges now or never did", () => {
      assert.throws(() => back(two, "p2", "p3", 8), refuses("rollback", /judges now/));
      assert.throws(() => back(two, "p2", "p3", 4), refuses("rollback", /was never in force/));
      assert.throws(
        () => back(ready(two, "p3"), "p3", "p4", 8),
        refuses("rollback", /APPROVED and was never in force/),
      );
      assert.throws(() => back(drafted(two, "p3"), "p3", "p4", 8), refuses("rollback", /DRAFT and was never in force/));
    });

    it("needs somebody else than the document's author", () => {
      assert.throws(() => back(two, "p1", "p3", 8, "ann"), refuses("rollback", /somebody else than its author ann/));
    });

    it("can be undone by another one", () => {
      const undone = back(back(two, "p1", "p3", 8).book, "p2", "p4", 9).book;
      assert.deepEqual(
        [7, 8, 9].map((n) => inForce(undone, day(n)).documentHash),
        ["# p2", "# p1", "# p2"],
      );
    });
  });

  describe("the shadow", () => {
    const sound = (book: Book, policyId: string) => soundOf(drafted(book, policyId), policyId);

    it("is a validated, simulated or approved version; at most one of a market", () => {
      const second = sound(shadow(sound(one, "p2"), "p2", who("ann")).book, "p3");
      const change = shadow(second, "p3", who("ann"));
      assert.deepEqual(
        change.book.policies.filter((p) => p.shadow).map((p) => p.policyId),
        ["p3"],
      );
      assert.deepEqual(deeds(change), ["ann: unshadow p2", "ann: shadow p3"]);
      for (const book of [triedOf(sound(one, "p2"), "p2"), ready(one, "p2")]) {
        assert.ok(entryOf(shadow(book, "p2", who("ann")).book, "p2").shadow);
      }
      for (const [book, id] of [
        [drafted(one, "p2"), "p2"],
        [two, "p2"],
        [two, "p1"],
      ] as const) {
        assert.throws(() => shadow(book, id, who("ann")), refuses("shadow", /cannot judge beside/));
      }
      assert.throws(() => shadow(change.book, "p3", who("ann")), refuses("shadow", /is the shadow already/));
    });

    it("ends by word, by a revision, and when it comes into force itself; and it is on record", () => {
      const shadowed = shadow(ready(one, "p2", 5), "p2", who("ann")).book;
      const ends = [
        unshadow(shadowed, "p2", who("ann")),
        revise(shadowed, "p2", { documentHash: "# other", effectiveTime: day(5) }, who("ann")),
        activate(shadowed, "p2", who("ann", 3)),
      ];
      for (const { book, acts } of ends) {
        assert.ok(!book.policies.some((p) => p.shadow));
        assert.equal(acts.filter(({ verb }) => verb === "unshadow").length, 1);
      }
      assert.throws(() => unshadow(one, "p1", who("ann")), refuses("unshadow", /is not the shadow/));
    });
  });

  it("has one version in force at any time, never changes the past, and one ACTIVE and one shadow at most", () => {
    // Any sequence of verbs on up to five versions, each on a later day or the same.
    const verbs = ["draft", "ready", "activate", "rollback", "shadow", "revise"] as const;
    const step = fc.record({
      verb: fc.constantFrom(...verbs),
      target: fc.nat(4),
      effective: fc.integer({ min: 1, max: 40 }),
      wait: fc.nat(3),
    });
    fc.assert(
      fc.property(fc.array(step, { minLength: 1, maxLength: 40 }), (steps) => {
        let book = one;
        let now = 2;
        let named = 1;
        for (const { verb, target, effective, wait } of steps) {
          now += wait;
          const before = book;
          const { policyId } = book.policies[target % book.policies.length] as { policyId: string };
          try {
            if (verb === "draft") book = drafted(book, `p${++named}`, effective);
            if (verb === "ready") book = ready(book, `p${++named}`, effective);
            if (verb === "activate") book = activate(book, policyId, who("bob", now)).book;
            if (verb === "rollback") book = back(book, policyId, `p${++named}`, now).book;
            if (verb === "shadow") book = shadow(book, policyId, who("ann", now)).book;
            const revision = { documentHash: `# ${now}`, effectiveTime: day(effective) };
            if (verb === "revise") book = revise(book, policyId, revision, who("ann", now)).book;
          } catch (error) {
            assert.ok(error instanceof DomainError && error.reason === "POLICY_STATE", String(error));
          }
          const judges = (at: Date) => book.policies.filter((p) => judgesAt(p, at)).map((p) => p.policyId);
          for (let on = 2; on <= 60; on++) assert.equal(judges(day(on)).length, 1, `on day ${on}`);
          for (let on = 2; on < now; on++) {
            assert.equal(inForce(book, day(on)).policyId, inForce(before, day(on)).policyId, `day ${on} is past`);
          }
          assert.equal(book.policies.filter((p) => p.state === "ACTIVE").length, 1);
          assert.ok(book.policies.filter((p) => p.shadow).length <= 1);
        }
      }),
      { numRuns: 300 },
    );
  });
});
