import assert from "node:assert/strict";
import { disabledBy, judge } from "../core/schedule.js";
import type { Answer } from "../core/types.js";

const answer = (status: number, retryAfterMs?: number): Answer => {
  return { status, latencyMs: 1, error: "", head: "", retryAfterMs };
};
const waitOf = (status: number, tries: number, retryAfterMs?: number, random = 0.5) => {
  const verdict = judge(answer(status, retryAfterMs), tries, random);
  return verdict.state === "PENDING" ? verdict.waitMs : verdict.state;
};
const hour = 3_600_000;

describe("what a subscriber's answer comes to", () => {
  it("any 2xx is delivered, and nothing else", () => {
    for (const status of [200, 201, 202, 204, 299]) assert.equal(waitOf(status, 1), "DELIVERED");
    for (const status of [0, 100, 301, 302, 308, 400, 404, 410, 429, 500, 503])
      assert.notEqual(waitOf(status, 1), "DELIVERED");
  });

  it("ten tries take a little over three days, then it is dead", () => {
    const waits = [1, 2, 3, 4, 5, 6, 7, 8, 9].map((tries) => waitOf(500, tries) as number);
    assert.deepEqual(waits, [5_000, 300_000, hour / 2, 2 * hour, 5 * hour, 10 * hour, 14 * hour, 20 * hour, 24 * hour]);
    assert.equal(waitOf(500, 10), "DEAD");
  });

  it("waits differ by up to a tenth either way", () => {
    assert.equal(waitOf(500, 1, undefined, 0), 4_500);
    assert.equal(waitOf(500, 1, undefined, 0.999_999), 5_500);
  });

  it("Retry-After of 429 and 503 is waited for, up to a day; of others it is not looked at", () => {
    assert.equal(waitOf(429, 1, hour), hour);
    assert.equal(waitOf(503, 1, 90 * hour), 24 * hour);
    assert.equal(waitOf(429, 4, 1_000), 2 * hour);
    assert.equal(waitOf(500, 1, hour), 5_000);
  });

  it("410 stops the subscription at once, failing for days stops it then", () => {
    const now = new Date("2026-11-23T12:00:00Z");
    const since = (days: number) => new Date(now.getTime() - days * 24 * hour);
    const limit = 5 * 24 * hour;
    assert.equal(disabledBy(answer(410), undefined, now, limit), "GONE");
    assert.equal(disabledBy(answer(500), since(4.9), now, limit), undefined);
    assert.equal(disabledBy(answer(500), since(5), now, limit), "FAILING");
    assert.equal(disabledBy(answer(500), undefined, now, limit), undefined);
  });
});
