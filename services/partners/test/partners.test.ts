import assert from "node:assert/strict";
import { Disposition, Grade } from "#gen/backhaul/inspection/v1/inspection.js";
import { AddressServiceService } from "#gen/backhaul/partner/address/v1/address_service.js";
import { CalendarServiceService } from "#gen/backhaul/partner/calendar/v1/calendar_service.js";
import { CatalogServiceService, Product } from "#gen/backhaul/partner/catalog/v1/catalog_service.js";
import { InventoryServiceService } from "#gen/backhaul/partner/inventory/v1/inventory_service.js";
import { MembershipServiceService } from "#gen/backhaul/partner/membership/v1/membership_service.js";
import {
  NotificationServiceService,
  SendNotificationRequest,
} from "#gen/backhaul/partner/notification/v1/notification_service.js";
import { OrderServiceService } from "#gen/backhaul/partner/order/v1/order_service.js";
import { PaymentServiceService } from "#gen/backhaul/partner/payment/v1/payment_service.js";
import { RiskServiceService } from "#gen/backhaul/partner/risk/v1/risk_service.js";
import {
  ShipmentServiceService,
  ShipmentState,
  StopOutcome,
} from "#gen/backhaul/partner/shipment/v1/shipment_service.js";
import { WarehouseServiceService } from "#gen/backhaul/partner/warehouse/v1/warehouse_service.js";
import { MasterProduct, SandboxServiceService } from "#gen/backhaul/sandbox/v1/sandbox_service.js";
import { Fault, Kind } from "#gen/backhaul/type/v1/kind.js";
import type { ClientOf } from "#kit/client.js";
import { newId } from "#kit/ids.js";
import { fromProto, money, toProto } from "#kit/pure/money.js";
import { openStage, type Stage } from "#kit/testing/stage.js";
import { gbp, hour, order, reason, type Sandbox, sandbox } from "./builders.js";

describe("partners: the outside systems", () => {
  let stage: Stage;
  let box: Sandbox;
  let orders: ClientOf<typeof OrderServiceService>;
  let shipments: ClientOf<typeof ShipmentServiceService>;
  let payments: ClientOf<typeof PaymentServiceService>;
  let inventory: ClientOf<typeof InventoryServiceService>;
  let warehouse: ClientOf<typeof WarehouseServiceService>;

  before(async () => {
    stage = await openStage();
    box = await sandbox(stage);
    orders = box.as(OrderServiceService);
    shipments = box.as(ShipmentServiceService);
    payments = box.as(PaymentServiceService);
    inventory = box.as(InventoryServiceService);
    warehouse = box.as(WarehouseServiceService);
  });
  after(async () => {
    await box?.stop();
    await stage?.close();
  });

  describe("orders", () => {
    it("come back as they were imported", async () => {
      const imported = order();
      assert.deepEqual(await box.operator.importOrders({ orders: [imported] }), { imported: 1 });
      assert.deepEqual(await orders.getOrder({ orderId: imported.order!.orderId }), { order: imported.order });
      await assert.rejects(orders.getOrder({ orderId: "nobody-bought-this" }), reason("ORDER_NOT_FOUND"));
    });

    it("stay as they are when they are imported again, with their payments", async () => {
      const [known, fresh] = [order(), order()];
      await box.operator.importOrders({ orders: [known] });
      const changed = { ...known, order: { ...known.order!, customerId: "c-2", payments: [] } };
      assert.deepEqual(await box.operator.importOrders({ orders: [changed, fresh, fresh] }), { imported: 1 });
      assert.equal((await orders.getOrder({ orderId: known.order!.orderId })).order?.customerId, "c-1");
    });

    it("cannot share a payment", async () => {
      const [one, two] = [order(), order()];
      two.order!.payments = one.order!.payments;
      await assert.rejects(box.operator.importOrders({ orders: [one, two] }), reason("INVALID_REQUEST"));
    });

    it("are imported two thousand at a time", async () => {
      const many = Array.from({ length: 2000 }, () => order());
      const started = performance.now();
      assert.deepEqual(await box.operator.importOrders({ orders: many }), { imported: 2000 });
      const ms = performance.now() - started;
      assert.ok(ms < 5_000, `${ms} ms`);
    });

    it("are the operator's to import, and the mesh's to read", async () => {
      await assert.rejects(
        box.as(SandboxServiceService).importOrders({ orders: [order()] }),
        reason("ROLE_NOT_ALLOWED"),
      );
      await assert.rejects(
        box.as(OrderServiceService, "CUSTOMER").getOrder({ orderId: "o" }),
        reason("ROLE_NOT_ALLOWED"),
      );
    });
  });

  describe("shipments", () => {
    const planned = async (hours = 24) => {
      const { now } = await box.clock.getClock({});
      const shipTime = new Date(now!.getTime() + hours * hour);
      return box.sold({ shipTime, deliverTime: new Date(shipTime.getTime() + 48 * hour) });
    };
    const stop = (orderId: string, lineId: string, quantity: number, requestId = newId("req")) =>
      shipments.stopRelease({ requestId, orderId, lines: [{ lineId, quantity }] });
    const states = async (orderId: string) =>
      (await shipments.listShipments({ orderId })).shipments.map((s) => s.state);

    it("leave and arrive by the mesh's clock", async () => {
      const orderId = await planned();
      assert.deepEqual(await states(orderId), [ShipmentState.SHIPMENT_STATE_PLANNED]);
      await box.go(25);
      assert.deepEqual(await states(orderId), [ShipmentState.SHIPMENT_STATE_SHIPPED]);
      await box.go(48);
      assert.deepEqual(await states(orderId), [ShipmentState.SHIPMENT_STATE_DELIVERED]);
    });

    it("can be stopped until they leave, and what was stopped never leaves", async () => {
      const orderId = await planned();
      const requestId = newId("req");
      const first = await stop(orderId, "mugs", 2, requestId);
      assert.equal(first.outcome, StopOutcome.STOP_OUTCOME_STOPPED);
      await box.go(25);
      assert.equal((await stop(orderId, "lamp", 1)).outcome, StopOutcome.STOP_OUTCOME_ALREADY_SHIPPED);
      assert.deepEqual(await stop(orderId, "mugs", 2, requestId), first);
      const [shipment] = (await shipments.listShipments({ orderId })).shipments;
      assert.deepEqual(shipment?.lines, [
        { lineId: "mugs", quantity: 1 },
        { lineId: "lamp", quantity: 1 },
      ]);
    });

    it("stop each unit once, however many ask at once", async () => {
      const orderId = await planned();
      const answers = await Promise.allSettled(Array.from({ length: 6 }, () => stop(orderId, "mugs", 1)));
      assert.equal(answers.filter((a) => a.status === "fulfilled").length, 3);
      for (const a of answers) if (a.status === "rejected") reason("UNITS_EXCEED_PURCHASED")(a.reason);
    });

    it("answer one request that comes twice at once with one stop", async () => {
      const orderId = await planned();
      const requestId = newId("req");
      const answers = await Promise.all(Array.from({ length: 5 }, () => stop(orderId, "lamp", 1, requestId)));
      assert.ok(answers.every((a) => a.outcome === StopOutcome.STOP_OUTCOME_STOPPED));
      await assert.rejects(stop(orderId, "mugs", 1, requestId), reason("REQUEST_ID_REUSED"));
    });

    it("are only of lines and orders that exist", async () => {
      const orderId = await planned();
      await assert.rejects(stop(orderId, "sofa", 1), reason("LINE_NOT_IN_ORDER"));
      await assert.rejects(stop(orderId, "mugs", -1), reason("INVALID_REQUEST"));
      await assert.rejects(stop("nobody-bought-this", "mugs", 1), reason("ORDER_NOT_FOUND"));
    });

    it("send held replacements once", async () => {
      const orderId = await box.sold();
      const { holdId } = await inventory.holdStock({
        requestId: newId("req"),
        orderId,
        lines: [{ sku: "mug", quantity: 2 }],
        expireTime: undefined,
      });
      const request = { requestId: newId("req"), orderId, holdId };
      const sent = await shipments.shipReplacement(request);
      assert.deepEqual(sent.shipment?.lines, [{ lineId: "mugs", quantity: 2 }]);
      assert.deepEqual(await shipments.shipReplacement(request), sent);
      await assert.rejects(
        shipments.shipReplacement({ ...request, requestId: newId("req") }),
        reason("PARTNER_NOT_FOUND"),
      );
      assert.deepEqual(await inventory.releaseStock({ requestId: newId("req"), holdId }), { released: false });
      const { shipments: all } = await shipments.listShipments({ orderId });
      assert.deepEqual(
        all.map((s) => s.state),
        [ShipmentState.SHIPMENT_STATE_DELIVERED, ShipmentState.SHIPMENT_STATE_SHIPPED],
      );
      await box.go(49);
      assert.equal((await states(orderId))[1], ShipmentState.SHIPMENT_STATE_DELIVERED);
    });
  });

  describe("payments", () => {
    const refund = (orderId: string, minor: bigint, key = newId("key")) =>
      payments.refundPayment({ key, paymentId: `pay-${orderId}`, amount: gbp(minor), accountToken: "" });

    it("are paid back once per key, and found by it", async () => {
      const orderId = await box.sold();
      const key = newId("key");
      const first = await refund(orderId, 1000n, key);
      assert.deepEqual(await refund(orderId, 1000n, key), first);
      assert.deepEqual(await payments.findRefund({ key, paymentId: "" }), { found: true, refund: first.refund });
      assert.deepEqual(await payments.findRefund({ key: "never", paymentId: "" }), { found: false, refund: undefined });
      await assert.rejects(refund(orderId, 999n, key), reason("REQUEST_ID_REUSED"));
      await assert.rejects(refund(await box.sold(), 1000n, key), reason("REQUEST_ID_REUSED"));
      const { refunds } = await box.operator.listProviderRefunds({ orderId });
      assert.deepEqual(refunds, [first.refund]);
    });

    it("never go back beyond what was captured, however many ask at once", async () => {
      const orderId = await box.sold();
      const answers = await Promise.allSettled(Array.from({ length: 8 }, () => refund(orderId, 1000n)));
      assert.equal(answers.filter((a) => a.status === "fulfilled").length, 3);
      for (const a of answers) if (a.status === "rejected") reason("REFUND_EXCEEDS_CAPTURED")(a.reason);
      await assert.rejects(refund(orderId, 946n), (error) => {
        reason("REFUND_EXCEEDS_CAPTURED")(error);
        const { metadata } = error as { metadata: Record<string, string> };
        assert.deepEqual(metadata, { payment_id: `pay-${orderId}`, requested: "946", left: "945" });
        return true;
      });
      await refund(orderId, 945n);
    });

    it("answer one key that comes many times at once with one refund, to the last penny", async () => {
      const orderId = await box.sold();
      const key = newId("key");
      const answers = await Promise.all(Array.from({ length: 6 }, () => refund(orderId, 3945n, key)));
      assert.equal(new Set(answers.map((a) => a.refund?.providerRefundId)).size, 1);
    });

    it("are known, and in their own currency", async () => {
      const orderId = await box.sold();
      await assert.rejects(refund("nobody", 1n), reason("PARTNER_NOT_FOUND"));
      const krw = toProto(money(1000n, "KRW"));
      await assert.rejects(
        payments.refundPayment({ key: newId("key"), paymentId: `pay-${orderId}`, amount: krw, accountToken: "" }),
        reason("CURRENCY_MISMATCH"),
      );
      await assert.rejects(refund(orderId, 0n), reason("INVALID_REQUEST"));
    });
  });

  describe("stock", () => {
    const hold = (sku: string, quantity: number, requestId = newId("req")) =>
      inventory.holdStock({ requestId, orderId: "o-1", lines: [{ sku, quantity }], expireTime: undefined });
    const shelf = async (stock: number) => {
      const sku = newId("sku");
      const product = MasterProduct.fromPartial({ sku, category: "homeware", stock });
      await box.operator.importMasterData({ products: [product], members: [] });
      return sku;
    };

    it("is held whole or not at all, and put back", async () => {
      const sku = await shelf(3);
      const requestId = newId("req");
      const held = await hold(sku, 2, requestId);
      assert.equal(held.soldOut, false);
      assert.deepEqual(await hold(sku, 2, requestId), held);
      const soldOut = newId("req");
      assert.deepEqual(await hold(sku, 2, soldOut), { soldOut: true, holdId: "", price: undefined });
      const release = { requestId: newId("req"), holdId: held.holdId };
      assert.deepEqual(await inventory.releaseStock(release), { released: true });
      assert.deepEqual(await inventory.releaseStock(release), { released: true });
      assert.deepEqual(await inventory.releaseStock({ ...release, requestId: newId("req") }), { released: true });
      assert.deepEqual(
        await hold(sku, 2, soldOut),
        { soldOut: true, holdId: "", price: undefined },
        "the first answer stays",
      );
      assert.equal((await hold(sku, 3)).soldOut, false);
      assert.equal((await hold(sku, 1)).soldOut, true);
      await assert.rejects(
        inventory.releaseStock({ requestId: newId("req"), holdId: "hld" }),
        reason("PARTNER_NOT_FOUND"),
      );
    });

    it("takes nothing of one product when another is short", async () => {
      const [plenty, short] = [await shelf(5), await shelf(1)];
      const lines = [
        { sku: plenty, quantity: 5 },
        { sku: short, quantity: 2 },
      ];
      assert.equal(
        (await inventory.holdStock({ requestId: newId("req"), orderId: "o-1", lines, expireTime: undefined })).soldOut,
        true,
      );
      assert.equal((await hold(plenty, 5)).soldOut, false);
    });

    it("is given out once, however many ask at once, in whatever order", async () => {
      const [a, b] = [await shelf(10), await shelf(10)];
      const both = [
        { sku: a, quantity: 1 },
        { sku: b, quantity: 1 },
      ];
      const anew = () => ({ requestId: newId("req"), orderId: "o-1", expireTime: undefined });
      const answers = await Promise.all(
        Array.from({ length: 30 }, (_, i) =>
          inventory.holdStock({ ...anew(), lines: i % 2 ? both : [...both].reverse() }),
        ),
      );
      assert.equal(answers.filter((answer) => !answer.soldOut).length, 10);
    });

    it("has no end where nobody counted it", async () => {
      assert.equal((await hold(newId("sku"), 1_000_000)).soldOut, false);
    });

    it("takes returned units back as they were judged", async () => {
      const sku = await shelf(0);
      const line = { sku, quantity: 2, grade: Grade.GRADE_LIKE_NEW, units: [] };
      const request = {
        requestId: newId("req"),
        inspectionId: newId("ins"),
        lines: [
          { ...line, disposition: Disposition.DISPOSITION_RESTOCKED },
          { ...line, quantity: 5, disposition: Disposition.DISPOSITION_DISPOSE },
        ],
      };
      assert.deepEqual(await inventory.postDispositions(request), { restocked: 2 });
      assert.deepEqual(await inventory.postDispositions(request), { restocked: 2 });
      assert.equal((await hold(sku, 2)).soldOut, false);
      assert.equal((await hold(sku, 1)).soldOut, true);
      const { disposed } = await box.operator.getBooks({});
      assert.deepEqual(disposed.find((d) => d.disposition === Disposition.DISPOSITION_DISPOSE)?.units, 5n);
    });

    it("books a unit once for ever, under whatever request it is named, and then nothing of that request", async () => {
      const sku = await shelf(0);
      const inspectionId = newId("ins");
      const post = (first: number, quantity: number) => {
        const units = [{ lineId: "mugs", first, quantity }];
        const line = {
          sku,
          quantity,
          grade: Grade.GRADE_LIKE_NEW,
          disposition: Disposition.DISPOSITION_RESTOCKED,
          units,
        };
        return inventory.postDispositions({ requestId: newId("req"), inspectionId, lines: [line] });
      };
      const answers = await Promise.allSettled(Array.from({ length: 8 }, () => post(1, 3)));
      assert.equal(answers.filter((answer) => answer.status === "fulfilled").length, 1);
      await assert.rejects(post(3, 2), reason("PARTNER_REFUSED"));
      assert.deepEqual(await post(4, 2), { restocked: 2 });
      assert.equal((await hold(sku, 5)).soldOut, false);
      assert.equal((await hold(sku, 1)).soldOut, true);
    });
  });

  describe("the others", () => {
    it("know products and members that were imported, and leave the rest out", async () => {
      const catalog = box.as(CatalogServiceService);
      const members = box.as(MembershipServiceService);
      const sku = newId("sku");
      assert.deepEqual(await catalog.batchGetProducts({ skus: [sku] }), { products: [] });
      assert.deepEqual(await members.getMembership({ customerId: sku }), { tier: "NONE" });
      await box.operator.importMasterData({
        products: [
          MasterProduct.fromPartial({
            sku,
            category: "fresh",
            finalSale: true,
            temperature: "CHILLED",
            returnClass: "EXTENDED",
            stock: 1,
          }),
        ],
        members: [{ customerId: sku, tier: "PLUS" }],
      });
      const { products } = await catalog.batchGetProducts({ skus: [sku, sku, newId("sku")] });
      const told = { sku, category: "fresh", finalSale: true, temperature: "CHILLED", returnClass: "EXTENDED" };
      assert.deepEqual(products, [Product.fromPartial(told)]);
      assert.deepEqual(await members.getMembership({ customerId: sku }), { tier: "PLUS" });
    });

    it("name the door of an order as it was imported, and tell of none where nobody said", async () => {
      const addresses = box.as(AddressServiceService);
      const [one, other, elsewhere] = [order({ addressKey: "d-1" }), order({ addressKey: "d-1" }), order()];
      await box.operator.importOrders({ orders: [one, other, elsewhere] });
      const doors = [one, other, elsewhere].map(async ({ order: sold }) => {
        return (await addresses.checkServiceability({ orderId: sold?.orderId ?? "" })).addressKey;
      });
      assert.deepEqual(await Promise.all(doors), ["d-1", "d-1", ""]);
    });

    it("serve an order's address, its risk and the official calendars", async () => {
      const orderId = await box.sold();
      assert.equal((await box.as(AddressServiceService).checkServiceability({ orderId })).pickup, true);
      const asked = { customerId: "c-1", orderId, kind: Kind.KIND_RETURN };
      assert.deepEqual(await box.as(RiskServiceService).assessRisk(asked), { score: 10 });
      const calendars = box.as(CalendarServiceService);
      const { calendar } = await calendars.getCalendar({ market: "KR" });
      assert.equal(calendar?.timeZone, "Asia/Seoul");
      assert.equal(calendar?.holidays["2018-01-01"], "1월 1일");
      await assert.rejects(calendars.getCalendar({ market: "ZZ" }), reason("PARTNER_NOT_FOUND"));
    });

    it("send a message once per request, and remember it", async () => {
      const resolutionId = newId("res");
      const notices = box.as(NotificationServiceService);
      const send = (template: string, requestId = newId("req")) =>
        notices.sendNotification(
          SendNotificationRequest.fromPartial({
            requestId,
            customerId: "c-1",
            resolutionId,
            template,
            values: { name: "x" },
          }),
        );
      const requestId = newId("req");
      assert.deepEqual(await send("received", requestId), await send("received", requestId));
      await send("refunded");
      const { notifications } = await box.operator.listNotifications({ resolutionId });
      assert.deepEqual(
        notifications.map((n) => n.template),
        ["received", "refunded"],
      );
    });

    it("send rejected goods back under one number per request", async () => {
      const request = {
        requestId: newId("req"),
        inspectionId: newId("ins"),
        orderId: "o-1",
        lines: [{ lineId: "mugs", sku: "mug", quantity: 1 }],
        payer: Fault.FAULT_PLATFORM,
      };
      const back = await warehouse.sendBack(request);
      assert.match(back.trackingNumber, /^BACK-/);
      assert.deepEqual(await warehouse.sendBack(request), back);
    });

    it("sum their books from what was booked", async () => {
      const books = await box.operator.getBooks({});
      const paid = books.refunded.find((r) => r.amount?.currencyCode === "GBP");
      assert.ok(fromProto(paid!.amount!).minor >= 3945n * 2n);
      assert.equal(books.overRefundedPayments, 0n);
      assert.ok(books.orders >= 2000n);
    });
  });
});
