// Where the requests stand: a return that a driver is booked for and the dock expects, whose goods nobody hands over.
import { Twist } from "#gen/backhaul/sandbox/v1/scenario_service.js";
import { until } from "#kit/testing/peers.js";
import type { OrderOptions, Shop } from "../shop.js";

/** A return that waits for its driver. */
export async function waiting(shop: Shop, options: OrderOptions = {}) {
  const order = await shop.order({ market: "KR", ...options });
  await shop.scenario({ twist: Twist.TWIST_NO_HAND_OVER, orderId: order.orderId });
  const { resolutionId } = await shop.ask(order, "RETURN");
  return { ...order, ...(await booked(shop, resolutionId)) };
}

/** The same, of a customer whose goods a driver takes from nobody else. */
export async function watched(shop: Shop) {
  const order = await shop.order({ market: "KR" });
  await shop.scenario({ twist: Twist.TWIST_NO_HAND_OVER, orderId: order.orderId });
  const listed = {
    market: "KR",
    kind: "LIST_KIND_BLOCK",
    subject: "LIST_SUBJECT_CUSTOMER",
    value: order.customerId,
    reason: "bricks in boxes",
    endTime: "2099-01-01T00:00:00Z",
  };
  await shop.rest("LEAD", "lea", "POST", "/v1/listEntries", listed);
  const { resolutionId } = await shop.ask(order, "RETURN");
  return { ...order, ...(await booked(shop, resolutionId)) };
}

/** Once a carrier has it and the dock expects it. */
export async function booked(shop: Shop, resolutionId: string) {
  return until(`${resolutionId} is booked and expected`, async () => {
    const seen = await shop.see(resolutionId);
    const { collectionId, inspectionId } = seen;
    if (!collectionId || !inspectionId) return false;
    const { json } = await shop.rest("AGENT", "alice", "GET", `/v1/collections/${collectionId}`);
    if (json.trackingNumber === "") return false;
    const { carrier, trackingNumber } = json as { carrier: string; trackingNumber: string };
    return { resolutionId, collectionId, inspectionId, carrier, trackingNumber, decision: seen.decision };
  });
}

/** A return of a gift, which somebody must look at first. */
export async function reviewed(shop: Shop) {
  const receiver = `${Date.now()}-${Math.random()}`.replace(".", "");
  const order = await shop.order({ more: () => ({ gift: { receiverId: receiver, code: "HAPPY" } }) });
  const { json } = await shop.rest("CUSTOMER", receiver, "POST", "/v1/resolutions", {
    orderId: order.orderId,
    kind: "KIND_RETURN",
    lines: [{ lineId: order.lineId, quantity: 2, reason: "COLOR" }],
    giftCode: "HAPPY",
  });
  return { ...order, resolutionId: json.resolutionId as string };
}

/** An order of a seller that has not left yet. */
export function unsent(shop: Shop) {
  return shop.order({ shipsInDays: 2 });
}
