import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { byFact } from "#kit/aggregate.js";
import type { Followers } from "#kit/commit.js";
import { newId } from "#kit/ids.js";
import { migrate } from "#kit/migrate.js";
import { type Database, openDatabase } from "#kit/postgres.js";
import { openStage, type Stage } from "#kit/testing/stage.js";
import { testVault } from "#kit/testing/vault.js";
import { openBookings } from "../bookings.js";
import { swapAtDoor } from "../core/context2.js";
import type { Terms } from "../core/types.js";
import { openStore, type Store } from "../store.js";
import { requested, scene } from "./builders.js";

describe("resolution: bookings as they are told", () => {
  let stage: Stage;
  let db: Database;
  let store: Store;
  let booked: ReturnType<typeof openBookings>;
  let sent = 0;
  const { now } = scene();
  const followers: Followers = { now: () => now, announce: () => {}, hasRoom: () => false, take: () => {} };

  before(async () => {
    stage = await openStage();
    db = openDatabase({ url: stage.databaseUrl, schema: `t${randomBytes(4).toString("hex")}_store`, poolSize: 4 });
    await migrate(db, new URL("../prisma/migrations/", import.meta.url));
    store = openStore(db, followers, testVault(db));
    const query: Database["query"] = (statement, values) => {
      sent++;
      return db.query(statement, values);
    };
    booked = openBookings({ ...db, query });
  });
  beforeEach(() => {
    sent = 0;
  });
  after(async () => {
    await store?.close();
    await db?.close();
    await stage?.close();
  });

  const begun = async (kind: "RETURN" | "EXCHANGE", terms: Partial<Terms> = {}) => {
    const [resolutionId, orderId] = [newId("res"), newId("ord")];
    const asked = requested(kind, terms, "ACCEPT", { resolutionId, orderId });
    await store.create(byFact("test", newId("evt")), () => asked);
    return { resolutionId, trackingNumber: newId("trk"), eventId: newId("evt") };
  };
  const column = async (text: string, values: readonly unknown[]) =>
    (await db.query<{ it: string }>({ name: "", text }, values)).map(({ it }) => it).sort();
  const spent = (eventIds: readonly string[]) =>
    column("SELECT event_id AS it FROM consumed WHERE consumer = 'resolution' AND event_id = ANY($1)", [eventIds]);
  const found = (trackingNumber: string) =>
    column("SELECT resolution_id AS it FROM tracking WHERE tracking_number = $1", [trackingNumber]);

  it("are kept for the search and spent, all that come at a time by one statement, and again for nothing", async () => {
    const bookings = await Promise.all([begun("RETURN"), begun("RETURN"), begun("EXCHANGE", { replacement: true })]);
    for (let time = 0; time < 2; time++) {
      assert.deepEqual(await Promise.all(bookings.map(booked)), [false, false, false]);
      assert.equal(sent, time + 1);
    }
    const ids = bookings.map(({ eventId }) => eventId);
    assert.deepEqual(await spent(ids), ids.toSorted());
    for (const { trackingNumber, resolutionId } of bookings)
      assert.deepEqual(await found(trackingNumber), [resolutionId]);
  });

  it("are not spent where a replacement travels with the driver: the resolution waits for it", async () => {
    const swapped = await begun("EXCHANGE", { replacement: true, collection: true, method: swapAtDoor });
    const other = await begun("RETURN");
    assert.deepEqual(await Promise.all([swapped, other].map(booked)), [true, false]);
    assert.deepEqual(await spent([swapped.eventId, other.eventId]), [other.eventId]);
    assert.deepEqual(await found(swapped.trackingNumber), [swapped.resolutionId]);
  });

  it("without a number are spent, and there is nothing to look for", async () => {
    const booking = { ...(await begun("RETURN")), trackingNumber: "" };
    assert.equal(await booked(booking), false);
    assert.deepEqual(await spent([booking.eventId]), [booking.eventId]);
    assert.deepEqual(await found(""), []);
  });

  it("of a resolution that nobody knows are refused, and hold nobody up", async () => {
    const known = await begun("RETURN");
    const lost = { resolutionId: newId("res"), trackingNumber: newId("trk"), eventId: newId("evt") };
    const [one, other] = await Promise.allSettled([known, lost].map(booked));
    assert.equal(one?.status, "fulfilled");
    assert.match(String(other?.status === "rejected" && other.reason), /no resolution/);
    assert.deepEqual(await spent([known.eventId, lost.eventId]), [known.eventId]);
  });
});
