/**
 * What the replay sends, worked out beforehand: the record's sales as orders of the sandbox, its cancellations as
 * requests, all moved by the shift and put into days and minutes. Pure.
 *
 * The record says nothing of deliveries. The rule here: an order leaves 24 hours after it was placed and arrives 24 hours
 * later. What is given back before it leaves is asked for as a cancellation, what is given back later as a return.
 */
import { Order } from "#gen/backhaul/partner/order/v1/order_service.js";
import type { ImportedOrder } from "#gen/backhaul/sandbox/v1/sandbox_service.js";
import type { Sale } from "./history.js";
import type { ReplayRequest } from "./match.js";
import { later, startOfDay } from "./shift.js";

const market = "GB";
export const currency = "GBP";

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;
const shipAfterMs = 24 * hourMs;
const deliverAfterMs = 48 * hourMs;

/** The rule above, for the report. */
export const deliveryRule =
  "The record has no deliveries: orders left 24 h after they were placed and arrived 24 h later.";

/** A request as it goes to POST /v1/resolutions. */
export interface PlannedRequest {
  request: ReplayRequest;
  body: {
    orderId: string;
    kind: "KIND_CANCELLATION" | "KIND_RETURN";
    channel: "CHANNEL_WEB";
    lines: { lineId: string; quantity: number; reason: string }[];
  };
}

/** Requests of one moment. Those of one order go out one after the other, in this order; orders go side by side. */
export interface Moment {
  time: Date;
  byOrder: PlannedRequest[][];
}

export interface Day {
  /** 00:00 UTC. */
  start: Date;
  orders: ImportedOrder[];
  moments: Moment[];
}

/** Every day from the first sale or request to the last, those without any included: parcels move on them, too. */
export function planDays(sales: readonly Sale[], requests: readonly ReplayRequest[], shiftMs: number): Day[] {
  const days = new Map<number, Day>();
  const dayOf = (time: Date): Day => {
    const start = startOfDay(time);
    const day = days.get(start.getTime()) ?? { start, orders: [], moments: [] };
    days.set(start.getTime(), day);
    return day;
  };
  for (const sale of sales) {
    const time = later(sale.time, shiftMs);
    dayOf(time).orders.push(orderOf(sale, time));
  }
  for (const request of [...requests].sort((a, b) => a.time.getTime() - b.time.getTime())) {
    const time = later(request.time, shiftMs);
    addTo(dayOf(time).moments, time, plannedOf(request));
  }
  const starts = [...days.keys()];
  const [from, to] = [Math.min(...starts), Math.max(...starts)];
  for (let start = from; start < to; start += dayMs) dayOf(new Date(start));
  return [...days.values()].sort((a, b) => a.start.getTime() - b.start.getTime());
}

function addTo(moments: Moment[], time: Date, planned: PlannedRequest): void {
  let moment = moments.at(-1);
  if (moment?.time.getTime() !== time.getTime()) {
    moment = { time, byOrder: [] };
    moments.push(moment);
  }
  const same = moment.byOrder.find(([first]) => first?.body.orderId === planned.body.orderId);
  if (same) same.push(planned);
  else moment.byOrder.push([planned]);
}

function plannedOf(request: ReplayRequest): PlannedRequest {
  const hours = request.hoursSincePurchase;
  const shipped = hours !== undefined && hours * hourMs >= shipAfterMs;
  const lines = request.lines.map(({ lineId, quantity }) => ({ lineId, quantity, reason: "NO_LONGER_NEEDED" }));
  const kind = shipped ? "KIND_RETURN" : "KIND_CANCELLATION";
  return { request, body: { orderId: request.orderId, kind, channel: "CHANNEL_WEB", lines } };
}

/** Guests have an id of their own, for the order system knows everybody; nobody in the record asks under it. */
function orderOf(sale: Sale, orderTime: Date): ImportedOrder {
  const { orderId } = sale;
  const lines = sale.lines.map(({ lineId, stockCode, description, quantity, unitPriceMinor }) => ({
    lineId,
    sku: stockCode,
    title: description.trim(),
    quantity,
    paid: pounds(unitPriceMinor * BigInt(quantity)),
    category: "homeware",
    sellerType: "SHOP",
  }));
  const total = sale.lines.reduce((sum, line) => sum + line.unitPriceMinor * BigInt(line.quantity), 0n);
  const order = Order.fromPartial({
    orderId,
    customerId: sale.customerId ?? `guest-${orderId}`,
    market,
    currencyCode: currency,
    orderTime,
    lines,
    shipping: pounds(0n),
    payments: [{ paymentId: `pay-${orderId}`, method: "CARD", captured: pounds(total) }],
  });
  return {
    order,
    shipTime: later(orderTime, shipAfterMs),
    deliverTime: later(orderTime, deliverAfterMs),
    postcode: "",
    addressKey: "",
  };
}

/** google.type.Money of so many pence. */
function pounds(pence: bigint): { currencyCode: string; units: bigint; nanos: number } {
  return { currencyCode: currency, units: pence / 100n, nanos: Number(pence % 100n) * 10_000_000 };
}
