// Unit holds through the whole mesh: customers who ask for the same units again and again, all at once. Never are more
// units held than were bought, and what is refunded in the end is what was held and accepted.
import { ImportedOrder } from "#gen/backhaul/sandbox/v1/sandbox_service.js";
import { newId } from "#kit/ids.js";
import { money, toProto } from "#kit/pure/money.js";
import { chanceOf } from "./chance.js";
import type { Desk } from "./desk.js";
import type { Draw } from "./options.js";
import { atOnce, counter, number, type Proof, type Say, Tally } from "./proof.js";
import { openRest } from "./rest.js";

const orders = 500;
const asks = 6;
const day = 86_400_000;

export async function provenHeld(desk: Desk, say: Say, { count = orders, seed }: Draw): Promise<Proof[]> {
  const chance = chanceOf(seed + 2);
  const rest = openRest(desk.mesh);
  const sold = Array.from({ length: count }, (_, nth) => ({
    orderId: newId("ord"),
    customerId: `cus-held-${nth}`,
    quantity: chance.between(1, 4),
  }));
  const now = (await desk.now()).getTime();
  await imported(desk, sold, new Date(now - 3 * day));
  const told = counter(say, `orders with ${asks} requests each`, count);
  const answers = new Tally();
  const granted = new Map<string, number>();
  let done = 0;
  await atOnce(sold, 6, async ({ orderId, customerId, quantity }) => {
    const requests = Array.from({ length: asks }, () => ({ units: chance.between(1, quantity), key: newId("key") }));
    await Promise.all(
      chance.retold(requests).map(async ({ units, key }) => {
        const lines = [{ lineId: "l-1", quantity: units, reason: "NO_LONGER_NEEDED" }];
        const body = { orderId, kind: "KIND_RETURN", lines };
        const { status, json } = await rest.post("CUSTOMER", customerId, "/v1/resolutions", body, key);
        answers.add(status === 200 ? "granted" : String(json?.reason));
        if (status === 200) granted.set(json.resolutionId, units);
      }),
    );
    told(++done);
  });
  rest.close();
  const held = await desk.books<{ order_id: string; held: number; purchased: number }>(
    "resolution",
    `SELECT order_id, held, purchased FROM "{}".order_line WHERE order_id = ANY($1)`,
    [sold.map(({ orderId }) => orderId)],
  );
  const over = held.filter((line) => line.held > line.purchased).length;
  const holding = held.reduce((sum, line) => sum + line.held, 0);
  const asked = [...granted.values()].reduce((sum, units) => sum + units, 0);
  return [
    {
      asked: `${number(count)} orders, ${asks} requests at once for the same units, some of them twice: held ≤ purchased`,
      counted: `${number(granted.size)} granted for ${number(asked)} units, ${number(holding)} held, ${over} lines over what was bought (answers: ${answers})`,
      ok: over === 0 && holding === asked && granted.size > 0,
    },
  ];
}

async function imported(
  { sandbox }: Desk,
  sold: readonly { readonly orderId: string; readonly customerId: string; readonly quantity: number }[],
  time: Date,
): Promise<void> {
  const all = sold.map(({ orderId, customerId, quantity }) => {
    const paid = toProto(money(BigInt(quantity) * 1000n, "GBP"));
    const line = { lineId: "l-1", sku: "mug", title: "Mug", quantity, paid, category: "homeware", sellerType: "SHOP" };
    return ImportedOrder.fromPartial({
      order: {
        orderId,
        customerId,
        market: "GB",
        currencyCode: "GBP",
        orderTime: time,
        lines: [line],
        shipping: toProto(money(0n, "GBP")),
        payments: [{ paymentId: `pay-${orderId}`, method: "CARD", captured: paid }],
      },
      shipTime: time,
      deliverTime: new Date(time.getTime() + day),
    });
  });
  for (let at = 0; at < all.length; at += 1000) await sandbox.importOrders({ orders: all.slice(at, at + 1000) });
}
