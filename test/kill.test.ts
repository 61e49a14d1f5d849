// Each service as a process of its own, killed with -9 in the middle of a journey and started again: the journey ends all
// the same, the money goes back once, and every invariant holds.
import assert from "node:assert/strict";
import { readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import pg from "pg";
import { passingFolder } from "#kit/local/folder.js";
import { until } from "#kit/testing/peers.js";
import { launchMesh, type Mesh } from "../scripts/mesh/launch.js";
import { root } from "../scripts/mesh/places.js";
import { type ServiceName, serviceNames } from "../scripts/mesh/services.js";
import { breaches } from "./invariants.js";
import { openShop, type Shop } from "./shop.js";
import { openSubscriber } from "./subscriber.js";

describe("a journey through processes", function () {
  this.timeout(120_000);
  const dir = passingFolder("kill");
  const passed = join(dir, "passed");
  let mesh: Mesh;
  let shop: Shop;
  /** Told of each process that ends by itself. */
  let onLost = (_service: ServiceName) => {};

  before(async () => {
    const env = Object.fromEntries(serviceNames.map((name) => [name, { FAILPOINT: `record:${passed}` }]));
    mesh = await launchMesh({ dir, ports: "free", env, onLost: ({ service }) => onLost(service) });
    const { gatewayUrl, addresses, issuer } = mesh;
    shop = await openShop({ gatewayUrl, sandboxAddress: addresses.partners, token: issuer.token });
  });
  afterEach(() => {
    onLost = () => {};
  });
  after(async () => {
    shop?.close();
    await mesh?.stop();
    rmSync(dir, { recursive: true, force: true });
  });

  for (const service of [
    "eligibility",
    "resolution",
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

  it("three die in one journey, each at a boundary of its own, and the journey ends all the same", async () => {
    const dying: Partial<Record<ServiceName, string>> = {
      collection: "collection.publish.backhaul.collection.v1.CollectionScheduled.after",
      inspection: "inspection.write.outbox.mark.before",
      refund: "refund.call.backhaul.partner.payment.v1.PaymentService/RefundPayment.after",
    };
    const died: ServiceName[] = [];
    const again: Promise<unknown>[] = [];
    onLost = (service) => {
      died.push(service);
      again.push(mesh.restart(service).then(() => leasesEnd(service)));
    };
    const restarts = Object.entries(dying).map(([service, name]) =>
      mesh.restart(service as ServiceName, undefined, { FAILPOINT: `${name}:1` }),
    );
    await Promise.all(restarts);
    const order = await shop.order({});
    const { resolutionId } = await shop.ask(order, "RETURN");
    await until("collection died", async () => died.includes("collection"));
    await Promise.all(again);
    await shop.pass(1.1);
    await shop.pass(4);
    const closed = await shop.reaches(resolutionId, "CLOSED", 45_000);
    await Promise.all(again);
    assert.deepEqual(died.sort(), Object.keys(dying).sort());
    assert.equal(closed.money, "MONEY_STATE_REFUNDED");
    assert.equal((await shop.providerRefunds(order.orderId)).length, 1);
    await shop.pass(0.01);
    assert.deepEqual(await breaches(mesh.servers.databaseUrl, mesh.servers.natsUrl, mesh.schemaOf), []);
  });

  it("outreach dies between sending a webhook and booking it, and sends it again under the same id", async () => {
    const subscriber = await openSubscriber();
    try {
      const made = await shop.rest("OPERATOR", "olga", "POST", "/v1/webhook-subscriptions", { url: subscriber.url });
      assert.equal(made.status, 200, JSON.stringify(made.json));
      await mesh.restart("outreach", undefined, {
        FAILPOINT: "outreach.http.webhook.after:1",
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

  it("no process came to a place that is not on the list of failpoints", () => {
    const names = new Set<string>(JSON.parse(readFileSync(join(root, "services/_kit/failpoints.json"), "utf8")));
    const reached = [...new Set(readFileSync(passed, "utf8").trimEnd().split("\n"))];
    assert.deepEqual(
      reached.filter((name) => !names.has(name)),
      [],
    );
    assert.ok(reached.length > 300, `only ${reached.length} places were come to`);
  });

  /** Nobody waits until what a dead process had in its hands is free again. */
  async function leasesEnd(service: ServiceName): Promise<void> {
    const client = new pg.Client(mesh.servers.databaseUrl);
    await client.connect();
    for (const table of ["agenda", "outbox"]) {
      await client.query(`UPDATE ${mesh.schemaOf(service)}.${table} SET lease_until = NULL`);
    }
    await client.end();
  }
});
