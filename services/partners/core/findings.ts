// What the inspector finds: everything as new, unless a scenario says otherwise.
import type { Twist } from "./scenario.js";

/** Units that should be in a parcel. */
export type ExpectedLine = { readonly lineId: string; readonly sku: string; readonly quantity: number };

/** Units of a line that share a verdict, in the contract's words. */
export type Finding = {
  readonly lineId: string;
  readonly quantity: number;
  readonly verdict: "ACCEPTED" | "REJECTED";
  readonly grade: "LIKE_NEW" | "UNSELLABLE";
  readonly condition: "SELLABLE" | "WRONG_ITEM" | "CUSTOMER_DAMAGED";
  readonly disposition: "RESTOCKED" | "RETURN_TO_CUSTOMER";
};

/**
 * A verdict for every expected unit. With WRONG_ITEM or DAMAGED the first `units` of the parcel are rejected, line by
 * line; 0 rejects them all.
 */
export function findings(lines: readonly ExpectedLine[], twist: Twist | undefined, units: number): Finding[] {
  const spoilt = twist === "WRONG_ITEM" || twist === "DAMAGED";
  let left = spoilt ? units || Number.POSITIVE_INFINITY : 0;
  return lines.flatMap(({ lineId, quantity }) => {
    const rejected = Math.min(left, quantity);
    left -= rejected;
    const both: Finding[] = [
      {
        lineId,
        quantity: rejected,
        verdict: "REJECTED",
        grade: "UNSELLABLE",
        condition: twist === "WRONG_ITEM" ? "WRONG_ITEM" : "CUSTOMER_DAMAGED",
        disposition: "RETURN_TO_CUSTOMER",
      },
      {
        lineId,
        quantity: quantity - rejected,
        verdict: "ACCEPTED",
        grade: "LIKE_NEW",
        condition: "SELLABLE",
        disposition: "RESTOCKED",
      },
    ];
    return both.filter((finding) => finding.quantity > 0);
  });
}
