// What a collection is asked for besides its units: what the goods are and whose, so that a carrier takes them that can,
// to the return centre they belong to, and by when they should be there.
import { swapAtDoor } from "./context2.js";
import { heldUntil } from "./difference.js";
import type { Resolution } from "./types.js";

/**
 * What is to be carried, as far as its order names it. Decisions from before they named the seller leave it out: then it
 * goes to the shop's own centre.
 */
export function goodsOf({ lines, terms }: Resolution): { sku: string; quantity: number; sellerId: string }[] {
  const sellers = new Map(terms.goods?.map(({ lineId, sellerId }) => [lineId, sellerId]));
  const named = lines.filter(({ sku }) => sku !== "");
  return named.map(({ lineId, sku, quantity }) => ({ sku, quantity, sellerId: sellers.get(lineId) ?? "" }));
}

/**
 * When the goods should be at the return centre. A refund presses nobody before: its clock begins with the receipt (KR) or
 * with the hand-over (TW), however long the way was. A replacement that leaves once the goods were looked at is held only
 * for a time; whether the inventory renews it then is not ours to say. Undefined: whenever it comes.
 */
export function neededBy(r: Resolution): Date | undefined {
  const { replacement, inspection, exchange, method } = r.terms;
  const waits = replacement && inspection && method !== swapAtDoor && (exchange ?? "STANDARD") === "STANDARD";
  return waits ? (r.exchange?.expires ?? heldUntil(r)) : undefined;
}
