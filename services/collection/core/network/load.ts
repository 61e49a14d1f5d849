// What is to be carried, as far as limits and return centres ask.
import { type Centre, type Limits, type Network, type Temperature, temperatures } from "./network.js";

/** Units of a product, with what the catalogue knows of it; 0 or "" is not known. */
export type Goods = {
  readonly quantity: number;
  readonly sellerId: string;
  readonly longestSideCm: number;
  readonly sidesSumCm: number;
  readonly weightGrams: number;
  readonly temperature: string;
};

/** All of it together; 0 is not known, and no limit holds for it. */
export type Load = {
  readonly longestSideCm: number;
  readonly sidesSumCm: number;
  readonly weightGrams: number;
  readonly temperatures: ReadonlySet<Temperature>;
  /** Whose goods; undefined: the shop's own, or several sellers' together. */
  readonly sellerId: string | undefined;
};

export function loadOf(goods: readonly Goods[]): Load {
  const largest = (side: (it: Goods) => number) => Math.max(0, ...goods.map(side));
  const sellers = new Set(goods.map(({ sellerId }) => sellerId));
  const heat = goods.map(({ temperature }) => temperatures.find((word) => word === temperature) ?? "AMBIENT");
  return {
    longestSideCm: largest(({ longestSideCm }) => longestSideCm),
    sidesSumCm: largest(({ sidesSumCm }) => sidesSumCm),
    weightGrams: goods.reduce((sum, { weightGrams, quantity }) => sum + weightGrams * quantity, 0),
    temperatures: new Set(heat.length > 0 ? heat : ["AMBIENT"]),
    sellerId: sellers.size === 1 ? [...sellers][0] || undefined : undefined,
  };
}

/** Which limit the load breaks; undefined: none. */
export function brokenLimit(limits: Limits, load: Load): "TOO_LARGE" | "TOO_HEAVY" | "TEMPERATURE" | undefined {
  const over = (measure: number, limit: number | undefined) => limit !== undefined && measure > limit;
  if (over(load.longestSideCm, limits.longest_side_cm) || over(load.sidesSumCm, limits.sides_sum_cm))
    return "TOO_LARGE";
  if (over(load.weightGrams, limits.weight_grams)) return "TOO_HEAVY";
  return [...load.temperatures].every((word) => limits.temperatures.includes(word)) ? undefined : "TEMPERATURE";
}

/** Where it goes: a seller's goods to the seller's own centre if there is one; else the shop's first that takes it. */
export function centreFor(network: Network, area: string, load: Load): Centre | "AREA_NOT_SERVED" | "TEMPERATURE" {
  const theirs = network.centres.filter(({ seller_ids }) => load.sellerId && seller_ids.includes(load.sellerId));
  const candidates = theirs.length > 0 ? theirs : network.centres.filter(({ seller_ids }) => seller_ids.length === 0);
  const near = candidates.filter(({ areas }) => areas.includes(area));
  if (near.length === 0) return "AREA_NOT_SERVED";
  const fits = (centre: Centre) => [...load.temperatures].every((word) => centre.temperatures.includes(word));
  return near.find(fits) ?? "TEMPERATURE";
}
