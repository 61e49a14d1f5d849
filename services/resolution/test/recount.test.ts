// A calendar changes while requests are open.
import assert from "node:assert/strict";
import { type Calendar, calendarOf } from "#kit/pure/calendar.js";
import { isOutdated, recounted } from "../core/recount.js";
import { later, pickedUp, received, requested, scene, steps, told } from "./builders.js";

/** Wednesday 25 November 2026, the day after the builders' noon, has become a holiday. */
const proclaimed: Calendar = calendarOf({
  market: "KR",
  version: "with a temporary holiday",
  from: "2026-01-01",
  to: "2027-12-31",
  timeZone: "Asia/Seoul",
  weekend: [0, 6],
  holidays: { "2026-11-25": "temporary holiday" },
  workdays: {},
});
const now = scene({ calendar: proclaimed, actor: { subject: "calendar", role: "SERVICE" } });
const due = (r: { deadlines: readonly { step: string; due: Date }[] }, step: string) =>
  r.deadlines.find((deadline) => deadline.step === step)?.due.toISOString();

describe("resolution: a new calendar", () => {
  const inspecting = told(requested("RETURN"), pickedUp, received).next;

  it("moves the time to refund by the holiday, and keeps the one it had in the history", () => {
    // Received Tuesday: three business days are Wednesday to Friday, and with the holiday Thursday to Monday.
    assert.equal(due(inspecting, "statutory-refund"), "2026-11-27T15:00:00.000Z");
    assert.ok(isOutdated(inspecting, proclaimed.version));
    const outcome = recounted(inspecting, undefined, now);
    assert.equal(due(outcome.next, "statutory-refund"), "2026-11-30T15:00:00.000Z");
    assert.deepEqual(
      outcome.entries.map(({ name, text }) => [name, text]),
      [
        [
          "DeadlinesRecounted",
          "The calendar with a temporary holiday moves statutory-refund from 2026-11-27T15:00:00.000Z to 2026-11-30T15:00:00.000Z.",
        ],
      ],
    );
    assert.deepEqual(
      [steps(outcome), outcome.dropped],
      [["inspection.terms", "statutory-refund"], ["statutory-refund"]],
      "and the dock is told",
    );
    assert.equal(isOutdated(outcome.next, proclaimed.version), false);
  });
  it("counts what the policy guarantees along with the law", () => {
    const guaranteed = told(requested("RETURN", { trigger: "ON_DEADLINE" }), pickedUp, received).next;
    const outcome = recounted(guaranteed, undefined, now);
    assert.equal(due(outcome.next, "guaranteed-refund"), "2026-11-29T15:00:00.000Z");
    assert.deepEqual(steps(outcome), ["guaranteed-refund", "inspection.terms", "statutory-refund"]);
  });
  it("moves the hand-over with the window it may not end before, and keeps the days that were counted", () => {
    const windowEnd = later(20).now;
    const collecting = requested("RETURN", { windowEnd }).next;
    const after = later(21).now;
    const outcome = recounted(collecting, after, { ...now, now: later(14).now });
    assert.equal(due(outcome.next, "handover"), after.toISOString());
    assert.equal(outcome.next.terms.windowEnd, after);
    assert.deepEqual([steps(outcome), outcome.dropped], [[], []], "the day's count goes on");
    assert.deepEqual(outcome.next.deadlines[0]?.count, collecting.deadlines[0]?.count);
  });
  it("never moves the hand-over nearer than the customer was told", () => {
    const collecting = requested("RETURN", { windowEnd: later(40).now }).next;
    const outcome = recounted(collecting, later(30).now, { ...now, now: later(31).now });
    assert.equal(due(outcome.next, "handover"), later(40).now.toISOString());
    assert.deepEqual([outcome.entries, outcome.steps], [[], []]);
  });
  it("takes the reminders of a hand-over away that was counted in one go, and counts it day by day", () => {
    const { next } = requested("RETURN", { windowEnd: later(20).now });
    const collecting = { ...next, deadlines: next.deadlines.map(({ count: _, ...deadline }) => deadline) };
    const outcome = recounted(collecting, later(22).now, { ...now, now: later(1).now });
    assert.deepEqual([steps(outcome), [...outcome.dropped].sort()], [["handover-day"], ["handover", "reminder"]]);
  });
  it("that moves nothing says nothing, and is not asked about again", () => {
    const collecting = requested("RETURN").next;
    const outcome = recounted(collecting, undefined, now);
    assert.deepEqual([outcome.entries, outcome.steps, outcome.dropped], [[], [], []]);
    assert.equal(isOutdated(outcome.next, proclaimed.version), false);
  });
  it("leaves alone what was counted before calendars were kept", () => {
    const old = { ...inspecting, deadlines: inspecting.deadlines.map(({ from: _, calendar: __, ...rest }) => rest) };
    assert.equal(isOutdated(old, proclaimed.version), false);
  });
});
