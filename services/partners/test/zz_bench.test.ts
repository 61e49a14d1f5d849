import { openStage } from "#kit/testing/stage.js";
import { newId } from "#kit/ids.js";
import { OrderServiceService } from "#gen/backhaul/partner/order/v1/order_service.js";
import { PaymentServiceService } from "#gen/backhaul/partner/payment/v1/payment_service.js";
import { NotificationServiceService } from "#gen/backhaul/partner/notification/v1/notification_service.js";
import { ShipmentServiceService } from "#gen/backhaul/partner/shipment/v1/shipment_service.js";
import { WarehouseServiceService } from "#gen/backhaul/partner/warehouse/v1/warehouse_service.js";
import { booking, gbp, order, sandbox } from "./builders.js";
import { bench, edge } from "./outside.js";

describe("bench", () => {
  it("numbers", async function () {
    this.timeout(120000);
    const stage = await openStage();
    const [gateway, ins, box] = await Promise.all([edge(), bench(stage), sandbox(stage, { POOL_SIZE: "8" })]);
    box.running.pointAt({ gatewayUrl: gateway.url, inspectionAddress: ins.address });
    const many = Array.from({ length: 2000 }, () => order());
    let t = performance.now();
    await box.operator.importOrders({ orders: many });
    console.log("import 2000", (performance.now() - t).toFixed(0), "ms");
    const ids = many.map((o) => o.order!.orderId);
    const run = async (name: string, n: number, work: (i: number) => Promise<unknown>) => {
      const c = process.cpuUsage();
      const t0 = performance.now();
      let i = 0;
      await Promise.all(Array.from({ length: 32 }, async () => { while (i < n) await work(i++); }));
      const ms = performance.now() - t0;
      const cpu = process.cpuUsage(c);
      console.log(name.padEnd(20), `${((n / ms) * 1000).toFixed(0)}/s`, `cpu both ends ${((cpu.user + cpu.system) / n).toFixed(0)} us/call`);
    };
    const orders = box.as(OrderServiceService), ship = box.as(ShipmentServiceService), pay = box.as(PaymentServiceService), wh = box.as(WarehouseServiceService), no = box.as(NotificationServiceService);
    for (const round of ["cold", "warm"]) {
      await run(`getOrder ${round}`, 2000, (i) => orders.getOrder({ orderId: ids[i % 2000]! }));
      await run(`listShipments ${round}`, 2000, (i) => ship.listShipments({ orderId: ids[i % 2000]! }));
    }
    await run("getOrder warm", 2000, (i) => orders.getOrder({ orderId: ids[i % 2000]! }));
    await run("refundPayment", 2000, (i) => pay.refundPayment({ key: newId("key"), paymentId: `pay-${ids[i]}`, amount: gbp(100n) }));
    await run("sendNotification", 2000, () => no.sendNotification({ requestId: newId("req"), customerId: "c", resolutionId: newId("res"), template: "t", values: {} }));
    const books = Array.from({ length: 2000 }, (_, i) => booking({ orderId: ids[i] }));
    await run("bookPickup", 2000, (i) => box.transport.bookPickup(books[i]!));
    await run("announceParcel", 2000, (i) => wh.announceParcel({ requestId: newId("req"), inspectionId: newId("ins"), resolutionId: books[i]!.resolutionId, orderId: ids[i]!, lines: [{ lineId: "mugs", sku: "mug", quantity: 3 }] }));
    for (const [name, h] of [["visit+report", 25], ["arrive+report+receive", 48], ["inspect", 5]] as const) {
      const c = process.cpuUsage(); t = performance.now();
      await (async () => { for (let k = 0; ; k++) { try { await box.go(k ? 0.001 : h); break; } catch (e) { console.log(String(e), k); if (k > 6) throw e; } } })();
      const ms = performance.now() - t, cpu = process.cpuUsage(c);
      console.log(name.padEnd(20), `${((2000 / ms) * 1000).toFixed(0)} parcels/s`, `cpu incl. fakes ${((cpu.user + cpu.system) / 2000).toFixed(0)} us/parcel`);
    }
    console.log(gateway.reports.length, ins.received.length, ins.completed.length);
    t = performance.now();
    for (let i = 0; i < 50; i++) await box.go(1);
    console.log("advance at rest", ((performance.now() - t) / 50).toFixed(1), "ms");
    await box.stop(); await gateway.stop(); await ins.stop(); await stage.close();
  });
});
