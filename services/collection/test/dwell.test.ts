import assert from "node:assert/strict";
import { status } from "@grpc/grpc-js";
import type { TransportServiceService } from "#gen/backhaul/partner/transport/v1/transport_service.js";
import { ownCall } from "#kit/call.js";
import type { ClientOf } from "#kit/client.js";
import { RpcError } from "#kit/errors.js";
import { readCollectionConfig } from "../config.js";
import { outcome } from "../core/change.js";
import { firstLook, heardOf, isSilent, isWatched, look } from "../core/dwell.js";
import { report } from "../core/tracking.js";
import type { Collection, Silence } from "../core/types.js";
import { limitsOf } from "../dwell.js";
import { openReporters } from "../reporters.js";
import { openReports } from "../reports.js";
import { collectionSteps } from "../steps.js";
import { at, collection, eventOf, said } from "./builders.js";
import { fakeCarrier } from "./carrier.js";
import { noNetwork } from "./routing.js";
import { openStored, type Stored } from "./stored.js";

const limits = { askDays: 2, stallDays: 4, presumeLostDays: 14 };
const day = (n: number) => at(n * 24 * 60);
const moving = (change: Partial<Collection> = {}) =>
  collection({ state: "IN_TRANSIT", handOverTime: at(0), updateTime: at(0), slot: undefined, ...change });
const looked = (before: Collection, now: Date, silence: Partial<Silence> = {}) =>
  look(before, { heard: undefined, silence }, limits, now);

describe("collection: silent parcels", () => {
  const asked: Silence = { since: at(0).toISOString(), asks: 1 };

  it("waits as long as something may still be heard", () => {
    const { next, todo, facts } = looked(moving(), day(1));
    assert.deepEqual([next.stallTime, facts], [undefined, []]);
    assert.deepEqual(todo, [{ step: "watch", due: day(2), payload: { since: at(0).toISOString(), asks: 0 } }]);
  });

  it("counts from the last report, whatever it was, and before the hand-over from the visit that was agreed", () => {
    const silent = (c: Collection, heard: Date | undefined, now: Date) => isSilent(c, heard, limits, now);
    assert.equal(silent(moving(), undefined, day(2)), true);
    assert.equal(silent(moving(), day(1), day(2)), false);
    const slot = { slotId: "s", startTime: day(5), endTime: day(5) };
    assert.deepEqual(
      [silent(collection({ slot }), undefined, day(6)), silent(collection({ slot }), undefined, day(7))],
      [false, true],
    );
    const failed = {
      number: 1,
      outcome: "FAILED",
      fault: "GENERAL",
      code: "",
      time: at(1),
      evidence: undefined,
    } as const;
    const waiting = collection({ slot: undefined, attempts: [{ ...failed, nextAttemptTime: day(5) }] });
    assert.deepEqual([silent(waiting, undefined, day(6)), silent(waiting, undefined, day(7))], [false, true]);
  });

  it("calls a person when the carrier was asked and nothing came, once", () => {
    const { next, facts, todo } = looked(moving(), day(4), asked);
    assert.deepEqual([next.stallTime, next.stalls, next.version], [day(4), 1, 3]);
    assert.deepEqual(
      facts.map((f) => f.name),
      ["ParcelStalled"],
    );
    assert.deepEqual(facts[0]?.name === "ParcelStalled" && [facts[0].body.state, facts[0].body.hearTime], [
      "IN_TRANSIT",
      at(0),
    ]);
    assert.equal(todo.length, 1);
    assert.deepEqual(looked(next, day(6), { ...asked, asks: 2 }).facts, []);
  });

  it("calls nobody at the first look, however long the silence: the clock may have leapt", () => {
    const { next, facts, todo } = looked(moving(), day(30));
    assert.deepEqual([next.stallTime, facts], [undefined, []]);
    assert.deepEqual(todo[0]?.step === "watch" && todo[0].due, day(32));
  });

  it("asks anew when it was heard of in between", () => {
    const heard = day(3);
    const { facts, todo } = look(moving(), { heard, silence: asked }, limits, day(8));
    assert.deepEqual(facts, []);
    assert.deepEqual(todo[0]?.payload, { since: heard.toISOString(), asks: 1 });
  });

  it("presumes a stalled parcel lost after a fortnight, leaves its state to a person, and looks no more", () => {
    const stalled = moving({ stallTime: day(4), stalls: 1 });
    assert.deepEqual(looked(stalled, day(13), { ...asked, asks: 5 }).facts, []);
    const { next, facts, todo } = looked(stalled, day(14), { ...asked, asks: 6 });
    assert.deepEqual([next.state, next.presumeLostTime], ["IN_TRANSIT", day(14)]);
    assert.deepEqual(
      facts.map((f) => f.name),
      ["ParcelPresumedLost"],
    );
    assert.deepEqual(todo, []);
  });

  it("presumes nothing lost that nobody has taken over yet", () => {
    const waiting = collection({ slot: undefined, updateTime: at(0), stallTime: day(4) });
    const { facts, todo } = looked(waiting, day(40), { ...asked, asks: 9 });
    assert.deepEqual(facts, []);
    assert.equal(todo.length, 1, "it is looked at on");
  });

  it("forgets the silence with any news, and watches again what was given up", () => {
    const given = moving({ stallTime: day(4), presumeLostTime: day(14), stalls: 1 });
    const { next, todo, applied } = report(given, said("OUT_FOR_DELIVERY", { time: day(15) }), day(15));
    assert.deepEqual([applied, next.stallTime, next.presumeLostTime, next.stalls], [true, undefined, undefined, 1]);
    assert.deepEqual(todo, [firstLook(next, day(15))]);
    const again = report(moving({ stallTime: day(4) }), said("IN_TRANSIT", { time: day(5) }), day(5));
    assert.deepEqual([again.applied, again.next.stallTime, again.next.version], [false, undefined, 3]);
  });

  it("watches what a carrier has or is to fetch, and nothing that is over", () => {
    const watched = (change: Partial<Collection>) => isWatched(collection(change));
    assert.deepEqual(
      [watched({}), watched({ method: "DROP_OFF_CVS" }), watched({ booking: undefined })],
      [true, false, false],
    );
    assert.equal(watched({ method: "CUSTOMER_SHIPS", state: "DROPPED_OFF", handOverTime: at(1) }), true);
    for (const state of ["DELIVERED", "LOST", "CANCELED", "DIRECTION_FAILED"] as const)
      assert.equal(watched({ state }), false);
    const ended = heardOf(moving(), outcome(moving({ state: "DELIVERED" })), day(1));
    assert.deepEqual([ended.todo, ended.dropped], [[], ["watch"]]);
  });

  it("reads its limits by market, and refuses days that do not follow each other", () => {
    const read = (DWELL_DAYS: string) => {
      const env = {
        DATABASE_URL: "postgres://h/d",
        NATS_URL: "nats://h:4222",
        MESH_SECRET: "x".repeat(32),
        TOKEN_JWKS: "f",
        PII_KEYS: `k1:${Buffer.alloc(32).toString("base64")}`,
      };
      return readCollectionConfig({ ...env, DWELL_DAYS }).dwell;
    };
    const dwell = read("KR=1/2/7,*=3/5/20");
    assert.deepEqual(limitsOf(dwell, "KR"), { askDays: 1, stallDays: 2, presumeLostDays: 7 });
    assert.equal(limitsOf(dwell, "TW").presumeLostDays, 20);
    assert.deepEqual(limitsOf(new Map(), "TW"), limits);
    assert.throws(() => read("KR=5/2/7"), /days for KR that do not follow each other/);
    assert.throws(() => read("KR"), /DWELL_DAYS/);
  });
});

describe("collection: asking for silent parcels", () => {
  let house: Stored;
  const carrier = fakeCarrier();
  before(async () => {
    house = await openStored();
  });
  after(() => house?.close());

  const steps = () => {
    const { store, clock } = house;
    const reports = openReports({ store, reporters: openReporters(), clock });
    const transport = carrier.handlers as ClientOf<typeof TransportServiceService>;
    return collectionSteps({ store, clock, transport, reports, dwell: new Map(), routing: noNetwork() });
  };
  /** Does the watch's look that is due, as the agenda would. */
  const watch = async (id: string) => {
    const step = await house.lease(id, "watch");
    house.setDay((step.due.getTime() - at(0).getTime()) / 86_400_000);
    try {
      await steps().watch.run(step, ownCall("collection"));
    } catch (error) {
      await steps().watch.giveUp(step, error as Error);
    }
  };

  it("asks the carrier, then calls a person, then presumes a loss: each on its day", async () => {
    house.setDay(0);
    const parcel = await house.booked();
    const { collectionId, booking } = parcel;
    await house.tell(parcel, "PICKED_UP");
    const days = [];
    while ((await house.planned(collectionId, "watch")).length > 0) {
      await watch(collectionId);
      const { stallTime, presumeLostTime } = await house.store.find(collectionId);
      const asks = carrier.traced.filter((id) => id === booking?.bookingId).length;
      days.push([
        Math.round((house.clock.now().getTime() - at(0).getTime()) / 86_400_000),
        asks,
        !!stallTime,
        !!presumeLostTime,
      ]);
      assert.ok(days.length < 12, "it comes to an end");
    }
    assert.deepEqual(days.slice(0, 3), [
      [1, 0, false, false],
      [2, 1, false, false],
      [4, 2, true, false],
    ]);
    assert.deepEqual(days.at(-1), [14, 7, true, true]);
    const facts = ["CollectionScheduled", "ParcelPickedUp", "ParcelStalled", "ParcelPresumedLost"];
    assert.deepEqual(await house.facts(collectionId), facts);
    const found = await house.tell(parcel, "DELIVERED");
    assert.deepEqual(
      [found.state, found.stallTime, found.presumeLostTime, found.stalls],
      ["DELIVERED", undefined, undefined, 1],
    );
  });

  it("takes in what the carrier tells when asked, once, though its webhook brings it too", async () => {
    house.setDay(0);
    const parcel = await house.booked();
    const { collectionId, booking } = parcel;
    await house.tell(parcel, "PICKED_UP");
    await watch(collectionId);
    const news = eventOf("OUT_FOR_DELIVERY", { eventTime: day(1) });
    carrier.known.set(booking!.bookingId, [news, eventOf("PICKED_UP", { kind: 0, code: "11", eventTime: day(0) })]);
    await watch(collectionId);
    const now = await house.store.find(collectionId);
    assert.deepEqual([now.state, now.stallTime], ["OUT_FOR_DELIVERY", undefined]);
    const reports = openReports({ store: house.store, reporters: openReporters(), clock: house.clock });
    await reports.take(booking!, news, "cj");
    assert.equal((await house.store.tracking(collectionId)).length, 3);
    assert.deepEqual(await house.planned(collectionId, "watch"), [day(4)], "two days after the news");
  });

  it("looks on when a carrier cannot be asked", async () => {
    house.setDay(0);
    const { collectionId } = await house.booked();
    await watch(collectionId);
    for (let i = 0; i < 3; i++) {
      carrier.moods.push("mute");
      await watch(collectionId);
    }
    assert.ok((await house.store.find(collectionId)).stallTime);
    assert.equal(new RpcError(status.UNIMPLEMENTED, "", "", {}, "").retryable, false, "and is not asked in vain");
  });

  it("ends the watch with the parcel's way", async () => {
    house.setDay(0);
    const parcel = await house.booked();
    assert.equal((await house.planned(parcel.collectionId, "watch")).length, 1);
    await house.tell(parcel, "DELIVERED");
    assert.deepEqual(await house.planned(parcel.collectionId, "watch"), []);
  });
});
