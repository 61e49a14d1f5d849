// What must hold of money, told from the refund service's rows and from the books of whoever paid: every share went to its
// customer once at most, whatever got lost; no line and no payment brings more than it had; nothing final ever moves.
import { ProviderRefundState } from "#gen/backhaul/partner/payment/v1/payment_service.js";
import { tenderMoves } from "../../services/refund/core/tenders.js";
import type { TenderState } from "../../services/refund/core/types.js";
import type { Row } from "../database/table.js";
import type { MoneyBooks } from "../outside/money.js";
import { wire } from "../people/finance.js";
import type { World } from "../world/types.js";

const gone: ReadonlySet<ProviderRefundState> = new Set([
  ProviderRefundState.PROVIDER_REFUND_STATE_PENDING,
  ProviderRefundState.PROVIDER_REFUND_STATE_SUCCEEDED,
]);
const over: ReadonlySet<string> = new Set(["SUCCEEDED", "VOIDED"]);

/** How often the customer has, or is about to get, a share's money. */
function timesPaid({ providerKey, route, providerRefundId }: Row, books: MoneyBooks): number {
  const byProvider = books.payouts.filter(({ key, state }) => key === providerKey && gone.has(state)).length;
  const byPoints = books.movements.has(providerKey) ? 1 : 0;
  return byProvider + byPoints + (route === "MANUAL" && providerRefundId === wire ? 1 : 0);
}

/** Told with every refund as it is committed. `edge` takes each move of a share. */
export function watchRefund(
  world: World,
  books: MoneyBooks,
  refund: Row,
  before: Row | undefined,
  edge: (from: string, to: string) => void,
): void {
  const { refundId } = refund;
  for (const tender of refund.tenders as Row[]) {
    const was = before?.tenders.find(({ providerKey }: Row) => providerKey === tender.providerKey);
    if (was && was.state !== tender.state) {
      edge(was.state, tender.state);
      const way = tenderMoves[was.state as TenderState] as readonly string[];
      // Money that came back before we heard that it was paid went both ways at once.
      const both = tender.state === "REVERSED" && way.includes("SUCCEEDED");
      if (!way.includes(tender.state) && !both)
        world.broken(`${refundId}: a share went from ${was.state} to ${tender.state}`);
    }
    if (timesPaid(tender, books) > 1) world.broken(`${refundId}: ${tender.providerKey} was paid twice`);
  }
  if (before && over.has(before.state) && refund.state !== before.state && refund.state !== "FAILED")
    world.broken(`${refundId}: over as ${before.state}, and now ${refund.state}`);
}

/** Told at the end, when nothing is left to do. */
export function settledRefunds(world: World, books: MoneyBooks): void {
  const schema = world.schemas.refund;
  if (!schema) return;
  for (const refund of schema.table("refund").rows.values()) {
    const { refundId, state, quote, interest } = refund;
    if (!over.has(state)) world.broken(`${refundId} never ended: ${state} ${JSON.stringify(refund.tenders)}`);
    for (const tender of refund.tenders as Row[]) {
      const wanted = tender.state === "SUCCEEDED" ? 1 : 0;
      const times = timesPaid(tender, books);
      // What was seen in the provider's book is paid there.
      if (times !== wanted) world.broken(`${refundId}: ${tender.providerKey} is ${tender.state}, paid ${times} times`);
    }
    const tendered = (refund.tenders as Row[]).filter(({ paymentId }) => paymentId !== "interest");
    const replaced = tendered.filter(({ failure }) => String(failure).startsWith("replaced by"));
    const sum = tendered.filter((t) => !replaced.includes(t)).reduce((all, t) => all + BigInt(t.amount.minor), 0n);
    if (sum !== BigInt(quote.amount.minor))
      world.broken(`${refundId}: shares of ${sum}, granted ${quote.amount.minor}`);
    const owed = schema
      .table("ledger_entry")
      .where((entry) => entry.refundId === refundId && entry.account === "refunds_payable")
      .reduce((all, { amountMinor }) => all + amountMinor, 0n);
    if (owed !== 0n)
      world.broken(`${refundId}: ${owed} is still owed in the ledger (interest ${JSON.stringify(interest)})`);
  }
  for (const { providerRefundKey } of orphans(world, books))
    world.broken(`nobody knows the payout ${providerRefundKey}`);
  for (const [paymentId, { captured, refunded }] of books.payments) {
    if (refunded > captured.minor) world.broken(`${paymentId}: paid back ${refunded} of ${captured.minor}`);
  }
}

function orphans(world: World, { payouts }: MoneyBooks): { providerRefundKey: string }[] {
  const tenders = world.schemas.refund?.table("tender");
  return payouts.filter(({ key }) => !tenders?.get(key)).map(({ key }) => ({ providerRefundKey: key }));
}
