// What sellers reach over REST, and how each route is asked for somebody's ids.
import type { Shop } from "../shop.js";

export type Ask = { readonly path: string; readonly body?: object };
export type SellerIds = {
  readonly orderId: string;
  readonly inspectionId: string;
  readonly sellerId: string;
  readonly sellerCaseId: string;
  readonly subscriptionId: string;
  readonly deliveryId: string;
};

const subscriptions = "/v1/webhook-subscriptions";
const url = "http://127.0.0.1:9/hooks";
const subscription = ({ subscriptionId }: SellerIds) => `${subscriptions}/${subscriptionId}`;
const delivery = (ids: SellerIds) => `${subscription(ids)}/deliveries/${ids.deliveryId}`;
const month = new Date().toISOString().slice(0, 7);

/** In this order, for the last takes away what the others are about. */
export const ofSellers: Readonly<Record<string, (ids: SellerIds) => Ask>> = {
  "POST /v1/inspections/{inspection_id}:dispute": ({ inspectionId }) => ({
    path: `/v1/inspections/${inspectionId}:dispute`,
    body: { party: "DISPUTE_PARTY_SELLER", lineId: "l-1", statement: "it was whole" },
  }),
  "POST /v1/orders/{order_id}:cancelLines": ({ orderId }) => ({
    path: `/v1/orders/${orderId}:cancelLines`,
    body: { lines: [{ lineId: "l-1", quantity: 1 }], code: "CANCEL_CODE_OUT_OF_STOCK" },
  }),
  "GET /v1/seller-cases/{seller_case_id}": ({ sellerCaseId }) => ({ path: `/v1/seller-cases/${sellerCaseId}` }),
  "POST /v1/seller-cases/{seller_case_id}:answer": ({ sellerCaseId }) => ({
    path: `/v1/seller-cases/${sellerCaseId}:answer`,
    body: { answer: "SELLER_ANSWER_ACCEPT" },
  }),
  "GET /v1/sellers/{seller_id}/statements/{month}": ({ sellerId }) => ({
    path: `/v1/sellers/${sellerId}/statements/${month}`,
  }),
  "GET /v1/sellers/{seller_id}/statements/{month}:export": ({ sellerId }) => ({
    path: `/v1/sellers/${sellerId}/statements/${month}:export`,
  }),
  "GET /v1/webhook-subscriptions/{subscription_id}": (ids) => ({ path: subscription(ids) }),
  "GET /v1/webhook-subscriptions/{subscription_id}/deliveries": (ids) => ({ path: `${subscription(ids)}/deliveries` }),
  "GET /v1/webhook-subscriptions/{subscription_id}/deliveries/{delivery_id}": (ids) => ({ path: delivery(ids) }),
  "POST /v1/webhook-subscriptions/{subscription_id}/deliveries/{delivery_id}:discard": (ids) => ({
    path: `${delivery(ids)}:discard`,
    body: {},
  }),
  "POST /v1/webhook-subscriptions/{subscription_id}/deliveries/{delivery_id}:replay": (ids) => ({
    path: `${delivery(ids)}:replay`,
    body: {},
  }),
  "POST /v1/webhook-subscriptions/{subscription_id}:ping": (ids) => ({ path: `${subscription(ids)}:ping`, body: {} }),
  "POST /v1/webhook-subscriptions/{subscription_id}:replay": (ids) => ({
    path: `${subscription(ids)}:replay`,
    body: { since: "2026-01-01T00:00:00Z" },
  }),
  "POST /v1/webhook-subscriptions/{subscription_id}:rotateSecret": (ids) => ({
    path: `${subscription(ids)}:rotateSecret`,
    body: {},
  }),
  "POST /v1/webhook-subscriptions/{subscription_id}:update": (ids) => ({
    path: `${subscription(ids)}:update`,
    body: { url, active: true },
  }),
  "POST /v1/webhook-subscriptions/{subscription_id}:delete": (ids) => ({
    path: `${subscription(ids)}:delete`,
    body: {},
  }),
};

/** Name nobody's: a list has the caller's own rows, and what is made is the caller's own. */
export const ownOnly: Readonly<Record<string, string>> = {
  "GET /v1/seller-cases": "/v1/seller-cases?seller_id=seller-a",
  "GET /v1/webhook-subscriptions": subscriptions,
  "POST /v1/webhook-subscriptions": subscriptions,
};

/** A seller's webhooks, with a ping on its way. */
export async function subscribedBy(shop: Shop, sellerId: string) {
  const made = await shop.rest("SELLER", sellerId, "POST", subscriptions, { url });
  const { subscriptionId } = made.json.subscription as { subscriptionId: string };
  const ping = await shop.rest("SELLER", sellerId, "POST", `${subscriptions}/${subscriptionId}:ping`, {});
  return { subscriptionId, deliveryId: ping.json.deliveryId as string };
}
