/**
 * What must have been paid back, reckoned from the record and from what the mesh says became of the goods; the mesh's own
 * sums are not looked at. A unit is worth what was paid for it, fees are those of the decision, and never more than the
 * goods are worth. Pure.
 */
import { type JsonResolution, penceOf } from "./answers.js";
import type { Sale } from "./history.js";

/** Order line → what was paid for one unit, and how many were bought. */
export type Prices = ReadonlyMap<string, { readonly unitPriceMinor: bigint; readonly bought: number }>;

export interface Reckoned {
  units: number;
  feesMinor: bigint;
  refundMinor: bigint;
}

export function pricesOf(sales: readonly Sale[]): Prices {
  return new Map(
    sales.flatMap(({ lines }) =>
      lines.map(({ lineId, unitPriceMinor, quantity }) => [lineId, { unitPriceMinor, bought: quantity }]),
    ),
  );
}

/** Nothing is due before the money has moved, and where the goods were refused. */
export function reckon(resolution: JsonResolution, prices: Prices): Reckoned {
  if (resolution.money !== "MONEY_STATE_REFUNDED") return { units: 0, feesMinor: 0n, refundMinor: 0n };
  let units = 0;
  let worth = 0n;
  for (const { lineId, accepted } of resolution.lines) {
    units += accepted;
    worth += (prices.get(lineId)?.unitPriceMinor ?? 0n) * BigInt(accepted);
  }
  const fees = (resolution.decision?.terms?.fees ?? []).reduce((sum, { amount }) => sum + penceOf(amount), 0n);
  const feesMinor = fees < worth ? fees : worth;
  return { units, feesMinor, refundMinor: worth - feesMinor };
}

/** What a resolution that is not at its end waits for, in the mesh's own words; undefined when it does not say. */
export function waitsFor({ state, onHold, holdReason, money, deadlines }: JsonResolution): string | undefined {
  if (state === "RESOLUTION_STATE_PENDING_REVIEW") return "a person's review";
  if (onHold) return `a person: ${holdReason || "on hold"}`;
  if (money === "MONEY_STATE_MANUAL_REQUIRED") return "a refund by hand";
  if (money === "MONEY_STATE_RECOVERING") return "the customer, to pay back what was refunded too early";
  const [next] = deadlines;
  return next ? `its ${next.step} deadline` : undefined;
}
