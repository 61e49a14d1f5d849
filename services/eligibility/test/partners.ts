// The outside systems as tests need them: orders, parcels, products, members and scores by name, calendars from their files.
import { existsSync, readFileSync } from "node:fs";
import { CalendarServiceService } from "#gen/backhaul/partner/calendar/v1/calendar_service.js";
import { CatalogServiceService, type Product } from "#gen/backhaul/partner/catalog/v1/catalog_service.js";
import { MembershipServiceService } from "#gen/backhaul/partner/membership/v1/membership_service.js";
import { Order, OrderServiceService } from "#gen/backhaul/partner/order/v1/order_service.js";
import { RiskServiceService } from "#gen/backhaul/partner/risk/v1/risk_service.js";
import { Shipment, ShipmentServiceService, ShipmentState } from "#gen/backhaul/partner/shipment/v1/shipment_service.js";
import { newId } from "#kit/ids.js";
import type { CalendarData } from "#kit/pure/calendar.js";
import { DomainError } from "#kit/pure/check.js";
import { money, toProto } from "#kit/pure/money.js";
import { type Implementation, implement } from "#kit/server.js";

const currencies: Readonly<Record<string, string>> = { GB: "GBP", KR: "KRW", TW: "TWD", JP: "JPY" };

/** Sizes decide nothing here. */
const unmeasured = { longestSideCm: 0, sidesSumCm: 0, weightGrams: 0 };
const days = (n: number) => new Date(Date.now() - n * 86_400_000);

export type Sold = {
  market?: string;
  customerId?: string;
  quantity?: number;
  category?: string;
  minor?: bigint;
  /** Days ago; undefined while it has not arrived. */
  delivered?: number | undefined;
  orderTime?: Date;
};

export function partners() {
  const orders = new Map<string, Order>();
  const shipments = new Map<string, Shipment[]>();
  const products = new Map<string, Product>();
  const tiers = new Map<string, string>();
  const scores = new Map<string, number>();
  /** Which rpcs were asked, in order. */
  const asked: string[] = [];
  /** Holidays announced at short notice, by market. */
  const holidays = new Map<string, string[]>();

  /** An order of its own, one line "l-1", delivered 3 days ago. */
  function sell(sold: Sold = {}): string {
    const {
      market = "KR",
      customerId = "c-1",
      quantity = 2,
      category = "homeware",
      minor = 20_000n,
      orderTime = days(5),
    } = sold;
    const delivered = "delivered" in sold ? sold.delivered : 3;
    const orderId = newId("ord");
    const sku = `sku-${orderId}`;
    const currencyCode = currencies[market] ?? "GBP";
    const paid = toProto(money(minor, currencyCode));
    const lines = [{ lineId: "l-1", sku, title: "A thing", quantity, paid, category, sellerType: "SHOP" }];
    orders.set(orderId, Order.fromPartial({ orderId, customerId, market, currencyCode, orderTime, lines }));
    products.set(sku, { sku, category, finalSale: false, temperature: "AMBIENT", returnClass: "", ...unmeasured });
    const arrived = { state: ShipmentState.SHIPMENT_STATE_DELIVERED, deliverTime: days(delivered ?? 0) };
    const underWay = { state: ShipmentState.SHIPMENT_STATE_SHIPPED };
    const units = { shipmentId: "s-1", lines: [{ lineId: "l-1", quantity }] };
    shipments.set(orderId, [Shipment.fromPartial({ ...units, ...(delivered === undefined ? underWay : arrived) })]);
    return orderId;
  }

  const contracts: Implementation[] = [
    implement(OrderServiceService, {
      async getOrder({ orderId }) {
        asked.push("order");
        const order = orders.get(orderId);
        if (!order) throw new DomainError("ORDER_NOT_FOUND", `no order ${orderId}`, { order_id: orderId });
        return { order };
      },
    }),
    implement(ShipmentServiceService, {
      async listShipments({ orderId }) {
        asked.push("shipment");
        return { shipments: shipments.get(orderId) ?? [] };
      },
      async stopRelease() {
        throw new RangeError("not asked here");
      },
      async findStop() {
        throw new RangeError("not asked here");
      },
      async requestIntercept() {
        throw new RangeError("not asked here");
      },
      async shipReplacement() {
        throw new RangeError("not asked here");
      },
    }),
    implement(CatalogServiceService, {
      async batchGetProducts({ skus }) {
        asked.push("catalog");
        return { products: skus.flatMap((sku) => products.get(sku) ?? []) };
      },
    }),
    implement(MembershipServiceService, {
      async getMembership({ customerId }) {
        asked.push("membership");
        return { tier: tiers.get(customerId) ?? "NONE" };
      },
    }),
    implement(RiskServiceService, {
      async assessRisk({ customerId }) {
        asked.push("risk");
        return { score: scores.get(customerId) ?? 0 };
      },
    }),
    implement(CalendarServiceService, {
      async getCalendar({ market }) {
        asked.push("calendar");
        const file = new URL(`../../partners/calendars/${market}.json`, import.meta.url);
        if (!existsSync(file)) {
          throw new DomainError("PARTNER_NOT_FOUND", `no calendar of ${market}`, { partner: "calendar", id: market });
        }
        const data: CalendarData = JSON.parse(readFileSync(file, "utf8"));
        const { timeZone, from: fromDate, to: toDate, weekend, workdays } = data;
        const announced = holidays.get(market) ?? [];
        const version = [data.version, ...announced].join("+");
        const days = { ...data.holidays, ...Object.fromEntries(announced.map((day) => [day, "announced"])) };
        const calendar = { market, version, timeZone, fromDate, toDate, weekend: [...weekend] };
        return { calendar: { ...calendar, holidays: days, workdays: Object.keys(workdays) } };
      },
    }),
  ];
  return { contracts, sell, orders, shipments, products, tiers, scores, holidays, asked };
}
