import assert from "node:assert/strict";
import fc from "fast-check";
import { cancel, reschedule } from "../core/collection.js";
import { report } from "../core/tracking.js";
import { type Collection, type CollectionFact, type Fault, notices, type Report, scans } from "../core/types.js";
import { at, collection, said } from "./builders.js";

const now = at(1000);
const names = (facts: readonly CollectionFact[]) => facts.map((f) => f.name);

/** Takes reports in one after the other, each id once, as the store sees to. */
function told(before: Collection, reports: readonly Report[]): { next: Collection; facts: CollectionFact[] } {
  const known = new Set<string>();
  const facts: CollectionFact[] = [];
  let next = before;
  for (const one of reports) {
    if (known.has(one.eventId)) continue;
    known.add(one.eventId);
    const outcome = report(next, one, now);
    next = outcome.next;
    facts.push(...outcome.facts);
  }
  return { next, facts };
}

describe("collection: reports", () => {
  it("follows a parcel from the driver to the warehouse", () => {
    const way = [
      "CARRIER_NOTIFIED",
      "OUT_FOR_PICKUP",
      "PICKED_UP",
      "IN_TRANSIT",
      "OUT_FOR_DELIVERY",
      "DELIVERED",
    ] as const;
    let current = collection();
    way.forEach((kind, i) => {
      const { next, applied } = report(current, said(kind, { time: at(i) }), now);
      assert.deepEqual([next.state, applied, next.version], [kind, true, current.version + 1]);
      current = next;
    });
    assert.deepEqual([current.handOverTime, current.deliverTime], [at(2), at(5)]);
    assert.deepEqual(
      current.attempts.map((a) => [a.number, a.outcome, a.fault]),
      [[1, "SUCCEEDED", undefined]],
    );
  });

  it("takes a later report from an earlier state, and tells of the hand-over nobody saw", () => {
    const { next, facts } = report(collection(), said("DELIVERED", { time: at(7) }), now);
    assert.equal(next.state, "DELIVERED");
    assert.deepEqual(names(facts), ["ParcelPickedUp", "ParcelDelivered"]);
    assert.deepEqual(next.handOverTime, at(7));
    const late = report(next, said("PICKED_UP"), now);
    assert.deepEqual([late.applied, late.next, late.facts], [false, next, []]);
  });

  it("counts only what the carrier could help: the customer's absence never ends a collection", () => {
    const absent = Array.from({ length: 9 }, () => said("ATTEMPT_FAILED", { fault: "CUSTOMER", code: "NOT_AT_HOME" }));
    const { next, facts } = told(collection({ maxAttempts: 1 }), absent);
    assert.equal(next.state, "ATTEMPT_FAILED");
    assert.equal(next.attempts.length, 9);
    assert.deepEqual(
      facts.map((f) => f.name === "PickupAttemptFailed" && f.body.attempt),
      [1, 2, 3, 4, 5, 6, 7, 8, 9],
    );
  });

  it("gives up after as many carrier failures as allowed, and calls the booking off", () => {
    const faults: (Fault | undefined)[] = ["LOGISTICS", "SELLER", undefined, "CUSTOMER", "PLATFORM"];
    let current = collection({ maxAttempts: 3 });
    for (const fault of faults.slice(0, -1)) current = report(current, said("ATTEMPT_FAILED", { fault }), now).next;
    assert.equal(current.state, "ATTEMPT_FAILED");
    const { next, facts, todo } = report(current, said("ATTEMPT_FAILED", { fault: "PLATFORM", code: "NO_VAN" }), now);
    assert.equal(next.state, "DIRECTION_FAILED");
    assert.deepEqual(names(facts), ["PickupAttemptFailed", "CollectionFailed"]);
    assert.match(facts[1]?.name === "CollectionFailed" ? facts[1].body.reason : "", /3 of 3 attempts failed.*NO_VAN/);
    assert.deepEqual(todo, [{ step: "cancel-booking", payload: { bookingId: "bkg-1" } }]);
  });

  it("calls a carrier's notice after a failed attempt REPLANNED, also when the attempt is told late", () => {
    const failed = said("ATTEMPT_FAILED", { fault: "CUSTOMER", time: at(1) });
    const notice = said("CARRIER_NOTIFIED", { time: at(2) });
    for (const reports of [
      [failed, notice],
      [notice, failed],
    ]) {
      const { next, facts } = told(collection(), reports);
      assert.equal(next.state, "REPLANNED");
      assert.deepEqual(names(facts), ["PickupAttemptFailed"]);
    }
  });

  it("lets the driver set out again after a failed attempt, but not by news older than it", () => {
    const failed = report(collection(), said("ATTEMPT_FAILED", { time: at(5), fault: "CUSTOMER" }), now).next;
    assert.equal(report(failed, said("OUT_FOR_PICKUP", { time: at(6) }), now).next.state, "OUT_FOR_PICKUP");
    assert.equal(report(failed, said("OUT_FOR_PICKUP", { time: at(4) }), now).applied, false);
  });

  it("keeps the customer's new slot against older news", () => {
    const before = collection();
    const { next } = reschedule(before, { from: before.slot, to: undefined }, at(20));
    assert.equal(report(next, said("OUT_FOR_PICKUP", { time: at(19) }), now).applied, false);
    assert.equal(report(next, said("OUT_FOR_PICKUP", { time: at(21) }), now).next.state, "OUT_FOR_PICKUP");
  });

  it("follows goods that were handed over although the collection was called off or given up", () => {
    for (const state of ["CANCELED", "DIRECTION_FAILED"] as const) {
      const { next, facts, dropped, applied } = report(collection({ state }), said("PICKED_UP"), now);
      assert.deepEqual([next.state, applied, names(facts)], ["PICKED_UP", true, ["ParcelPickedUp"]]);
      assert.deepEqual(dropped, ["cancel-booking", "watch"], "one watch, begun anew");
    }
  });

  it("only records what is told of a visit after the end", () => {
    for (const state of ["CANCELED", "DIRECTION_FAILED", ...scans] as const) {
      for (const kind of notices) assert.equal(report(collection({ state }), said(kind), now).applied, false, state);
    }
  });

  it("believes that a lost parcel was found, not that a delivered one was lost", () => {
    const found = told(collection(), [said("PICKED_UP"), said("LOST"), said("DELIVERED")]);
    assert.equal(found.next.state, "DELIVERED");
    assert.deepEqual(names(found.facts), ["ParcelPickedUp", "ParcelLost", "ParcelDelivered"]);
    assert.equal(report(found.next, said("LOST"), now).applied, false);
  });

  it("believes no carrier's clock beyond what can be true", () => {
    const handOver = (time: Date | undefined) =>
      report(collection(), said("PICKED_UP", { time }), now).next.handOverTime;
    assert.deepEqual(handOver(at(2000)), now);
    assert.deepEqual(handOver(at(-2000)), at(0));
    assert.deepEqual(handOver(undefined), now);
    assert.deepEqual(handOver(at(3)), at(3));
  });

  it("keeps a code that nobody can read, announces it and changes nothing", () => {
    const before = collection({ state: "PICKED_UP", handOverTime: at(1) });
    const unread = said("PICKED_UP", { kind: undefined, aside: "UNKNOWN", code: "77", time: at(9) });
    const { next, applied, facts } = report(before, unread, now);
    assert.deepEqual([next, applied], [before, false]);
    const { collectionId, resolutionId } = before;
    const body = { reporter: "cj", code: "77", reason: "not in the reporter's vocabulary", eventTime: at(9) };
    assert.deepEqual(facts, [{ name: "TrackingCodeUnknown", body: { collectionId, resolutionId, ...body } }]);
    const delay = said("PICKED_UP", { kind: undefined, aside: "NO_PLACE", code: "DELAYED" });
    assert.deepEqual(report(before, delay, now).facts, [], "a delay is no reason to call anybody");
  });

  it("keeps an attempt's evidence and the plan of the next one in its ledger, and announces both", () => {
    const evidence = { mediaIds: ["med_1", "med_2"], note: "nobody opened" };
    const failed = said("ATTEMPT_FAILED", { fault: "CUSTOMER", code: "NOT_HOME", evidence, nextAttemptTime: at(1500) });
    const { next, facts } = report(collection(), failed, now);
    const plan = { evidence, nextAttemptTime: at(1500) };
    const line = { number: 1, outcome: "FAILED", fault: "CUSTOMER", code: "NOT_HOME", time: at(10), ...plan };
    assert.deepEqual(next.attempts, [line]);
    const body = facts[0]?.name === "PickupAttemptFailed" ? facts[0].body : undefined;
    assert.deepEqual([body?.evidence, body?.nextAttemptTime], [evidence, at(1500)]);
    const taken = report(next, said("PICKED_UP", { time: at(20) }), now).next;
    assert.deepEqual(taken.attempts[0], line, "what is in the ledger stays as it is");
    assert.deepEqual([taken.attempts[1]?.outcome, taken.attempts[1]?.evidence], ["SUCCEEDED", undefined]);
  });

  const kinds = fc.constantFrom(...notices, ...scans);
  const faults = fc.constantFrom<Fault | undefined>(
    "CUSTOMER",
    "SELLER",
    "PLATFORM",
    "LOGISTICS",
    "GENERAL",
    undefined,
  );
  const some = fc
    .array(fc.record({ kind: kinds, fault: faults, minute: fc.integer({ min: 0, max: 6 }) }), {
      minLength: 1,
      maxLength: 9,
    })
    .map((all) => all.map(({ kind, fault, minute }, i) => said(kind, { eventId: `e${i}`, fault, time: at(minute) })));
  const shuffled = some.chain((all) =>
    fc.tuple(
      fc.constant(all),
      fc.array(fc.constantFrom(...all), { maxLength: 6 }).chain((twice) => {
        const bag = [...all, ...twice];
        return fc.shuffledSubarray(bag, { minLength: bag.length, maxLength: bag.length });
      }),
    ),
  );
  const starts: readonly ((maxAttempts: number) => Collection)[] = [
    (maxAttempts) => collection({ maxAttempts }),
    (maxAttempts) => cancel(collection({ maxAttempts }), at(1)).next,
    (maxAttempts) =>
      reschedule(collection({ maxAttempts, slot: undefined }), { from: undefined, to: undefined }, at(3)).next,
  ];

  it("ends in the same state, whatever the order and however often each report comes", () => {
    fc.assert(
      fc.property(fc.constantFrom(...starts), fc.integer({ min: 1, max: 3 }), shuffled, (begin, max, [all, again]) => {
        const [one, other] = [told(begin(max), all), told(begin(max), again)];
        assert.equal(one.next.state, other.next.state);
        for (const { next, facts } of [one, other]) {
          const handedOver = (scans as readonly string[]).includes(next.state);
          assert.equal(names(facts).filter((n) => n === "ParcelPickedUp").length, handedOver ? 1 : 0);
          assert.equal(next.handOverTime !== undefined, handedOver);
          for (const once of ["ParcelDelivered", "ParcelLost", "CollectionFailed"]) {
            assert.ok(names(facts).filter((n) => n === once).length <= 1, once);
          }
          assert.deepEqual(
            next.attempts.map((a) => a.number),
            next.attempts.map((_, i) => i + 1),
          );
        }
      }),
      { numRuns: 2000 },
    );
  });

  it("keeps the same attempts in any order while it goes on", () => {
    const kept = ({ next }: { next: Collection }) =>
      next.attempts.map((a) => `${a.time.toISOString()} ${a.fault}`).sort();
    const quiet = shuffled.filter(([all]) =>
      all.every(({ kind }) => (notices as readonly string[]).includes(kind ?? "")),
    );
    fc.assert(
      fc.property(quiet, ([all, again]) => {
        assert.deepEqual(
          kept(told(collection({ maxAttempts: 99 }), all)),
          kept(told(collection({ maxAttempts: 99 }), again)),
        );
      }),
      { numRuns: 100 },
    );
  });
});
