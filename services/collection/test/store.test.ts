import assert from "node:assert/strict";
import { status } from "@grpc/grpc-js";
import type {
  AddToPickupRequest,
  TransportServiceService,
} from "#gen/backhaul/partner/transport/v1/transport_service.js";
import { byStep, type Spend } from "#kit/aggregate.js";
import { ownCall } from "#kit/call.js";
import type { ClientOf } from "#kit/client.js";
import type { Followers, LeasedStep } from "#kit/commit.js";
import { RpcError } from "#kit/errors.js";
import { newId } from "#kit/ids.js";
import { migrate } from "#kit/migrate.js";
import { type Database, openDatabase } from "#kit/postgres.js";
import { openStage, type Stage } from "#kit/testing/stage.js";
import { testVault } from "#kit/testing/vault.js";
import { booked, cancel, schedule } from "../core/collection.js";
import { report } from "../core/tracking.js";
import type { Collection } from "../core/types.js";
import { openReporters } from "../reporters.js";
import { openReports } from "../reports.js";
import { collectionSteps } from "../steps.js";
import { openStore, type Store } from "../store.js";
import { booking, collection, said } from "./builders.js";
import { fakeCarrier } from "./carrier.js";
import { noNetwork } from "./routing.js";

/** The store alone: nobody works the agenda but the test. */
describe("collection: store", () => {
  let stage: Stage;
  let db: Database;
  let store: Store;
  const statements: string[] = [];
  const clock = { now: () => new Date() };
  const carrier = fakeCarrier();
  const call = ownCall("collection");

  before(async () => {
    stage = await openStage();
    const schema = stage.env("collection").DATABASE_SCHEMA ?? "";
    const real = openDatabase({ url: stage.databaseUrl, schema, poolSize: 4 });
    db = {
      ...real,
      query: (statement, values) => {
        statements.push(statement.name);
        return real.query(statement, values);
      },
    };
    await migrate(db, new URL("../prisma/migrations/", import.meta.url));
    const followers: Followers = { now: clock.now, announce: () => {}, hasRoom: () => false, take: () => {} };
    store = openStore(db, followers, testVault(db));
  });
  after(async () => {
    await store?.close();
    await db?.close();
    await stage?.close();
  });

  /** A request of its own for each change. */
  const spend = (requestId = newId("req")): Spend<Collection, Collection> => ({
    token: { kind: "request", principal: "SERVICE:test", requestId, fingerprint: Buffer.from(requestId) },
    answer: (c) => c,
    keep: () => Buffer.alloc(0),
    recall: () => collection(),
  });
  const stored = (change: Partial<Collection> = {}, visit?: { visitId: string; opens: string | undefined }) => {
    const { state: _, booking: __, ...wanted } = collection({ collectionId: newId("col"), ...change });
    return store.create(
      spend(),
      async () => {},
      () => schedule({ ...wanted, slotId: "slt_1", visit }, clock.now()),
    );
  };
  const withParcel = async (trackingNumber = newId("trn")) => {
    const { collectionId } = await stored();
    return store.change(collectionId, spend(), (c) => booked(c, { ...booking, trackingNumber }, c.slot, clock.now()));
  };
  /** Leases a collection's step as a worker does. */
  const lease = async (collectionId: string, name = "%"): Promise<LeasedStep> => {
    const text = `UPDATE agenda SET lease_epoch = lease_epoch + 1, attempt = attempt + 1
      WHERE aggregate_id = $1 AND step LIKE $2
      RETURNING agenda_id AS id, aggregate_id AS "aggregateId", step, due_time AS due, attempt, lease_epoch AS epoch,
        payload, traceparent`;
    const [step, ...more] = await db.query<LeasedStep>({ name: "test.lease", text }, [collectionId, name]);
    assert.equal(more.length, 0);
    assert.ok(step);
    return step;
  };
  const steps = (handlers = carrier.handlers) =>
    collectionSteps({
      store,
      clock,
      transport: handlers as ClientOf<typeof TransportServiceService>,
      reports: openReports({ store, reporters: openReporters(), clock }),
      dwell: new Map(),
      routing: noNetwork(),
    });
  it("takes a report in with two statements", async () => {
    const { collectionId } = await withParcel();
    const event = said("PICKED_UP");
    const token = spend();
    statements.length = 0;
    const first = await store.report(collectionId, event, token, (c) => report(c, event, clock.now()));
    assert.equal(first.state, "PICKED_UP");
    assert.deepEqual(statements, ["parcel.read", "collection.record"]);
    const again = await store.report(collectionId, event, token, (c) => report(c, event, clock.now()));
    assert.equal(again.version, collection().version, "the answer on record");
  });

  it("finds a parcel by its index, however many there are", async () => {
    const text = `EXPLAIN SELECT c.collection_id FROM parcel_content c JOIN parcel p USING (carrier, tracking_number)
      WHERE c.carrier = $1 AND c.tracking_number = $2`;
    const client = await db.pool.connect();
    await client.query("SET enable_seqscan = off");
    await client.query("SET plan_cache_mode = force_generic_plan");
    const { rows } = await client.query({ name: "test.plan", text, values: ["cj", "1"] });
    client.release(true);
    assert.match(
      rows.map((row) => row["QUERY PLAN"]).join("\n"),
      /parcel_(content_)?pkey[\s\S]*Index Cond: .*carrier.*tracking_number[\s\S]*Index Cond: .*carrier.*tracking_number/,
    );
  });

  it("reads back what it wrote, to the last field", async () => {
    const before = await withParcel();
    const event = said("ATTEMPT_FAILED", { fault: "CUSTOMER", code: "2026-11-24T09:00:00.000Z", time: clock.now() });
    const now = await store.report(before.collectionId, event, spend(), (c) => report(c, event, clock.now()));
    assert.deepEqual(
      JSON.parse(JSON.stringify(await store.find(before.collectionId))),
      JSON.parse(JSON.stringify(now)),
    );
    assert.equal(typeof (await store.find(before.collectionId)).attempts[0]?.code, "string");
    assert.deepEqual(await store.tracking(before.collectionId), [event]);
  });

  it("leaves the version alone when a report changes nothing", async () => {
    const before = await withParcel();
    const event = said("PICKED_UP", { time: clock.now() });
    const taken = await store.report(before.collectionId, event, spend(), (c) => report(c, event, clock.now()));
    const old = said("OUT_FOR_PICKUP", { time: clock.now() });
    assert.deepEqual(
      (await store.report(before.collectionId, old, spend(), (c) => report(c, old, clock.now()))).version,
      taken.version,
    );
    assert.equal((await store.tracking(before.collectionId)).length, 2);
  });

  it("asks no carrier for what was canceled before", async () => {
    const { collectionId } = await stored();
    await store.change(collectionId, spend(), (c) => cancel(c, clock.now()));
    await steps().book!.run(await lease(collectionId), call);
    assert.equal(carrier.asked.length, 0);
    assert.equal((await store.find(collectionId)).state, "CANCELED");
    await assert.rejects(lease(collectionId), "the step is spent");
  });

  it("learns of a booking whose answer was lost, and calls it off", async () => {
    const { collectionId } = await stored();
    const first = await lease(collectionId);
    carrier.moods.push("timeout-after-success");
    await assert.rejects(steps().book!.run(first, call));
    await store.change(collectionId, spend(), (c) => cancel(c, clock.now()));
    await steps().book!.run(await lease(collectionId), call);
    const { bookingId } = carrier.book.get(first.id)!;
    const next = await lease(collectionId);
    assert.deepEqual([next.step, next.payload], ["cancel-booking", { bookingId }]);
    await steps()["cancel-booking"]!.run(next, call);
    assert.ok(carrier.canceled.has(bookingId));
  });

  it("fences a worker off that lost its lease: the booking is recorded once", async () => {
    const { collectionId } = await stored();
    const [slow, fast] = [await lease(collectionId), await lease(collectionId)];
    await steps().book!.run(fast, call);
    const done = await store.find(collectionId);
    await steps().book!.run(slow, call);
    assert.deepEqual(await store.find(collectionId), done);
    assert.deepEqual([done.state, done.version], ["SCHEDULED", 2]);
  });

  it("says whose fault it is when two customers' parcels get one number", async () => {
    const { booking: taken } = await withParcel();
    const { collectionId } = await stored({ customerId: "c-2" });
    const again = store.change(collectionId, byStep(await lease(collectionId)), (c) =>
      booked(c, taken!, undefined, clock.now()),
    );
    await assert.rejects(again, { reason: "PARTNER_REFUSED" });
  });

  it("lets a further collection share a booking where the carrier cannot be told of it", async () => {
    const door = { visitId: newId("vis"), opens: newId("adr") };
    const one = await stored({}, door);
    await steps().book!.run(await lease(one.collectionId), call);
    const other = await stored({}, { ...door, opens: undefined });
    const silent = async () => {
      throw new RpcError(status.UNIMPLEMENTED, "", "not offered", {}, "AddToPickup");
    };
    const { join } = steps({ ...carrier.handlers, addToPickup: silent });
    // First whom it asks is put on record, then that one is asked.
    for (let turn = 0; turn < 2; turn++) await join!.run(await lease(other.collectionId), call);
    const [first, second] = [await store.find(one.collectionId), await store.find(other.collectionId)];
    assert.deepEqual([second.state, second.booking, second.slot], ["SCHEDULED", first.booking, first.slot]);
    const { carrier: name, trackingNumber } = first.booking!;
    assert.deepEqual(
      (await store.visits.holders(name, trackingNumber)).map(({ collectionId, first }) => [collectionId, first]),
      [
        [one.collectionId, true],
        [other.collectionId, false],
      ],
    );
  });

  it("learns of goods taken along whose answer was lost, though nobody of the visit waits any more, and calls them off", async () => {
    const door = { visitId: newId("vis"), opens: newId("adr") };
    const host = await stored({}, door);
    await steps().book!.run(await lease(host.collectionId), call);
    const joiner = await stored({}, { ...door, opens: undefined });
    const answers = new Map<string, { bookingId: string; carrier: string; trackingNumber: string }>();
    const asked: AddToPickupRequest[] = [];
    // Each joiner gets a parcel of its own; the first answer is lost.
    const addToPickup = async (request: AddToPickupRequest) => {
      asked.push(request);
      const known = answers.get(request.requestId);
      const trackingNumber = newId("trn").replace("_", "-");
      const answer = known ?? { bookingId: newId("bkg"), carrier: "cj", trackingNumber };
      answers.set(request.requestId, answer);
      if (!known) throw new RpcError(status.DEADLINE_EXCEEDED, "", "too late", {}, "AddToPickup");
      return answer;
    };
    const played = steps({ ...carrier.handlers, addToPickup });
    const next = async () => {
      const step = await lease(joiner.collectionId);
      return played[step.step as "join"]!.run(step, call);
    };
    await next();
    await assert.rejects(next(), { code: status.DEADLINE_EXCEEDED });
    for (const { collectionId } of [joiner, host])
      await store.change(collectionId, spend(), (c) => cancel(c, clock.now()));
    await played["cancel-booking"]!.run(await lease(host.collectionId, "cancel-booking"), call);
    await next();
    assert.deepEqual(asked, [asked[0], asked[0]], "the same request to the same driver");
    const { bookingId } = answers.get(asked[0]?.requestId ?? "")!;
    assert.equal((await store.find(joiner.collectionId)).booking?.bookingId, bookingId);
    await next();
    assert.ok(carrier.canceled.has(bookingId));
  });

  it("asks no driver for a joiner that was called off before", async () => {
    const door = { visitId: newId("vis"), opens: newId("adr") };
    const host = await stored({}, door);
    await steps().book!.run(await lease(host.collectionId), call);
    const { collectionId } = await stored({}, { ...door, opens: undefined });
    await steps().join!.run(await lease(collectionId), call);
    const before = carrier.added.length;
    await store.change(collectionId, spend(), (c) => cancel(c, clock.now()));
    await steps().join!.run(await lease(collectionId), call);
    assert.equal(carrier.added.length, before);
    assert.equal((await store.find(collectionId)).booking, undefined);
  });

  it("opens one visit at a door, and lets nobody join it once the driver was there", async () => {
    const door = { visitId: newId("vis"), opens: newId("adr") };
    const one = await stored({}, door);
    const again = store.visits.atDoor({ customerId: one.customerId, market: one.market, addressKey: door.opens });
    assert.deepEqual([(await again)?.visitId, (await again)?.members], [door.visitId, 1]);
    await assert.rejects(stored({}, { ...door, visitId: newId("vis") }), { reason: "CONTENTION" });
    await steps().book!.run(await lease(one.collectionId), call);
    const event = said("PICKED_UP");
    await store.report(one.collectionId, event, spend(), (c) => report(c, event, clock.now()));
    assert.equal((await store.visits.find(door.visitId))?.closed, true);
    await assert.rejects(stored({}, { ...door, opens: undefined }), { reason: "CONTENTION" });
    await stored({}, { ...door, visitId: newId("vis") });
  });
});
