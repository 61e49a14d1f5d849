// The rpcs of backhaul.eligibility.v1.EligibilityService: check, one verb, reply.
import type { Decision } from "#gen/backhaul/eligibility/v1/decision.js";
import { EligibilityServiceService } from "#gen/backhaul/eligibility/v1/eligibility_service.js";
import type { CatalogServiceService } from "#gen/backhaul/partner/catalog/v1/catalog_service.js";
import type { MembershipServiceService } from "#gen/backhaul/partner/membership/v1/membership_service.js";
import type { Order as OrderMessage, OrderServiceService } from "#gen/backhaul/partner/order/v1/order_service.js";
import type { RiskServiceService } from "#gen/backhaul/partner/risk/v1/risk_service.js";
import type { ShipmentServiceService } from "#gen/backhaul/partner/shipment/v1/shipment_service.js";
import type { Kind } from "#gen/backhaul/type/v1/kind.js";
import { mayReach } from "#kit/access.js";
import { byRequest } from "#kit/aggregate.js";
import { asService, type Call } from "#kit/call.js";
import type { ClientOf } from "#kit/client.js";
import type { Clock } from "#kit/clock.js";
import { newId } from "#kit/ids.js";
import { DomainError } from "#kit/pure/check.js";
import type { Handlers } from "#kit/server.js";
import type { Calendars } from "../calendars.js";
import { askedLines, decide } from "../core/decide.js";
import type { Asked, Order } from "../core/order.js";
import { toAsked, toDecision, toOrder, unlisted } from "../proto.js";
import type { InForce, Shelf } from "../shelf.js";
import type { Store } from "../store.js";

/** The outside systems that know the facts. */
export type Partners = {
  readonly orders: ClientOf<typeof OrderServiceService>;
  readonly shipments: ClientOf<typeof ShipmentServiceService>;
  readonly catalog: ClientOf<typeof CatalogServiceService>;
  readonly memberships: ClientOf<typeof MembershipServiceService>;
  readonly risks: ClientOf<typeof RiskServiceService>;
};

export type RpcParts = {
  readonly store: Store;
  readonly shelf: Shelf;
  readonly calendars: Calendars;
  readonly partners: Partners;
  readonly clock: Clock;
};

/** Outside systems let services in, not their customers; the caller's deadline and cancellation hold all the same. */
const onOwnBehalf = (call: Call): Call => asService("eligibility", call);

export function eligibilityRpc({
  store,
  shelf,
  calendars,
  partners,
  clock,
}: RpcParts): Omit<Handlers<typeof EligibilityServiceService>, "overrideDecision"> {
  async function orderOf(orderId: string, call: Call): Promise<OrderMessage> {
    const { order } = await partners.orders.getOrder({ orderId }, onOwnBehalf(call));
    if (order && mayReach(call.caller, order.customerId)) return order;
    throw new DomainError("ORDER_NOT_FOUND", `no order ${orderId}`, { order_id: orderId });
  }

  /** What the others know of the asked lines. @throws DomainError LINE_NOT_IN_ORDER, UNITS_EXCEED_PURCHASED */
  async function factsOf(order: OrderMessage, kind: Kind, asked: Asked, call: Call): Promise<Order> {
    const { orderId, customerId } = order;
    const sold = { orderId, lines: order.lines.map((line) => ({ ...line, purchased: line.quantity })) };
    const lines = [...askedLines(sold, asked).values()];
    const own = onOwnBehalf(call);
    const [{ shipments }, { products }, { tier }, { score }] = await Promise.all([
      partners.shipments.listShipments({ orderId }, own),
      partners.catalog.batchGetProducts({ skus: [...new Set(lines.map(({ sku }) => sku))] }, own),
      partners.memberships.getMembership({ customerId }, own),
      partners.risks.assessRisk({ customerId, orderId, kind }, own),
    ]);
    return toOrder({ order, lines, shipments, products, tier, score, listings: unlisted });
  }

  async function judged(order: Order, asked: Asked, { policy, entry }: InForce, decisionId = "") {
    const calendar = await calendars.of(order.market);
    const now = clock.now();
    const judgement = decide(policy, calendar, order, asked, now);
    const by = { policy: entry, calendar: calendar.version, now };
    return { decision: toDecision(order, judgement, by, decisionId), seen: judgement.seen };
  }

  return {
    async checkEligibility(request, call) {
      const asked = toAsked(request);
      const order = await factsOf(await orderOf(request.orderId, call), request.kind, asked, call);
      const policy = await shelf.inForce(order.market, order.orderTime, "checked");
      return { decision: (await judged(order, asked, policy)).decision };
    },

    async decideEligibility(request, call) {
      const answer = (decision: Decision) => ({ decision });
      const spend = byRequest(EligibilityServiceService.decideEligibility, request, call, answer);
      const asked = toAsked(request);
      const decisionId = newId("dec");
      let freshness: "kept" | "read" = "kept";
      try {
        const order = await factsOf(await orderOf(request.orderId, call), request.kind, asked, call);
        const prepare = async () => {
          const policy = await shelf.inForce(order.market, order.orderTime, freshness);
          freshness = "read"; // prepared again only when the book has changed meanwhile
          return { ...(await judged(order, asked, policy, decisionId)), bookVersion: policy.bookVersion };
        };
        return await store.createDecision(spend, prepare, ({ decision, ...extra }) => ({ next: decision, extra }));
      } catch (error) {
        // Whether it was decided before is asked only now: nearly always it was not, and the commit finds out by itself.
        const before = await store.recallDecision(spend);
        if (before) return before;
        throw error;
      }
    },

    async getDecision({ decisionId }, call) {
      const decision = await store.findDecision(decisionId);
      if (mayReach(call.caller, decision.customerId)) return { decision };
      throw new DomainError("DECISION_NOT_FOUND", `no decision ${decisionId}`, { decision_id: decisionId });
    },
  };
}
