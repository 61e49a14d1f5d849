// Requests that take days to become possible. All of them are begun together and waited for once.
import { Twist } from "#gen/backhaul/sandbox/v1/scenario_service.js";
import type { Shop } from "../shop.js";
import { taken } from "./post.js";
import { reviewed, waiting } from "./returns.js";

const told = new WeakMap<Shop, ReturnType<typeof tell>>();

/** Where they stand in the end, by resolution. */
export function longStories(shop: Shop): ReturnType<typeof tell> {
  const story = told.get(shop) ?? tell(shop);
  told.set(shop, story);
  return story;
}

async function tell(shop: Shop) {
  const { resolutionId: gift } = await reviewed(shop);
  await taken(shop, "AGENT", "alice", `/v1/resolutions/${gift}:approve`, {});
  const [early, early2] = [await damaged(shop), await damaged(shop)];
  const { resolutionId: withdrawn } = await waiting(shop);
  const { resolutionId: other } = await waiting(shop);
  await shop.pass(16);
  return { gift, early, early2, withdrawn, other };
}

/** A return that was paid at the door, and whose goods did not hold. */
async function damaged(shop: Shop): Promise<string> {
  const order = await shop.order({ market: "KR" });
  await shop.scenario({ twist: Twist.TWIST_DAMAGED, orderId: order.orderId });
  return (await shop.ask(order, "RETURN")).resolutionId;
}
