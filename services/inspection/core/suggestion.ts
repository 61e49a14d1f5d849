// What could be done with a unit, by what it would bring. A suggestion and no more: a person decides.
import type { Condition, Disposition, Grade } from "./types.js";

/** Shares are hundredths of a per cent of what the customer paid for the unit. */
export type Figures = {
  /** What a unit of each grade brings, sold as such. */
  readonly resale: Readonly<Record<"UNOPENED" | "LIKE_NEW" | "GOOD" | "FAIR", number>>;
  /** Looking through, cleaning, packing: before anything is sold. */
  readonly handling: number;
  /** Of a hundred faulty units a workshop brings so many back to life; what that costs, and what they then bring. */
  readonly repair: { readonly successPercent: number; readonly cost: number; readonly resale: number };
  /** What the vendor credits for a unit that was faulty from the start; 0 where vendors take nothing back. */
  readonly vendorCredit: number;
  /** What throwing a unit away costs. */
  readonly disposal: number;
  /** Whether opened units may still be passed on at all. */
  readonly openedForSale: boolean;
};

/** What somebody saw of a unit. */
export type Seen = {
  readonly condition: Condition;
  readonly unopened: boolean;
  readonly scratches: number;
  readonly partsMissing: boolean;
  /** The customer never had it: then it goes to nobody. */
  readonly neverHad?: boolean;
};

export type Option = { readonly disposition: Disposition; readonly recovery: number; readonly why: string };
export type Suggestion = { readonly grade: Grade; readonly options: readonly Option[] };

const notTheArticle: ReadonlySet<Condition> = new Set(["WRONG_ITEM", "EMPTY_BOX"]);
const faulty: ReadonlySet<Condition> = new Set([
  "DEFECTIVE",
  "CUSTOMER_DAMAGED",
  "CARRIER_DAMAGED",
  "FULFILLER_DAMAGED",
]);

/** The grade that fits, and the ways that are open, best recovery first. */
export function suggest(seen: Seen, figures: Figures): Suggestion {
  const grade = gradeOf(seen, figures);
  const options = ways(seen, grade, figures).sort((a, b) => b.recovery - a.recovery);
  return { grade, options };
}

/** The scale of the resale channels: at most two small scratches are GOOD, fewer than four or minor parts missing FAIR. */
function gradeOf({ condition, unopened, scratches, partsMissing }: Seen, { openedForSale }: Figures): Grade {
  if (condition !== "SELLABLE" && condition !== "MISSING_PARTS") return "UNSELLABLE";
  if (unopened) return "UNOPENED";
  if (!openedForSale || scratches >= 4) return "UNSELLABLE";
  if (partsMissing || condition === "MISSING_PARTS" || scratches === 3) return "FAIR";
  return scratches > 0 ? "GOOD" : "LIKE_NEW";
}

function ways({ condition, neverHad }: Seen, grade: Grade, figures: Figures): Option[] {
  const { handling, disposal, resale, repair, vendorCredit } = figures;
  if (condition === "MISSING") return [{ disposition: "MISSING", recovery: 0, why: "it never came" }];
  const away: Option = { disposition: "DISPOSE", recovery: -disposal, why: `disposal costs ${disposal}` };
  if (notTheArticle.has(condition))
    return neverHad ? [away] : [{ disposition: "RETURN_TO_CUSTOMER", recovery: 0, why: "it is not what was sold" }];
  // Neither may leave the house in anybody's hands but a disposer's.
  if (condition === "HAZMAT" || condition === "COUNTERFEIT_SUSPECT") return [away];
  const options = [away];
  if (grade === "UNOPENED" || grade === "LIKE_NEW")
    options.push({ disposition: "RESTOCKED", recovery: resale[grade] - handling, why: `sells as ${grade}` });
  if (grade === "LIKE_NEW" || grade === "GOOD" || grade === "FAIR") {
    const opened = grade === "LIKE_NEW" ? resale.GOOD : resale[grade];
    options.push({
      disposition: "RESALE_GRADED",
      recovery: opened - handling,
      why: `resale as ${grade} brings ${opened}`,
    });
    options.push({ disposition: "DONATE", recovery: -handling, why: `handling costs ${handling}` });
  }
  if (faulty.has(condition) && repair.successPercent > 0) {
    const { successPercent, cost } = repair;
    const hoped = Math.trunc((successPercent * repair.resale - (100 - successPercent) * disposal) / 100) - cost;
    options.push({ disposition: "REFURBISH", recovery: hoped, why: `${successPercent} of 100 can be repaired` });
  }
  if (condition === "DEFECTIVE" && vendorCredit > 0)
    options.push({ disposition: "RETURN_TO_VENDOR", recovery: vendorCredit - handling, why: `credit ${vendorCredit}` });
  return options;
}
