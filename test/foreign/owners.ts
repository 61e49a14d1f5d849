// What asks for ownership over REST, and how each route is asked for somebody's ids.
import type { Ask } from "./sellers.js";

export type Ids = { orderId: string; resolutionId: string; collectionId: string; refundId: string; decisionId: string };

const lines = [{ lineId: "l-1", quantity: 1, reason: "NO_LONGER_NEEDED" }];
const asked = { kind: "KIND_RETURN", lines };
const account = { bankCode: "088", accountNumber: "110-123-456789", holderName: "Kim" };

/** How each route that asks for ownership is asked, for somebody's ids. */
export const owned: Readonly<Record<string, (ids: Ids) => Ask>> = {
  "POST /v1/resolutions": ({ orderId }) => ({ path: "/v1/resolutions", body: { orderId, ...asked } }),
  "POST /v1/resolutions:preview": ({ orderId }) => ({ path: "/v1/resolutions:preview", body: { orderId, ...asked } }),
  "GET /v1/resolutions/{resolution_id}": ({ resolutionId }) => ({ path: `/v1/resolutions/${resolutionId}` }),
  "GET /v1/resolutions": ({ orderId }) => ({ path: `/v1/resolutions?order_id=${orderId}` }),
  "GET /v1/resolutions/{resolution_id}/timeline": ({ resolutionId }) => ({
    path: `/v1/resolutions/${resolutionId}/timeline`,
  }),
  "GET /v1/resolutions/{resolution_id}:watch": ({ resolutionId }) => ({
    path: `/v1/resolutions/${resolutionId}:watch`,
  }),
  "POST /v1/resolutions/{resolution_id}:withdraw": ({ resolutionId }) => ({
    path: `/v1/resolutions/${resolutionId}:withdraw`,
    body: {},
  }),
  "POST /v1/resolutions/{resolution_id}:reopen": ({ resolutionId }) => ({
    path: `/v1/resolutions/${resolutionId}:reopen`,
    body: {},
  }),
  "GET /v1/orders/{order_id}/hand-over-options": ({ orderId }) => ({ path: `/v1/orders/${orderId}/hand-over-options` }),
  "GET /v1/collections/{collection_id}": ({ collectionId }) => ({ path: `/v1/collections/${collectionId}` }),
  "GET /v1/collections/{collection_id}/slots": ({ collectionId }) => ({
    path: `/v1/collections/${collectionId}/slots`,
  }),
  "POST /v1/collections/{collection_id}:reschedule": ({ collectionId }) => ({
    path: `/v1/collections/${collectionId}:reschedule`,
    body: { slotId: "slot-1" },
  }),
  "POST /v1/collections/{collection_id}:split": ({ collectionId }) => ({
    path: `/v1/collections/${collectionId}:split`,
    body: { parcels: [{ units: 1 }, { units: 1 }] },
  }),
  "GET /v1/collections/{collection_id}/tracking": ({ collectionId }) => ({
    path: `/v1/collections/${collectionId}/tracking`,
  }),
  "GET /v1/collections/{collection_id}/label": ({ collectionId }) => ({
    path: `/v1/collections/${collectionId}/label`,
  }),
  "POST /v1/collections/{collection_id}:enterWaybill": ({ collectionId }) => ({
    path: `/v1/collections/${collectionId}:enterWaybill`,
    body: { carrier: "cj", trackingNumber: "123456789012" },
  }),
  "GET /v1/collections/{collection_id}/door-memo": ({ collectionId }) => ({
    path: `/v1/collections/${collectionId}/door-memo`,
  }),
  "POST /v1/collections/{collection_id}:setDoorMemo": ({ collectionId }) => ({
    path: `/v1/collections/${collectionId}:setDoorMemo`,
    body: { doorMemo: "ring twice" },
  }),
  "GET /v1/collections/{collection_id}/hand-over-code": ({ collectionId }) => ({
    path: `/v1/collections/${collectionId}/hand-over-code`,
  }),
  "POST /v1/refunds:quote": ({ orderId }) => ({
    path: "/v1/refunds:quote",
    body: { orderId, lines: [{ lineId: "l-1", quantity: 1 }] },
  }),
  "GET /v1/refunds/{refund_id}": ({ refundId }) => ({ path: `/v1/refunds/${refundId}` }),
  "POST /v1/refunds/{refund_id}:setAccount": ({ refundId }) => ({
    path: `/v1/refunds/${refundId}:setAccount`,
    body: account,
  }),
  "POST /v1/eligibility:check": ({ orderId }) => ({ path: "/v1/eligibility:check", body: { orderId, ...asked } }),
  "POST /v1/orders/{order_id}:endGuestSessions": ({ orderId }) => ({
    path: `/v1/orders/${orderId}:endGuestSessions`,
    body: {},
  }),
  "GET /v1/decisions/{decision_id}": ({ decisionId }) => ({ path: `/v1/decisions/${decisionId}` }),
};
