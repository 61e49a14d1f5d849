// The money invariants, 1 to 15, over the refund service's books, the provider's own book, and what the goods were judged
// to be. Each query finds what breaks it, and says in `what` how. They share no code with the services: the only thing
// known here is their tables.

import { amountInvariants } from "./amounts.js";
import { goodsInvariants, type Limits } from "./goods.js";
import type { Invariant, Schemas } from "./invariant.js";
import { paymentInvariants } from "./payments.js";

/**
 * All fifteen, in their order.
 * @param limits what may be out with one customer before any of it has come back, by market
 */
export function moneyInvariants(of: Schemas, limits: Limits): Invariant[] {
  const all = [...paymentInvariants(of), ...amountInvariants(of), ...goodsInvariants(of, limits)];
  return all.sort((a, b) => a.number - b.number);
}
