// What a request says beyond its units and reasons: that it is the receiver of a gift who asks, that it is about a
// replacement of an exchange, or that nothing was ever paid for the order.
import type { Order, OrderServiceService } from "#gen/backhaul/partner/order/v1/order_service.js";
import type { CreateResolutionRequest } from "#gen/backhaul/resolution/v1/resolution_service.js";
import { Kind } from "#gen/backhaul/type/v1/kind.js";
import { type Caller, isInMarket, mayReach } from "#kit/access.js";
import { asService, type Call } from "#kit/call.js";
import type { ClientOf } from "#kit/client.js";
import { check, DomainError } from "#kit/pure/check.js";
import { chainOf, replacedUnits } from "./core/chain.js";
import type { Begun } from "./core/context2.js";
import type { Line, Origin, Resolution } from "./core/types.js";
import { onUnpaids } from "./proto.js";
import { notFound, type Store } from "./store.js";

export type BeginningParts = {
  readonly store: Store;
  readonly orders: ClientOf<typeof OrderServiceService>;
  /** How often goods may be exchanged, one exchange after the other. */
  readonly exchangeChainMax: number;
};

/** A request's beginning. `receiverId` is whose it is where it is not the buyer's. */
export type Beginning = {
  readonly begun: Begun;
  readonly origin: Partial<Origin>;
  readonly receiverId: string | undefined;
  /** How often the goods of a replacement were exchanged, for the policy to say whether they may be once more. */
  readonly exchanged: number | undefined;
  /** A person looks first: the money does not go the way it came. */
  readonly review: boolean;
  readonly counted: (lines: readonly Line[]) => readonly Line[];
};

/** The order as it was sold. @throws DomainError ORDER_NOT_FOUND */
export async function soldOrder(
  orders: ClientOf<typeof OrderServiceService>,
  orderId: string,
  call: Call,
): Promise<Order> {
  const { order } = await orders.getOrder({ orderId }, asService("resolution", call));
  if (!order) throw noOrder(orderId);
  return order;
}

/** Whether there is anything to give back. */
export function isCaptured({ payments }: Order): boolean {
  return payments.some(({ captured }) => captured && (captured.units > 0n || captured.nanos > 0));
}

export function beginnings({ store, orders, exchangeChainMax }: BeginningParts) {
  /** @throws DomainError ORDER_NOT_FOUND for whoever is not the receiver, or does not know the code */
  function receiverOf({ gift, orderId, customerId }: Order, code: string, caller: Caller): string {
    const known = gift !== undefined && gift.receiverId !== "" && gift.code === code && gift.receiverId !== customerId;
    if (!known || !mayReach(caller, { customerId: gift.receiverId, orderId })) throw noOrder(orderId);
    return gift.receiverId;
  }

  async function originOf({ originResolutionId, orderId, kind }: CreateResolutionRequest, call: Call) {
    const origin = await store.find(originResolutionId);
    if (!mayReach(call.caller, origin)) throw notFound(originResolutionId);
    const chain: Resolution[] = [origin];
    for (let one = origin; one.origin.originResolutionId !== ""; chain.push(one))
      one = await store.find(one.origin.originResolutionId);
    return chainOf(chain, { orderId, again: kind === Kind.KIND_EXCHANGE, limit: exchangeChainMax });
  }

  /** @throws DomainError ORDER_NOT_FOUND, RESOLUTION_NOT_FOUND, ORIGIN_NOT_FULFILLED, EXCHANGE_CHAIN_TOO_LONG */
  return async (request: CreateResolutionRequest, call: Call): Promise<Beginning> => {
    const { orderId, kind, giftCode, returnEventId, originResolutionId } = request;
    const asksOrder = giftCode !== "" || kind === Kind.KIND_CANCELLATION;
    const order = asksOrder ? await soldOrder(orders, orderId, call) : undefined;
    const receiverId = order && giftCode !== "" ? receiverOf(order, giftCode, call.caller) : undefined;
    const origin = originResolutionId === "" ? undefined : await originOf(request, call);
    const gift = receiverId !== undefined;
    return {
      begun: {
        captured: order === undefined || isCaptured(order),
        gift,
        // The refund service would pay what was paid for the line.
        ...(origin?.priced && { byHand: true }),
        comesBack: false,
        onUnpaid: onUnpaids.word(request.onUnpaid) ?? "REFUND",
      },
      origin: { returnEventId, originResolutionId, gift },
      receiverId,
      exchanged: origin?.exchanged,
      review: gift || origin?.priced === true,
      counted: (lines) => (origin ? replacedUnits(lines, origin) : lines),
    };
  };
}

function noOrder(orderId: string): DomainError {
  return new DomainError("ORDER_NOT_FOUND", `no order ${orderId}`, { order_id: orderId });
}

/**
 * The caller's lines, or none: a seller learns nothing of what others sold, nor of an order in which they sold nothing.
 * @throws DomainError ORDER_NOT_FOUND, LINE_NOT_IN_ORDER
 */
export function checkSells(caller: Caller, order: Order, lineIds: readonly string[]): void {
  const { subject, role } = caller;
  const sells = isInMarket(caller, order.market) && order.lines.some(({ sellerId }) => sellerId === subject);
  if (role === "SELLER" && !sells) throw noOrder(order.orderId);
  for (const lineId of lineIds) {
    const line = order.lines.find((one) => one.lineId === lineId);
    const reached = line !== undefined && (role !== "SELLER" || line.sellerId === subject);
    check(reached, "LINE_NOT_IN_ORDER", `order ${order.orderId} has no line ${lineId}`, {
      order_id: order.orderId,
      line_id: lineId,
    });
  }
}
