// Requests that the resolution service takes.
import { Twist } from "#gen/backhaul/sandbox/v1/scenario_service.js";
import { until } from "#kit/testing/peers.js";
import type { PersonRole } from "../../scripts/mesh/issuer.js";
import type { Shop } from "../shop.js";
import type { Post, Posts } from "./post.js";
import { reviewed, unsent, waiting, watched } from "./returns.js";
import { longStory } from "./stories.js";

/** A verb on a resolution with a word to say. */
function verb(role: PersonRole, who: string, resolutionId: string, name: string, body: object): Post {
  const path = `/v1/resolutions/${resolutionId}:${name}`;
  const [word = ""] = Object.keys(body).reverse();
  return { role, who, path, body, other: { body: { ...body, [word]: "another" } } };
}

/** One that says nothing: the same of another resolution is another request. */
function bare(role: PersonRole, who: string, resolutionId: string, otherId: string, name: string): Post {
  const path = (id: string) => `/v1/resolutions/${id}:${name}`;
  return { role, who, path: path(resolutionId), body: {}, other: { path: path(otherId) } };
}

/** A step that a partner refused for good, so that a person has to say go on. */
async function held(shop: Shop): Promise<string> {
  const order = await shop.order({ market: "KR" });
  await shop.scenario({ twist: Twist.TWIST_REFUSED, orderId: order.orderId, method: "BookPickup", times: 1 });
  const { resolutionId } = await shop.ask(order, "RETURN");
  await until("it is held", async () => (await shop.see(resolutionId)).onHold);
  return resolutionId;
}

export const resolutionPosts: Posts = {
  "POST /v1/resolutions": async (shop) => {
    const { orderId, customerId, lineId } = await shop.order();
    const asked = (quantity: number) => ({
      orderId,
      kind: "KIND_RETURN",
      lines: [{ lineId, quantity, reason: "NO_LONGER_NEEDED" }],
    });
    const other = { body: asked(2) };
    const body = asked(1);
    return { role: "CUSTOMER", who: customerId, path: "/v1/resolutions", body, other, makes: "resolution" };
  },
  "POST /v1/resolutions/{resolution_id}:withdraw": async (shop) => {
    const order = await shop.order({ quantity: 2 });
    const one = await shop.ask(order, "RETURN", { quantity: 1 });
    const other = await shop.ask(order, "RETURN", { quantity: 1 });
    return bare("CUSTOMER", order.customerId, one.resolutionId, other.resolutionId, "withdraw");
  },
  "POST /v1/resolutions/{resolution_id}:confirmHandOver": async (shop, { report }) => {
    const { resolutionId, carrier, trackingNumber } = await watched(shop);
    await report(carrier, trackingNumber);
    await until("it waits for somebody's word", async () => (await shop.see(resolutionId)).onHold);
    return verb("AGENT", "alice", resolutionId, "confirmHandOver", { note: "called her: it was her" });
  },
  "POST /v1/resolutions/{resolution_id}:reopen": async (shop) => {
    const [withdrawn, other] = [await longStory(shop, "withdrawn"), await longStory(shop, "withdrawn")];
    return bare("AGENT", "alice", withdrawn, other, "reopen");
  },
  "POST /v1/resolutions/{resolution_id}:settleGiftRefund": async (shop) => {
    const gift = await longStory(shop, "gift");
    const body = { amount: { currencyCode: "KRW", units: "50000" }, note: "store credit 17" };
    return verb("FINANCE", "fiona", gift, "settleGiftRefund", body);
  },
  "POST /v1/resolutions/{resolution_id}:settleRecovery": async (shop) => {
    const early = await longStory(shop, "early");
    return verb("LEAD", "lena", early, "settleRecovery", { recovered: false, note: "small amount" });
  },
  "POST /v1/resolutions/{resolution_id}:approve": async (shop) =>
    verb("AGENT", "alice", (await reviewed(shop)).resolutionId, "approve", { note: "it is a gift" }),
  "POST /v1/resolutions/{resolution_id}:decline": async (shop) =>
    verb("AGENT", "alice", (await reviewed(shop)).resolutionId, "decline", { text: "It was worn." }),
  "POST /v1/resolutions/{resolution_id}:cancel": async (shop) =>
    verb("LEAD", "lena", (await waiting(shop)).resolutionId, "cancel", { note: "asked by phone" }),
  "POST /v1/resolutions/{resolution_id}:resume": async (shop) => {
    const [one, other] = [await held(shop), await waiting(shop)];
    return bare("AGENT", "alice", one, other.resolutionId, "resume");
  },
  "POST /v1/orders/{order_id}:cancelLines": async (shop) => {
    const { orderId, lineId } = await unsent(shop);
    const lines = [{ lineId, quantity: 1 }];
    return {
      role: "LEAD",
      who: "lena",
      path: `/v1/orders/${orderId}:cancelLines`,
      body: { lines, code: "CANCEL_CODE_OUT_OF_STOCK" },
      other: { body: { lines, code: "CANCEL_CODE_OUT_OF_STOCK", note: "another" } },
    };
  },
  "POST /v1/orders/{order_id}:reportUnaskedReturn": async (shop) => {
    const { orderId } = await shop.order({ shipsInDays: 1 });
    await shop.sandbox.shipOrder({ orderId });
    const body = { shipmentId: `shp-${orderId}`, reason: "UNASKED_REASON_REFUSED_DELIVERY" };
    return {
      role: "CARRIER",
      who: "cj",
      path: `/v1/orders/${orderId}:reportUnaskedReturn`,
      body,
      other: { body: { ...body, reason: "UNASKED_REASON_UNCLAIMED" } },
    };
  },
};
