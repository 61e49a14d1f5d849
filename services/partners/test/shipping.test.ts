import assert from "node:assert/strict";
import { InventoryServiceService } from "#gen/backhaul/partner/inventory/v1/inventory_service.js";
import { DemandState, PaymentServiceService } from "#gen/backhaul/partner/payment/v1/payment_service.js";
import {
  InterceptOutcome,
  ShipmentServiceService,
  ShipmentState,
  StopOutcome,
} from "#gen/backhaul/partner/shipment/v1/shipment_service.js";
import { MasterProduct } from "#gen/backhaul/sandbox/v1/sandbox_service.js";
import { Twist } from "#gen/backhaul/sandbox/v1/scenario_service.js";
import type { ClientOf } from "#kit/client.js";
import { newId } from "#kit/ids.js";
import { openStage, type Stage } from "#kit/testing/stage.js";
import { gbp, hour, reason, type Sandbox, sandbox } from "./builders.js";

const all = [
  { lineId: "mugs", quantity: 3 },
  { lineId: "lamp", quantity: 1 },
];
const { STOP_OUTCOME_STOPPED, STOP_OUTCOME_ALREADY_SHIPPED, STOP_OUTCOME_PENDING } = StopOutcome;
const { INTERCEPT_OUTCOME_INTERCEPTED, INTERCEPT_OUTCOME_REFUSED } = InterceptOutcome;

describe("partners: what leaves, and what does not", function () {
  this.timeout(60_000);
  let stage: Stage;
  let box: Sandbox;
  let shipments: ClientOf<typeof ShipmentServiceService>;
  let inventory: ClientOf<typeof InventoryServiceService>;
  let payments: ClientOf<typeof PaymentServiceService>;

  before(async () => {
    stage = await openStage();
    box = await sandbox(stage);
    shipments = box.as(ShipmentServiceService);
    inventory = box.as(InventoryServiceService);
    payments = box.as(PaymentServiceService);
  });
  after(async () => {
    await box?.stop();
    await stage?.close();
  });

  const planned = () => box.sold({ shipTime: undefined, deliverTime: undefined });
  const stop = (orderId: string, lines = all, requestId = newId("req")) =>
    shipments.stopRelease({ requestId, orderId, lines });
  /** Units of the order's own parcel, by line, once it has left. */
  async function shipped(orderId: string): Promise<Map<string, number>> {
    const list = (await shipments.listShipments({ orderId })).shipments;
    const gone = list.filter(({ state }) => state === ShipmentState.SHIPMENT_STATE_SHIPPED);
    return new Map(gone.flatMap(({ lines }) => lines.map(({ lineId, quantity }) => [lineId, quantity])));
  }

  it("of 100 stops that race the warehouse exactly one side wins each, and no unit is both stopped and shipped", async () => {
    const wins = { stop: 0, ship: 0 };
    for (let round = 0; round < 20; round++) {
      const orders = await Promise.all(Array.from({ length: 5 }, planned));
      await Promise.all(
        orders.map(async (orderId, n) => {
          const part = n % 2 === 0 ? all : [{ lineId: "mugs", quantity: 1 + (round % 3) }];
          const race = [() => stop(orderId, part), () => box.operator.shipOrder({ orderId })] as const;
          const [first, second] = (round + n) % 2 === 0 ? race : ([race[1], race[0]] as const);
          const answers = await Promise.all([first(), second()]);
          const answer = answers.find((one) => "outcome" in one) as { outcome: StopOutcome };
          const stopped = answer.outcome === STOP_OUTCOME_STOPPED;
          if (!stopped) assert.equal(answer.outcome, STOP_OUTCOME_ALREADY_SHIPPED);
          wins[stopped ? "stop" : "ship"]++;
          const left = await shipped(orderId);
          for (const { lineId, quantity } of all) {
            const held = stopped ? (part.find((line) => line.lineId === lineId)?.quantity ?? 0) : 0;
            assert.equal((left.get(lineId) ?? 0) + held, quantity, `${orderId} ${lineId}`);
          }
        }),
      );
    }
    assert.equal(wins.stop + wins.ship, 100);
    assert.ok(wins.stop > 0 && wins.ship > 0, JSON.stringify(wins));
  });

  it("the canceled part of an order never ships, the rest does", async () => {
    const orderId = await planned();
    assert.equal((await stop(orderId, [{ lineId: "mugs", quantity: 2 }])).outcome, STOP_OUTCOME_STOPPED);
    await box.operator.shipOrder({ orderId });
    assert.deepEqual(
      [...(await shipped(orderId))],
      [
        ["mugs", 1],
        ["lamp", 1],
      ],
    );
    assert.equal((await stop(orderId, [{ lineId: "lamp", quantity: 1 }])).outcome, STOP_OUTCOME_ALREADY_SHIPPED);
    assert.deepEqual(await box.operator.shipOrder({ orderId }), { shipped: false }, "it leaves once");
  });

  it("a stop whose answer comes later is found under the id it was asked with, and stopped nothing twice", async () => {
    const orderId = await planned();
    await box.play(Twist.TWIST_STOP_PENDING, { orderId, times: 2 });
    const stopRequestId = newId("req");
    assert.equal((await stop(orderId, all, stopRequestId)).outcome, STOP_OUTCOME_PENDING);
    assert.equal((await shipments.findStop({ orderId, stopRequestId })).outcome, STOP_OUTCOME_PENDING);
    assert.equal((await shipments.findStop({ orderId, stopRequestId })).outcome, STOP_OUTCOME_STOPPED);
    await box.operator.shipOrder({ orderId });
    assert.equal((await shipped(orderId)).size, 0);
    await assert.rejects(shipments.findStop({ orderId, stopRequestId: "another" }), reason("PARTNER_NOT_FOUND"));
  });

  it("a carrier turns a whole parcel round, once, until it has arrived", async () => {
    const orderId = await planned();
    const recall = (lines = all) => shipments.requestIntercept({ requestId: newId("req"), orderId, lines });
    assert.equal((await recall()).outcome, INTERCEPT_OUTCOME_REFUSED, "nothing has left");
    await box.operator.shipOrder({ orderId });
    const part = await recall([{ lineId: "mugs", quantity: 1 }]);
    assert.equal(part.outcome, INTERCEPT_OUTCOME_REFUSED, "a parcel is not opened on the way");
    assert.equal((await recall()).outcome, INTERCEPT_OUTCOME_INTERCEPTED);
    assert.equal((await recall()).outcome, INTERCEPT_OUTCOME_REFUSED);
    assert.deepEqual((await shipments.listShipments({ orderId })).shipments, [], "it reaches nobody");
    const arrived = await box.sold();
    const late = await shipments.requestIntercept({ requestId: newId("req"), orderId: arrived, lines: all });
    assert.equal(late.outcome, INTERCEPT_OUTCOME_REFUSED);
  });

  it("a hold ends by itself, unless it is renewed in time; then its units are for sale again, once", async () => {
    const sku = newId("sku");
    const product = MasterProduct.fromPartial({ sku, category: "homeware", stock: 1, price: gbp(700n) });
    await box.operator.importMasterData({ products: [product], members: [] });
    const orderId = await box.sold();
    const now = (await box.clock.getClock({})).now as Date;
    const at = (hours: number) => new Date(now.getTime() + hours * hour);
    const hold = () =>
      inventory.holdStock({ requestId: newId("req"), orderId, lines: [{ sku, quantity: 1 }], expireTime: at(2) });
    const renew = (holdId: string, hours: number) =>
      inventory.renewStock({ requestId: newId("req"), holdId, expireTime: at(hours) });
    const held = await hold();
    assert.deepEqual([held.soldOut, held.price], [false, gbp(700n)]);
    assert.equal((await hold()).soldOut, true);
    assert.deepEqual(await renew(held.holdId, 4), { gone: false });
    await box.go(3);
    assert.equal((await hold()).soldOut, true, "renewed in time");
    await box.go(2);
    const next = await inventory.holdStock({
      requestId: newId("req"),
      orderId,
      lines: [{ sku, quantity: 1 }],
      expireTime: at(50),
    });
    assert.equal(next.soldOut, false, "the hold has lapsed");
    assert.deepEqual(await renew(held.holdId, 60), { gone: true });
    const ship = { requestId: newId("req"), orderId, holdId: held.holdId };
    await assert.rejects(shipments.shipReplacement(ship), reason("PARTNER_NOT_FOUND"));
    await inventory.releaseStock({ requestId: newId("req"), holdId: held.holdId });
    assert.equal((await hold()).soldOut, true, "no unit came back twice");
  });

  it("a demand ends once: paid, taken back, or when its time is over", async () => {
    const orderId = await box.sold();
    const now = (await box.clock.getClock({})).now as Date;
    const ask = async () =>
      (
        await payments.requestPayment({
          requestId: newId("req"),
          customerId: "c-1",
          orderId,
          amount: gbp(250n),
          expireTime: new Date(now.getTime() + hour),
        })
      ).demandId;
    const state = async (demandId: string) => (await payments.getDemand({ demandId })).state;
    const cancel = (demandId: string) => payments.cancelDemand({ requestId: newId("req"), demandId });
    const [paid, canceled, expired] = [await ask(), await ask(), await ask()];
    const { paymentId } = await box.operator.payDemand({ demandId: paid });
    assert.equal((await cancel(paid)).state, DemandState.DEMAND_STATE_PAID, "the customer was faster");
    assert.deepEqual((await payments.getPayment({ paymentId })).payment?.captured, gbp(250n));
    assert.equal((await cancel(canceled)).state, DemandState.DEMAND_STATE_CANCELED);
    await assert.rejects(box.operator.payDemand({ demandId: canceled }), reason("PARTNER_REFUSED"));
    await box.go(2);
    assert.equal(await state(expired), DemandState.DEMAND_STATE_EXPIRED);
    await assert.rejects(box.operator.payDemand({ demandId: expired }), reason("PARTNER_REFUSED"));
    await assert.rejects(payments.getDemand({ demandId: "none" }), reason("PARTNER_NOT_FOUND"));
  });
});
