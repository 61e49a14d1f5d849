import assert from "node:assert/strict";
import { status } from "@grpc/grpc-js";
import { InventoryServiceService } from "#gen/backhaul/partner/inventory/v1/inventory_service.js";
import { OrderServiceService } from "#gen/backhaul/partner/order/v1/order_service.js";
import { PaymentServiceService } from "#gen/backhaul/partner/payment/v1/payment_service.js";
import { ShipmentServiceService, StopOutcome } from "#gen/backhaul/partner/shipment/v1/shipment_service.js";
import { Twist } from "#gen/backhaul/sandbox/v1/scenario_service.js";
import type { ClientOf } from "#kit/client.js";
import type { RpcError } from "#kit/errors.js";
import { newId } from "#kit/ids.js";
import { openStage, type Stage } from "#kit/testing/stage.js";
import { gbp, reason, type Sandbox, sandbox } from "./builders.js";

describe("partners: scenarios at the door", () => {
  let stage: Stage;
  let box: Sandbox;
  let orders: ClientOf<typeof OrderServiceService>;
  let payments: ClientOf<typeof PaymentServiceService>;

  before(async () => {
    stage = await openStage();
    box = await sandbox(stage);
    orders = box.as(OrderServiceService);
    payments = box.as(PaymentServiceService);
  });
  afterEach(() => box.scenarios.clearScenarios({}));
  after(async () => {
    await box?.stop();
    await stage?.close();
  });

  const refund = (orderId: string, key = newId("key")) =>
    payments.refundPayment({ key, paymentId: `pay-${orderId}`, amount: gbp(1000n) });

  it("lose the answer of a call that did its work", async () => {
    const orderId = await box.sold();
    await box.play(Twist.TWIST_TIMEOUT_AFTER_SUCCESS, { orderId, method: "RefundPayment", times: 1 });
    const key = newId("key");
    const started = Date.now();
    await assert.rejects(refund(orderId, key), (error) => (error as RpcError).code === status.DEADLINE_EXCEEDED);
    assert.ok(Date.now() - started >= 49);
    const { found, refund: made } = await payments.findRefund({ key });
    assert.equal(found, true);
    assert.deepEqual(await refund(orderId, key), { refund: made });
  });

  it("fail a call that did nothing, for the order they name and no other", async () => {
    const [struck, spared] = [await box.sold(), await box.sold()];
    await box.play(Twist.TWIST_ERROR, { orderId: struck, method: "RefundPayment" });
    const key = newId("key");
    await assert.rejects(refund(struck, key), (error) => (error as RpcError).code === status.UNAVAILABLE);
    assert.equal((await payments.findRefund({ key })).found, false);
    await refund(spared);
    await orders.getOrder({ orderId: struck });
  });

  it("refuse for good", async () => {
    const orderId = await box.sold();
    await box.play(Twist.TWIST_REFUSED, { orderId });
    await assert.rejects(refund(orderId), reason("PARTNER_REFUSED"));
    await assert.rejects(orders.getOrder({ orderId }), reason("PARTNER_REFUSED"));
  });

  it("make a call take longer", async () => {
    const orderId = await box.sold();
    await box.play(Twist.TWIST_LATENCY, { orderId, latency: { seconds: 0n, nanos: 120_000_000 } });
    const started = Date.now();
    await orders.getOrder({ orderId });
    assert.ok(Date.now() - started >= 119);
  });

  it("play so many times and no more, however many call at once", async () => {
    const orderId = await box.sold();
    await box.play(Twist.TWIST_REFUSED, { orderId, times: 3 });
    const answers = await Promise.allSettled(Array.from({ length: 10 }, () => orders.getOrder({ orderId })));
    assert.equal(answers.filter((a) => a.status === "rejected").length, 3);
  });

  it("let the newest play", async () => {
    const orderId = await box.sold();
    await box.play(Twist.TWIST_REFUSED, { orderId });
    await box.play(Twist.TWIST_LATENCY, { orderId, latency: { seconds: 0n, nanos: 1_000_000 } });
    await orders.getOrder({ orderId });
    const { scenarios } = await box.scenarios.listScenarios({});
    assert.deepEqual(
      scenarios.map((s) => s.twist),
      [Twist.TWIST_LATENCY, Twist.TWIST_REFUSED],
    );
  });

  it("strike the same share of orders each time", async () => {
    await box.play(Twist.TWIST_REFUSED, { method: "GetOrder", ratePpm: 500_000, seed: 42n });
    const struck = async () => {
      const answers = await Promise.allSettled(
        Array.from({ length: 60 }, (_, i) => orders.getOrder({ orderId: `o-${i}` })),
      );
      return answers.map((a) => a.status === "rejected" && (a.reason as RpcError).reason === "PARTNER_REFUSED");
    };
    const first = await struck();
    assert.deepEqual(await struck(), first);
    const share = first.filter(Boolean).length;
    assert.ok(share > 10 && share < 50, `${share} of 60`);
  });

  it("sell out, and let goods leave too early", async () => {
    const { now } = await box.clock.getClock({});
    const shipTime = new Date(now!.getTime() + 1_000_000);
    const orderId = await box.sold({ shipTime, deliverTime: undefined });
    await box.play(Twist.TWIST_SOLD_OUT, { orderId, times: 1 });
    await box.play(Twist.TWIST_ALREADY_SHIPPED, { orderId, times: 1 });
    const inventory = box.as(InventoryServiceService);
    const hold = { requestId: newId("req"), orderId, lines: [{ sku: "mug", quantity: 1 }] };
    assert.deepEqual(await inventory.holdStock(hold), { soldOut: true, holdId: "" });
    assert.deepEqual(await inventory.holdStock(hold), { soldOut: true, holdId: "" }, "the first answer stays");
    const shipments = box.as(ShipmentServiceService);
    const stop = { requestId: newId("req"), orderId, lines: [{ lineId: "mugs", quantity: 1 }] };
    assert.equal((await shipments.stopRelease(stop)).outcome, StopOutcome.STOP_OUTCOME_ALREADY_SHIPPED);
    const { holdId } = await inventory.holdStock({ ...hold, requestId: newId("req") });
    assert.equal(
      (await shipments.stopRelease({ ...stop, requestId: newId("req") })).outcome,
      StopOutcome.STOP_OUTCOME_STOPPED,
    );
    // A call that names no order is found through what it names.
    await box.play(Twist.TWIST_REFUSED, { orderId, method: "ReleaseStock" });
    await assert.rejects(inventory.releaseStock({ requestId: newId("req"), holdId }), reason("PARTNER_REFUSED"));
  });

  it("are refused when they could never play", async () => {
    await assert.rejects(box.play(Twist.TWIST_ERROR, { method: "RefundPaymnet" }), reason("INVALID_REQUEST"));
    await assert.rejects(box.play(Twist.TWIST_SOLD_OUT, { method: "GetOrder" }), reason("INVALID_REQUEST"));
    await assert.rejects(box.play(Twist.TWIST_LATENCY), reason("INVALID_REQUEST"));
  });
});
