// A dispute is upheld about units that the customer has asked about once more since: the fact, the store and its guard.
import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { DisputeDecided } from "#gen/backhaul/inspection/v1/inspection_events.js";
import { byFact } from "#kit/aggregate.js";
import type { Call } from "#kit/call.js";
import { realClock } from "#kit/clock.js";
import type { Followers } from "#kit/commit.js";
import { newId } from "#kit/ids.js";
import { migrate } from "#kit/migrate.js";
import { type Database, openDatabase } from "#kit/postgres.js";
import { openStage, type Stage } from "#kit/testing/stage.js";
import { testVault } from "#kit/testing/vault.js";
import { openBookings } from "../bookings.js";
import type { Calendars } from "../calendars.js";
import type { Outcome, Resolution } from "../core/types.js";
import { resolutionFacts } from "../events.js";
import { openStore, type Store } from "../store.js";
import { allBad, later, line, pickedUp, received, requested, scene } from "./builders.js";

describe("resolution: a decided dispute about units that are in a newer request", () => {
  let stage: Stage;
  let db: Database;
  let store: Store;
  const { now, calendar } = scene();
  const followers: Followers = { now: () => now, announce: () => {}, hasRoom: () => false, take: () => {} };
  const spend = () => byFact<Resolution>("test", newId("evt"));

  before(async () => {
    stage = await openStage();
    db = openDatabase({ url: stage.databaseUrl, schema: `t${randomBytes(4).toString("hex")}_store`, poolSize: 2 });
    await migrate(db, new URL("../prisma/migrations/", import.meta.url));
    store = openStore(db, followers, testVault(db));
  });
  after(async () => {
    await store?.close();
    await db?.close();
    await stage?.close();
  });

  /** A return of two of the two units that were bought, both rejected. */
  async function rejected(orderId: string): Promise<string> {
    const resolutionId = newId("res");
    const lines = [line({ purchased: 2 })];
    const asked = requested("RETURN", {}, "ACCEPT", { resolutionId, orderId, lines });
    await store.create(spend(), () => asked);
    for (const event of [pickedUp, received, allBad]) await store.change(resolutionId, spend(), event);
    return resolutionId;
  }

  async function askedAgain(orderId: string): Promise<string> {
    const resolutionId = newId("res");
    const { next, ...rest }: Outcome = requested("RETURN", {}, "ACCEPT", {
      resolutionId,
      orderId,
      lines: [line({ quantity: 1, purchased: 2 })],
    });
    await store.create(spend(), () => ({ ...rest, next: { ...next, createTime: later(1).now } }));
    return resolutionId;
  }

  async function decide(resolutionId: string): Promise<Resolution> {
    const fact = DisputeDecided.fromPartial({
      resolutionId,
      dispute: { disputeId: newId("dsp"), lineId: "l-1", outcome: 1, note: "the photos show it" },
      moreAccepted: 2,
    });
    const calendars: Calendars = {
      load: async () => calendar,
      get: () => calendar,
      within: (work) => work(),
      follow: () => {},
      stop: async () => {},
    };
    const inspections = { getInspection: async () => ({ inspection: undefined }) } as never;
    const facts = resolutionFacts({ store, booked: openBookings(db), calendars, clock: realClock, inspections });
    const subject = "backhaul.inspection.v1.DisputeDecided";
    const hear = facts[subject] as (typeof facts)[string];
    const body = Buffer.from(DisputeDecided.encode(fact).finish());
    const eventId = newId("evt");
    for (let time = 0; time < 2; time++) await hear({ subject, body, eventId }, {} as Call);
    return store.find(resolutionId);
  }

  it("calls a person, who is told where the units are, and pays nothing twice", async () => {
    const orderId = newId("ord");
    const first = await rejected(orderId);
    const second = await askedAgain(orderId);
    const { hold, lines, state } = await decide(first);
    assert.equal(state, "CLOSED");
    assert.match(hold?.reason ?? "", new RegExp(`2 of l-1 by a dispute; the units are in ${second}: pay by hand`));
    assert.deepEqual([lines[0]?.accepted, lines[0]?.rejected], [0, 2], "they count as given back there, if at all");
    assert.deepEqual(await store.heldUnits(orderId), new Map([["l-1", 1]]));
  });

  it("pays for them here where they are in no other", async () => {
    const orderId = newId("ord");
    const { hold, lines } = await decide(await rejected(orderId));
    assert.equal(hold, undefined);
    assert.deepEqual([lines[0]?.accepted, lines[0]?.rejected], [2, 0]);
    assert.deepEqual(await store.heldUnits(orderId), new Map([["l-1", 2]]));
  });
});
