// Each service as a process of its own, killed with -9 in the middle of a journey and started again: the journey ends all
// the same, the money goes back once, and every invariant holds.
import assert from "node:assert/strict";
import { rmSync } from "node:fs";
import { passingFolder } from "#kit/local/folder.js";
import { until } from "#kit/testing/peers.js";
import { launchMesh, type Mesh } from "../scripts/mesh/launch.js";
import { breaches } from "./invariants.js";
import { openShop, type Shop } from "./shop.js";
import { openSubscriber } from "./subscriber.js";

describe("a journey through processes", function () {
  this.timeout(120_000);
  const dir = passingFolder("kill");
  let mesh: Mesh;
  let shop: Shop;

  before(async () => {
    mesh = await launchMesh({ dir, ports: "free" });
    const { gatewayUrl, addresses, issuer } = mesh;
    shop = await openShop({ gatewayUrl, sandboxAddress: addresses.partners, token: issuer.token });
  });
  after(async () => {
    shop?.close();
    await mesh?.stop();
    rmSync(dir, { recursive: true, force: true });
  });

  for (const service of [
    "eligibility",
    "resolution",
    "collection",
    "inspection",
    "refund",
    "reconciler",
    "outreach",
    "partners",
    "gateway",
  ] as const) {
    it(`${service} is killed with -9 twice in mid-journey, and the journey ends all the same`, async () => {
      const order = await shop.order({});
      const { resolutionId } = await shop.ask(order, "RETURN");
      await mesh.kill(service, "SIGKILL");
      await mesh.restart(service);
      await shop.pass(1.1);
      await mesh.kill(service, "SIGKILL");
      await mesh.restart(service);
      await shop.pass(4);
      const closed = await shop.reaches(resolutionId, "CLOSED", 45_000);
      assert.equal(closed.money, "MONEY_STATE_REFUNDED");
      assert.equal((await shop.providerRefunds(order.orderId)).length, 1);
      await shop.pass(0.01);
      assert.deepEqual(await breaches(mesh.servers.databaseUrl, mesh.servers.natsUrl, mesh.schemaOf), []);
    });
  }

  it("outreach dies between sending a webhook and booking it, and sends it again under the same id", async () => {
    const subscriber = await openSubscriber();
    try {
      const made = await shop.rest("OPERATOR", "olga", "POST", "/v1/webhook-subscriptions", { url: subscriber.url });
      assert.equal(made.status, 200, JSON.stringify(made.json));
      await mesh.restart("outreach", undefined, {
        FAILPOINT: "outreach.deliver.sent:1",
        WEBHOOK_TIMEOUT_MS: "1000",
      });
      const { resolutionId } = await shop.ask(await shop.order({}), "RETURN");
      await until("it died", async () => mesh.pids().outreach.length === 0);
      await mesh.restart("outreach");
      const got = await until(
        "it came again",
        async () => {
          const about = subscriber.about(resolutionId).filter(({ id }) => id.endsWith(".1"));
          return about.length > 1 && about;
        },
        30_000,
      );
      assert.equal(new Set(got.map(({ body }) => JSON.stringify(body))).size, 1);
    } finally {
      subscriber.close();
    }
  });
});
