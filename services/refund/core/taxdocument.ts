// How the tax document of a sale is corrected by a refund: KR cancels the cash receipt, GB gives a credit note, TW voids
// the e-invoice within its two months if the whole sale goes back, else answers it by an allowance.
import type { Money } from "#kit/pure/money.js";
import type { Correction, SoldOrder } from "./types.js";

/** The correction that a refund of this much needs; undefined where the sale has no document. */
export function correctionOf(order: SoldOrder, amount: Money, whole: boolean, now: Date): Correction | undefined {
  switch (order.taxDocument?.kind) {
    case undefined:
      return undefined;
    case "CASH_RECEIPT":
      return "CASH_RECEIPT_CANCEL";
    case "VAT_INVOICE":
      return "CREDIT_NOTE";
    case "E_INVOICE": {
      const paid = order.payments.reduce((sum, { captured }) => sum + captured.minor, 0n);
      const voids = whole && amount.minor === paid && samePeriod(order.taxDocument.issueTime, now);
      return voids ? "VOID" : "ALLOWANCE";
    }
  }
}

const taipeiMs = 8 * 3_600_000;

/** Whether two times lie in the same two months of TW's invoice periods: January and February, March and April, … */
export function samePeriod(a: Date, b: Date): boolean {
  return periodOf(a) === periodOf(b);
}

/** A number per period, counted on in Taipei's time, which knows no summer time. */
function periodOf(time: Date): number {
  const local = new Date(time.getTime() + taipeiMs);
  return local.getUTCFullYear() * 6 + Math.floor(local.getUTCMonth() / 2);
}
