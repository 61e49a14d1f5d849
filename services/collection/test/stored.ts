// The store on a real database with a clock in the test's hand, and nobody but the test to work the agenda.
import assert from "node:assert/strict";
import type { Spend } from "#kit/aggregate.js";
import type { Followers, LeasedStep } from "#kit/commit.js";
import { newId } from "#kit/ids.js";
import { migrate } from "#kit/migrate.js";
import { openDatabase } from "#kit/postgres.js";
import { openStage } from "#kit/testing/stage.js";
import { testVault } from "#kit/testing/vault.js";
import { booked, schedule } from "../core/collection.js";
import { report } from "../core/tracking.js";
import type { Collection, Report, TrackingKind } from "../core/types.js";
import { openStore } from "../store.js";
import { at, booking, collection, said } from "./builders.js";

export type Stored = Awaited<ReturnType<typeof openStored>>;

export async function openStored() {
  const stage = await openStage();
  const schema = stage.env("collection").DATABASE_SCHEMA ?? "";
  const db = openDatabase({ url: stage.databaseUrl, schema, poolSize: 4 });
  await migrate(db, new URL("../prisma/migrations/", import.meta.url));
  let now = at(0);
  const clock = { now: () => now };
  const followers: Followers = { now: clock.now, announce: () => {}, hasRoom: () => false, take: () => {} };
  const store = openStore(db, followers, testVault(db));
  const spend = (requestId = newId("req")): Spend<Collection, Collection> => ({
    token: { kind: "request", principal: "SERVICE:test", requestId, fingerprint: Buffer.from(requestId) },
    answer: (c) => c,
    keep: () => Buffer.alloc(0),
    recall: () => collection(),
  });

  return {
    db,
    store,
    clock,
    /** So many days after the first moment. */
    setDay: (day: number) => {
      now = at(day * 24 * 60);
    },
    /** Asked for and booked now. */
    async booked(change: Partial<Collection> = {}, carrier = "cj"): Promise<Collection> {
      const { state: _, booking: __, ...wanted } = collection({ collectionId: newId("col"), ...change });
      await store.create(
        spend(),
        async () => {},
        () => schedule({ ...wanted, slotId: "" }, now),
      );
      const mine = { ...booking, carrier, bookingId: newId("bkg"), trackingNumber: newId("trn") };
      return store.change(wanted.collectionId, spend(), (c) => booked(c, mine, undefined, now));
    },
    /** Its carrier tells now. */
    tell(parcel: Collection, kind: TrackingKind, change: Partial<Report> = {}): Promise<Collection> {
      const event = said(kind, { time: now, ...change });
      return store.report(parcel.collectionId, event, spend(), (c) => report(c, event, now));
    },
    /** Leases its only step of this name, as a worker does when it is due. */
    async lease(collectionId: string, step: string): Promise<LeasedStep> {
      const text = `UPDATE agenda SET lease_epoch = lease_epoch + 1, attempt = attempt + 1
        WHERE aggregate_id = $1 AND step = $2
        RETURNING agenda_id AS id, aggregate_id AS "aggregateId", step, due_time AS due, attempt,
          lease_epoch AS epoch, payload, traceparent`;
      const found = await db.query<LeasedStep>({ name: "test.leaseStep", text }, [collectionId, step]);
      assert.equal(found.length, 1, `${found.length} steps ${step}`);
      return found[0] as LeasedStep;
    },
    async planned(collectionId: string, step: string): Promise<Date[]> {
      const text = "SELECT due_time AS due FROM agenda WHERE aggregate_id = $1 AND step = $2";
      return (await db.query<{ due: Date }>({ name: "test.planned", text }, [collectionId, step])).map(
        ({ due }) => due,
      );
    },
    async facts(collectionId: string): Promise<string[]> {
      const text = "SELECT subject FROM outbox WHERE aggregate_id = $1 ORDER BY event_id";
      const rows = await db.query<{ subject: string }>({ name: "test.facts", text }, [collectionId]);
      return rows.map(({ subject }) => subject.split(".").at(-1) ?? "");
    },
    async close() {
      await store.close();
      await db.close();
      await stage.close();
    },
  };
}
