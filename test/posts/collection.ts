// Requests that the collection service takes.
import { until } from "#kit/testing/peers.js";
import type { Posts } from "./post.js";
import { waiting, watched } from "./returns.js";

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
