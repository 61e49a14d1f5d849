import assert from "node:assert/strict";
import fc from "fast-check";
import { booked, cancel } from "../core/collection.js";
import { parcelsOf } from "../core/parcels.js";
import { parcelBooked, parcelRefused, split } from "../core/split.js";
import { report } from "../core/tracking.js";
import {
  type Collection,
  type CollectionFact,
  type Fault,
  notices,
  type Report,
  scans,
  type TrackingKind,
} from "../core/types.js";
import { at, booking, collection, said } from "./builders.js";

const now = at(1000);
const names = (facts: readonly CollectionFact[]) => facts.map(({ name }) => name);

/** Split, and every further parcel numbered: CJ1, CJ2, … */
function inParcels(units: readonly number[], change: Partial<Collection> = {}): Collection {
  const sum = units.reduce((one, other) => one + other, 0);
  const whole = split(collection({ units: sum, ...change }), units, at(1)).next;
  return units
    .slice(1)
    .reduce(
      (before, count, i) =>
        parcelBooked(before, count, { ...booking, bookingId: `bkg-${i + 2}`, trackingNumber: `CJ${i + 2}` }, at(2))
          .next,
      whole,
    );
}

/** What is told of the parcel of that number. */
function of(number: number, kind: TrackingKind, change: Partial<Report> = {}): Report {
  return said(kind, { trackingNumber: `CJ${number}`, ...change });
}

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

describe("collection: parcels", () => {
  it("is one parcel, its booking, as long as nobody splits it", () => {
    const [parcel, ...more] = parcelsOf(collection({ state: "IN_TRANSIT", handOverTime: at(3) }));
    assert.deepEqual(more, []);
    assert.deepEqual(parcel, { ...booking, units: 2, scan: "IN_TRANSIT", handOverTime: at(3), deliverTime: undefined });
  });

  it("splits into parcels that hold all units, and asks for a number for each further one", () => {
    const { next, todo } = split(collection({ units: 5 }), [3, 1, 1], now);
    assert.deepEqual(
      next.parcels.map(({ trackingNumber, units }) => [trackingNumber, units]),
      [
        ["CJ1", 3],
        ["", 1],
        ["", 1],
      ],
    );
    const asked = { step: "book-parcel", payload: { units: 1 } };
    assert.deepEqual(todo, [asked, asked]);
  });

  it("refuses units that are not there, parcels that stay empty, and what comes too late", () => {
    const reasonOf = (before: Collection, units: readonly number[]) => {
      try {
        split(before, units, now);
      } catch (error) {
        return (error as { reason: string }).reason;
      }
      return undefined;
    };
    assert.equal(reasonOf(collection({ units: 5 }), [3, 1]), "PARCEL_UNITS");
    assert.equal(reasonOf(collection({ units: 5 }), [3, 3]), "PARCEL_UNITS");
    assert.equal(reasonOf(collection({ units: 2 }), [1, 1, 1]), "PARCELS_TOO_MANY");
    assert.equal(reasonOf(inParcels([1, 1]), [1, 1]), "PARCELS_SPLIT_BEFORE");
    assert.equal(reasonOf(collection({ state: "PICKED_UP", handOverTime: at(1) }), [1, 1]), "PARCELS_TOO_LATE");
    assert.equal(reasonOf(collection({ state: "CANCELED" }), [1, 1]), "COLLECTION_STATE");
    assert.equal(reasonOf(collection({ state: "CREATED", booking: undefined }), [1, 1]), "COLLECTION_STATE");
  });

  it("announces each further parcel with its number, and puts what the carrier refuses back into the first", () => {
    const { next } = split(collection({ units: 3 }), [1, 2], now);
    const { facts } = parcelBooked(next, 2, { ...booking, trackingNumber: "CJ2" }, now);
    const { collectionId, resolutionId } = next;
    const body = { collectionId, resolutionId, carrier: "cj", trackingNumber: "CJ2", units: 2, addTime: now };
    assert.deepEqual(facts, [{ name: "ParcelAdded", body }]);
    const [whole, ...none] = parcelsOf(parcelRefused(next, 2, now).next);
    assert.deepEqual([whole?.trackingNumber, whole?.units, none], ["CJ1", 3, []]);
    const [same] = parcelsOf(parcelBooked(next, 2, booking, now).next);
    assert.equal(same?.units, 3, "a number that it has already is no further parcel");
  });

  it("calls a parcel's booking off that came after the cancellation, and every one that came before it", () => {
    const { next } = split(collection(), [1, 1], now);
    const late = parcelBooked(
      cancel(next, now).next,
      1,
      { ...booking, bookingId: "bkg-2", trackingNumber: "CJ2" },
      now,
    );
    assert.deepEqual(late.todo, [{ step: "cancel-booking", payload: { bookingId: "bkg-2" } }]);
    assert.deepEqual(
      cancel(inParcels([1, 1]), now).todo.map(({ payload }) => payload),
      [{ bookingId: "bkg-1" }, { bookingId: "bkg-2" }],
    );
  });

  it("is handed over with its first parcel, and at the warehouse with its last", () => {
    const before = inParcels([2, 1]);
    const first = told(before, [of(2, "PICKED_UP", { time: at(20) })]);
    assert.deepEqual([first.next.state, first.next.handOverTime], ["PICKED_UP", at(20)]);
    const second = told(first.next, [of(1, "PICKED_UP", { time: at(25) })]);
    assert.deepEqual([names(first.facts), names(second.facts)], [["ParcelPickedUp"], ["FurtherParcelPickedUp"]]);
    const half = told(second.next, [of(1, "DELIVERED", { time: at(90) })]);
    assert.deepEqual([half.next.state, half.next.deliverTime], ["IN_TRANSIT", undefined]);
    const all = told(half.next, [of(2, "DELIVERED", { time: at(80) })]);
    assert.deepEqual([all.next.state, all.next.deliverTime], ["DELIVERED", at(90)]);
    assert.deepEqual(
      [...half.facts, ...all.facts].map(({ body }) => "moreParcels" in body && [body.trackingNumber, body.moreParcels]),
      [
        ["CJ1", true],
        ["CJ2", false],
      ],
    );
  });

  it("is not all lost when one parcel is, and tells how many units are", () => {
    const before = inParcels([2, 1, 4]);
    const { next, facts } = told(before, [of(1, "LOST"), of(3, "DELIVERED"), of(2, "LOST")]);
    assert.equal(next.state, "DELIVERED");
    const lost = facts.flatMap((fact) => (fact.name === "ParcelLost" ? fact.body : []));
    assert.deepEqual(
      lost.map(({ units, lostUnits, moreParcels, othersDelivered }) => [
        units,
        lostUnits,
        moreParcels,
        othersDelivered,
      ]),
      [
        [2, 2, true, false],
        [1, 3, false, true],
      ],
    );
    assert.equal(told(before, [of(1, "LOST"), of(3, "LOST"), of(2, "LOST")]).next.state, "LOST");
  });

  it("counts a visit once that failed for several parcels, and two visits for one parcel twice", () => {
    const before = inParcels([1, 1]);
    const once = told(before, [
      of(1, "ATTEMPT_FAILED", { fault: "LOGISTICS", time: at(61) }),
      of(2, "ATTEMPT_FAILED", { fault: "LOGISTICS", time: at(64) }),
    ]);
    assert.deepEqual(names(once.facts), ["PickupAttemptFailed"]);
    assert.deepEqual(once.next.attempts[0]?.trackingNumbers, ["CJ1", "CJ2"]);
    const twice = told(once.next, [of(1, "ATTEMPT_FAILED", { fault: "LOGISTICS", time: at(66) })]);
    assert.equal(twice.next.attempts.length, 2);
  });

  it("leaves a parcel's end to the others when its number never comes", () => {
    const before = split(collection(), [1, 1], now).next;
    const { next } = told(before, [of(1, "DELIVERED")]);
    assert.equal(next.state, "IN_TRANSIT", "the other parcel is still awaited");
    const { next: ended, facts } = parcelRefused(next, 1, now);
    assert.equal(ended.state, "DELIVERED");
    assert.deepEqual(names(facts), ["ParcelDelivered"]);
  });

  it("ends in the same state whatever the order, however late and however often reports of its parcels come", () => {
    const one = fc.record({
      number: fc.integer({ min: 1, max: 3 }),
      kind: fc.constantFrom<TrackingKind>(...notices, ...scans),
      fault: fc.constantFrom<Fault | undefined>("CUSTOMER", "LOGISTICS", undefined),
      minute: fc.integer({ min: 0, max: 200 }),
    });
    const reports = fc
      .array(one, { minLength: 1, maxLength: 14 })
      .map((all) =>
        all.map(({ number, kind, fault, minute }, i) =>
          of(number, kind, { eventId: `e${i}`, fault, time: at(minute) }),
        ),
      );
    const walks = reports.chain((all) =>
      fc
        .array(fc.constantFrom(...all), { maxLength: 8 })
        .chain((twice) =>
          fc.tuple(fc.constant(all), fc.shuffledSubarray([...all, ...twice], { minLength: all.length + twice.length })),
        ),
    );
    const units = [3, 1, 2];
    fc.assert(
      fc.property(walks, fc.integer({ min: 1, max: 3 }), fc.boolean(), ([all, again], maxAttempts, canceled) => {
        const begin = () => {
          const whole = inParcels(units, { maxAttempts });
          return canceled ? cancel(whole, at(3)).next : whole;
        };
        const [told1, told2] = [told(begin(), all), told(begin(), again)];
        const way = ({ next }: { next: Collection }) => [
          next.state,
          next.parcels.map(({ scan, units: count }) => [scan, count]),
        ];
        assert.deepEqual(way(told1), way(told2));
        for (const { next, facts } of [told1, told2]) {
          const handedOver = (scans as readonly string[]).includes(next.state);
          assert.equal(names(facts).filter((name) => name === "ParcelPickedUp").length, handedOver ? 1 : 0);
          const ends = facts.flatMap(({ name, body }) =>
            name === "ParcelDelivered" || name === "ParcelLost" ? [body.moreParcels] : [],
          );
          const over = next.state === "DELIVERED" || next.state === "LOST";
          assert.equal(ends.includes(false), over, "the last parcel is told of as the last");
          assert.equal(
            next.parcels.reduce((sum, parcel) => sum + parcel.units, 0),
            next.units,
          );
        }
      }),
      { numRuns: 1500, seed: 20261126 },
    );
  });

  it("keeps the booking's number with the first parcel when it is booked anew", () => {
    const created = collection({ state: "CREATED", booking: undefined });
    assert.deepEqual(parcelsOf(created)[0]?.trackingNumber, "");
    assert.deepEqual(parcelsOf(booked(created, booking, undefined, now).next)[0]?.trackingNumber, "CJ1");
  });
});
