// Cancellations at the moment at which orders leave, through the whole mesh: what was stopped is refunded, and only that.
import { ShipmentServiceService, ShipmentState } from "#gen/backhaul/partner/shipment/v1/shipment_service.js";
import { ImportedOrder } from "#gen/backhaul/sandbox/v1/sandbox_service.js";
import { newId } from "#kit/ids.js";
import { fromProto, money, toProto } from "#kit/pure/money.js";
import { chanceOf } from "../chance.js";
import type { Desk } from "../desk.js";
import { atOnce, number, type Proof, type Say, Tally } from "../proof.js";
import { openRest } from "../rest.js";

type Sold = {
  readonly orderId: string;
  readonly customerId: string;
  readonly shipTime: Date;
  readonly quantity: number;
};

/** What one unit cost, in pence. */
const unitMinor = 1000n;
const apartMs = 60;
const day = 86_400_000;

export async function provenCancellations(
  desk: Desk,
  say: Say,
  { count, seed }: { count: number; seed: number },
): Promise<Proof[]> {
  const chance = chanceOf(seed + 1);
  const rest = openRest(desk.mesh);
  const aheadMs = (await desk.now()).getTime() - Date.now();
  const begin = Date.now() + aheadMs + 4_000;
  const orders = Array.from({ length: count }, (_, nth) => ({
    orderId: newId("ord"),
    customerId: `cus-cancel-${nth}`,
    quantity: chance.between(1, 3),
    shipTime: new Date(begin + nth * apartMs),
  }));
  await sold(desk, orders);
  say(`  cancellations through the mesh: ${number(count)}`);
  const answers = new Tally();
  await Promise.all(
    orders.map(async ({ orderId, customerId, quantity, shipTime }) => {
      // The list of an order closes a second before it leaves. Some are judged before that and stopped after it, however
      // slow the machine is.
      const early = 1_000 + chance.between(-50, 900);
      const units = chance.between(1, quantity);
      const wait = shipTime.getTime() - aheadMs - early - Date.now();
      await new Promise((resolve) => setTimeout(resolve, Math.max(0, wait)));
      const lines = [{ lineId: "l-1", quantity: units, reason: "NO_LONGER_NEEDED" }];
      const body = { orderId, kind: "KIND_CANCELLATION", lines };
      const { status, json } = await rest.post("CUSTOMER", customerId, "/v1/resolutions", body);
      answers.add(
        status === 200 ? String(json.state).replace("RESOLUTION_STATE_", "") : `${status} ${json.reason ?? ""}`,
      );
    }),
  );
  // All that is under way is done when the clock has settled: no parcel of an accepted return moves in a minute.
  await desk.pass(60_000);
  const ends = new Tally();
  const faults: string[] = [];
  const stopped = await unitsOf(desk, "stopped", orders);
  // A cancellation that comes too late has the carrier turn the parcel round: those units have left all the same.
  const intercepted = await unitsOf(desk, "intercepted", orders);
  const shipped = await shippedUnits(desk, orders);
  await atOnce(orders, 8, async ({ orderId, quantity }) => {
    const held = stopped.get(orderId) ?? 0;
    const left = (shipped.get(orderId) ?? 0) + (intercepted.get(orderId) ?? 0);
    const { refunds } = await desk.sandbox.listProviderRefunds({ orderId });
    const back = refunds.reduce((sum, { amount }) => sum + (amount ? fromProto(amount).minor : 0n), 0n);
    ends.add(held > 0 ? "stopped" : "shipped");
    if (held + left !== quantity) faults.push(`${orderId}: ${left} shipped and ${held} stopped of ${quantity}`);
    if (back !== BigInt(held) * unitMinor) faults.push(`${orderId}: ${held} stopped, ${back} pence refunded`);
    if (refunds.length > 1) faults.push(`${orderId}: ${refunds.length} refunds`);
  });
  rest.close();
  const examples = faults.length > 0 ? `, e.g. ${faults.slice(0, 3).join("; ")}` : "";
  return [
    {
      asked: `${number(count)} cancellations through the whole mesh as their orders leave: what was stopped is refunded, once, and nothing else`,
      counted: `${number(ends.of("stopped"))} stopped, ${number(ends.of("shipped"))} shipped (answers: ${answers}); ${faults.length} faults${examples}`,
      ok: faults.length === 0 && ends.of("stopped") > 0 && ends.of("shipped") > 0,
    },
  ];
}

/** Units that the shipment system held back or turned round, by order. */
async function unitsOf(
  desk: Desk,
  what: "stopped" | "intercepted",
  orders: readonly Sold[],
): Promise<Map<string, number>> {
  const rows = await desk.books<{ order_id: string; units: number }>(
    "partners",
    `SELECT order_id, ${what} AS units FROM "{}".${what}_units WHERE order_id = ANY($1)`,
    [orders.map(({ orderId }) => orderId)],
  );
  return new Map(rows.map(({ order_id, units }) => [order_id, units]));
}

/** What the shipment system sent, order by order, by its own lists. */
async function shippedUnits(desk: Desk, orders: readonly Sold[]): Promise<Map<string, number>> {
  const shipments = desk.as("partners", ShipmentServiceService, "SERVICE");
  const pairs = await atOnce(orders, 8, async ({ orderId }) => {
    const { shipments: all } = await shipments.listShipments({ orderId });
    const gone = all.filter(({ state }) => state !== ShipmentState.SHIPMENT_STATE_PLANNED);
    const units = gone.flatMap(({ lines }) => lines).reduce((sum, { quantity }) => sum + quantity, 0);
    return [orderId, units] as const;
  });
  return new Map(pairs);
}

async function sold({ sandbox }: Desk, orders: readonly Sold[]): Promise<void> {
  const imported = orders.map(({ orderId, customerId, quantity, shipTime }) => {
    const paid = toProto(money(BigInt(quantity) * unitMinor, "GBP"));
    return ImportedOrder.fromPartial({
      order: {
        orderId,
        customerId,
        market: "GB",
        currencyCode: "GBP",
        orderTime: new Date(shipTime.getTime() - day),
        lines: [{ lineId: "l-1", sku: "mug", title: "Mug", quantity, paid, category: "homeware", sellerType: "SHOP" }],
        shipping: toProto(money(0n, "GBP")),
        payments: [{ paymentId: `pay-${orderId}`, method: "CARD", captured: paid }],
      },
      shipTime,
      deliverTime: new Date(shipTime.getTime() + day),
    });
  });
  for (let at = 0; at < imported.length; at += 1000)
    await sandbox.importOrders({ orders: imported.slice(at, at + 1000) });
}
