// A replacement that goes out before its goods are looked at, against an amount set aside on the customer's card: told over
// REST through the whole mesh.
import assert from "node:assert/strict";
import { MasterProduct } from "#gen/backhaul/sandbox/v1/sandbox_service.js";
import { Twist } from "#gen/backhaul/sandbox/v1/scenario_service.js";
import { newId } from "#kit/ids.js";
import { money, toProto } from "#kit/pure/money.js";
import { breaches } from "./invariants.js";
import { type Mesh, openMesh } from "./mesh.js";
import { type OrderOptions, openShop, type Shop } from "./shop.js";

const won = (units: number) => ({ currencyCode: "KRW", units: String(units), nanos: 0 });

describe("a replacement that goes out first", function () {
  this.timeout(60_000);
  let mesh: Mesh;
  let shop: Shop;
  before(async () => {
    mesh = await openMesh();
    shop = await openShop(mesh.doors);
  });
  afterEach(async function () {
    if (this.currentTest?.state !== "passed") return;
    await shop.pass(0.01);
    const { databaseUrl, nats, env } = mesh.stage;
    assert.deepEqual(await breaches(databaseUrl, nats.url, (service) => env(service).DATABASE_SCHEMA ?? service), []);
  });
  after(async () => {
    shop?.close();
    await mesh?.stop();
  });

  /** A member whose replacements leave when the driver has the goods. */
  async function exchanged(options: OrderOptions = {}, twist?: Twist, replacementSku: string = newId("sku")) {
    const order = await shop.order(options);
    if (twist) await shop.scenario({ twist, orderId: order.orderId });
    const members = [{ customerId: order.customerId, tier: "PLUS" }];
    await shop.sandbox.importMasterData({ products: [], members });
    const asked = { reason: "SIZE_TOO_SMALL", more: { replacementSku } };
    const { resolutionId } = await shop.ask(order, "EXCHANGE", asked);
    await shop.pass(0.01);
    return { ...order, resolutionId };
  }
  // biome-ignore lint/suspicious/noExplicitAny: JSON of the edge
  const whole = async (resolutionId: string): Promise<any> =>
    (await shop.rest("AGENT", "alice", "GET", `/v1/resolutions/${resolutionId}`)).json;
  async function untilInTransit(resolutionId: string) {
    for (let half = 0; half < 8; half++) {
      const seen = await whole(resolutionId);
      if (seen.goods !== "GOODS_STATE_COLLECTING") return seen;
      await shop.pass(0.5);
    }
    return whole(resolutionId);
  }

  it("leaves while its goods are on their way, and the amount is let go when they are found good", async () => {
    const { resolutionId, orderId } = await exchanged();
    const waits = await whole(resolutionId);
    assert.deepEqual(waits.guarantee, { state: "GUARANTEE_STATE_SET_ASIDE", amount: won(50_000) });
    const moving = await untilInTransit(resolutionId);
    assert.deepEqual([moving.goods, moving.stock], ["GOODS_STATE_IN_TRANSIT", "STOCK_STATE_FULFILLED"]);
    await shop.pass(4);
    const closed = await whole(resolutionId);
    assert.equal(closed.state, "RESOLUTION_STATE_CLOSED");
    assert.deepEqual(closed.guarantee, { state: "GUARANTEE_STATE_LET_GO", amount: won(50_000) });
    assert.deepEqual(await shop.providerRefunds(orderId), []);
  });

  it("is paid for out of it when what comes back is not what was promised, once, and nobody has to ask", async () => {
    const { resolutionId } = await exchanged({}, Twist.TWIST_DAMAGED);
    await untilInTransit(resolutionId);
    await shop.pass(4);
    const closed = await whole(resolutionId);
    assert.deepEqual(
      [closed.state, closed.money, closed.stock],
      ["RESOLUTION_STATE_CLOSED", "MONEY_STATE_RECOVERED", "STOCK_STATE_FULFILLED"],
    );
    assert.deepEqual(closed.guarantee, {
      state: "GUARANTEE_STATE_TAKEN",
      amount: won(50_000),
      taken: won(50_000),
    });
    assert.equal(closed.onHold ?? false, false);
  });

  it("is owed for in full where it was cheaper, though its difference had gone back", async () => {
    const sku = newId("sku");
    const price = toProto(money(20_000n, "KRW"));
    const products = [MasterProduct.fromPartial({ sku, category: "homeware", stock: 10, price })];
    await shop.sandbox.importMasterData({ products, members: [] });
    const { resolutionId, orderId } = await exchanged({}, Twist.TWIST_DAMAGED, sku);
    const moving = await untilInTransit(resolutionId);
    assert.deepEqual([moving.stock, moving.refunded], ["STOCK_STATE_FULFILLED", won(10_000)]);
    await shop.pass(4);
    const closed = await whole(resolutionId);
    assert.deepEqual([closed.state, closed.money], ["RESOLUTION_STATE_CLOSED", "MONEY_STATE_RECOVERED"]);
    assert.deepEqual(closed.guarantee.taken, won(50_000));
    assert.equal((await shop.providerRefunds(orderId)).length, 1);
  });

  it("waits for the inspection where no card paid", async () => {
    const { resolutionId } = await exchanged({
      more: ({ orderId, money }) => ({
        payments: [{ paymentId: `pay-${orderId}`, method: "BANK_TRANSFER", captured: money(50_000n) }],
      }),
    });
    assert.equal((await whole(resolutionId)).guarantee.state, "GUARANTEE_STATE_REFUSED");
    const moving = await untilInTransit(resolutionId);
    assert.equal(moving.stock, "STOCK_STATE_HELD");
    await shop.pass(4);
    const closed = await whole(resolutionId);
    assert.deepEqual([closed.state, closed.stock], ["RESOLUTION_STATE_CLOSED", "STOCK_STATE_FULFILLED"]);
  });
});
