// What can be added to each list of the edge while somebody walks through it, and who may read it.
import { newId } from "#kit/ids.js";
import type { PersonRole } from "../../scripts/mesh/issuer.js";
import type { Backstage } from "../posts/backstage.js";
import { eligibilityPosts } from "../posts/eligibility.js";
import { inspectionPosts } from "../posts/inspection.js";
import type { Posts } from "../posts/post.js";
import { refundPosts } from "../posts/refund.js";
import { waiting } from "../posts/returns.js";
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
};

/** Adds what a POST makes that needs nothing before it. */
function adds(shop: Shop, posts: Posts, name: string): () => Promise<void> {
  return async () => {
    const post = await posts[name]?.(shop, undefined as never);
    if (!post) throw new Error(`there is no ${name}`);
    const { status, json } = await shop.rest(post.role, post.who, "POST", post.path, post.body);
    if (status !== 200) throw new Error(`${name}: ${JSON.stringify(json)}`);
  };
}
