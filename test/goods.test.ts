// Goods that turn round, never leave, or go out instead of others: told over REST through the whole mesh.
import assert from "node:assert/strict";
import { MasterProduct } from "#gen/backhaul/sandbox/v1/sandbox_service.js";
import { Twist } from "#gen/backhaul/sandbox/v1/scenario_service.js";
import { newId } from "#kit/ids.js";
import { money, toProto } from "#kit/pure/money.js";
import { breaches } from "./invariants.js";
import { type Mesh, openMesh } from "./mesh.js";
import { openShop, type Seen, type Shop } from "./shop.js";

const won = (units: number) => ({ currencyCode: "KRW", units: String(units), nanos: 0 });

describe("goods that turn round, never leave, or go out instead of others", function () {
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

  const names = async (resolutionId: string) => (await shop.timeline(resolutionId)).map(({ name }) => name);
  /** The dock takes the parcel in and finds every unit good. */
  async function takeIn({ inspectionId, lines }: Seen): Promise<void> {
    const at = `/v1/inspections/${inspectionId}`;
    const received = await shop.rest("WAREHOUSE", "wendy", "POST", `${at}:receive`, {});
    assert.equal(received.status, 200, JSON.stringify(received.json));
    const findings = lines.map(({ lineId, quantity }) => ({
      lineId,
      quantity,
      verdict: "UNIT_VERDICT_ACCEPTED",
      grade: "GRADE_LIKE_NEW",
      condition: "CONDITION_SELLABLE",
      disposition: "DISPOSITION_RESTOCKED",
    }));
    const completed = await shop.rest("WAREHOUSE", "wendy", "POST", `${at}:complete`, { findings });
    assert.equal(completed.status, 200, JSON.stringify(completed.json));
  }
  async function settled(resolutionId: string): Promise<Seen> {
    await shop.pass(0.01);
    return shop.see(resolutionId);
  }

  describe("a cancellation", () => {
    it("waits for the warehouse's answer, refunds nothing meanwhile, and is refunded when it was in time", async () => {
      const order = await shop.order({ shipsInDays: 5 });
      await shop.scenario({ twist: Twist.TWIST_STOP_PENDING, orderId: order.orderId, times: 3 });
      const { resolutionId } = await shop.ask(order, "CANCELLATION");
      const waiting = await settled(resolutionId);
      assert.deepEqual([waiting.goods, waiting.money], ["GOODS_STATE_STOPPING", "MONEY_STATE_WAITING"]);
      assert.deepEqual(await shop.providerRefunds(order.orderId), []);
      // Each look is some time after the one before, and the clock goes to its end in one go.
      for (let look = 0; look < 3; look++) await shop.pass(0.1);
      const closed = await shop.reaches(resolutionId, "CLOSED");
      assert.equal(closed.goods, "GOODS_STATE_STOPPED");
      assert.deepEqual(closed.refunded, won(50_000));
    });

    it("that comes too late has the carrier turn round, and is refunded when the goods are back", async () => {
      const order = await shop.order({ shipsInDays: 1 });
      await shop.sandbox.shipOrder({ orderId: order.orderId });
      const { resolutionId } = await shop.ask(order, "CANCELLATION");
      const back = await settled(resolutionId);
      assert.deepEqual([back.goods, back.money], ["GOODS_STATE_IN_TRANSIT", "MONEY_STATE_WAITING"]);
      await takeIn(back);
      const closed = await shop.reaches(resolutionId, "CLOSED");
      assert.deepEqual([closed.goods, closed.refunded], ["GOODS_STATE_INSPECTED", won(50_000)]);
      assert.ok((await names(resolutionId)).includes("Intercepted"));
    });

    it("of a part leaves the rest on its way, and refunds the part", async () => {
      const order = await shop.order({ shipsInDays: 1 });
      const { resolutionId } = await shop.ask(order, "CANCELLATION", { quantity: 1 });
      const closed = await shop.reaches(resolutionId, "CLOSED");
      assert.deepEqual(closed.refunded, won(25_000));
      await shop.sandbox.shipOrder({ orderId: order.orderId });
      const rest = await shop.ask(order, "CANCELLATION", { quantity: 1 });
      assert.equal((await settled(rest.resolutionId)).goods, "GOODS_STATE_IN_TRANSIT", "the other had left");
      await takeIn(await shop.see(rest.resolutionId));
      await shop.reaches(rest.resolutionId, "CLOSED");
    });

    it("of an order that was never paid for stops it, and no money moves", async () => {
      const order = await shop.order({ shipsInDays: 1, more: () => ({ payments: [] }) });
      const { resolutionId } = await shop.ask(order, "CANCELLATION");
      const closed = await shop.reaches(resolutionId, "CLOSED");
      assert.deepEqual([closed.goods, closed.money], ["GOODS_STATE_STOPPED", "MONEY_STATE_NONE"]);
      assert.equal(closed.refundId, "");
    });
  });

  describe("a seller", () => {
    const line = (lineId: string, sellerId: string, paidMinor: bigint) => {
      const paid = toProto(money(paidMinor, "KRW"));
      return {
        lineId,
        sku: newId("sku"),
        title: lineId,
        quantity: 1,
        paid,
        category: "homeware",
        sellerType: "MARKETPLACE",
        sellerId,
      };
    };
    const shared = () =>
      shop.order({
        shipsInDays: 2,
        more: () => ({ lines: [line("l-1", "s-1", 20_000n), line("l-2", "s-2", 30_000n)] }),
      });
    const cancel = (orderId: string, seller: string, lineId: string, code = "OUT_OF_STOCK") =>
      shop.rest("SELLER", seller, "POST", `/v1/orders/${orderId}:cancelLines`, {
        lines: [{ lineId, quantity: 1 }],
        code: `CANCEL_CODE_${code}`,
      });

    it("cancels lines of their own, which are refunded, recorded with whose fault it was, and told to the customer", async () => {
      const { orderId } = await shared();
      const { status, json } = await cancel(orderId, "s-1", "l-1");
      assert.equal(status, 200, JSON.stringify(json));
      assert.deepEqual([json.fault, json.cancelCode], ["FAULT_SELLER", "CANCEL_CODE_OUT_OF_STOCK"]);
      const closed = await shop.reaches(json.resolutionId, "CLOSED");
      assert.deepEqual(closed.refunded, won(20_000));
      await shop.pass(0.01);
      const { notifications } = await shop.sandbox.listNotifications({ resolutionId: json.resolutionId });
      assert.deepEqual(notifications.map(({ template }) => template).sort(), [
        "order-lines-canceled",
        "refund-completed",
        "refund-sent",
      ]);
    });

    it("learns nothing of what others sold, and cancels nothing that is with the customer", async () => {
      const { orderId } = await shared();
      const other = await cancel(orderId, "s-1", "l-2");
      assert.deepEqual([other.status, other.json.reason], [422, "LINE_NOT_IN_ORDER"]);
      const here = await shop.order({ more: () => ({ lines: [line("l-1", "s-1", 20_000n)] }) });
      const late = await cancel(here.orderId, "s-1", "l-1");
      assert.deepEqual([late.status, late.json.reason], [409, "ALREADY_DELIVERED"]);
    });
  });

  describe("a shipment that comes back unasked", () => {
    const report = (orderId: string, shipmentId = `shp-${orderId}`, key?: string) =>
      shop.rest(
        "CARRIER",
        "cj",
        "POST",
        `/v1/orders/${orderId}:reportUnaskedReturn`,
        { shipmentId, reason: "UNASKED_REASON_REFUSED_DELIVERY" },
        key,
      );

    it("becomes a resolution by itself, once, and is refunded only when it is here", async () => {
      const { orderId } = await shop.order({ shipsInDays: 1 });
      await shop.sandbox.shipOrder({ orderId });
      const first = await report(orderId);
      assert.equal(first.status, 200, JSON.stringify(first.json));
      const { resolutionId, channel } = first.json.resolution;
      assert.deepEqual([first.json.joined, channel], [false, "CHANNEL_SYSTEM"]);
      const again = await report(orderId);
      assert.deepEqual([again.json.resolution.resolutionId, again.json.joined], [resolutionId, true]);
      const back = await settled(resolutionId);
      assert.equal(back.goods, "GOODS_STATE_IN_TRANSIT");
      assert.deepEqual(await shop.providerRefunds(orderId), []);
      await takeIn(back);
      const closed = await shop.reaches(resolutionId, "CLOSED");
      assert.equal(closed.money, "MONEY_STATE_REFUNDED");
    });

    it("reported many times at once is one resolution", async () => {
      const { orderId } = await shop.order({ shipsInDays: 1 });
      await shop.sandbox.shipOrder({ orderId });
      const all = await Promise.all(Array.from({ length: 8 }, () => report(orderId)));
      assert.deepEqual([...new Set(all.map(({ status }) => status))], [200]);
      assert.equal(new Set(all.map(({ json }) => json.resolution.resolutionId)).size, 1);
    });

    it("joins the cancellation that asked for it to turn round", async () => {
      const order = await shop.order({ shipsInDays: 1 });
      await shop.scenario({ twist: Twist.TWIST_INTERCEPT_REFUSED, orderId: order.orderId });
      await shop.sandbox.shipOrder({ orderId: order.orderId });
      const { resolutionId } = await shop.ask(order, "CANCELLATION");
      assert.equal((await settled(resolutionId)).goods, "GOODS_STATE_COLLECTING", "the carrier went on");
      const { json } = await report(order.orderId);
      assert.deepEqual([json.resolution.resolutionId, json.joined], [resolutionId, true]);
      const back = await settled(resolutionId);
      assert.equal(back.goods, "GOODS_STATE_IN_TRANSIT");
      await takeIn(back);
      const closed = await shop.reaches(resolutionId, "CLOSED");
      assert.deepEqual(closed.refunded, won(50_000), "nothing is charged for goods that the customer never had");
    });

    it("is not believed of what nobody sent, or what was delivered", async () => {
      const { orderId } = await shop.order({});
      const unknown = await report(orderId, "shp-of-nobody");
      assert.deepEqual([unknown.status, unknown.json.reason], [404, "SHIPMENT_NOT_FOUND"]);
      const delivered = await report(orderId);
      assert.deepEqual([delivered.status, delivered.json.reason], [409, "ALREADY_DELIVERED"]);
    });
  });

  describe("an exchange for something of another price", () => {
    async function larger(price: bigint): Promise<string> {
      const sku = newId("sku");
      const each = toProto(money(price, "KRW"));
      const product = MasterProduct.fromPartial({ sku, category: "homeware", stock: 10, price: each });
      await shop.sandbox.importMasterData({ products: [product], members: [] });
      return sku;
    }
    const ask = async (replacementSku: string) => {
      const order = await shop.order({});
      const asked = await shop.ask(order, "EXCHANGE", { reason: "SIZE_TOO_SMALL", more: { replacementSku } });
      return { ...order, resolutionId: asked.resolutionId };
    };
    // biome-ignore lint/suspicious/noExplicitAny: JSON of the edge
    const whole = async (resolutionId: string): Promise<any> =>
      (await shop.rest("AGENT", "alice", "GET", `/v1/resolutions/${resolutionId}`)).json;

    it("that is dearer leaves when the difference is paid", async () => {
      const { resolutionId } = await ask(await larger(30_000n));
      await shop.pass(4.5);
      const due = await whole(resolutionId);
      assert.deepEqual(
        [due.goods, due.money, due.stock],
        ["GOODS_STATE_INSPECTED", "MONEY_STATE_AWAITING_PAYMENT", "STOCK_STATE_HELD"],
      );
      assert.deepEqual([due.priceDifference.price, due.priceDifference.paid], [won(60_000), won(50_000)]);
      await shop.sandbox.payDemand({ demandId: due.priceDifference.paymentUrl.split("/").at(-1) });
      await shop.pass(0.1);
      const closed = await shop.reaches(resolutionId, "CLOSED");
      assert.deepEqual([closed.money, closed.stock], ["MONEY_STATE_NONE", "STOCK_STATE_FULFILLED"]);
    });

    it("that is dearer and not paid for in time becomes a refund", async () => {
      const { resolutionId } = await ask(await larger(30_000n));
      for (let day = 0; day < 8; day++) await shop.pass(1);
      const closed = await shop.see(resolutionId);
      assert.deepEqual(
        [closed.state, closed.money, closed.stock],
        ["RESOLUTION_STATE_CLOSED", "MONEY_STATE_REFUNDED", "STOCK_STATE_RELEASED"],
      );
    });

    it("that is cheaper leaves, and the difference goes back", async () => {
      const { resolutionId, orderId } = await ask(await larger(20_000n));
      await shop.pass(4.6);
      const closed = await shop.reaches(resolutionId, "CLOSED");
      assert.deepEqual(
        [closed.money, closed.stock, closed.refunded],
        ["MONEY_STATE_REFUNDED", "STOCK_STATE_FULFILLED", won(10_000)],
      );
      assert.equal((await shop.providerRefunds(orderId)).length, 1);
    });

    it("can come back in its turn, once, and not be exchanged for ever", async () => {
      const order = await ask(newId("sku"));
      await shop.pass(4.6);
      assert.equal((await shop.reaches(order.resolutionId, "CLOSED")).stock, "STOCK_STATE_FULFILLED");
      const again = (body: object) =>
        shop.rest("CUSTOMER", order.customerId, "POST", "/v1/resolutions", {
          orderId: order.orderId,
          kind: "KIND_RETURN",
          lines: [{ lineId: order.lineId, quantity: 2, reason: "NO_LONGER_NEEDED" }],
          ...body,
        });
      const taken = await again({});
      assert.equal(taken.json.reason, "UNITS_UNAVAILABLE", "what was bought was given back");
      const chained = await again({ originResolutionId: order.resolutionId });
      assert.equal(chained.status, 200, JSON.stringify(chained.json));
      assert.equal(chained.json.originResolutionId, order.resolutionId);
      const twice = await again({ originResolutionId: order.resolutionId });
      assert.equal(twice.json.reason, "UNITS_UNAVAILABLE");
      await shop.pass(4.6);
      await shop.reaches(chained.json.resolutionId, "CLOSED");
    });
  });

  describe("what a request belongs to", () => {
    it("several orders given back together are asked for each, and listed together", async () => {
      const returnEventId = newId("evt");
      const customerId = newId("cus");
      const orders = [
        await shop.order({ more: () => ({ customerId }) }),
        await shop.order({ more: () => ({ customerId }) }),
      ];
      for (const { orderId, lineId } of orders) {
        const lines = [{ lineId, quantity: 1, reason: "COLOR" }];
        const body = { orderId, kind: "KIND_RETURN", lines, returnEventId };
        assert.equal((await shop.rest("CUSTOMER", customerId, "POST", "/v1/resolutions", body)).status, 200);
      }
      const { json } = await shop.rest("CUSTOMER", customerId, "GET", `/v1/resolutions?returnEventId=${returnEventId}`);
      assert.deepEqual(
        json.resolutions.map((r: { orderId: string }) => r.orderId).sort(),
        orders.map(({ orderId }) => orderId).sort(),
      );
    });

    it("a gift is given back by its receiver, who knows the code; its buyer never sees it", async () => {
      const receiver = newId("cus");
      const order = await shop.order({ more: () => ({ gift: { receiverId: receiver, code: "HAPPY" } }) });
      const ask = (subject: string, giftCode: string) =>
        shop.rest("CUSTOMER", subject, "POST", "/v1/resolutions", {
          orderId: order.orderId,
          kind: "KIND_RETURN",
          lines: [{ lineId: order.lineId, quantity: 2, reason: "COLOR" }],
          giftCode,
        });
      for (const [who, code] of [
        [receiver, "WRONG"],
        [receiver, ""],
        [newId("cus"), "HAPPY"],
        [order.customerId, "HAPPY"],
      ] as const) {
        const refused = await ask(who, code);
        assert.deepEqual([refused.status, refused.json.reason], [404, "ORDER_NOT_FOUND"], `${who} ${code}`);
      }
      const { status, json } = await ask(receiver, "HAPPY");
      assert.equal(status, 200, JSON.stringify(json));
      assert.deepEqual([json.state, json.customerId, json.gift], ["RESOLUTION_STATE_PENDING_REVIEW", receiver, true]);
      const at = `/v1/resolutions/${json.resolutionId}`;
      assert.equal((await shop.rest("CUSTOMER", order.customerId, "GET", at)).status, 404);
      const { json: mine } = await shop.rest(
        "CUSTOMER",
        order.customerId,
        "GET",
        `/v1/resolutions?orderId=${order.orderId}`,
      );
      assert.deepEqual(mine.resolutions, []);
      await shop.rest("AGENT", "alice", "POST", `${at}:approve`, {});
      await shop.pass(4.6);
      assert.equal((await shop.see(json.resolutionId)).money, "MONEY_STATE_MANUAL_REQUIRED");
      assert.deepEqual(await shop.providerRefunds(order.orderId), [], "nothing goes over the buyer's card");
      const body = { amount: { currencyCode: "KRW", units: "50000" }, note: "store credit 17" };
      await shop.rest("FINANCE", "fiona", "POST", `${at}:settleGiftRefund`, body);
      assert.equal((await shop.reaches(json.resolutionId, "CLOSED")).money, "MONEY_STATE_REFUNDED");
    });
  });
});
