// Which of a line's units get which answer.
import assert from "node:assert/strict";
import { decide, type Judgement } from "../core/decide.js";
import { parseDocument } from "../core/document.js";
import { compile } from "../core/engine.js";
import type { Shipment } from "../core/order.js";
import { asked, calendars, changed, judged, line, order } from "./builders.js";

const day = (n: number) => new Date(Date.parse("2026-06-01T03:00:00Z") + n * 86_400_000);
const parcel = (quantity: number, delivered: Date | undefined): Shipment => ({
  delivered,
  units: [{ lineId: "l-1", quantity }],
});
const saidOf = ({ lines }: Judgement) => lines.map(({ quantity, verdict, rule }) => [quantity, verdict, rule]);
const change = { reason: "NO_LONGER_NEEDED" };

describe("units of a line", () => {
  const five = (shipments: Shipment[]) => order("KR", [line({ purchased: 5 })], "", { shipments });

  it("that have arrived cannot be cancelled, those under way can: 3 of 5, and why not the other 2", () => {
    const bought = five([parcel(2, day(0)), parcel(3, undefined)]);
    assert.deepEqual(saidOf(judged(bought, asked("CANCELLATION", { ...change, quantity: 5 }), day(1).toISOString())), [
      [3, "ACCEPT", "kr-cancel"],
      [2, "DECLINE", "kr-cancel-too-late"],
    ]);
  });
  it("are taken from where the answer is best, whichever of them are asked for", () => {
    const bought = five([parcel(2, day(0)), parcel(3, undefined)]);
    const cancel = (quantity: number) =>
      saidOf(judged(bought, asked("CANCELLATION", { ...change, quantity }), day(1).toISOString()));
    assert.deepEqual(cancel(1), [[1, "ACCEPT", "kr-cancel"]]);
    assert.deepEqual(cancel(4), [
      [3, "ACCEPT", "kr-cancel"],
      [1, "DECLINE", "kr-cancel-too-late"],
    ]);
  });
  it("asked for twice in one request are not the same units", () => {
    const bought = five([parcel(2, day(0)), parcel(3, undefined)]);
    const twice = asked("CANCELLATION", { ...change, quantity: 2 }, { reason: "STYLE", quantity: 2 });
    assert.deepEqual(saidOf(judged(bought, twice, day(1).toISOString())), [
      [2, "ACCEPT", "kr-cancel"],
      [1, "ACCEPT", "kr-cancel"],
      [1, "DECLINE", "kr-cancel-too-late"],
    ]);
  });
  it("each have a window of their own where the policy says so", () => {
    const policy = compile(parseDocument(changed("GB", "window.starts", "EACH_PARCEL")));
    const bought = order("GB", [line({ purchased: 5 }, "GB")], "", {
      shipments: [parcel(2, day(0)), parcel(3, day(10))],
    });
    const now = day(35);
    const returned = decide(policy, calendars.GB, bought, asked("RETURN", { ...change, quantity: 5 }), now);
    assert.deepEqual(saidOf(returned), [
      [3, "ACCEPT", "gb-change-of-mind"],
      [2, "DECLINE", "gb-too-late"],
    ]);
    assert.deepEqual(
      returned.lines.map(({ windowStart }) => windowStart),
      [day(10), day(0)],
    );
  });
  it("that were never shipped and never came are not more than were bought", () => {
    const bought = five([parcel(7, day(0))]);
    const all = judged(bought, asked("RETURN", { ...change, quantity: 5 }), day(1).toISOString());
    assert.deepEqual(saidOf(all), [[5, "ACCEPT", "kr-withdrawal"]]);
  });
});
