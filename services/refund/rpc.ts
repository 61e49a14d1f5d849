// The rpcs of backhaul.refund.v1.RefundService: check, one verb, reply.
import type { Order, OrderServiceService } from "#gen/backhaul/partner/order/v1/order_service.js";
import { RefundServiceService } from "#gen/backhaul/refund/v1/refund_service.js";
import { mayReach } from "#kit/access.js";
import { byRequest } from "#kit/aggregate.js";
import { asService, type Call } from "#kit/call.js";
import type { ClientOf } from "#kit/client.js";
import type { Clock } from "#kit/clock.js";
import { newId } from "#kit/ids.js";
import { DomainError } from "#kit/pure/check.js";
import type { Handlers } from "#kit/server.js";
import { quote, split } from "./core/quote.js";
import { grant, retry } from "./core/refund.js";
import type { Refund } from "./core/types.js";
import { refundStates, soldOrder, toFees, toLedgerEntry, toQuote, toRefund } from "./proto.js";
import type { Store } from "./store.js";

export type RpcParts = {
  readonly store: Store;
  readonly orders: ClientOf<typeof OrderServiceService>;
  readonly clock: Clock;
};

const answer = (refund: Refund) => ({ refund: toRefund(refund) });

export function refundRpc({ store, orders, clock }: RpcParts): Handlers<typeof RefundServiceService> {
  async function orderOf(orderId: string, call: Call): Promise<Order> {
    const { order } = await orders.getOrder({ orderId }, asService("refund", call));
    if (order && mayReach(call.caller, order.customerId)) return order;
    throw new DomainError("ORDER_NOT_FOUND", `no order ${orderId}`, { order_id: orderId });
  }

  async function refundOf(refundId: string, call: Call): Promise<Refund> {
    const refund = await store.find(refundId);
    if (mayReach(call.caller, refund.customerId)) return refund;
    throw new DomainError("REFUND_NOT_FOUND", `no refund ${refundId}`, { refund_id: refundId });
  }

  return {
    async quoteRefund({ orderId, lines, fees, refundShipping }, call) {
      const [order, soFar] = await Promise.all([orderOf(orderId, call), store.grantedSoFar(orderId)]);
      const sold = soldOrder(order);
      const quoted = quote(sold, { lines, fees: toFees(fees), refundShipping }, soFar);
      const tenders = split(sold, quoted.amount, soFar, () => "");
      return { quote: toQuote(orderId, quoted, tenders) };
    },

    async issueRefund(request, call) {
      const spend = byRequest(RefundServiceService.issueRefund, request, call, answer);
      const found = await store.orRecall(spend, () => orderOf(request.orderId, call));
      if ("recalled" in found) return found.recalled;
      const order = soldOrder(found);
      const { resolutionId, lines, fees, refundShipping } = request;
      const wanted = { lines, fees: toFees(fees), refundShipping };
      const refundId = newId("rfd");
      return store.grant(request.orderId, spend, (soFar) =>
        grant({ refundId, resolutionId, order, wanted, soFar, newKey: () => newId("key"), now: clock.now() }),
      );
    },

    async getRefund({ refundId }, call) {
      return answer(await refundOf(refundId, call));
    },

    async listRefunds({ state, orderId, ...page }) {
      const { rows, nextPageToken } = await store.list(
        { state: refundStates.word(state), orderId: orderId || undefined },
        page,
      );
      return { refunds: rows.map(toRefund), nextPageToken };
    },

    async retryRefund(request, call) {
      return store.change(request.refundId, byRequest(RefundServiceService.retryRefund, request, call, answer), retry);
    },

    async listLedgerEntries({ refundId }) {
      await store.find(refundId);
      return { entries: (await store.ledger(refundId)).map(toLedgerEntry) };
    },
  };
}
