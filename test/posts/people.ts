// Requests about a person's own data, and of strangers who want to be let in as guests.
import { newId } from "#kit/ids.js";
import type { Shop } from "../shop.js";
import { type Posts, taken } from "./post.js";

const lead = { role: "LEAD", who: "lena" } as const;
const stranger = { role: undefined, who: "" } as const;

async function erasing(shop: Shop): Promise<string> {
  const { erasureId } = await taken(shop, "AGENT", "alice", "/v1/erasures", { customerId: newId("cus") });
  return `/v1/erasures/${erasureId}:confirm`;
}

/** Who they say they are. */
async function guest(shop: Shop) {
  const { orderId, customerId } = await shop.order();
  return { orderId, contact: `${customerId}@example.com` };
}

export const peoplePosts: Posts = {
  "POST /v1/erasures": async () => ({
    ...lead,
    path: "/v1/erasures",
    body: { customerId: newId("cus") },
    other: { body: { customerId: newId("cus") } },
    makes: "erasure",
  }),
  "POST /v1/erasures/{erasure_id}:confirm": async (shop) => {
    const other = { path: await erasing(shop) };
    return { ...lead, path: await erasing(shop), body: {}, other };
  },
  "POST /v1/legalHolds": async () => {
    const body = { customerId: newId("cus"), caseNumber: "2026-77", endTime: "2099-01-01T00:00:00Z" };
    const other = { body: { ...body, caseNumber: "2026-78" } };
    return { ...lead, path: "/v1/legalHolds", body, other, makes: "legal_hold" };
  },
  "POST /v1/guests:requestCode": async (shop) => {
    const body = await guest(shop);
    const other = { body: { ...body, contact: "somebody@example.com" } };
    return { ...stranger, path: "/v1/guests:requestCode", body, other, makes: "guest_code" };
  },
  "POST /v1/guests:exchangeCode": async (shop, { codeFor }) => {
    const who = await guest(shop);
    const body = { ...who, code: await codeFor(who) };
    const other = { body: { ...body, code: body.code === "000000" ? "111111" : "000000" } };
    return { ...stranger, path: "/v1/guests:exchangeCode", body, other, makes: "guest_session" };
  },
};
