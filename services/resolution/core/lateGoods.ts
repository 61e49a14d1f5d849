// Goods of a request that come to the dock after its verdict: the dock keeps them apart, and a person has to decide.
import { raised, type Scene } from "./advance.js";
import type { Outcome, Resolution } from "./types.js";

/** What the dock keeps. */
export type LateGoods = {
  readonly quarantineId: string;
  readonly trackingNumber: string;
  readonly items: readonly { readonly sku: string; readonly quantity: number }[];
};

/** Units that were called missing may be in it: they were not paid for, or somebody else paid for them. */
export function lateGoods(r: Resolution, { quarantineId, trackingNumber, items }: LateGoods, scene: Scene): Outcome {
  const counted = items.map(({ sku, quantity }) => `${quantity} × ${sku}`).join(", ") || "not counted yet";
  const parcel = trackingNumber === "" ? "" : ` in parcel ${trackingNumber}`;
  const text = `goods of this request came to the dock after its verdict: ${counted}${parcel} (${quarantineId})`;
  const next = "see what is owed for units that were called missing, or have the dock send the goods back";
  return raised(r, scene, "late-goods", `${text}: ${next}`);
}
