import assert from "node:assert/strict";
import { status } from "@grpc/grpc-js";
import { InventoryServiceService } from "#gen/backhaul/partner/inventory/v1/inventory_service.js";
import { DiscountKind, OrderServiceService } from "#gen/backhaul/partner/order/v1/order_service.js";
import { PaymentServiceService } from "#gen/backhaul/partner/payment/v1/payment_service.js";
import { PointsServiceService } from "#gen/backhaul/partner/points/v1/points_service.js";
import { PromotionServiceService } from "#gen/backhaul/partner/promotion/v1/promotion_service.js";
import { SettlementServiceService } from "#gen/backhaul/partner/settlement/v1/settlement_service.js";
import { ShipmentServiceService, StopOutcome } from "#gen/backhaul/partner/shipment/v1/shipment_service.js";
import {
  CorrectionKind,
  TaxDocumentServiceService,
} from "#gen/backhaul/partner/taxdocument/v1/tax_document_service.js";
import { Twist } from "#gen/backhaul/sandbox/v1/scenario_service.js";
import type { ClientOf } from "#kit/client.js";
import type { RpcError } from "#kit/errors.js";
import { newId } from "#kit/ids.js";
import { openStage, type Stage } from "#kit/testing/stage.js";
import { gbp, invoice, reason, type Sandbox, sandbox } from "./builders.js";

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
    payments.refundPayment({ key, paymentId: `pay-${orderId}`, amount: gbp(1000n), accountToken: "" });

  it("lose the answer of a call that did its work", async () => {
    const orderId = await box.sold();
    await box.play(Twist.TWIST_TIMEOUT_AFTER_SUCCESS, { orderId, method: "RefundPayment", times: 1 });
    const key = newId("key");
    const started = Date.now();
    await assert.rejects(refund(orderId, key), (error) => (error as RpcError).code === status.DEADLINE_EXCEEDED);
    assert.ok(Date.now() - started >= 49);
    const { found, refund: made } = await payments.findRefund({ key, paymentId: `pay-${orderId}` });
    assert.equal(found, true);
    assert.deepEqual(await refund(orderId, key), { refund: made });
  });

  it("fail a call that did nothing, for the order they name and no other", async () => {
    const [struck, spared] = [await box.sold(), await box.sold()];
    await box.play(Twist.TWIST_ERROR, { orderId: struck, method: "RefundPayment" });
    const key = newId("key");
    await assert.rejects(refund(struck, key), (error) => (error as RpcError).code === status.UNAVAILABLE);
    assert.equal((await payments.findRefund({ key, paymentId: `pay-${struck}` })).found, false);
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
    const hold = { requestId: newId("req"), orderId, lines: [{ sku: "mug", quantity: 1 }], expireTime: undefined };
    const none = { soldOut: true, holdId: "", price: undefined };
    assert.deepEqual(await inventory.holdStock(hold), none);
    assert.deepEqual(await inventory.holdStock(hold), none, "the first answer stays");
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

  const key = () => newId("key") as string;

  it("strike at every rpc that moves money, and are found through whatever it names", async () => {
    const points = box.as(PointsServiceService);
    const promotions = box.as(PromotionServiceService);
    const settlement = box.as(SettlementServiceService);
    const documents = box.as(TaxDocumentServiceService);
    const kind = CorrectionKind.CORRECTION_KIND_CREDIT_NOTE;
    const customerId = "c-1";
    const orderId = await box.sold({
      method: "POINTS",
      more: { taxDocument: invoice(), discounts: [{ discountId: "c", kind: DiscountKind.DISCOUNT_KIND_COUPON }] },
    });
    const paymentId = `pay-${orderId}`;
    const amount = gbp(1n);
    const { number: documentNumber } = (await box.as(OrderServiceService).getOrder({ orderId })).order!.taxDocument!;
    const number = { requestId: key(), customerId, bankCode: "088", accountNumber: "12345678", holderName: "KIM" };
    const { accountToken } = await payments.registerAccount(number);
    const page = { fromTime: undefined, toTime: undefined, pageSize: 0, pageToken: "" };
    const calls: Record<string, () => Promise<unknown>> = {
      RestorePoints: () => points.restorePoints({ key: key(), customerId, paymentId, amount }),
      RevokePoints: () => points.revokePoints({ key: key(), customerId, orderId, points: 1n }),
      GrantCredit: () => points.grantCredit({ key: key(), customerId, reference: orderId, amount }),
      FindMovement: () => points.findMovement({ key: key() }),
      RestoreCoupon: () => promotions.restoreCoupon({ key: key(), customerId, couponId: "c", orderId }),
      PostAdjustment: () =>
        settlement.postAdjustment({ key: key(), sellerId: "s", orderId, amount, reason: "RETURNED_SALE" }),
      IssueCorrection: () =>
        documents.issueCorrection({ key: key(), documentNumber, kind, amount, tax: undefined, orderId }),
      ListCorrections: () => documents.listCorrections(page),
      PayOut: () => payments.payOut({ key: key(), accountToken, amount }),
      GetPayment: async () => payments.getPayment({ paymentId: `pay-${await box.sold()}` }),
      GetCapabilities: () => payments.getCapabilities({ method: "CARD" }),
      RegisterAccount: () => payments.registerAccount({ ...number, requestId: key() }),
      ListStatementLines: () => payments.listStatementLines(page),
    };
    for (const [method, call] of Object.entries(calls)) {
      await call();
      await box.play(Twist.TWIST_REFUSED, { method, times: 1 });
      await assert.rejects(call(), reason("PARTNER_REFUSED"), method);
      await box.play(Twist.TWIST_TIMEOUT_AFTER_SUCCESS, { method, times: 1 });
      await assert.rejects(call(), (error) => (error as RpcError).code === status.DEADLINE_EXCEEDED, method);
      await call();
    }
    // Found through the payment, the order or the movement they name.
    for (const method of [
      "RestorePoints",
      "RevokePoints",
      "GrantCredit",
      "RestoreCoupon",
      "PostAdjustment",
      "IssueCorrection",
    ]) {
      await box.play(Twist.TWIST_REFUSED, { method, orderId, times: 1 });
      await assert.rejects(calls[method]!(), reason("PARTNER_REFUSED"), method);
    }
    const one = key();
    await points.grantCredit({ key: one, customerId, reference: orderId, amount });
    await box.play(Twist.TWIST_REFUSED, { method: "FindMovement", orderId, times: 1 });
    await assert.rejects(points.findMovement({ key: one }), reason("PARTNER_REFUSED"));
  });

  it("lose the answer of the points system, and the same key finds it again", async () => {
    const points = box.as(PointsServiceService);
    const orderId = await box.sold({ method: "GIFT_CARD" });
    const request = { key: key(), customerId: "c-1", paymentId: `pay-${orderId}`, amount: gbp(3945n) };
    await box.play(Twist.TWIST_TIMEOUT_AFTER_SUCCESS, { orderId, method: "RestorePoints", times: 1 });
    await assert.rejects(points.restorePoints(request), (e) => (e as RpcError).code === status.DEADLINE_EXCEEDED);
    const { movement } = await points.findMovement({ key: request.key });
    assert.deepEqual(await points.restorePoints(request), { movement });
  });
});
