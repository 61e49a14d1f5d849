// Requests that the collection service takes.
import { newId } from "#kit/ids.js";
import { until } from "#kit/testing/peers.js";
import type { Shop } from "../shop.js";
import { putInForce, read } from "./eligibility.js";
import { type Posts, taken } from "./post.js";
import { booked, waiting, watched } from "./returns.js";

const careful = new WeakMap<Shop, Promise<void>>();

/** Britain's policy, if it sent customers to a courier of their own and asked all others for a code at the door. */
function carefully(shop: Shop): Promise<void> {
  const written = read("GB")
    .replaceAll(/"verification": "\\"[A-Z_]+\\""/g, '"verification": "\\"OTP\\""')
    .replaceAll(/"methods": "\[/g, '"methods": "[\\"CUSTOMER_SHIPS\\", ');
  const known = careful.get(shop) ?? putInForce(shop, written);
  careful.set(shop, known);
  return known;
}

/** A return of an order placed under it. */
async function judgedCarefully(shop: Shop, method: "CUSTOMER_SHIPS" | "PICKUP_IN_PERSON") {
  await carefully(shop);
  const orderTime = await shop.now();
  const order = await shop.order({ market: "GB", more: () => ({ orderTime }) });
  const more = { collectionMethod: `COLLECTION_METHOD_${method}` };
  const lines = [{ lineId: order.lineId, quantity: 1, reason: "NO_LONGER_NEEDED" }];
  const body = { orderId: order.orderId, kind: "KIND_RETURN", lines, ...more };
  const { resolutionId } = await taken(shop, "CUSTOMER", order.customerId, "/v1/resolutions", body);
  return { ...order, ...(await booked(shop, resolutionId)) };
}

export const collectionPosts: Posts = {
  "POST /v1/collections/{collection_id}:reschedule": async (shop) => {
    const { customerId, collectionId } = await waiting(shop);
    const at = `/v1/collections/${collectionId}`;
    const slots = await until("there are slots", async () => {
      const { json } = await shop.rest("CUSTOMER", customerId, "GET", `${at}/slots`);
      return json.slots?.length > 1 && json.slots;
    });
    const [one, two] = slots.map(({ slotId }: { slotId: string }) => slotId);
    return {
      role: "CUSTOMER",
      who: customerId,
      path: `${at}:reschedule`,
      body: { slotId: two },
      other: { body: { slotId: one } },
    };
  },
  "POST /v1/collections/{collection_id}:split": async (shop) => {
    const { customerId, collectionId } = await waiting(shop);
    return {
      role: "CUSTOMER",
      who: customerId,
      path: `/v1/collections/${collectionId}:split`,
      body: { parcels: [{ units: 1 }, { units: 1 }] },
      other: { body: { parcels: [{ units: 2 }, { units: 1 }] } },
    };
  },
  "POST /v1/collections/{collection_id}:setDoorMemo": async (shop) => {
    const { customerId, collectionId } = await waiting(shop);
    return {
      role: "CUSTOMER",
      who: customerId,
      path: `/v1/collections/${collectionId}:setDoorMemo`,
      body: { doorMemo: "ring twice" },
      other: { body: { doorMemo: "do not ring" } },
    };
  },
  "POST /v1/collections/{collection_id}:enterWaybill": async (shop) => {
    const { customerId, collectionId } = await judgedCarefully(shop, "CUSTOMER_SHIPS");
    const trackingNumber = newId("trk").slice(4);
    return {
      role: "CUSTOMER",
      who: customerId,
      path: `/v1/collections/${collectionId}:enterWaybill`,
      body: { carrier: "other", trackingNumber },
      other: { body: { carrier: "other", trackingNumber: `${trackingNumber}2` } },
    };
  },
  "POST /v1/collections/{collection_id}:renewHandOverCode": async (shop) => {
    const path = async () => {
      const { collectionId } = await judgedCarefully(shop, "PICKUP_IN_PERSON");
      return `/v1/collections/${collectionId}:renewHandOverCode`;
    };
    return { role: "AGENT", who: "alice", path: await path(), body: {}, other: { path: await path() } };
  },
  "POST /v1/parcels/{carrier}/{tracking_number}:confirmHandOver": async (shop) => {
    const { carrier, trackingNumber } = await watched(shop);
    return {
      role: "CARRIER",
      who: carrier,
      path: `/v1/parcels/${carrier}/${trackingNumber}:confirmHandOver`,
      body: { driverId: "d-7", inPerson: true },
      other: { body: { driverId: "d-8", inPerson: true } },
    };
  },
};
