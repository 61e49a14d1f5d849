// What can be added to each list of the edge while somebody walks through it, and who may read it.
import { newId } from "#kit/ids.js";
import { until } from "#kit/testing/peers.js";
import type { PersonRole } from "../../scripts/mesh/issuer.js";
import type { Backstage } from "../posts/backstage.js";
import { asked, deskPosts } from "../posts/desk.js";
import { disputed } from "../posts/deskActs.js";
import { eligibilityPosts } from "../posts/eligibility.js";
import { inspectionPosts } from "../posts/inspection.js";
import { subscribed } from "../posts/outreach.js";
import { type Posts, taken } from "../posts/post.js";
import { refundPosts } from "../posts/refund.js";
import { waiting } from "../posts/returns.js";
import { sellerPosts, sold, soldBy } from "../posts/sellers.js";
import type { Shop } from "../shop.js";

export type List = {
  readonly role: PersonRole;
  readonly who: string;
  /** With the parameters of the path, and a filter that keeps others' rows out where there is one. */
  readonly path: string;
  /** Another filter of the same list; "" if it has none. */
  readonly otherFilter: string;
  /** Adds a row. */
  add(): Promise<void>;
};

const alice = { role: "AGENT", who: "alice" } as const;

/** By route. */
export const lists: Readonly<Record<string, (shop: Shop, backstage: Backstage) => Promise<List>>> = {
  "GET /v1/resolutions": async (shop) => {
    const order = await shop.order({ quantity: 9, paidMinor: 90_000n });
    return {
      role: "CUSTOMER",
      who: order.customerId,
      path: `/v1/resolutions?orderId=${order.orderId}`,
      otherFilter: "kind=RETURN",
      add: async () => void (await shop.ask(order, "RETURN", { quantity: 1 })),
    };
  },
  "GET /v1/resolutions/{resolution_id}/timeline": async (shop) => {
    const { resolutionId, customerId } = await waiting(shop);
    return {
      role: "CUSTOMER",
      who: customerId,
      path: `/v1/resolutions/${resolutionId}/timeline?`,
      otherFilter: "",
      // Nobody hands it over: attempts and reminders follow each other.
      add: () => shop.pass(2),
    };
  },
  "GET /v1/refunds": async (shop) => ({
    role: "FINANCE",
    who: "fiona",
    path: "/v1/refunds?",
    otherFilter: "state=GRANTED",
    add: adds(shop, refundPosts, "POST /v1/refunds:grantGoodwill"),
  }),
  "GET /v1/policies": async (shop) => ({
    role: "POLICY_AUTHOR",
    who: "ann",
    path: "/v1/policies?",
    otherFilter: "market=GB",
    add: adds(shop, eligibilityPosts, "POST /v1/policies"),
  }),
  "GET /v1/listEntries": async (shop) => ({
    role: "LEAD",
    who: "lea",
    path: "/v1/listEntries?",
    otherFilter: "market=KR",
    add: adds(shop, eligibilityPosts, "POST /v1/listEntries"),
  }),
  "GET /v1/quarantine": async (shop) => ({
    role: "WAREHOUSE",
    who: "wendy",
    path: "/v1/quarantine?",
    otherFilter: "state=HELD",
    add: adds(shop, inspectionPosts, "POST /v1/dock/parcels:scan"),
  }),
  "GET /v1/inspections": async (shop) => ({
    role: "WAREHOUSE",
    who: "wendy",
    path: "/v1/inspections?",
    otherFilter: "state=EXPECTED",
    add: async () => void (await waiting(shop)),
  }),
  "GET /v1/unknown-tracking-codes": async (shop, { report }) => {
    const { carrier, trackingNumber } = await waiting(shop);
    return {
      role: "OPERATOR",
      who: "olga",
      path: "/v1/unknown-tracking-codes?",
      otherFilter: `reporter=${carrier}`,
      add: () => report(carrier, trackingNumber, { code: newId("cod").slice(-8) }),
    };
  },
  "GET /v1/reconciliation/breaks": async (shop, backstage) => ({
    role: "FINANCE",
    who: "fay",
    path: "/v1/reconciliation/breaks?",
    otherFilter: "state=OPEN",
    add: async () => void (await refundPosts["POST /v1/reconciliation/breaks/{break_id}:explain"]?.(shop, backstage)),
  }),
  "GET /v1/desk/attention": async (shop) => ({
    ...alice,
    path: "/v1/desk/attention?",
    otherFilter: "market=KR",
    add: async () => void (await disputed(shop)),
  }),
  "GET /v1/desk/cases/{resolution_id}/assignments": async (shop) => {
    const at = `/v1/desk/cases/${await asked(shop)}`;
    const assign = () => taken(shop, "LEAD", "lena", `${at}:assign`, { assignee: newId("usr") });
    return { ...alice, path: `${at}/assignments?`, otherFilter: "", add: assign };
  },
  "GET /v1/desk/cases/{resolution_id}/notes": async (shop) => {
    const at = `/v1/desk/cases/${await asked(shop)}/notes`;
    const add = () => taken(shop, "AGENT", "alice", at, { text: "sounded unsure" });
    return { ...alice, path: `${at}?`, otherFilter: "everyVersion=true", add };
  },
  "GET /v1/desk/cases/{resolution_id}/tickets": async (shop) => {
    const at = `/v1/desk/cases/${await asked(shop)}/tickets`;
    const add = () => taken(shop, "AGENT", "alice", at, { subject: "Where is it?" });
    return { ...alice, path: `${at}?`, otherFilter: "", add };
  },
  "GET /v1/desk/exports": async (shop) => ({
    ...alice,
    path: "/v1/desk/exports?",
    otherFilter: "",
    add: adds(shop, deskPosts, "POST /v1/desk/exports"),
  }),
  "GET /v1/desk/queues": async (shop) => ({
    ...alice,
    path: "/v1/desk/queues?",
    otherFilter: "",
    add: adds(shop, deskPosts, "POST /v1/desk/queues"),
  }),
  "GET /v1/desk/queues/{queue_id}/cases": async (shop) => {
    const queue = { queueId: "taiwan", title: "Taiwan", filter: { market: "TW" } };
    await taken(shop, "LEAD", "lena", "/v1/desk/queues", { queue });
    const add = async () => void (await shop.ask(await shop.order({ market: "TW" }), "RETURN"));
    return { ...alice, path: "/v1/desk/queues/taiwan/cases?", otherFilter: "", add };
  },
  "GET /v1/audit/{service}": async (shop) => {
    const at = `/v1/desk/cases/${await asked(shop)}/notes`;
    return {
      role: "LEAD",
      who: "lena",
      path: "/v1/audit/resolution?principal=AGENT:ada",
      otherFilter: "resourceId=res_1",
      add: () => taken(shop, "AGENT", "ada", at, { text: "sounded unsure" }),
    };
  },
  "GET /v1/api-keys": async (shop) => ({
    role: "LEAD",
    who: "lee",
    path: "/v1/api-keys?",
    otherFilter: "holderId=seller-a",
    add: adds(shop, sellerPosts, "POST /v1/api-keys"),
  }),
  "GET /v1/seller-cases": async (shop) => {
    const who = newId("sel");
    const add = async () => void (await sold(shop, who));
    return { role: "SELLER", who, path: "/v1/seller-cases?", otherFilter: "state=ASKED", add };
  },
  "GET /v1/sellers/{seller_id}/statements/{month}": async (shop) => {
    const who = newId("sel");
    const path = `/v1/sellers/${who}/statements/${(await shop.now()).toISOString().slice(0, 7)}?`;
    const body = { lines: [{ lineId: "l-1", quantity: 1 }], code: "CANCEL_CODE_OUT_OF_STOCK" };
    let booked = 0;
    return {
      role: "SELLER",
      who,
      path,
      otherFilter: "",
      add: async () => {
        const { orderId } = await shop.order({ ...soldBy(who), shipsInDays: 2 });
        await taken(shop, "SELLER", who, `/v1/orders/${orderId}:cancelLines`, body);
        await until("it is booked", async () => {
          const { json } = await shop.rest("SELLER", who, "GET", path);
          return json.lines.length > booked;
        });
        booked++;
      },
    };
  },
  "GET /v1/webhook-subscriptions": async (shop) => {
    const who = newId("sel");
    const add = async () => void (await subscribed(shop, { who }));
    return { role: "SELLER", who, path: "/v1/webhook-subscriptions?", otherFilter: "", add };
  },
  "GET /v1/webhook-subscriptions/{subscription_id}/deliveries": async (shop) => {
    const who = newId("sel");
    const at = await subscribed(shop, { who });
    const add = () => taken(shop, "SELLER", who, `${at}:ping`, {});
    return { role: "SELLER", who, path: `${at}/deliveries?`, otherFilter: "state=DEAD", add };
  },
};

/** Adds what a POST makes that needs nothing before it. */
function adds(shop: Shop, posts: Posts, name: string): () => Promise<void> {
  return async () => {
    const post = await posts[name]?.(shop, undefined as never);
    if (!post?.role) throw new Error(`there is no ${name}`);
    await taken(shop, post.role, post.who, post.path, post.body);
  };
}
