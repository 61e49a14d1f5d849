// What inventory and payment provider say of a replacement: whether it is held, what was paid for the goods it replaces,
// and whether its difference is paid.
import type { InventoryServiceService } from "#gen/backhaul/partner/inventory/v1/inventory_service.js";
import { DemandState, type PaymentServiceService } from "#gen/backhaul/partner/payment/v1/payment_service.js";
import type { RefundLine, RefundServiceService } from "#gen/backhaul/refund/v1/refund_service.js";
import type { Call } from "#kit/call.js";
import type { ClientOf } from "#kit/client.js";
import type { Clock } from "#kit/clock.js";
import { fromProto, type Money } from "#kit/pure/money.js";
import type { Scene } from "./core/advance.js";
import {
  type Demand,
  differencePaid,
  differenceUnpaid,
  holdRenewed,
  soldOut,
  stillUnpaid,
  stockHeld,
} from "./core/exchange.js";
import type { Outcome, Resolution, Worth } from "./core/types.js";

type Decide = (r: Resolution, scene: Scene) => Outcome;
/** A demand as a step carries it; without its amount in those decided on before that was kept. */
type DemandOut = { readonly demandId: string; readonly currency?: string; readonly minor?: string };

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

/** Has it set aside, and learns what it costs. Where the goods are a replacement themselves, their price is known here. */
export async function holdsStock(
  parts: {
    readonly inventory: ClientOf<typeof InventoryServiceService>;
    readonly refund: ClientOf<typeof RefundServiceService>;
  },
  asked: {
    readonly requestId: string;
    readonly orderId: string;
    readonly holdId: string;
    readonly lines: { sku: string; quantity: number }[];
    readonly replaced: RefundLine[];
    readonly paid?: Worth;
    readonly expires?: string;
  },
  call: Call,
): Promise<Decide> {
  const { requestId, orderId, holdId, lines, replaced: units } = asked;
  // Held anew for fewer units: what was set aside before goes back first.
  if (holdId) await parts.inventory.releaseStock({ requestId: `${requestId}.release`, holdId }, call);
  const expireTime = asked.expires ? new Date(asked.expires) : undefined;
  const held = await parts.inventory.holdStock({ requestId, orderId, lines, expireTime }, call);
  if (held.soldOut) return soldOut;
  if (!expireTime) return (r, scene) => stockHeld(r, held.holdId, scene);
  const known = asked.paid && { currency: asked.paid.currency, minor: BigInt(asked.paid.minor) };
  const priced = held.price && {
    price: fromProto(held.price),
    paid: known ?? (await paidFor(parts, orderId, units, call)),
  };
  return (r, scene) => stockHeld(r, held.holdId, scene, { expires: expireTime, units, ...priced });
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
  { payBy, ...demand }: DemandOut & { readonly payBy: string },
  call: Call,
): Promise<Decide> {
  const { demandId } = demand;
  const paid = paidUnder(demand);
  const unpaid: Decide = (r, scene) => differenceUnpaid(r, demand, scene);
  const { state } = await payment.getDemand({ demandId }, call);
  if (state === DemandState.DEMAND_STATE_PAID) return paid;
  const over = state === DemandState.DEMAND_STATE_EXPIRED || state === DemandState.DEMAND_STATE_CANCELED;
  if (over) return unpaid;
  if (clock.now() < new Date(payBy)) return (r, scene) => stillUnpaid(r, demand, scene);
  const last = await payment.cancelDemand({ requestId: `${demandId}.cancel`, demandId }, call);
  return last.state === DemandState.DEMAND_STATE_PAID ? paid : unpaid;
}

/** Takes a demand back that is no longer wanted. */
export async function demandBack(
  { payment }: { readonly payment: ClientOf<typeof PaymentServiceService> },
  { requestId, ...demand }: DemandOut & { readonly requestId: string },
  call: Call,
): Promise<Decide | undefined> {
  const { state } = await payment.cancelDemand({ requestId, demandId: demand.demandId }, call);
  return state === DemandState.DEMAND_STATE_PAID ? paidUnder(demand) : undefined;
}

function paidUnder({ demandId, currency, minor }: DemandOut): Decide {
  const demand: Demand = { demandId, amount: currency && minor ? { currency, minor: BigInt(minor) } : undefined };
  return (r, scene) => differencePaid(r, demand, scene);
}
