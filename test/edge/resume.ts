// A resolution that is followed while edges come and go: every event once, in its order, whatever breaks.
import assert from "node:assert/strict";
import { until } from "#kit/testing/peers.js";
import { readGatewayConfig } from "../../gateway/config.js";
import * as gateway from "../../gateway/service.js";
import { atOnce } from "../../prove/proof.js";
import { follow } from "./follower.js";
import type { Stand } from "./stand.js";

const many = 30;
/** On a machine that is busy, thirty requests at once would wait for each other until their time runs out. */
const asksAtOnce = 6;

/** Adds the tests of streams that go on. */
export function streamsGoOn(stand: () => Stand): void {
  it("no event is missed or seen twice over restarts of the edge, nor at another replica", async () => {
    const { mesh, shop } = stand();
    const replica = await gateway.start(readGatewayConfig({ ...mesh.env("gateway"), PORT: "0" }));
    try {
      const token = await mesh.doors.token("AGENT", "alice");
      let events = 0;
      const asked = await atOnce(Array.from({ length: many }), asksAtOnce, async () =>
        shop.ask(await shop.order({ market: "KR" }), "RETURN"),
      );
      const followers = asked.map(({ resolutionId }, i) => {
        const urls = [mesh.gatewayUrl, `http://127.0.0.1:${replica.port}`];
        // Two of three move to the other edge at each break; the third waits for its own to be back.
        const follower = follow(
          i % 3 === 0 ? urls.slice(0, 1) : urls,
          `/v1/resolutions/${resolutionId}:watch`,
          token,
          () => {
            events++;
          },
        );
        return { resolutionId, ...follower };
      });
      const passing = shop.pass(5);
      for (const share of [2, 4, 6]) {
        await until(`${share * many} events came`, async () => events >= share * many, 20_000);
        await mesh.stopService("gateway");
        await mesh.startService("gateway");
      }
      await passing;
      await Promise.all(followers.map(({ ended }) => ended));

      assert.ok(events >= 200, `${events} events`);
      for (const { resolutionId, seen } of followers) {
        const entries = await shop.timeline(resolutionId);
        assert.deepEqual(
          seen,
          entries.map((_, i) => i + 1),
          `${resolutionId}: each once, in order`,
        );
      }
      const began = followers.map(({ connections }) => connections());
      assert.ok(began.filter((times) => times > 1).length > many / 2, `streams began ${began} times`);
    } finally {
      await replica.stop();
    }
  });
}
