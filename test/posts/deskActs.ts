// Requests by which the back office moves a case itself.
import { Twist } from "#gen/backhaul/sandbox/v1/scenario_service.js";
import { until } from "#kit/testing/peers.js";
import type { Shop } from "../shop.js";
import { asked } from "./desk.js";
import { type Post, type Posts, taken } from "./post.js";
import { waiting } from "./returns.js";
import { sold } from "./sellers.js";

const reason = "they called";
const lines = (quantity: number, more: object = {}) => [{ lineId: "l-1", quantity, reason: "COLOR", ...more }];

/** An act with a reason to give. */
function act(resolutionId: string, verb: string, body: object = {}): Post {
  const path = `/v1/desk/cases/${resolutionId}:${verb}`;
  const other = { body: { ...body, reason: "another" } };
  return { role: "AGENT", who: "alice", path, body: { ...body, reason }, other };
}

const inADay = async (shop: Shop) => new Date((await shop.now()).getTime() + 86_400_000);

async function withdrawn(shop: Shop): Promise<string> {
  const order = await shop.order();
  const { resolutionId } = await shop.ask(order, "RETURN");
  await taken(shop, "CUSTOMER", order.customerId, `/v1/resolutions/${resolutionId}:withdraw`, {});
  return resolutionId;
}

/** An exchange at one of whose steps the inventory refused. */
async function stuck(shop: Shop, method: "HoldStock" | "ReleaseStock"): Promise<string> {
  const order = await shop.order();
  await shop.scenario({ twist: Twist.TWIST_REFUSED, orderId: order.orderId, method, times: 1 });
  const more = { replacementSku: "mug-large" };
  const { resolutionId } = await shop.ask(order, "EXCHANGE", { reason: "SIZE_TOO_SMALL", more });
  if (method === "ReleaseStock") {
    await until("the stock is held", async () => (await shop.see(resolutionId)).stock === "STOCK_STATE_HELD");
    await taken(shop, "CUSTOMER", order.customerId, `/v1/resolutions/${resolutionId}:withdraw`, {});
  }
  await until("it gave up", async () => {
    const { json } = await shop.rest("AGENT", "alice", "GET", `/v1/desk/cases/${resolutionId}/stuckSteps`);
    return json.steps.length === 1;
  });
  return resolutionId;
}

/** A case that calls for a person, because a seller disputes it. */
export async function disputed(shop: Shop): Promise<string> {
  const { resolutionId, sellerId, sellerCaseId } = await sold(shop);
  const said = { answer: "SELLER_ANSWER_DISPUTE", statement: "it was whole" };
  await taken(shop, "SELLER", sellerId, `/v1/seller-cases/${sellerCaseId}:answer`, said);
  await until("the desk is called", async () => (await shop.see(resolutionId)).onHold);
  return resolutionId;
}

export const deskActPosts: Posts = {
  "POST /v1/desk/cases/{resolution_id}:hold": async (shop) =>
    act(await asked(shop), "hold", { until: await inADay(shop) }),
  "POST /v1/desk/cases/{resolution_id}:release": async (shop) => {
    const resolutionId = await asked(shop);
    const held = { until: await inADay(shop), reason };
    await taken(shop, "AGENT", "alice", `/v1/desk/cases/${resolutionId}:hold`, held);
    return act(resolutionId, "release");
  },
  "POST /v1/desk/cases/{resolution_id}:takeUp": async (shop) => act(await withdrawn(shop), "takeUp"),
  "POST /v1/desk/cases/{resolution_id}:extendDeadline": async (shop) =>
    act((await waiting(shop)).resolutionId, "extendDeadline", { step: "handover", days: 3 }),
  "POST /v1/desk/cases/{resolution_id}:convert": async (shop) => {
    const exchange = { kind: "KIND_EXCHANGE", lines: lines(2, { replacementSku: "mug-large" }) };
    return act((await waiting(shop)).resolutionId, "convert", exchange);
  },
  "POST /v1/desk/cases/{resolution_id}:changeUnits": async (shop) =>
    act((await waiting(shop)).resolutionId, "changeUnits", { lines: lines(1) }),
  "POST /v1/desk/cases/{resolution_id}:retryStep": async (shop) =>
    act(await stuck(shop, "HoldStock"), "retryStep", { step: "stock.hold" }),
  "POST /v1/desk/cases/{resolution_id}:skipStep": async (shop) =>
    act(await stuck(shop, "ReleaseStock"), "skipStep", { step: "SKIPPABLE_STEP_STOCK_RELEASE" }),
  "POST /v1/desk/cases/{resolution_id}:clearAttention": async (shop) => act(await disputed(shop), "clearAttention"),
};
