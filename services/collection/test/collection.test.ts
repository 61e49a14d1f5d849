import assert from "node:assert/strict";
import { DomainError } from "#kit/pure/check.js";
import { assertComplete } from "#kit/pure/moves.js";
import { bookAnySlot, booked, cancel, checkMovable, refused, reschedule, schedule } from "../core/collection.js";
import { type CollectionState, collectionMoves, scans } from "../core/types.js";
import { collectionStates, trackingKinds } from "../proto.js";
import { at, booking, collection } from "./builders.js";

const reason = (expected: string) => (error: unknown) => error instanceof DomainError && error.reason === expected;
const names = (facts: readonly { name: string }[]) => facts.map((f) => f.name);
const notBooked = () => collection({ state: "CREATED", booking: undefined, slot: undefined, version: 1 });
const morning = { slotId: "slt_1", startTime: at(60), endTime: at(120) };

describe("collection: verbs", () => {
  it("knows every state of the contract, and a way into each", () => {
    assertComplete<CollectionState>(collectionMoves, collectionStates.all, ["CREATED"]);
  });

  it("knows every kind of report as a state", () => {
    for (const kind of trackingKinds.all) assert.ok(kind in collectionMoves, kind);
  });

  it("leaves no state that carries goods for one that does not", () => {
    for (const scan of scans)
      for (const to of collectionMoves[scan]) assert.ok((scans as readonly string[]).includes(to));
  });

  it("asks a carrier as soon as it is stored", () => {
    const { state: _, booking: __, ...wanted } = notBooked();
    const { next, todo, facts } = schedule({ ...wanted, slotId: "slt_1" }, at(0));
    assert.equal(next.state, "CREATED");
    assert.equal(next.version, 1);
    assert.deepEqual(todo, [{ step: "book", payload: { slotId: "slt_1" } }]);
    assert.deepEqual(facts, []);
  });

  it("is SCHEDULED with the carrier's answer", () => {
    const { next, facts, todo } = booked(notBooked(), booking, morning, at(1));
    assert.deepEqual([next.state, next.booking, next.slot], ["SCHEDULED", booking, morning]);
    assert.deepEqual(names(facts), ["CollectionScheduled"]);
    assert.deepEqual(todo, [{ step: "watch", due: at(120 + 24 * 60), payload: {} }], "from a day after the visit");
  });

  it("watches no parcel that waits for its customer to bring it", () => {
    const { todo } = booked({ ...notBooked(), method: "DROP_OFF_CVS" }, booking, undefined, at(1));
    assert.deepEqual(todo, []);
  });

  it("calls a booking off that came after the cancellation, and keeps its number on record", () => {
    const { next, facts, todo } = booked(cancel(notBooked(), at(1)).next, booking, morning, at(2));
    assert.deepEqual([next.state, next.booking], ["CANCELED", booking]);
    assert.deepEqual(facts, []);
    assert.deepEqual(todo, [{ step: "cancel-booking", payload: { bookingId: "bkg-1" } }]);
  });

  it("fails when no carrier takes it, unless nobody wants it any more", () => {
    const { next, facts } = refused(notBooked(), "closed", at(1));
    assert.equal(next.state, "DIRECTION_FAILED");
    assert.deepEqual(
      facts.map((f) => f.name === "CollectionFailed" && f.body.reason),
      ["closed"],
    );
    assert.deepEqual(names(refused(collection({ state: "CANCELED" }), "closed", at(1)).facts), []);
  });

  it("takes any slot when the chosen one is gone, unless nobody wants it any more", () => {
    assert.deepEqual(bookAnySlot(notBooked()).todo, [{ step: "book", payload: { slotId: "" } }]);
    assert.deepEqual(bookAnySlot(collection({ state: "CANCELED" })).todo, []);
  });

  it("is canceled from every state before the hand-over, and unchanged from every later one", () => {
    for (const state of collectionStates.all) {
      const before = collection({ state, ...(state === "CREATED" && { booking: undefined }) });
      const { next, facts, todo, dropped } = cancel(before, at(1));
      if (["DIRECTION_FAILED", "CANCELED", ...scans].includes(state)) {
        assert.deepEqual([next, facts, todo], [before, [], []], state);
        continue;
      }
      assert.equal(next.state, "CANCELED");
      assert.deepEqual(names(facts), ["CollectionCanceled"]);
      assert.deepEqual(
        todo.map((t) => t.step),
        state === "CREATED" ? [] : ["cancel-booking"],
        state,
      );
      assert.deepEqual(dropped, [], "a booking under way must find the cancellation, so its step stays");
    }
  });

  it("moves a visit as often as wished, and not when somebody else just did", () => {
    const before = collection();
    const once = reschedule(before, { from: before.slot, to: morning }, at(1)).next;
    assert.deepEqual([once.state, once.slot], ["CUSTOMER_RESCHEDULED", morning]);
    const twice = reschedule(once, { from: morning, to: before.slot }, at(2)).next;
    assert.deepEqual([twice.state, twice.slot, twice.version], ["CUSTOMER_RESCHEDULED", before.slot, 4]);
    assert.throws(() => reschedule(once, { from: before.slot, to: morning }, at(2)), reason("CONTENTION"));
  });

  it("has no visit to move before the booking, after the hand-over, or without a driver", () => {
    assert.throws(() => checkMovable(notBooked(), "reschedule"), reason("COLLECTION_STATE"));
    for (const state of ["CANCELED", "DIRECTION_FAILED", ...scans] as const) {
      assert.throws(() => checkMovable(collection({ state }), "reschedule"), reason("COLLECTION_STATE"), state);
    }
    assert.throws(() => checkMovable(collection({ method: "DROP_OFF_CVS" }), "reschedule"), reason("COLLECTION_STATE"));
  });
});
