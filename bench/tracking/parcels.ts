// Returns whose parcels are booked, in the markets whose carriers are to be heard.
import { ImportedOrder } from "#gen/backhaul/sandbox/v1/sandbox_service.js";
import { newId } from "#kit/ids.js";
import { money, toProto } from "#kit/pure/money.js";
import type { Chance } from "../../prove/chance.js";
import type { Desk } from "../../prove/desk.js";
import { atOnce } from "../../prove/proof.js";
import type { Rest } from "../../prove/rest.js";
import { type FormatName, marketOf, type Parcel, spokenBy } from "./ways.js";

const day = 86_400_000;
const currencyOf: Readonly<Record<string, string>> = { KR: "KRW", TW: "TWD", GB: "GBP" };

/**
 * Who sold it. Korea pays for the shop's own goods at the pick-up scan; for goods from abroad it waits for the inspection as
 * the other markets do, so that no refund is measured here.
 */
const sellerIn: Readonly<Record<string, { readonly sellerType: string; readonly fulfilment: string }>> = {
  KR: { sellerType: "MARKETPLACE", fulfilment: "DIRECT" },
};
const shop = { sellerType: "SHOP", fulfilment: "" };

export type Tracked = Parcel & { readonly resolutionId: string; readonly format: FormatName };

/** Asks for `count` returns of a shop that sells in three markets, and waits until carriers have them. */
export async function openParcels(desk: Desk, rest: Rest, count: number, chance: Chance): Promise<Tracked[]> {
  const shares: readonly FormatName[] = [
    "standard",
    "standard",
    "standard",
    "standard",
    "cj",
    "cj",
    "cj",
    "ecpay",
    "ecpay",
    "easypost",
  ];
  const wanted = Array.from({ length: count }, (_, nth) => ({
    orderId: newId("ord"),
    customerId: `bench-track-${nth % 500}`,
    format: chance.pick(shares),
  }));
  await imported(desk, wanted);
  const asked = await atOnce(wanted, 32, async ({ orderId, customerId, format }) => {
    const lines = [{ lineId: "l-1", quantity: 2, reason: "NO_LONGER_NEEDED" }];
    // Taiwan's customers take parcels to a store, whose carriers speak ECPay's words.
    const collectionMethod = format === "ecpay" ? "COLLECTION_METHOD_DROP_OFF_CVS" : "COLLECTION_METHOD_UNSPECIFIED";
    const body = { orderId, kind: "KIND_RETURN", lines, collectionMethod };
    const answer = await rest.post("CUSTOMER", customerId, "/v1/resolutions", body);
    if (answer.status !== 200) throw new Error(`POST /v1/resolutions answered ${answer.status}: ${answer.text}`);
    return { resolutionId: String(answer.json.resolutionId), format };
  });
  return booked(desk, asked);
}

async function booked(
  desk: Desk,
  asked: readonly { readonly resolutionId: string; readonly format: FormatName }[],
): Promise<Tracked[]> {
  for (const end = Date.now() + 120_000; ; ) {
    const rows = await desk.books<{ resolution_id: string; carrier: string; tracking_number: string }>(
      "collection",
      `SELECT resolution_id, carrier, tracking_number FROM "{}".collection WHERE tracking_number <> ''`,
    );
    const of = new Map(rows.map((row) => [row.resolution_id, row]));
    const known = asked.flatMap(({ resolutionId, format }) => {
      const row = of.get(resolutionId);
      if (!row) return [];
      const { carrier, tracking_number: trackingNumber } = row;
      return [{ resolutionId, format: spokenBy(carrier, format), carrier, trackingNumber }];
    });
    if (known.length === asked.length) return known;
    if (Date.now() > end) throw new Error(`${asked.length - known.length} parcels are not booked`);
    await new Promise((resolve) => setTimeout(resolve, 250));
  }
}

async function imported(
  { sandbox }: Desk,
  wanted: readonly { readonly orderId: string; readonly customerId: string; readonly format: FormatName }[],
): Promise<void> {
  const time = Date.now();
  const orders = wanted.map(({ orderId, customerId, format }) => {
    const market = marketOf[format];
    const currency = currencyOf[market] as string;
    const paid = toProto(money(20_000n, currency));
    const line = {
      lineId: "l-1",
      sku: "mug",
      title: "Mug",
      quantity: 2,
      paid,
      category: "homeware",
      ...(sellerIn[market] ?? shop),
    };
    return ImportedOrder.fromPartial({
      order: {
        orderId,
        customerId,
        market,
        currencyCode: currency,
        orderTime: new Date(time - 4 * day),
        lines: [line],
        shipping: toProto(money(0n, currency)),
        payments: [{ paymentId: `pay-${orderId}`, method: "CARD", captured: paid }],
      },
      shipTime: new Date(time - 3 * day),
      deliverTime: new Date(time - 2 * day),
    });
  });
  for (let at = 0; at < orders.length; at += 1000) await sandbox.importOrders({ orders: orders.slice(at, at + 1000) });
}
