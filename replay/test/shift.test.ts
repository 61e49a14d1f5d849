import assert from "node:assert/strict";
import { describeShift, later, shiftOf, startOfDay } from "../shift.js";

const first = new Date("2010-12-01T08:26:00Z"); // a Wednesday

describe("the shift of the record", () => {
  it("brings the first day to the mesh's now or later, by less than a week too much, on the same weekday", () => {
    for (let hours = 0; hours < 24 * 15; hours += 5) {
      const now = new Date(Date.UTC(2026, 10, 20) + hours * 3_600_000 + 1);
      const start = later(startOfDay(first), shiftOf(first, now));
      assert.ok(
        start >= now && start.getTime() - now.getTime() < 7 * 86_400_000,
        `${now.toISOString()} ${start.toISOString()}`,
      );
      assert.equal(start.getUTCDay(), first.getUTCDay());
      assert.equal(start.toISOString().slice(11), "00:00:00.000Z");
    }
  });

  it("starts at once when the mesh stands at that very midnight", () => {
    const now = new Date("2026-12-02T00:00:00Z");
    assert.equal(later(startOfDay(first), shiftOf(first, now)).getTime(), now.getTime());
  });

  it("moves nothing where the mesh's clock is before the record, but for whole weeks back", () => {
    const start = later(startOfDay(first), shiftOf(first, new Date("2010-11-24T00:00:00Z")));
    assert.equal(start.toISOString(), "2010-11-24T00:00:00.000Z");
  });

  it("is told with both days", () => {
    const shiftMs = shiftOf(first, new Date("2026-11-26T12:00:00Z"));
    assert.equal(
      describeShift(first, shiftMs),
      "Wed, 1 Dec 2010 of the record was played as Wed, 2 Dec 2026: 835 weeks later",
    );
  });
});
