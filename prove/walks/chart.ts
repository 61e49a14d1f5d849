// The edges that the resolution's chart declares, version by version, read from its regions: what walks have to go.
import { goods } from "../../services/resolution/core/goods.js";
import { goods as goods2 } from "../../services/resolution/core/goods2.js";
import { money } from "../../services/resolution/core/money.js";
import { money as money2 } from "../../services/resolution/core/money2.js";
import { stock } from "../../services/resolution/core/stock.js";
import { stock as stock2 } from "../../services/resolution/core/stock2.js";
import { edgeOf } from "./ledger.js";

type Target = string | { readonly target?: string } | readonly Target[];
type Region = { readonly states: Readonly<Record<string, object>> };
type Regions = Readonly<Record<string, Region>>;

const regionsOf = {
  "resolution/1": { goods, money, stock },
  "resolution/2": { goods: goods2, money: money2, stock: stock2 },
} as const satisfies Readonly<Record<string, Regions>>;

export type Version = keyof typeof regionsOf;
export const versions = Object.keys(regionsOf) as Version[];

/** What the customer sees: a resolution is decided once, ends once, and may be taken up again, for a time or by staff. */
const whole = [
  ["REQUESTED", ["OPEN", "PENDING_REVIEW", "DECLINED"]],
  ["PENDING_REVIEW", ["OPEN", "DECLINED", "WITHDRAWN", "CANCELED"]],
  ["OPEN", ["CLOSED", "DECLINED", "WITHDRAWN", "CANCELED", "AUTO_WITHDRAWN"]],
  ["AUTO_WITHDRAWN", ["OPEN"]],
] as const;
/** What staff take up in version 2; what was never granted goes back to its review. */
const takenUp = [
  ["WITHDRAWN", ["OPEN", "PENDING_REVIEW"]],
  ["CANCELED", ["OPEN", "PENDING_REVIEW"]],
  ["AUTO_WITHDRAWN", ["PENDING_REVIEW"]],
] as const;

/** Every edge of a version, tracks before their words. */
export function edgesOfChart(version: Version): string[] {
  const regions: Regions = regionsOf[version];
  return [
    ...[...whole, ...(version === "resolution/2" ? takenUp : [])].flatMap(([from, all]) =>
      all.map((to) => edgeOf(from, to)),
    ),
    ...Object.entries(regions).flatMap(([track, region]) =>
      Object.keys(region.states).flatMap((from) =>
        [...leaving(region, from).all].map((to) => edgeOf(`${track} ${from}`, `${track} ${to}`)),
      ),
    ),
  ];
}

/** The states that one event goes through from one to another: some are left at once where a guard lets them. */
export function wayOf(version: Version, track: string, from: string, to: string): string[] {
  const regions: Regions = regionsOf[version];
  const region = regions[track] as Region;
  const ways: string[][] = [...leaving(region, from).all].map((first) => [from, first]);
  for (const way of ways) {
    const last = way.at(-1) as string;
    if (last === to) return way;
    if (way.length < 5) for (const next of leaving(region, last).atOnce) ways.push([...way, next]);
  }
  return [from, to];
}

function leaving({ states }: Region, state: string): { atOnce: Set<string>; all: Set<string> } {
  const { always, on } = (states[state] ?? {}) as { always?: Target; on?: Readonly<Record<string, Target>> };
  const atOnce = targetsOf(always);
  return { atOnce: new Set(atOnce), all: new Set([...atOnce, ...Object.values(on ?? {}).flatMap(targetsOf)]) };
}

/** Targets within the region: "#…" leaves it. */
function targetsOf(target: Target | undefined): string[] {
  if (target === undefined) return [];
  if (typeof target === "string") return target.startsWith("#") ? [] : [target];
  if (Array.isArray(target)) return target.flatMap(targetsOf);
  return targetsOf((target as { target?: string }).target);
}
