// What goes out at the pickup, where the policy asks who hands the goods over.
import assert from "node:assert/strict";
import { DomainError } from "#kit/pure/check.js";
import * as core from "../core/resolution.js";
import type { Outcome, Resolution, Terms } from "../core/types.js";
import {
  allGood,
  later,
  pickedUp,
  received,
  refunded,
  requested,
  scene,
  steps,
  type Told,
  told,
  where,
} from "./builders.js";

const atScan: Partial<Terms> = { trigger: "ON_PICKUP_SCAN" };
const unproven: Told = (r) => core.pickedUp(r, scene(), { unverified: true });
const unverified: Told = (r) => core.handOverUnverified(r, scene());
const confirmed: Told = (r) => core.handOverConfirmed(r, false, scene());
const locked: Told = (r) => core.handOverLocked(r, 5, scene());
const lost: Told = (r) => core.parcelLost(r, scene());
const agent = scene({ actor: { subject: "alice", role: "AGENT" } });
const byPerson: Told = (r) => core.confirmHandOver(r, "called the customer", agent);
const held: Told = (r) => core.stockHeld(r, "hold_1", scene(), { expires: later(7).now });
const loaded: Told = (r) => core.reshipped(r, scene());
const booked: Told = (r) => core.visitBooked(r, scene());
const awaiting = () => told(requested("RETURN", atScan), unproven, unverified);
const last = ({ entries }: Outcome) => entries.at(-1);

describe("resolution: a hand-over that nobody confirmed", () => {
  it("is on its way, and its refund waits", () => {
    assert.equal(where(told(requested("RETURN", atScan), pickedUp)), "OPEN IN_TRANSIT REFUNDING NONE");
    const taken = told(requested("RETURN", atScan), unproven);
    assert.equal(where(taken), "OPEN IN_TRANSIT WAITING NONE");
    assert.deepEqual(steps(taken), []);
  });

  it("starts the law's time to refund where it is counted from the pickup", () => {
    const collectionClock = { days: 15, businessDays: false, article: "art. 19-2(1)" };
    const { next } = told(requested("RETURN", { ...atScan, collectionClock }), unproven);
    assert.ok(next.deadlines.some(({ step }) => step === "statutory-refund"));
  });

  it("is refunded at the driver's late word, whether it is heard before the pickup or after", () => {
    for (const story of [
      [unproven, confirmed],
      [confirmed, unproven],
      [unproven, unverified, confirmed],
      [unverified, unproven, confirmed],
      [confirmed, unproven, unverified],
    ]) {
      const end = told(requested("RETURN", atScan), ...story);
      assert.equal(where(end), "OPEN IN_TRANSIT REFUNDING NONE");
      assert.equal(end.next.hold, undefined, "nobody has to look");
    }
  });

  it("is refunded once: a second word, and a late one, only enter the history", () => {
    const paid = told(awaiting(), confirmed, refunded);
    for (const late of [confirmed, unverified, unproven]) {
      const outcome = told(paid, late);
      assert.deepEqual([last(outcome)?.applied, steps(outcome)], [false, []]);
    }
  });

  it("is refunded when the goods are here, or are lost with the carrier: that needs no driver's word", () => {
    assert.equal(where(told(awaiting(), received)), "OPEN INSPECTING REFUNDING NONE");
    assert.equal(where(told(awaiting(), allGood)), "OPEN INSPECTED REFUNDING NONE");
    assert.equal(where(told(awaiting(), lost)), "OPEN LOST REFUNDING NONE");
  });

  it("calls a person, who sees what to do until it is done", () => {
    const raised = awaiting();
    assert.match(raised.next.hold?.reason ?? "", /call the customer, and confirm the hand-over/);
    assert.deepEqual(
      raised.facts.map(({ name }) => name),
      ["AttentionRaised"],
    );
    for (const done of [confirmed, received, byPerson]) assert.equal(told(raised, done).next.hold, undefined);
  });

  it("is confirmed by a person, with a reason that stays in the history", () => {
    const done = told(awaiting(), byPerson);
    assert.equal(where(done), "OPEN IN_TRANSIT REFUNDING NONE");
    assert.deepEqual([last(done)?.text, last(done)?.actor.subject], ["called the customer", "alice"]);
  });

  it("cannot be confirmed by a person where nothing waits for it", () => {
    const others: readonly (readonly [string, Resolution])[] = [
      ["not picked up yet", requested("RETURN", atScan).next],
      ["nobody asked who it was", told(requested("RETURN", atScan), pickedUp).next],
      ["confirmed", told(awaiting(), confirmed).next],
      ["here", told(awaiting(), received).next],
      ["lost", told(awaiting(), lost).next],
    ];
    for (const [name, r] of others)
      assert.throws(
        () => byPerson(r),
        (error) => error instanceof DomainError && error.reason === "RESOLUTION_STATE",
        name,
      );
  });

  it("keeps a cross-shipped replacement in the house", () => {
    const swap = told(requested("EXCHANGE", { replacement: true, exchange: "CROSS_SHIP" }), held, unproven);
    assert.equal(where(swap), "OPEN IN_TRANSIT NONE HELD");
    assert.equal(where(told(swap, confirmed)), "OPEN IN_TRANSIT NONE RESHIPPING");
  });

  it("does not count a replacement as handed out at the door before somebody says so, and then once", () => {
    const terms = { replacement: true, exchange: "STANDARD", method: 7 } as const;
    const loadedUp = told(requested("EXCHANGE", terms), held, booked, loaded);
    const waits = told(loadedUp, unproven);
    assert.equal(where(waits), "OPEN IN_TRANSIT NONE RESHIPPING");
    const word: Told = (r) => core.handOverConfirmed(r, true, scene());
    const swapped = told(waits, word);
    assert.equal(where(swapped), "OPEN IN_TRANSIT NONE FULFILLED");
    assert.match(last(swapped)?.text ?? "", /handed the replacement out/);
    assert.deepEqual([last(told(swapped, word))?.applied, steps(told(swapped, word))], [false, []]);
    const seen: Told = (r) => core.pickedUp(r, scene(), { unverified: true, swapped: true });
    assert.equal(where(told(loadedUp, seen)), "OPEN IN_TRANSIT NONE FULFILLED", "the driver said so with the scan");
    assert.equal(where(told(waits, lost)), "CLOSED LOST NONE FULFILLED");
  });

  it("goes on unharmed from a snapshot in which none of this was kept", () => {
    const { next } = told(requested("RETURN", atScan), pickedUp);
    const stored = { ...next, chart: JSON.parse(JSON.stringify(next.chart)) };
    assert.ok(!("unverified" in stored.chart.context) && !("confirmed" in stored.chart.context));
    assert.equal(
      where(told(told({ ...requested("RETURN"), next: stored }, refunded), received, allGood)),
      "CLOSED INSPECTED REFUNDED NONE",
    );
    const before = requested("RETURN", atScan).next;
    const fresh = { ...before, chart: JSON.parse(JSON.stringify(before.chart)) };
    assert.equal(where(told({ ...requested("RETURN"), next: fresh }, unproven)), "OPEN IN_TRANSIT WAITING NONE");
  });
});

describe("resolution: a code that did not fit too often", () => {
  it("calls a person, until the hand-over is confirmed", () => {
    const raised = told(requested("RETURN", atScan), locked);
    assert.match(raised.next.hold?.reason ?? "", /5 codes that did not fit.*give them a new code/);
    assert.equal(told(raised, confirmed).next.hold, undefined);
  });

  it("is no news once the hand-over is confirmed, the goods are here, or the request has ended", () => {
    for (const start of [
      told(requested("RETURN", atScan), confirmed),
      told(awaiting(), received),
      told(requested("RETURN"), (r) => core.withdraw(r, scene())),
    ]) {
      const late = told(start, locked);
      assert.deepEqual([late.next.hold, last(late)?.applied], [undefined, false]);
    }
  });
});
