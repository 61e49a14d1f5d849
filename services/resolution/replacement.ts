// What inventory and payment provider say of a replacement: whether it is still held, what was paid for the goods it
// replaces, and whether its difference is paid.
import type { InventoryServiceService } from "#gen/backhaul/partner/inventory/v1/inventory_service.js";
import { DemandState, type PaymentServiceService } from "#gen/backhaul/partner/payment/v1/payment_service.js";
import type { RefundLine, RefundServiceService } from "#gen/backhaul/refund/v1/refund_service.js";
import type { Call } from "#kit/call.js";
import type { ClientOf } from "#kit/client.js";
import type { Clock } from "#kit/clock.js";
import { fromProto, type Money } from "#kit/pure/money.js";
import type { Scene } from "./core/advance.js";
import { differencePaid, differenceUnpaid, holdRenewed, soldOut, stillUnpaid } from "./core/exchange.js";
import type { Outcome, Resolution } from "./core/types.js";

type Decide = (r: Resolution, scene: Scene) => Outcome;

/** What was paid for units, as a refund of them would say. */
export async function paidFor(
  { refund }: { readonly refund: ClientOf<typeof RefundServiceService> },
  orderId: string,
  lines: RefundLine[],
  call: Call,
): Promise<Money | undefined> {
  const { quote } = await refund.quoteRefund({ orderId, lines, fees: [], refundShipping: false }, call);
  return quote?.amount && fromProto(quote.amount);
}

/** Asks the inventory to hold on. */
export async function holdsOn(
  { inventory }: { readonly inventory: ClientOf<typeof InventoryServiceService> },
  asked: { readonly requestId: string; readonly holdId: string; readonly expires: string },
  call: Call,
): Promise<Decide> {
  const { requestId, holdId } = asked;
  const expires = new Date(asked.expires);
  const { gone } = await inventory.renewStock({ requestId, holdId, expireTime: expires }, call);
  return gone ? soldOut : (r, scene) => holdRenewed(r, expires, scene);
}

/** Looks at a demand. One whose time is over is taken back first, so that nobody pays for what is no longer held. */
export async function demandNow(
  { payment }: { readonly payment: ClientOf<typeof PaymentServiceService> },
  clock: Clock,
  { demandId, payBy }: { readonly demandId: string; readonly payBy: string },
  call: Call,
): Promise<Decide> {
  const { state } = await payment.getDemand({ demandId }, call);
  if (state === DemandState.DEMAND_STATE_PAID) return differencePaid;
  const over = state === DemandState.DEMAND_STATE_EXPIRED || state === DemandState.DEMAND_STATE_CANCELED;
  if (over) return differenceUnpaid;
  if (clock.now() < new Date(payBy)) return stillUnpaid;
  const last = await payment.cancelDemand({ requestId: `${demandId}.cancel`, demandId }, call);
  return last.state === DemandState.DEMAND_STATE_PAID ? differencePaid : differenceUnpaid;
}
