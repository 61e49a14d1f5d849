// What the outside systems know of an order: asked at once, as a service. A decision asks them all, each time. A check may
// rest on what was true some seconds ago: whoever looks at an order in the app asks again with every box they tick.
import type { CatalogServiceService, Product } from "#gen/backhaul/partner/catalog/v1/catalog_service.js";
import type { MembershipServiceService } from "#gen/backhaul/partner/membership/v1/membership_service.js";
import type { Order as OrderMessage, OrderServiceService } from "#gen/backhaul/partner/order/v1/order_service.js";
import type { RiskServiceService } from "#gen/backhaul/partner/risk/v1/risk_service.js";
import type { Shipment, ShipmentServiceService } from "#gen/backhaul/partner/shipment/v1/shipment_service.js";
import type { Kind } from "#gen/backhaul/type/v1/kind.js";
import { mayReach } from "#kit/access.js";
import { asService, type Call } from "#kit/call.js";
import type { ClientOf } from "#kit/client.js";
import type { Clock } from "#kit/clock.js";
import { DomainError } from "#kit/pure/check.js";
import { askedLines } from "./core/decide.js";
import type { Asked, Order } from "./core/order.js";
import { toOrder } from "./proto.js";
import { type Remembered, remembered } from "./remembered.js";
import type { Store } from "./store.js";

/** The outside systems that know the facts. */
export type Partners = {
  readonly orders: ClientOf<typeof OrderServiceService>;
  readonly shipments: ClientOf<typeof ShipmentServiceService>;
  readonly catalog: ClientOf<typeof CatalogServiceService>;
  readonly memberships: ClientOf<typeof MembershipServiceService>;
  readonly risks: ClientOf<typeof RiskServiceService>;
};

export type InquiryParts = {
  readonly partners: Partners;
  readonly store: Pick<Store, "listed">;
  readonly clock: Clock;
  /** How long checks may lean on what was told. */
  readonly factsTtlMs: number;
};

/** Orders with all that a policy asks of them. */
export type Inquiry = {
  /**
   * @param fresh true for a decision, false for a check
   * @returns with the version of the market's book that holds now
   * @throws DomainError ORDER_NOT_FOUND, also for somebody else's; LINE_NOT_IN_ORDER, UNITS_EXCEED_PURCHASED
   */
  factsOf(ask: Ask, fresh: boolean, call: Call): Promise<{ readonly order: Order; readonly bookVersion: number }>;
};

/** An order, and what is asked of it. */
export type Ask = { readonly orderId: string; readonly kind: Kind; readonly asked: Asked };

const most = 20_000;

export function openInquiry({ partners, store, clock, factsTtlMs }: InquiryParts): Inquiry {
  const memory = <V>() => remembered<V>(factsTtlMs, most);
  const [orders, products, tiers] = [memory<OrderMessage>(), memory<Product>(), memory<string>()];
  const [shipments, scores] = [memory<Shipment[]>(), memory<number>()];

  /** One answer under one key. */
  async function one<V>(known: Remembered<V>, key: string, fresh: boolean, load: () => Promise<V>): Promise<V> {
    const found = await known([key], fresh, async () => new Map([[key, await load()]]));
    return found.get(key) as V;
  }

  async function orderOf(orderId: string, fresh: boolean, own: Call, call: Call): Promise<OrderMessage> {
    const unknown = () => new DomainError("ORDER_NOT_FOUND", `no order ${orderId}`, { order_id: orderId });
    const order = await one(orders, orderId, fresh, async () => {
      const { order } = await partners.orders.getOrder({ orderId }, own);
      if (!order) throw unknown();
      return order;
    });
    if (!mayReach(call.caller, order)) throw unknown();
    return order;
  }

  return {
    async factsOf({ orderId, kind, asked }, fresh, call) {
      // They let services in, not their customers; the caller's deadline and cancellation hold all the same.
      const own = asService("eligibility", call);
      const order = await orderOf(orderId, fresh, own, call);
      const { customerId, market } = order;
      const sold = { orderId, lines: order.lines.map((line) => ({ ...line, purchased: line.quantity })) };
      const lines = [...askedLines(sold, asked).values()];
      const skus = [...new Set(lines.map(({ sku }) => sku))];
      const [shipped, known, tier, score, { entries, bookVersion }] = await Promise.all([
        one(
          shipments,
          orderId,
          fresh,
          async () => (await partners.shipments.listShipments({ orderId }, own)).shipments,
        ),
        products(skus, fresh, async (missing) => {
          const answer = await partners.catalog.batchGetProducts({ skus: missing }, own);
          return new Map(answer.products.map((product) => [product.sku, product]));
        }),
        one(tiers, customerId, fresh, async () => (await partners.memberships.getMembership({ customerId }, own)).tier),
        one(scores, `${orderId} ${kind}`, fresh, async () => {
          return (await partners.risks.assessRisk({ customerId, orderId, kind }, own)).score;
        }),
        store.listed(market, { customerId, orderId, skus }, clock.now()),
      ]);
      const told = { order, lines, shipments: shipped, products: [...known.values()], tier, score, listed: entries };
      return { order: toOrder(told), bookVersion };
    },
  };
}
