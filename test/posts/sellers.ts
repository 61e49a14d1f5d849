// Requests of sellers and about them: their keys, and what they are asked of what they sold.
import { newId } from "#kit/ids.js";
import { until } from "#kit/testing/peers.js";
import type { OrderOptions, Shop } from "../shop.js";
import { type Post, type Posts, taken } from "./post.js";

const lead = { role: "LEAD", who: "lee" } as const;
const alice = { role: "AGENT", who: "alice" } as const;

/** Of one seller, unless said otherwise of one whom nobody else knows. */
export function soldBy(sellerId: string): Required<Pick<OrderOptions, "more">> {
  const line = { lineId: "l-1", title: "Mug", quantity: 2, category: "homeware", sellerType: "MARKETPLACE", sellerId };
  return { more: ({ money }) => ({ lines: [{ ...line, sku: newId("sku"), paid: money(50_000n) }] }) };
}

/** A return about which its seller was asked. */
export async function sold(shop: Shop, sellerId: string = newId("sel")) {
  const { resolutionId } = await shop.ask(await shop.order(soldBy(sellerId)), "RETURN");
  const sellerCaseId = await until("the seller is asked", async () => {
    const { json } = await shop.rest("AGENT", "alice", "GET", `/v1/seller-cases?resolution_id=${resolutionId}`);
    return json.sellerCases[0]?.sellerCaseId as string | undefined;
  });
  return { resolutionId, sellerId, sellerCaseId, path: `/v1/seller-cases/${sellerCaseId}` };
}

const why = { reason: "SELLER_PAUSE_REASON_CARRIER_DELAY" };

async function paused(shop: Shop): Promise<string> {
  const { path } = await sold(shop);
  await taken(shop, "AGENT", "alice", `${path}:pause`, why);
  return `${path}:resume`;
}

const key = () => ({
  holder: "API_KEY_HOLDER_SELLER",
  holderId: "seller-a",
  market: "KR",
  scopes: ["backhaul.resolution.v1.SellerService"],
  expireTime: new Date(Date.now() + 3_600_000),
});

async function made(shop: Shop): Promise<string> {
  const { apiKey } = await taken(shop, "LEAD", "lee", "/v1/api-keys", key());
  return `/v1/api-keys/${apiKey.apiKeyId}`;
}

export const sellerPosts: Posts = {
  "POST /v1/api-keys": async () => {
    const body = key();
    const other = { body: { ...body, label: "another" } };
    return { ...lead, path: "/v1/api-keys", body, other, toldOnce: "secret", makes: "api_key" };
  },
  "POST /v1/api-keys/{api_key_id}:revoke": async (shop) => {
    const other = { path: `${await made(shop)}:revoke` };
    return { ...lead, path: `${await made(shop)}:revoke`, body: {}, other };
  },
  "POST /v1/api-keys/{api_key_id}:rotate": async (shop) => {
    const path = `${await made(shop)}:rotate`;
    const other = { body: { overlapSeconds: 61 } };
    return { ...lead, path, body: { overlapSeconds: 60 }, other, toldOnce: "secret", makes: "api_key" };
  },
  "POST /v1/seller-cases/{seller_case_id}:answer": async (shop): Promise<Post> => {
    const { path, sellerId } = await sold(shop);
    const body = { answer: "SELLER_ANSWER_ACCEPT" };
    const other = { body: { ...body, statement: "another" } };
    return { role: "SELLER", who: sellerId, path: `${path}:answer`, body, other };
  },
  "POST /v1/seller-cases/{seller_case_id}:pause": async (shop) => {
    const { path } = await sold(shop);
    const other = { body: { reason: "SELLER_PAUSE_REASON_SYSTEM_OUTAGE" } };
    return { ...alice, path: `${path}:pause`, body: why, other };
  },
  "POST /v1/seller-cases/{seller_case_id}:resume": async (shop) => {
    const other = { path: await paused(shop) };
    return { ...alice, path: await paused(shop), body: {}, other };
  },
  "POST /v1/seller-cases/{seller_case_id}:settle": async (shop) => {
    const { path, sellerId } = await sold(shop);
    const said = { answer: "SELLER_ANSWER_DISPUTE", statement: "it was whole" };
    await taken(shop, "SELLER", sellerId, `${path}:answer`, said);
    return { ...alice, path: `${path}:settle`, body: { note: "seen" }, other: { body: { note: "another" } } };
  },
};
