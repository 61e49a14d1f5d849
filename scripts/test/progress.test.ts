import assert from "node:assert/strict";
import { secondsOf } from "../mesh/arguments.js";
import { describe as progressText } from "../progress.js";

describe("the progress line", () => {
  const progress = {
    day: 93,
    days: 374,
    at: new Date("2027-02-25T00:00:00Z"),
    orders: 4457,
    sent: 1039,
    accepted: 628,
  };

  it("shows how far the record is played, and what came of it", () => {
    const text = progressText(progress);
    assert.equal(text, "▕██████                  ▏ 24 % · 2027-02-25 · 4,457 orders · 1,039 requests, 628 accepted");
    assert.match(progressText({ ...progress, day: 374, open: 3 }), /100 % .* · 3 open$/);
  });
});

describe("a span of time", () => {
  it("has a number and a unit", () => {
    assert.deepEqual(["90s", "15m", "12h", "30d"].map(secondsOf), [90, 900, 43_200, 2_592_000]);
    for (const text of ["", "1", "h", "-1h", "0h", "1.5h", "1 h", "1w"])
      assert.throws(() => secondsOf(text), /no span of time/);
  });
});
