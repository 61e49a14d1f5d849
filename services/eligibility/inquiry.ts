// What the outside systems know of an order: asked at once, as a service. Orders, shipments and risk are asked each time;
// what a product is and who is a member holds for a few seconds.
import type { CatalogServiceService, Product } from "#gen/backhaul/partner/catalog/v1/catalog_service.js";
import type { MembershipServiceService } from "#gen/backhaul/partner/membership/v1/membership_service.js";
import type { Order as OrderMessage, OrderServiceService } from "#gen/backhaul/partner/order/v1/order_service.js";
import type { RiskServiceService } from "#gen/backhaul/partner/risk/v1/risk_service.js";
import type { ShipmentServiceService } from "#gen/backhaul/partner/shipment/v1/shipment_service.js";
import type { Kind } from "#gen/backhaul/type/v1/kind.js";
import { mayReach } from "#kit/access.js";
import { asService, type Call } from "#kit/call.js";
import type { ClientOf } from "#kit/client.js";
import type { Clock } from "#kit/clock.js";
import { DomainError } from "#kit/pure/check.js";
import { askedLines } from "./core/decide.js";
import type { Asked, Order } from "./core/order.js";
import { toOrder } from "./proto.js";
import { remembered } from "./remembered.js";
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
  /** How long products and tiers are remembered. */
  readonly factsTtlMs: number;
};

/** Orders with all that a policy asks of them. */
export type Inquiry = {
  /** @throws DomainError ORDER_NOT_FOUND, also for somebody else's; LINE_NOT_IN_ORDER, UNITS_EXCEED_PURCHASED */
  factsOf(orderId: string, kind: Kind, asked: Asked, call: Call): Promise<Order>;
};

const mostProducts = 50_000;
const mostMembers = 50_000;

export function openInquiry({ partners, store, clock, factsTtlMs }: InquiryParts): Inquiry {
  const products = remembered<Product>(factsTtlMs, mostProducts);
  const tiers = remembered<string>(factsTtlMs, mostMembers);

  async function orderOf(orderId: string, own: Call, call: Call): Promise<OrderMessage> {
    const { order } = await partners.orders.getOrder({ orderId }, own);
    if (order && mayReach(call.caller, order.customerId)) return order;
    throw new DomainError("ORDER_NOT_FOUND", `no order ${orderId}`, { order_id: orderId });
  }

  return {
    async factsOf(orderId, kind, asked, call) {
      // They let services in, not their customers; the caller's deadline and cancellation hold all the same.
      const own = asService("eligibility", call);
      const order = await orderOf(orderId, own, call);
      const { customerId, market } = order;
      const sold = { orderId, lines: order.lines.map((line) => ({ ...line, purchased: line.quantity })) };
      const lines = [...askedLines(sold, asked).values()];
      const skus = [...new Set(lines.map(({ sku }) => sku))];
      const [{ shipments }, known, tier, { score }, listed] = await Promise.all([
        partners.shipments.listShipments({ orderId }, own),
        products(skus, async (missing) => {
          const answer = await partners.catalog.batchGetProducts({ skus: missing }, own);
          return new Map(answer.products.map((product) => [product.sku, product]));
        }),
        tiers([customerId], async () => {
          return new Map([[customerId, (await partners.memberships.getMembership({ customerId }, own)).tier]]);
        }),
        partners.risks.assessRisk({ customerId, orderId, kind }, own),
        store.listed(market, { customerId, orderId, skus }, clock.now()),
      ]);
      const told = { order, lines, shipments, products: [...known.values()], score, listed };
      return toOrder({ ...told, tier: tier.get(customerId) ?? "" });
    },
  };
}
