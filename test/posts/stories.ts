// Requests that take days to become possible. All of them are begun together and waited for once.
import { Twist } from "#gen/backhaul/sandbox/v1/scenario_service.js";
import type { Shop } from "../shop.js";
import { taken } from "./post.js";
import { reviewed, waiting } from "./returns.js";

/** How a long story ends: a gift's money to be settled by hand, money to be recovered, or withdrawn for want of goods. */
type Ending = "gift" | "early" | "withdrawn";

/** Each post is sent afresh twice, and some name another resolution besides. */
const toldOf: Readonly<Record<Ending, number>> = { gift: 2, early: 4, withdrawn: 4 };

const told = new WeakMap<Shop, Promise<Record<Ending, string[]>>>();

/** A resolution whose story ended so. Nobody gets the same one again. */
export async function longStory(shop: Shop, ending: Ending): Promise<string> {
  const left = await (told.get(shop) ?? tellAnew(shop));
  return left[ending].pop() ?? ((await tellAnew(shop))[ending].pop() as string);
}

function tellAnew(shop: Shop): Promise<Record<Ending, string[]>> {
  const stories = tell(shop);
  told.set(shop, stories);
  return stories;
}

async function tell(shop: Shop): Promise<Record<Ending, string[]>> {
  const all = (count: number, story: () => Promise<string>) => Promise.all(Array.from({ length: count }, story));
  const [gift, early, withdrawn] = await Promise.all([
    all(toldOf.gift, () => granted(shop)),
    all(toldOf.early, () => damaged(shop)),
    all(toldOf.withdrawn, async () => (await waiting(shop)).resolutionId),
  ]);
  await shop.pass(16);
  return { gift, early, withdrawn };
}

/** A return of a gift that somebody has said yes to. */
async function granted(shop: Shop): Promise<string> {
  const { resolutionId } = await reviewed(shop);
  await taken(shop, "AGENT", "alice", `/v1/resolutions/${resolutionId}:approve`, {});
  return resolutionId;
}

/** A return that was paid at the door, and whose goods did not hold. */
async function damaged(shop: Shop): Promise<string> {
  const order = await shop.order({ market: "KR" });
  await shop.scenario({ twist: Twist.TWIST_DAMAGED, orderId: order.orderId });
  return (await shop.ask(order, "RETURN")).resolutionId;
}
