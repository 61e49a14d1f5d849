// One simulated return, drawn from a seed: what was sold, what is asked back, what the parcels really hold, and what
// becomes of each unit. The plan is the yardstick: afterwards every book has to say the same.
import type { Chance } from "../chance.js";

export type Disposition = "RESTOCKED" | "RESALE_GRADED" | "DISPOSE" | "REFURBISH" | "RETURN_TO_VENDOR" | "DONATE";
export type Fate = Disposition | "REJECTED" | "MISSING";

/** A line that is asked back: what becomes of each expected unit, by its number. */
export type PlannedLine = {
  readonly lineId: string;
  readonly sku: string;
  readonly purchased: number;
  readonly fates: readonly Fate[];
};

export type Item = { readonly sku: string; readonly quantity: number };

/** A parcel: what is in it, and how it comes. */
export type PlannedParcel = {
  readonly trackingNumber: string;
  readonly items: readonly Item[];
  /** No label: the quarantine has it until somebody knows whose it is. */
  readonly blind: boolean;
};

export type Plan = {
  readonly nth: number;
  readonly orderId: string;
  readonly resolutionId: string;
  readonly story: string;
  readonly lines: readonly PlannedLine[];
  readonly parcels: readonly PlannedParcel[];
  /** Comes when everything is decided already. */
  readonly late: PlannedParcel | undefined;
  /** Called off before anything comes. */
  readonly canceled: boolean;
  /** Given unit by unit before the inspection is completed; the rest is given with the completion. */
  readonly recorded: boolean;
  /** What becomes of units that nobody expected; some stay where they are. */
  readonly strays: Disposition | "HELD";
};

/** Products of the simulated shop. */
export const skus = Array.from({ length: 40 }, (_, nth) => `GOODS-${nth + 1}`);
/** What nobody ever asked back. */
export const wrongSku = "GOODS-WRONG";

const stories = [
  ["accepted", 34],
  ["rejected", 10],
  ["mixed", 20],
  ["short", 10],
  ["empty", 5],
  ["over", 8],
  ["wrong item", 6],
  ["blind", 4],
  ["after the end", 3],
] as const;
export type Story = (typeof stories)[number][0];

const kept: readonly Disposition[] = [
  "RESTOCKED",
  "RESTOCKED",
  "RESTOCKED",
  "RESALE_GRADED",
  "REFURBISH",
  "RETURN_TO_VENDOR",
  "DONATE",
  "DISPOSE",
];

export function planOf(nth: number, run: string, resolutionId: string, chance: Chance): Plan {
  const story = drawn(chance);
  const base = `${run}-${nth}`;
  const lines = linesOf(story, chance);
  const inside = lines.map(({ sku, fates }) => ({ sku, quantity: fates.filter((fate) => fate !== "MISSING").length }));
  if (story === "over") {
    const [first] = inside;
    if (first) inside[0] = { ...first, quantity: first.quantity + chance.between(1, 3) };
  }
  if (story === "wrong item") inside.push({ sku: wrongSku, quantity: chance.between(1, 2) });
  return {
    nth,
    orderId: `goods-${base}`,
    resolutionId,
    story,
    lines,
    parcels: packed(
      inside.filter(({ quantity }) => quantity > 0),
      base,
      story === "blind",
      chance,
    ),
    late:
      story === "after the end"
        ? { trackingNumber: `L-${base}`, items: [{ sku: wrongSku, quantity: 1 }], blind: false }
        : undefined,
    canceled: chance.percent(5),
    recorded: chance.percent(25),
    strays: chance.pick(["RESTOCKED", "DISPOSE", "HELD"] as const),
  };
}

/** What must be found in the books of one return, in units. */
export function expectedOf({ lines, parcels, late }: Plan) {
  const fates = lines.flatMap(({ fates }) => fates);
  const missing = fates.filter((fate) => fate === "MISSING").length;
  const rejected = fates.filter((fate) => fate === "REJECTED").length;
  const here = units(parcels.flatMap(({ items }) => items)) + units(late?.items ?? []);
  return {
    expected: fates.length,
    accepted: fates.length - missing - rejected,
    rejected,
    missing,
    extra: here - (fates.length - missing),
  };
}

export function units(items: readonly { readonly quantity: number }[]): number {
  return items.reduce((sum, { quantity }) => sum + quantity, 0);
}

function drawn(chance: Chance): Story {
  let left = chance.below(stories.reduce((sum, [, weight]) => sum + weight, 0));
  for (const [story, weight] of stories) if ((left -= weight) < 0) return story;
  return "accepted";
}

/** One to three lines of different products; of each at most what was bought. */
function linesOf(story: Story, chance: Chance): PlannedLine[] {
  const products = chance.shuffled(skus).slice(0, chance.between(1, 3));
  return products.map((sku, at) => {
    const purchased = chance.between(1, 4);
    const asked = chance.between(1, purchased);
    const fates = Array.from({ length: asked }, () => fateOf(story, chance));
    // A story is told by at least one of its units.
    if (at === 0) fates[0] = tells(story) ?? fates[0] ?? "RESTOCKED";
    return { lineId: `l-${at + 1}`, sku, purchased, fates };
  });
}

function tells(story: Story): Fate | undefined {
  const told: Partial<Record<Story, Fate>> = { rejected: "REJECTED", short: "MISSING", over: "RESTOCKED" };
  return told[story];
}

function fateOf(story: Story, chance: Chance): Fate {
  if (story === "rejected") return "REJECTED";
  if (story === "empty") return "MISSING";
  if (story === "mixed") return chance.percent(40) ? "REJECTED" : chance.pick(kept);
  if (story === "short") return chance.percent(50) ? "MISSING" : chance.pick(kept);
  return chance.pick(kept);
}

/** Spread over one to three parcels; a parcel with nothing in it comes all the same. */
function packed(items: readonly Item[], base: string, blind: boolean, chance: Chance): PlannedParcel[] {
  const count = items.length === 0 ? 1 : chance.between(1, Math.min(3, items.length));
  return Array.from({ length: count }, (_, at) => ({
    trackingNumber: `T-${base}-${at}`,
    items: items.filter((_, nth) => nth % count === at),
    blind: blind && at === 0,
  }));
}
