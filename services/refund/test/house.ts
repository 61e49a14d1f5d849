// The whole refund service on a real Postgres and real sockets, among fakes of everybody it asks.
import assert from "node:assert/strict";
import pg from "pg";
import { OrderServiceService } from "#gen/backhaul/partner/order/v1/order_service.js";
import { PaymentServiceService } from "#gen/backhaul/partner/payment/v1/payment_service.js";
import { PointsServiceService } from "#gen/backhaul/partner/points/v1/points_service.js";
import { PromotionServiceService } from "#gen/backhaul/partner/promotion/v1/promotion_service.js";
import { SettlementServiceService } from "#gen/backhaul/partner/settlement/v1/settlement_service.js";
import { TaxDocumentServiceService } from "#gen/backhaul/partner/taxdocument/v1/tax_document_service.js";
import { type Refund, RefundState, TenderState } from "#gen/backhaul/refund/v1/refund.js";
import {
  GrantGoodwillRequest,
  IssueRefundRequest,
  RefundServiceService,
} from "#gen/backhaul/refund/v1/refund_service.js";
import { ClockServiceService } from "#gen/backhaul/sandbox/v1/clock_service.js";
import type { RoleWord } from "#kit/contracts.js";
import { RpcError } from "#kit/errors.js";
import { newId } from "#kit/ids.js";
import { fromProto, money, toProto } from "#kit/pure/money.js";
import { implement } from "#kit/server.js";
import { clientAs, playPartners, until } from "#kit/testing/peers.js";
import { openStage } from "#kit/testing/stage.js";
import { words } from "#kit/words.js";
import { readRefundConfig } from "../config.js";
import type { SoldOrder } from "../core/types.js";
import { start } from "../service.js";
import { orderMessage, soldOrder } from "./builders.js";
import { fakeClock } from "./clock.js";
import { fakeOrders, fakePartners, fakeProvider } from "./fakes.js";

export const stateWords = words(RefundState, "REFUND_STATE_");
const tenderWords = words(TenderState, "TENDER_STATE_");

/** Whether a call was refused with this reason. */
export const refusal = (expected: string) => (error: unknown) => {
  assert.ok(error instanceof RpcError, String(error));
  assert.equal(error.reason, expected, error.message);
  return true;
};

export type House = Awaited<ReturnType<typeof openHouse>>;

export async function openHouse() {
  const stage = await openStage();
  const psp = fakeProvider();
  const partners = fakePartners();
  const orders = fakeOrders();
  const clock = fakeClock();
  const played = await playPartners(stage, [
    implement(OrderServiceService, orders.contract),
    implement(PaymentServiceService, psp.contract),
    implement(PointsServiceService, partners.points),
    implement(PromotionServiceService, partners.promotions),
    implement(SettlementServiceService, partners.settlements),
    implement(TaxDocumentServiceService, partners.documents),
    implement(ClockServiceService, clock.contract),
  ]);
  const whom = ["ORDER", "PAYMENT", "POINTS", "PROMOTION", "SETTLEMENT", "TAX_DOCUMENT", "CLOCK"];
  const addresses = Object.fromEntries(whom.map((name) => [`${name}_ADDRESS`, played.address]));
  const env = stage.env("refund", addresses);
  const running = await start(readRefundConfig(env));
  const db = new pg.Pool({
    connectionString: stage.databaseUrl,
    options: `-c search_path=${env.DATABASE_SCHEMA}`,
    max: 2,
  });
  const clients: { close(): void }[] = [];
  const as = (role: RoleWord = "SERVICE", subject = "resolution") => {
    const client = clientAs(RefundServiceService, running.port, role, subject);
    clients.push(client);
    return client;
  };
  const service = as();
  const read = async (refundId: string): Promise<Refund> => (await service.getRefund({ refundId })).refund!;

  return {
    psp,
    partners,
    orders,
    clock,
    db,
    port: running.port,
    /** A second replica, beside the one that everything else here speaks to. */
    replica: () => start(readRefundConfig(env)),
    as,
    service,
    read,

    /** An order of its own, with payments of its own; the provider knows them. */
    order(change: Partial<SoldOrder> = {}): SoldOrder {
      const orderId = newId("ord");
      const bare = soldOrder({ ...change, orderId });
      const payments = bare.payments.map((p) => ({ ...p, paymentId: `${p.paymentId}-${orderId}` }));
      const sold = { ...bare, payments };
      for (const { paymentId, captured, method } of payments)
        psp.payments.set(paymentId, { captured, method, refunded: 0n, chargedBack: 0n, disputeOpen: false });
      orders.orders.set(orderId, orderMessage(sold));
      return sold;
    },

    /** All of an order, unless something else is said. */
    async issue({ orderId, lines }: SoldOrder, change: Partial<IssueRefundRequest> = {}): Promise<Refund> {
      const asked = IssueRefundRequest.fromPartial({
        requestId: newId("req"),
        resolutionId: newId("res"),
        orderId,
        lines: lines.map(({ lineId, quantity }) => ({ lineId, quantity })),
        refundShipping: true,
        ...change,
      });
      return (await service.issueRefund(asked)).refund!;
    },

    async goodwill(
      order: SoldOrder,
      minor: bigint,
      by = as("AGENT", "anna"),
      change: Partial<GrantGoodwillRequest> = {},
    ) {
      const amount = toProto(money(minor, order.currency));
      const asked = { requestId: newId("req"), orderId: order.orderId, amount, reason: "DELIVERY_LATE", ...change };
      return (await by.grantGoodwill(GrantGoodwillRequest.fromPartial(asked))).refund!;
    },

    /** Waits until the refund is in this state. */
    reaches: (refundId: string, state: string, timeoutMs = 10_000): Promise<Refund> => {
      const look = async () => {
        const refund = await read(refundId);
        return stateWords.word(refund.state) === state && refund;
      };
      return until(`refund ${state}`, look, timeoutMs);
    },

    /** The provider has news. */
    news: (payment: { paymentId?: string; key?: string }) =>
      service.noteProviderNews({
        requestId: newId("hnt"),
        paymentId: payment.paymentId ?? "",
        key: payment.key ?? "",
      }),

    /** Waits until nothing is left to do now. */
    rest: () =>
      until("rest", async () => {
        const { rows } = await db.query("SELECT count(*)::int AS n FROM agenda WHERE due_time <= $1", [clock.now()]);
        return rows[0].n === 0;
      }),

    /** What was announced of a refund, in order. */
    async told(refundId: string): Promise<string[]> {
      const { rows } = await db.query("SELECT subject FROM outbox WHERE aggregate_id = $1 ORDER BY event_id", [
        refundId,
      ]);
      return rows.map(({ subject }) => subject.split(".").at(-1));
    },

    /** What every account of these refunds comes to. */
    async balances(...refundIds: string[]): Promise<Record<string, bigint>> {
      const { rows } = await db.query(
        `SELECT account, sum(amount_minor)::text AS minor FROM ledger_entry WHERE refund_id = ANY($1)
         GROUP BY account HAVING sum(amount_minor) <> 0 ORDER BY account`,
        [refundIds],
      );
      return Object.fromEntries(rows.map(({ account, minor }) => [account, BigInt(minor)]));
    },

    /** How many rows every table has that a refused call must not touch. */
    async rows(): Promise<Record<string, number>> {
      const tables = ["refund", "refund_item", "refund_line", "tender", "payment", "ledger_journal", "ledger_entry"];
      const all = [...tables, "agenda", "outbox", "request"];
      const counts = all.map((table) => `(SELECT count(*)::int FROM ${table}) AS ${table}`);
      return (await db.query(`SELECT ${counts.join(", ")}`)).rows[0];
    },

    async close(): Promise<void> {
      for (const client of clients) client.close();
      await running.stop();
      await db.end();
      await played.stop();
      await stage.close();
    },
  };
}

/** Shares of a refund: [state, route, minor units, what it waits for]. */
export const sharesOf = ({ quote }: Refund) =>
  quote!.tenders.map((t) => [tenderWords.word(t.state), t.route, fromProto(t.amount!).minor, t.heldFor]);
export const keyOf = ({ quote }: Refund, i = 0): string => quote!.tenders.at(i)!.providerKey;
