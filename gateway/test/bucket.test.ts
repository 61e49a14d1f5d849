import assert from "node:assert/strict";
import fc from "fast-check";
import { type Bucket, take } from "../bucket.js";

const quota = { requests: 10, windowMs: 60_000 }; // a token each 6 s

describe("a token bucket", () => {
  const full = undefined;
  const at = (tokens: number, atMs = 0): Bucket => ({ tokens, atMs });
  const cases: readonly (readonly [string, Bucket | undefined, number, object])[] = [
    ["is full for who never asked", full, 0, { allowed: true, left: 9, nextInMs: 0, fullInMs: 6000 }],
    ["gives its last token", at(1), 0, { allowed: true, left: 0, nextInMs: 6000, fullInMs: 60_000 }],
    ["gives nothing when it is empty", at(0), 0, { allowed: false, left: 0, nextInMs: 6000, fullInMs: 60_000 }],
    ["gives nothing a moment before a token is there", at(0), 5999, { allowed: false, left: 0, nextInMs: 1 }],
    ["gives it when it is there", at(0), 6000, { allowed: true, left: 0, nextInMs: 6000 }],
    ["gives two after twice the time", at(0), 12_000, { allowed: true, left: 1, nextInMs: 0 }],
    ["holds no more than the quota", at(9), 3_600_000, { allowed: true, left: 9 }],
    ["gives nothing for a clock that was set back", at(0, 60_000), 0, { allowed: false, left: 0 }],
  ];
  for (const [title, before, nowMs, expected] of cases) {
    it(title, () => {
      const { bucket: _bucket, ...taken } = take(quota, before, nowMs);
      const rounded = { ...taken, nextInMs: Math.round(taken.nextInMs), fullInMs: Math.round(taken.fullInMs) };
      assert.deepEqual({ ...rounded, ...expected }, rounded);
    });
  }

  it("takes nothing from who is refused, however often they ask", () => {
    let bucket: Bucket = at(0);
    for (let ms = 1; ms < 6000; ms += 100) {
      const taken = take(quota, bucket, ms);
      assert.equal(taken.allowed, false);
      bucket = taken.bucket;
    }
    assert.equal(take(quota, bucket, 6001).allowed, true);
  });

  it("never gives more than the quota and what flows in, and what it says comes true", () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 20_000 }), { maxLength: 200 }), (pauses) => {
        let nowMs = 0;
        let bucket: Bucket | undefined;
        let given = 0;
        for (const pause of pauses) {
          nowMs += pause;
          const taken = take(quota, bucket, nowMs);
          if (taken.allowed) given++;
          else assert.ok(take(quota, taken.bucket, nowMs + taken.nextInMs + 0.001).allowed);
          bucket = taken.bucket;
        }
        assert.ok(given <= quota.requests + (nowMs / quota.windowMs) * quota.requests + 1e-6);
      }),
    );
  });
});
