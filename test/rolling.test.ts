// A sample of `npm run prove -- --only rolling`, which restarts a hundred processes.
import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";
import { type Load, underLoad } from "../prove/rolling/load.js";
import { type Mesh, openMesh, type ServiceName } from "./mesh.js";
import { openShop, type Shop } from "./shop.js";

const restarted: readonly ServiceName[] = ["gateway", "resolution", "eligibility", "collection", "refund", "gateway"];

describe("replicas that are restarted one after the other, under load", function () {
  this.timeout(60_000);
  let mesh: Mesh;
  let shop: Shop;
  before(async () => {
    const polite = { UNREADY_MS: "250", DRAIN_MS: "8000" };
    mesh = await openMesh({ settings: Object.fromEntries(restarted.map((name) => [name, polite])) });
    shop = await openShop(mesh.doors);
  });
  after(async () => {
    shop?.close();
    await mesh?.stop();
  });

  it("fail no request, end in time, and lose no return that was accepted", async () => {
    const { gatewayUrls, doors } = mesh;
    const on = { gatewayUrls, token: doors.token, sandbox: shop.sandbox, now: shop.now };
    const ends: number[] = [];
    const load: Load = await underLoad(on, { perSecond: 50, atOnceMax: 6 }, async () => {
      for (const [at, service] of restarted.entries()) {
        ends.push((await mesh.restart(service, at % 2)).exitMs);
        await sleep(1_000); // a rollout waits until callers have found it again
      }
    });
    assert.deepEqual(load.failed.all, []);
    assert.ok(load.resolutions.length > 15, `${load.resolutions.length} returns`);
    for (const exitMs of ends) assert.ok(exitMs < 10_000, `${exitMs} ms`);
    for (const resolutionId of load.resolutions)
      assert.equal((await shop.see(resolutionId)).resolutionId, resolutionId);
  });
});
