// A refund's tax documents against the corrections that were issued.
import { isPast, said } from "./patience.js";
import type { Correction, Finding, OurRefund, OurTaxTwin, Patience } from "./types.js";

/** One finding at most for a tax document of a refund. A refund that is not closed may still wait for its correction. */
export function againstCorrections(
  twin: OurTaxTwin,
  { refundId, state, settleTime }: OurRefund,
  corrections: readonly Correction[],
  { now, missingAfterMs }: Patience,
): Finding | undefined {
  const [correction, second] = corrections;
  const find = (theirs: Finding["theirs"], text: string): Finding => {
    return { kind: "UNMATCHED_DOCUMENT", reference: twin.key, refundId, ours: twin.amount, theirs, text };
  };
  if (!correction) {
    if (state !== "SUCCEEDED" || !isPast(settleTime, missingAfterMs, now)) return undefined;
    return find(undefined, "the refund is paid; its tax document has no correction");
  }
  if (second) return find(second.amount, `corrected twice: ${correction.correctionNumber}, ${second.correctionNumber}`);
  const { amount } = correction;
  if (!twin.amount || (amount?.minor === twin.amount.minor && amount.currency === twin.amount.currency))
    return undefined;
  return find(amount, `corrected by ${said(amount)} where the refund says ${said(twin.amount)}`);
}

/** A correction that no refund of ours asked for. */
export function strayCorrection({ correctionNumber, amount }: Correction): Finding {
  const text = "a tax document was corrected and no refund asked for it";
  const reference = correctionNumber;
  return { kind: "UNMATCHED_DOCUMENT", reference, refundId: "", ours: undefined, theirs: amount, text };
}
