// Reasons that customers may give. Some happen to an order without them: a parcel nobody fetched, a payment that never came.
import { check } from "#kit/pure/check.js";
import type { Policy } from "./engine.js";
import type { AskedLine } from "./order.js";

/**
 * Whether a customer may give such reasons.
 * @throws DomainError REASON_UNKNOWN for one that nobody gives
 */
export function checkOffered({ reasons, document }: Policy, lines: readonly Pick<AskedLine, "reason">[]): void {
  const { market } = document;
  for (const { reason } of lines) {
    const unasked = reasons.get(reason)?.unasked === true;
    const message = `in ${market} ${reason} happens to an order by itself: choose what the customer would say`;
    check(!unasked, "REASON_UNKNOWN", message, { reason, market });
  }
}
