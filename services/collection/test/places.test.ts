import assert from "node:assert/strict";
import { migrate } from "#kit/migrate.js";
import { type Database, openDatabase } from "#kit/postgres.js";
import { DomainError } from "#kit/pure/check.js";
import { openStage, type Stage } from "#kit/testing/stage.js";
import { placeKey } from "../core/network/offer.js";
import type { Route } from "../core/types.js";
import { openPlaces, type Places } from "../places.js";
import { at } from "./builders.js";

let windows = 0;
/** A window of its own for each test. */
const window = (capacity: number) => ({ slotId: `slt_2026-11-24_${String(++windows).padStart(4, "0")}`, capacity });
const whose = { market: "KR", area: "city", carrier: "cj" };
const route = (slotId: string | undefined, holderId = "again"): Route => ({
  carrier: "cj",
  area: "city",
  postcode: "04524",
  centre: "icheon",
  reason: "CHEAPEST",
  holderId,
  slot: slotId === undefined ? undefined : { slotId, startTime: at(0), endTime: at(180) },
});
const of = (collectionId: string) => ({ collectionId, market: "KR" });
const gone = (error: unknown) => error instanceof DomainError && error.reason === "SLOT_GONE";

describe("places: store", () => {
  let stage: Stage;
  let db: Database;
  let places: Places;
  before(async () => {
    stage = await openStage();
    db = openDatabase({ url: stage.databaseUrl, schema: stage.env("places").DATABASE_SCHEMA ?? "", poolSize: 20 });
    await migrate(db, new URL("../prisma/migrations/", import.meta.url));
    places = openPlaces(db);
  });
  after(async () => {
    await db?.close();
    await stage?.close();
  });
  const taken = async (slotId: string) =>
    (await places.taken("KR", "city", "2026-11-24")).get(placeKey("cj", slotId)) ?? 0;

  it("gives the last place to exactly one of fifty who ask at once", async () => {
    const last = window(1);
    const asked = await Promise.allSettled(Array.from({ length: 50 }, (_, i) => places.take(`one-${i}`, whose, last)));
    assert.equal(asked.filter(({ status }) => status === "fulfilled").length, 1);
    for (const result of asked) if (result.status === "rejected") assert.ok(gone(result.reason), String(result.reason));
    assert.equal(await taken(last.slotId), 1);
  });

  it("gives as many places as there are, whoever fixes a route or moves into the window", async () => {
    const few = window(7);
    const got = await Promise.all(
      Array.from({ length: 50 }, (_, i) =>
        i % 2 === 0
          ? places.fix(of(`few-${i}`), route(few.slotId), few.capacity)
          : places.take(`few-${i}`, whose, few).catch(() => false),
      ),
    );
    assert.equal(got.filter(Boolean).length, 7);
    assert.equal(await taken(few.slotId), 7);
  });

  it("takes nothing twice when a step is done again, even twice at once", async () => {
    const free = window(1);
    const again = () => places.fix(of("again"), route(free.slotId), free.capacity);
    for (const held of await Promise.all([again(), again(), again()])) assert.deepEqual(held, route(free.slotId));
    assert.equal(await taken(free.slotId), 1);
    assert.equal(await places.take("again", whose, free), false, "it has this place already");
    assert.equal(await taken(free.slotId), 1);
  });

  it("fixes no route without its place", async () => {
    const full = window(1);
    await places.take("somebody", whose, full);
    assert.equal(await places.fix(of("late"), route(full.slotId), full.capacity), undefined);
    const [row] = await db.query({ name: "", text: "SELECT 1 FROM collection_route WHERE collection_id = 'late'" }, []);
    assert.equal(row, undefined);
  });

  it("needs no place for what the customer brings", async () => {
    assert.deepEqual(await places.fix(of("brought"), route(undefined), undefined), route(undefined));
    const other = { ...route(undefined), carrier: "epost" };
    assert.equal((await places.fix(of("brought"), other, undefined))?.carrier, "cj", "the first choice holds");
  });

  it("takes no place for what another collection's driver takes along", async () => {
    const shared = window(1);
    await places.fix(of("host"), route(shared.slotId, "host"), shared.capacity);
    const beside = await places.fix(of("beside"), route(shared.slotId, "host"), undefined);
    assert.equal(beside?.holderId, "host");
    assert.equal(await taken(shared.slotId), 1);
  });

  it("gives a place back once, however often it is asked to", async () => {
    const one = window(1);
    await places.take("a", whose, one);
    await Promise.all([places.giveBack("a"), places.giveBack("a"), places.giveBack("a", one)]);
    assert.equal(await taken(one.slotId), 0);
    assert.equal(await places.take("b", whose, one), true);
    await places.giveBack("a");
    assert.equal(await taken(one.slotId), 1, "b keeps its place");
  });

  it("holds two places while a visit is moved, and gives only the old one back", async () => {
    const [from, to] = [window(1), window(1)];
    await places.take("moving", whose, from);
    await places.take("moving", whose, to);
    await places.giveBack("moving", from);
    assert.deepEqual([await taken(from.slotId), await taken(to.slotId)], [0, 1]);
  });

  it("follows a capacity that was lowered, and takes no place away that was given", async () => {
    const shrinking = window(3);
    await places.take("x", whose, shrinking);
    await places.take("y", whose, shrinking);
    await assert.rejects(places.take("z", whose, { ...shrinking, capacity: 1 }), gone);
    assert.equal(await taken(shrinking.slotId), 2);
  });
});
