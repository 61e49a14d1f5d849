// The customer's time to hand over, day by day.
import assert from "node:assert/strict";
import fc from "fast-check";
import * as core from "../core/resolution.js";
import type { Outcome, Resolution, Terms } from "../core/types.js";
import { later, requested, scene, steps, told, where } from "./builders.js";

const day = 86_400_000;
const noon = scene().now.getTime();
const handoverOf = (r: Resolution) => r.deadlines.find(({ step }) => step === "handover");

/** How a request ended, and what its customer had until then. */
type Told = {
  readonly state: string;
  readonly days: number;
  readonly usable: number;
  readonly reminded: readonly number[];
};

/**
 * Lets days pass, each of which could be used or not; nobody hands anything over. On some the driver comes and fails, and it
 * is the carrier's fault.
 */
function wait(terms: Partial<Terms>, could: (day: number) => boolean, failed: ReadonlySet<number>, most: number): Told {
  let { next } = requested("RETURN", terms);
  let due = new Date(noon + day);
  let usable = 0;
  const reminded: number[] = [];
  for (let nth = 1; nth <= most; nth++) {
    if (failed.has(nth)) {
      const outcome = core.attemptFailed(next, "LOGISTICS", "NO_DRIVER", scene({ now: due }));
      next = outcome.next;
      usable = 0;
      due = outcome.steps.find(({ step }) => step === "handover-day")?.due ?? due;
      continue;
    }
    const outcome: Outcome = core.handoverDay(next, could(nth), scene({ now: due }));
    usable += could(nth) ? 1 : 0;
    for (const step of outcome.steps) if (step.step === "reminder") reminded.push(nth);
    next = outcome.next;
    if (next.state !== "OPEN") return { state: next.state, days: (due.getTime() - noon) / day, usable, reminded };
    due = outcome.steps.find(({ step }) => step === "handover-day")?.due ?? due;
  }
  return { state: next.state, days: most, usable, reminded };
}

const outages = fc.record({
  handoverDays: fc.integer({ min: 3, max: 21 }),
  windowDays: fc.option(fc.integer({ min: 0, max: 40 }), { nil: undefined }),
  down: fc.array(fc.boolean(), { minLength: 1, maxLength: 60 }),
  failed: fc.uniqueArray(fc.integer({ min: 1, max: 60 }), { maxLength: 3 }),
});
const termsOf = (handoverDays: number, windowDays: number | undefined): Partial<Terms> => ({
  handoverDays,
  windowEnd: windowDays === undefined ? undefined : later(windowDays).now,
});

describe("resolution: a fair hand-over", () => {
  it("withdraws nobody while a carrier's outage lasts, however long it is", () => {
    fc.assert(
      fc.property(outages, fc.integer({ min: 0, max: 40 }), ({ handoverDays, windowDays, failed }, before) => {
        const firstDays = Math.min(before, handoverDays - 1);
        const { state, reminded } = wait(
          termsOf(handoverDays, windowDays),
          (nth) => nth <= firstDays,
          new Set(failed.filter((nth) => nth > firstDays)),
          400,
        );
        assert.equal(state, "OPEN");
        assert.ok(
          reminded.every((nth) => nth <= firstDays),
          "nobody is reminded of what they cannot do",
        );
      }),
      { numRuns: 500, seed: 20261123 },
    );
  });

  it("withdraws only who had every promised day, three reminders on different days, and the whole window", () => {
    let withdrawn = 0;
    fc.assert(
      fc.property(outages, ({ handoverDays, windowDays, down, failed }) => {
        const could = (nth: number) => !(down[nth - 1] ?? false);
        const told = wait(termsOf(handoverDays, windowDays), could, new Set(failed), 300);
        assert.equal(told.state, "AUTO_WITHDRAWN", "an outage ends, and then the time runs on");
        withdrawn++;
        assert.ok(told.usable >= handoverDays, `${told.usable} of ${handoverDays} days`);
        const last = Math.max(0, ...failed.filter((nth) => nth < told.days));
        const since = told.reminded.filter((nth) => nth > last);
        assert.ok(new Set(since).size >= 3, `reminded on ${told.reminded.join()} after ${last}`);
        assert.ok(told.days >= (windowDays ?? 0), "never before the statutory window ends");
      }),
      { numRuns: 2500, seed: 20261123 },
    );
    assert.equal(withdrawn, 2500);
  });

  it("shows until when there is time, later by each day that could not be used, and says when it stopped and went on", () => {
    const opened = requested("RETURN", { handoverDays: 14 });
    const down: readonly boolean[] = [true, false, false, true];
    const outcome = down.reduce<{ all: Outcome[]; next: Resolution }>(
      ({ all, next }, could, nth) => {
        const passed = core.handoverDay(next, could, later(nth + 1));
        return { all: [...all, passed], next: passed.next };
      },
      { all: [], next: opened.next },
    );
    assert.equal(handoverOf(outcome.next)?.due.getTime(), later(16).now.getTime());
    assert.deepEqual(
      outcome.all.flatMap(({ entries }) => entries.map(({ name }) => name)),
      ["HandoverStopped", "HandoverResumed"],
    );
  });

  it("reminds at the policy's three times, and tells how many days are left", () => {
    const days: number[] = [];
    let { next } = requested("RETURN", { handoverDays: 14, reminderDays: [7, 3, 1] });
    for (let nth = 1; nth <= 13; nth++) {
      const outcome = core.handoverDay(next, true, later(nth));
      for (const { step, payload } of outcome.steps)
        if (step === "reminder") days.push((payload as { days: number }).days);
      next = outcome.next;
    }
    assert.deepEqual(days, [7, 3, 1]);
    assert.equal(core.handoverDay(next, true, later(14)).next.state, "AUTO_WITHDRAWN");
  });

  it("lets go what was held for a request that withdraws itself: the pickup, the dock, the replacement, the units", () => {
    const held = told(
      requested("EXCHANGE", { replacement: true, exchange: "STANDARD", handoverDays: 1, reminderDays: [] }),
      (r) => core.collectionBegun(r, "col_1", scene()),
      (r) => core.receiptExpected(r, "ins_1", scene()),
      (r) => core.stockHeld(r, "hld_1", scene()),
    );
    const withdrawn = core.handoverDay(held.next, true, later(1));
    assert.equal(withdrawn.next.state, "AUTO_WITHDRAWN");
    assert.deepEqual(steps(withdrawn), ["collection.cancel", "inspection.cancel", "notify", "stock.release"]);
    assert.deepEqual(withdrawn.held, [{ lineId: "l-1", purchased: 3, delta: -2 }]);
  });

  it("never ends silently in Taiwan: a person is called, and the customer has the whole time again", () => {
    const opened = requested("RETURN", { autoWithdrawal: false, handoverDays: 1, reminderDays: [] });
    const asked = core.handoverDay(opened.next, true, later(1));
    assert.equal(where(asked), "OPEN COLLECTING WAITING NONE");
    assert.ok(asked.next.hold);
    assert.deepEqual(handoverOf(asked.next)?.count?.usable, 0);
    assert.deepEqual(steps(asked), ["handover-day"]);
  });

  it("goes on as it was counted before days were counted, for requests from then", () => {
    const { next } = requested("RETURN");
    const old = { ...next, deadlines: next.deadlines.map(({ count: _, ...deadline }) => deadline) };
    assert.equal(core.handoverDue(old, later(14)).next.state, "AUTO_WITHDRAWN");
  });
});
