// Requests that the outreach service takes: webhooks of a seller's own, and the words in which customers are told.
import { newId } from "#kit/ids.js";
import { until } from "#kit/testing/peers.js";
import type { Shop } from "../shop.js";
import { type Post, type Posts, taken } from "./post.js";

const base = "/v1/webhook-subscriptions";
/** Where nobody listens: what goes there stays on its way. */
const nowhere = "http://127.0.0.1:9/hooks";
/** A seller has so many subscriptions at most: each here has their own. */
const seller = () => ({ role: "SELLER", who: newId("sel") }) as const;

export async function subscribed(shop: Shop, { who }: Pick<Post, "who">): Promise<string> {
  const { subscription } = await taken(shop, "SELLER", who, base, { url: nowhere });
  return `${base}/${subscription.subscriptionId}`;
}

/** A verb that says nothing: the same of another subscription is another request. */
async function bare(shop: Shop, verb: string): Promise<Post> {
  const by = seller();
  const [path, another] = [await subscribed(shop, by), await subscribed(shop, by)];
  return { ...by, path: `${path}:${verb}`, body: {}, other: { path: `${another}:${verb}` } };
}

/** Deliveries that are on their way. */
async function deliveries(shop: Shop, by: ReturnType<typeof seller>, verb: string): Promise<string[]> {
  const path = await subscribed(shop, by);
  const sent = [
    await taken(shop, by.role, by.who, `${path}:ping`, {}),
    await taken(shop, by.role, by.who, `${path}:ping`, {}),
  ];
  return sent.map(({ deliveryId }) => `${path}/deliveries/${deliveryId}:${verb}`);
}

const template = (body: string) => ({
  event: "refund-completed",
  market: "GB",
  channel: "NOTICE_CHANNEL_SMS",
  texts: ["ko", "zh-TW", "en"].map((language) => ({ language, body: `${body}: {order} {amount}` })),
});

export const outreachPosts: Posts = {
  "POST /v1/notice-templates": async () => ({
    role: "OPERATOR",
    who: "olga",
    path: "/v1/notice-templates",
    body: template("refunded"),
    other: { body: template("another") },
    makes: "notice_template",
  }),
  "POST /v1/webhook-subscriptions": async () => {
    const other = { body: { url: nowhere, description: "another" } };
    return { ...seller(), path: base, body: { url: nowhere }, other, toldOnce: "secret", makes: "subscription" };
  },
  "POST /v1/webhook-subscriptions/{subscription_id}:update": async (shop) => {
    const by = seller();
    const path = `${await subscribed(shop, by)}:update`;
    const body = { url: nowhere, description: "ours", active: true };
    return { ...by, path, body, other: { body: { ...body, description: "another" } } };
  },
  "POST /v1/webhook-subscriptions/{subscription_id}:delete": (shop) => bare(shop, "delete"),
  "POST /v1/webhook-subscriptions/{subscription_id}:rotateSecret": async (shop) => ({
    ...(await bare(shop, "rotateSecret")),
    toldOnce: "secret",
  }),
  "POST /v1/webhook-subscriptions/{subscription_id}:ping": async (shop) => ({
    ...(await bare(shop, "ping")),
    makes: "delivery",
  }),
  "POST /v1/webhook-subscriptions/{subscription_id}/deliveries/{delivery_id}:replay": async (shop) => {
    const by = seller();
    const [path = "", another = ""] = await deliveries(shop, by, "replay");
    await until("it is given up", async () => {
      const { status } = await shop.rest(by.role, by.who, "POST", path.replace(":replay", ":discard"), {});
      return status === 200;
    });
    return { ...by, path, body: {}, other: { path: another } };
  },
  "POST /v1/webhook-subscriptions/{subscription_id}/deliveries/{delivery_id}:discard": async (shop) => {
    const by = seller();
    const [path = "", another = ""] = await deliveries(shop, by, "discard");
    return { ...by, path, body: {}, other: { path: another } };
  },
  "POST /v1/webhook-subscriptions/{subscription_id}:replay": async (shop) => {
    const by = seller();
    const path = `${await subscribed(shop, by)}:replay`;
    const since = (time: string) => ({ since: time });
    return { ...by, path, body: since("2026-01-01T00:00:00Z"), other: { body: since("2026-02-01T00:00:00Z") } };
  },
};
