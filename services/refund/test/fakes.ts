// The outside systems of refund, each a fake that implements its generated contract: with a book of its own, a list of
// what it was asked, and moods for the calls to come.
import { status } from "@grpc/grpc-js";
import type { Order, OrderServiceService } from "#gen/backhaul/partner/order/v1/order_service.js";
import {
  Capabilities,
  PartialRefunds,
  type PaymentServiceService,
  ProviderPayment,
  ProviderRefund,
  ProviderRefundState,
  RefundLookup,
} from "#gen/backhaul/partner/payment/v1/payment_service.js";
import { Movement, type PointsServiceService } from "#gen/backhaul/partner/points/v1/points_service.js";
import type { PromotionServiceService } from "#gen/backhaul/partner/promotion/v1/promotion_service.js";
import type { SettlementServiceService } from "#gen/backhaul/partner/settlement/v1/settlement_service.js";
import type {
  Correction,
  IssueCorrectionRequest,
  TaxDocumentServiceService,
} from "#gen/backhaul/partner/taxdocument/v1/tax_document_service.js";
import type { Money as MoneyMessage } from "#gen/google/type/money.js";
import { RpcError } from "#kit/errors.js";
import { DomainError } from "#kit/pure/check.js";
import { fromProto, type Money, toProto } from "#kit/pure/money.js";
import type { Handlers } from "#kit/server.js";

/** What befalls a call that pays: refused, done but the answer lost, lost before it was done, accepted, answered wrongly. */
export type Mood = "refuse" | "done, answer lost" | "lost" | "pending" | "another amount";

const lost = () => new RpcError(status.DEADLINE_EXCEEDED, "", "too late", {}, "");
const refused = () =>
  new DomainError("PARTNER_REFUSED", "account closed", { partner: "payment", code: "account_closed" });

type PaymentRow = { captured: Money; method: string; refunded: bigint; chargedBack: bigint; disputeOpen: boolean };

/** A provider that pays whatever it is asked up to what was captured: whether it may be asked is not its affair. */
export function fakeProvider() {
  const book = new Map<string, ProviderRefund>();
  const payments = new Map<string, PaymentRow>();
  /** Behaviour by method; nothing special otherwise. */
  const manners = new Map<string, Partial<Capabilities>>();
  const moods: Mood[] = [];
  const asked: { rpc: string; key: string; accountToken: string }[] = [];
  /** Rpcs that nobody answers. */
  const away = new Set<string>();
  /** Looks that are refused for good, one each: a token that is over, a proxy that is wrong. */
  const refusedLooks = new Set<string>();
  const accounts = new Map<string, string>();

  async function paid(
    rpc: string,
    key: string,
    paymentId: string,
    amount: MoneyMessage | undefined,
    accountToken: string,
  ) {
    asked.push({ rpc, key, accountToken });
    if (away.has(rpc)) throw lost();
    const mood = book.has(key) ? undefined : moods.shift();
    if (mood === "lost") throw lost();
    if (mood === "refuse") throw refused();
    const first = book.get(key) ?? enter(key, paymentId, amount, mood);
    if (mood === "done, answer lost") throw lost();
    return { refund: first };
  }

  function enter(
    key: string,
    paymentId: string,
    amount: MoneyMessage | undefined,
    mood: Mood | undefined,
  ): ProviderRefund {
    const { minor, currency } = fromProto(amount!);
    const payment = payments.get(paymentId);
    if (payment && payment.refunded + minor > payment.captured.minor)
      throw new DomainError("REFUND_EXCEEDS_CAPTURED", "more than was captured", {
        payment_id: paymentId,
        requested: "",
        left: "",
      });
    if (payment) payment.refunded += minor;
    const refund = ProviderRefund.fromPartial({
      providerRefundId: `pr-${book.size + 1}`,
      key,
      paymentId,
      amount: mood === "another amount" ? toProto({ minor: minor + 1n, currency }) : amount,
      createTime: new Date(),
      state: mood === "pending" ? ProviderRefundState.PROVIDER_REFUND_STATE_PENDING : 2,
    });
    book.set(key, refund);
    return refund;
  }

  const contract: Handlers<typeof PaymentServiceService> = {
    refundPayment: ({ key, paymentId, amount, accountToken }) =>
      paid("refundPayment", key, paymentId, amount, accountToken),
    payOut: ({ key, accountToken, amount }) => paid("payOut", key, "", amount, accountToken),
    async findRefund({ key }) {
      asked.push({ rpc: "findRefund", key, accountToken: "" });
      if (away.has("findRefund")) throw lost();
      for (const look of refusedLooks) {
        refusedLooks.delete(look);
        throw new DomainError("UNAUTHENTICATED", "this token is over", { cause: "expired" });
      }
      return { found: book.has(key), refund: book.get(key) };
    },
    async getPayment({ paymentId }) {
      const payment = payments.get(paymentId);
      if (!payment)
        throw new DomainError("PARTNER_NOT_FOUND", "no such payment", { partner: "payment", id: paymentId });
      const { captured, method, disputeOpen, ...row } = payment;
      const amount = (minor: bigint) => toProto({ ...captured, minor });
      const [refunded, chargedBack] = [amount(row.refunded), amount(row.chargedBack)];
      const told = { paymentId, method, captured: toProto(captured), refunded, chargedBack, disputeOpen };
      return { payment: ProviderPayment.fromPartial(told) };
    },
    async getCapabilities({ method }) {
      const plain = {
        partial: PartialRefunds.PARTIAL_REFUNDS_ANY,
        lookup: RefundLookup.REFUND_LOOKUP_BY_KEY,
        customerDays: 3,
      };
      return { capabilities: Capabilities.fromPartial({ ...plain, ...manners.get(method) }) };
    },
    async registerAccount({ requestId, holderName }) {
      if (away.has("registerAccount")) throw lost();
      if (holderName === "NOBODY") throw new DomainError("ACCOUNT_NOT_VERIFIED", "no such holder", { bank_code: "" });
      const accountToken = accounts.get(requestId) ?? `acct-${accounts.size + 1}`;
      accounts.set(requestId, accountToken);
      return { accountToken, masked: "088 ****" };
    },
    listStatementLines: () => Promise.reject(new Error("nobody asks this here")),
    requestPayment: () => Promise.reject(new Error("nobody asks this here")),
    getDemand: () => Promise.reject(new Error("nobody asks this here")),
    cancelDemand: () => Promise.reject(new Error("nobody asks this here")),
    authorize: () => Promise.reject(new Error("nobody asks this here")),
    captureAuthorization: () => Promise.reject(new Error("nobody asks this here")),
    voidAuthorization: () => Promise.reject(new Error("nobody asks this here")),
  };

  return {
    contract,
    book,
    payments,
    manners,
    moods,
    asked,
    away,
    refusedLooks,
    /** Moves a refund in the provider's book. */
    move(key: string, state: ProviderRefundState, failure = ""): void {
      book.set(key, { ...book.get(key)!, state, failure });
    },
    /** How often it was asked to pay under a key. */
    paying: (key: string) => asked.filter((a) => a.key === key && a.rpc !== "findRefund").length,
  };
}

/** Keeps what was asked under each key; the same key with another body is refused. */
function keyed<Q extends { key: string }, A>(
  done: Map<string, A>,
  bodies: Map<string, string>,
  ask: Q,
  make: () => A,
): A {
  const body = JSON.stringify(ask, (_, value) => (typeof value === "bigint" ? `${value}` : value));
  if ((bodies.get(ask.key) ?? body) !== body)
    throw new DomainError("REQUEST_ID_REUSED", "another body", { request_id: ask.key });
  bodies.set(ask.key, body);
  const answer = done.get(ask.key) ?? make();
  done.set(ask.key, answer);
  return answer;
}

/** Points, coupons, settlements and tax documents. */
export function fakePartners() {
  const movements = new Map<string, Movement>();
  const coupons = new Map<string, { restored: boolean }>();
  const adjustments = new Map<string, { adjustmentId: string; sellerId: string; amount: Money }>();
  const corrections = new Map<string, Correction & { tax: Money | undefined }>();
  const bodies = new Map<string, string>();
  const closed = { documents: false };
  const moved = (kind: string, ask: { key: string; customerId: string } & Partial<Movement>) => ({
    movement: keyed(movements, bodies, ask, () =>
      Movement.fromPartial({ ...ask, kind, movementId: `mov-${movements.size + 1}` }),
    ),
  });

  const points: Handlers<typeof PointsServiceService> = {
    restorePoints: async ({ paymentId, ...ask }) => moved("RESTORE", { ...ask, reference: paymentId }),
    revokePoints: async ({ orderId, ...ask }) => moved("REVOKE", { ...ask, reference: orderId }),
    grantCredit: async (ask) => moved("GRANT", ask),
    findMovement: async ({ key }) => ({ found: movements.has(key), movement: movements.get(key) }),
  };
  const promotions: Handlers<typeof PromotionServiceService> = {
    restoreCoupon: async (ask) => keyed(coupons, bodies, ask, () => ({ restored: true })),
  };
  const settlements: Handlers<typeof SettlementServiceService> = {
    postAdjustment: async (ask) =>
      keyed(adjustments, bodies, ask, () => ({
        adjustmentId: `adj-${adjustments.size + 1}`,
        sellerId: ask.sellerId,
        amount: fromProto(ask.amount!),
      })),
  };
  const documents: Handlers<typeof TaxDocumentServiceService> = {
    issueCorrection: async (ask: IssueCorrectionRequest) => {
      if (closed.documents)
        throw new DomainError("PARTNER_REFUSED", "the tax office is closed", { partner: "tax", code: "" });
      const tax = ask.tax && fromProto(ask.tax);
      if (tax && tax.minor > fromProto(ask.amount!).minor)
        throw new DomainError("PARTNER_REFUSED", "more tax than amount", { partner: "tax", code: "" });
      const correction = keyed(corrections, bodies, ask, () => ({
        correctionNumber: `cn-${corrections.size + 1}`,
        key: ask.key,
        documentNumber: ask.documentNumber,
        kind: ask.kind,
        amount: ask.amount,
        issueTime: new Date(),
        tax,
      }));
      return { correction };
    },
    listCorrections: () => Promise.reject(new Error("nobody asks this here")),
  };
  return { points, promotions, settlements, documents, movements, coupons, adjustments, corrections, closed };
}

/** An order system with these orders. */
export function fakeOrders() {
  const orders = new Map<string, Order>();
  const contract: Handlers<typeof OrderServiceService> = {
    async getOrder({ orderId }) {
      const order = orders.get(orderId);
      if (!order) throw new DomainError("ORDER_NOT_FOUND", `no order ${orderId}`, { order_id: orderId });
      return { order };
    },
  };
  return { contract, orders };
}
