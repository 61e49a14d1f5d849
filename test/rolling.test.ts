// A sample of `npm run prove -- --only rolling`, which restarts a hundred.
import assert from "node:assert/strict";
import { type Desk, openDesk } from "../prove/desk.js";
import { roll } from "../prove/rolling.js";

describe("restarts of one replica after the other, under load", function () {
  this.timeout(120_000);
  let desk: Desk;
  before(async () => {
    desk = await openDesk({ replicas: 2 }, () => {});
  });
  after(() => desk?.close());

  it("fail no request, and lose no return that was accepted", async () => {
    const { restarts, load, lost } = await roll(desk, 5, () => {}, [
      "gateway",
      "resolution",
      "eligibility",
      "collection",
      "refund",
    ]);
    assert.deepEqual(load.failed.all, []);
    assert.ok(load.resolutions.length > 50, `${load.resolutions.length} returns`);
    assert.equal(lost, 0);
    for (const { service, notReadyMs, exitMs } of restarts) {
      assert.ok(notReadyMs <= 1_000 && exitMs <= 10_000, `${service}: ${notReadyMs} ms, ${exitMs} ms`);
    }
  });
});
