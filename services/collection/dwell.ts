// How long a parcel may be silent, by market: the setting behind core/dwell.ts.
import type { Setting } from "#kit/config.js";
import type { DwellLimits } from "./core/dwell.js";

/** Limits by market; "*" is every other market. */
export type Dwell = ReadonlyMap<string, DwellLimits>;

/** Two nights in transit are usual, a fortnight of silence is not, in any of the markets. */
const fallback: DwellLimits = { askDays: 2, stallDays: 4, presumeLostDays: 14 };

export function limitsOf(dwell: Dwell, market: string): DwellLimits {
  return dwell.get(market) ?? dwell.get("*") ?? fallback;
}

export function dwellSetting(name: string): Setting<Dwell> {
  const about = "days of silence until a carrier is asked, a person called, a loss presumed: KR=1/2/7,*=2/4/14";
  return { name, about, fallback: new Map(), parse: parseDwell };
}

/** @throws Error that says how limits are written, or which are out of order */
function parseDwell(text: string): Dwell {
  return new Map(text.split(",").map((part) => limits(part.trim())));
}

function limits(part: string): [string, DwellLimits] {
  const [, market, ...days] = /^([A-Z]{2}|\*)=(\d{1,3})\/(\d{1,3})\/(\d{1,3})$/.exec(part) ?? [];
  const [askDays = 0, stallDays = 0, presumeLostDays = 0] = days.map(Number);
  if (!market) throw new Error("is not a list of market=ask/stall/presume-lost, in days");
  if (askDays < 1 || stallDays < askDays || presumeLostDays <= stallDays) {
    throw new Error(`has days for ${market} that do not follow each other`);
  }
  return [market, { askDays, stallDays, presumeLostDays }];
}
