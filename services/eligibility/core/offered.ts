// Reasons that customers may give. Some happen to an order without them: a parcel nobody fetched, a payment that never came,
// goods that the seller cannot supply. Some only concern what has not come yet.
import { check } from "#kit/pure/check.js";
import type { Policy } from "./engine.js";
import type { Asked } from "./order.js";

/** What a customer asks for, and why. */
export type Offered = Pick<Asked, "kind"> & { readonly lines: readonly { readonly reason: string }[] };

/**
 * Whether a customer may give such reasons.
 * @throws DomainError REASON_UNKNOWN for one that nobody gives
 */
export function checkOffered({ reasons, document }: Policy, { kind, lines }: Offered): void {
  const { market } = document;
  for (const { reason } of lines) {
    const leaf = reasons.get(reason);
    const message = `in ${market} ${reason} happens to an order by itself: choose what the customer would say`;
    check(leaf?.unasked !== true, "REASON_UNKNOWN", message, { reason, market });
    const asked = leaf?.customer_kinds?.includes(kind) ?? true;
    const kinds = leaf?.customer_kinds?.join(", ");
    check(asked, "REASON_UNKNOWN", `in ${market} customers say ${reason} for ${kinds}, not for a ${kind}`, {
      ...{ reason, market },
    });
  }
}
