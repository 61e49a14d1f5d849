// The rpcs of backhaul.refund.v1.RefundService: check, one verb, reply.
import { createHash } from "node:crypto";
import type { Order, OrderServiceService } from "#gen/backhaul/partner/order/v1/order_service.js";
import type { PaymentServiceService } from "#gen/backhaul/partner/payment/v1/payment_service.js";
import { RefundServiceService } from "#gen/backhaul/refund/v1/refund_service.js";
import { mayReach, principal } from "#kit/access.js";
import { byRequest, type Spend, type UnaryMethod } from "#kit/aggregate.js";
import { asService, type Call } from "#kit/call.js";
import type { ClientOf } from "#kit/client.js";
import type { Clock } from "#kit/clock.js";
import { InvalidRequest } from "#kit/errors.js";
import { newId } from "#kit/ids.js";
import { DomainError } from "#kit/pure/check.js";
import { fromProto, isZero, type Money } from "#kit/pure/money.js";
import type { Handlers } from "#kit/server.js";
import type { AbilityBook } from "./abilities.js";
import { quote } from "./core/quote.js";
import * as core from "./core/refund.js";
import { split } from "./core/tenders.js";
import type { GrantedSoFar, Outcome, Refund, SoldOrder } from "./core/types.js";
import type { Policies } from "./policies.js";
import { faults, readDeductions, refundStates, soldOrder, toFees, toLedgerEntry, toQuote, toRefund } from "./proto.js";
import type { Providers } from "./providers.js";
import type { Store } from "./store.js";

export type RpcParts = {
  readonly store: Store;
  readonly orders: ClientOf<typeof OrderServiceService>;
  readonly payments: ClientOf<typeof PaymentServiceService>;
  readonly providers: Providers;
  readonly abilities: AbilityBook;
  readonly policies: Policies;
  readonly clock: Clock;
  /** Has steps that were just stored done at once. */
  readonly poke: () => void;
};

type Answer = { readonly refund: ReturnType<typeof toRefund> | undefined };

const answer = (refund: Refund): Answer => ({ refund: toRefund(refund) });

export function refundRpc(parts: RpcParts): Handlers<typeof RefundServiceService> {
  const { store, orders, payments, providers, abilities, policies, clock, poke } = parts;

  async function orderOf(orderId: string, call: Call): Promise<Order> {
    const { order } = await orders.getOrder({ orderId }, asService("refund", call));
    if (order && mayReach(call.caller, order)) return order;
    throw new DomainError("ORDER_NOT_FOUND", `no order ${orderId}`, { order_id: orderId });
  }

  async function refundOf(refundId: string, call: Call): Promise<Refund> {
    const refund = await store.find(refundId);
    if (mayReach(call.caller, refund)) return refund;
    throw new DomainError("REFUND_NOT_FOUND", `no refund ${refundId}`, { refund_id: refundId });
  }

  /** What a decision needs to know of an order. */
  async function known(orderId: string, call: Call) {
    const order = soldOrder(await orderOf(orderId, call));
    const methods = order.payments.map(({ method }) => method);
    const able = await abilities.of(methods, asService("refund", call));
    return { order, abilities: able, policy: policies.of(order.market) };
  }

  /** Grants against what is granted so far. */
  async function granted<Q extends { requestId: string; orderId: string }>(
    method: UnaryMethod<Q, Answer>,
    request: Q,
    call: Call,
    decide: (scene: core.GrantScene) => Outcome,
    corrections = false,
  ): Promise<Answer> {
    const spend = byRequest(method, request, call, answer);
    const found = await store.orRecall(spend, () => known(request.orderId, call));
    if ("recalled" in found) return found.recalled;
    const refundId = newId("rfd");
    const scene = { ...found, refundId, newKey: () => newId("key"), actor: principal(call.caller) };
    const decideNow = (soFar: GrantedSoFar) => decide({ ...scene, soFar, now: clock.now() });
    return store.grant(found.order, spend, decideNow, corrections);
  }

  /** One verb on a refund the caller may reach. */
  async function changed<Q extends { requestId: string; refundId: string }>(
    method: UnaryMethod<Q, Answer>,
    request: Q,
    call: Call,
    decide: (refund: Refund, actor: string, now: Date) => Outcome,
  ): Promise<Answer> {
    const spend: Spend<Refund, Answer> = byRequest(method, request, call, answer);
    return store.change(request.refundId, spend, (refund) => decide(refund, principal(call.caller), clock.now()));
  }

  return {
    async quoteRefund({ orderId, lines, fees, refundShipping }, call) {
      const found = await known(orderId, call);
      const { order } = found;
      const soFar: GrantedSoFar = await store.grantedSoFar(order);
      const quoted = quote(order, { lines, fees: toFees(fees), refundShipping }, soFar);
      const scene = { ...found, soFar, newKey: () => "" };
      const tenders = isZero(quoted.amount) ? [] : split(order, quoted.amount, scene);
      const now = clock.now().getTime();
      const expected = tenders.map((t) => {
        const days = found.abilities(t.method).customerDays;
        return { ...t, expectedTime: new Date(now + days * 86_400_000) };
      });
      return { quote: toQuote(orderId, quoted, expected) };
    },

    async issueRefund(request, call) {
      const { resolutionId, lines, refundShipping, promised, dueTime, dueArticle } = request;
      if (lines.length + request.returned.length === 0)
        throw new InvalidRequest([
          { field: "lines", description: "must name units, or returned must name deductions" },
        ]);
      const fault = faults.word(request.fault) ?? "GENERAL";
      const deductions = readDeductions("deductions", request.deductions);
      const returned = readDeductions("returned", request.returned);
      const decide = (scene: core.GrantScene) => {
        const wanted = { lines, fees: toFees(request.fees), refundShipping, deductions, returned };
        return core.grant(scene, { resolutionId, wanted, promised, fault, dueTime, dueArticle });
      };
      return granted(RefundServiceService.issueRefund, request, call, decide, returned.length > 0);
    },

    grantGoodwill(request, call) {
      const { reason, note } = request;
      return granted(RefundServiceService.grantGoodwill, request, call, (scene) =>
        core.grantGoodwill(scene, { amount: amountOf(request.amount, scene.order), reason, note }),
      );
    },

    approveRefund: (request, call) => changed(RefundServiceService.approveRefund, request, call, core.approve),

    declineRefund: (request, call) =>
      changed(RefundServiceService.declineRefund, request, call, (refund, _, now) =>
        core.decline(refund, request.note, now),
      ),

    async setRefundAccount(request, call) {
      const { customerId } = await refundOf(request.refundId, call);
      const { bankCode, accountNumber, holderName } = request;
      const spend: Spend<Refund, Answer> = byRequest(RefundServiceService.setRefundAccount, request, call, answer);
      // As long as the payment system takes it, and the caller's own: two may choose the same request id.
      const requestId = createHash("sha256")
        .update([request.refundId, principal(call.caller), request.requestId].join(" "))
        .digest("hex");
      const account = await store.orRecall(spend, () =>
        payments.registerAccount(
          { requestId, customerId, bankCode, accountNumber, holderName },
          asService("refund", call),
        ),
      );
      if ("recalled" in account) return account.recalled;
      const { accountToken } = account;
      return store.change(request.refundId, spend, (refund) =>
        core.setAccount(refund, accountToken, () => newId("key"), clock.now()),
      );
    },

    retryRefund: (request, call) =>
      changed(RefundServiceService.retryRefund, request, call, (refund, _, now) => core.retry(refund, now)),

    settleManually: (request, call) =>
      changed(RefundServiceService.settleManually, request, call, (refund, actor, now) =>
        core.settleManually(refund, request.paymentId, request.reference, actor, now),
      ),

    recoverRefund: (request, call) =>
      changed(RefundServiceService.recoverRefund, request, call, (refund) =>
        core.recover(refund, request.lines, request.reason),
      ),

    settleRecovery: (request, call) =>
      changed(RefundServiceService.settleRecovery, request, call, (refund, _, now) =>
        core.settleRecovery(refund, request.recovered, request.reference, now),
      ),

    // A hint, and therefore no token: to look twice does nothing twice.
    async noteProviderNews({ requestId, paymentId, key }, call) {
      const payment = paymentId ? await providers.payment(paymentId, asService("refund", call)) : undefined;
      if (payment) await store.savePayment(payment);
      const refunds = await store.lookInto(requestId, paymentId, key);
      if (refunds > 0) poke();
      return { refunds };
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

    async listLedgerEntries({ refundId }) {
      await store.find(refundId);
      return { entries: (await store.ledger(refundId)).map(toLedgerEntry) };
    },
  };
}

function amountOf(amount: Parameters<typeof fromProto>[0] | undefined, order: SoldOrder): Money {
  return amount ? fromProto(amount) : { minor: 0n, currency: order.currency };
}
