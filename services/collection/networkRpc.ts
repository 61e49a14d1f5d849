// The rpcs of backhaul.collection.v1.CollectionNetworkService: check, ask the network, reply.
import {
  type HandOverOption,
  LabelForm,
  type NotOffered as NotOfferedMessage,
  NotOfferedReason,
} from "#gen/backhaul/collection/v1/network.js";
import type {
  CollectionNetworkServiceService,
  ListHandOverOptionsRequest,
} from "#gen/backhaul/collection/v1/network_service.js";
import type { Order, OrderLine, OrderServiceService } from "#gen/backhaul/partner/order/v1/order_service.js";
import { mayReach } from "#kit/access.js";
import { asService, type Call } from "#kit/call.js";
import type { ClientOf } from "#kit/client.js";
import type { Clock } from "#kit/clock.js";
import { addDays, covers, localDate } from "#kit/pure/calendar.js";
import { check, DomainError } from "#kit/pure/check.js";
import { toProto } from "#kit/pure/money.js";
import type { Handlers } from "#kit/server.js";
import { words } from "#kit/words.js";
import type { Network } from "./core/network/network.js";
import type { NotOffered, Option } from "./core/network/offer.js";
import { restOn } from "./core/network/workdays.js";
import type { Method, Units } from "./core/types.js";
import type { MarketCalendars } from "./marketCalendars.js";
import type { Networks } from "./networks.js";
import { methods } from "./proto.js";
import { everyMethod, type Routing } from "./routing.js";

export type NetworkRpcParts = {
  readonly networks: Networks;
  readonly routing: Routing;
  readonly calendars: MarketCalendars;
  readonly orders: ClientOf<typeof OrderServiceService>;
  readonly clock: Clock;
};

const labels = words(LabelForm, "LABEL_FORM_");
const reasons = words(NotOfferedReason, "NOT_OFFERED_REASON_");
const calendarDays = 60;

export function networkRpc({
  networks,
  routing,
  calendars,
  orders,
  clock,
}: NetworkRpcParts): Handlers<typeof CollectionNetworkServiceService> {
  /** @throws DomainError NETWORK_NOT_FOUND */
  function networkOf(market: string): Network {
    const network = networks.get(market);
    if (network) return network;
    throw new DomainError("NETWORK_NOT_FOUND", `no collection network of ${market} is on file`, {
      market,
      carrier: "",
    });
  }

  /** @throws DomainError ORDER_NOT_FOUND, also for somebody else's */
  async function orderOf(orderId: string, call: Call): Promise<Order> {
    const { order } = await orders.getOrder({ orderId }, asService("collection", call));
    if (order && mayReach(call.caller, order)) return order;
    throw new DomainError("ORDER_NOT_FOUND", `no order ${orderId}`, { order_id: orderId });
  }

  return {
    async listHandOverOptions(request, call) {
      const { orderId } = request;
      const order = await orderOf(orderId, call);
      const { market } = order;
      networkOf(market);
      const allowed = request.methods.length > 0 ? new Set(request.methods.map(wordOf)) : everyMethod;
      const inquiry = { market, orderId, goods: unitsOf(order, request), allowed };
      const offered = await routing.offered(inquiry, asService("collection", call));
      if (typeof offered !== "object") {
        const metadata = { order_id: orderId, market };
        throw new DomainError("ADDRESS_NOT_SERVED", `nobody collects where ${orderId} was delivered to`, metadata);
      }
      const { role } = call.caller;
      const costs = role !== "CUSTOMER" && role !== "GUEST";
      return {
        options: offered.options.map((option) => toOption(option, costs)),
        notOffered: offered.notOffered.map(toNotOffered),
      };
    },

    async listReturnCentres({ market }) {
      const { centres } = networkOf(market);
      const named = centres.map(({ centre, areas, temperatures, seller_ids }) => {
        return { centre, areas: [...areas], temperatures: [...temperatures], sellerIds: [...seller_ids] };
      });
      return { centres: named.sort((one, other) => (one.centre < other.centre ? -1 : 1)) };
    },

    async getCarrierCalendar({ market, carrier }) {
      const known = networkOf(market).carriers.find((it) => it.carrier === carrier);
      if (!known)
        throw new DomainError("NETWORK_NOT_FOUND", `no carrier ${carrier} in ${market}'s network`, { market, carrier });
      const calendar = await calendars.of(market);
      const today = localDate(clock.now(), calendar.timeZone);
      const dates = Array.from({ length: calendarDays }, (_, i) => addDays(today, i));
      const days = dates
        .filter((date) => covers(calendar, date))
        .map((date) => {
          const reason = restOn(known.works, calendar, date);
          return { date, works: reason === undefined, reason: reason ?? "" };
        });
      return { days };
    },
  };
}

/** The lines asked for, all units of all lines if none are named. @throws DomainError LINE_NOT_IN_ORDER, UNITS_EXCEED_PURCHASED */
function unitsOf({ orderId, lines }: Order, { lineIds, quantities }: ListHandOverOptionsRequest): Units[] {
  if (lineIds.length === 0) return lines.map((line) => toUnits(line, line.quantity));
  return lineIds.map((lineId, i) => {
    const line = lines.find((it) => it.lineId === lineId);
    const metadata = { order_id: orderId, line_id: lineId };
    check(line !== undefined, "LINE_NOT_IN_ORDER", `order ${orderId} has no line ${lineId}`, metadata);
    const requested = quantities[i] ?? line.quantity;
    check(
      requested <= line.quantity,
      "UNITS_EXCEED_PURCHASED",
      `line ${lineId}: ${requested} units asked for, ${line.quantity} were bought`,
      { line_id: lineId, requested: `${requested}`, purchased: `${line.quantity}` },
    );
    return toUnits(line, requested);
  });
}

function toUnits({ sku, sellerId }: OrderLine, quantity: number): Units {
  return { sku, quantity, sellerId };
}

/** The contract lets in what it defines; NONE is no way to hand over and meets no option. */
function wordOf(value: Parameters<typeof methods.word>[0]): Method {
  return methods.word(value) as Method;
}

/** What carriers ask of us is none of the customer's business. */
function toOption({ method, carrier, label, centre, ...option }: Option, costs: boolean): HandOverOption {
  const { slots, cost, promiseDays, promiseTime } = option;
  return {
    method: methods.value(method),
    carrier,
    slots: slots.map(({ slotId, startTime, endTime }) => ({ slotId, startTime, endTime })),
    cost: costs ? toProto(cost) : undefined,
    promiseDays,
    promiseTime,
    label: labels.value(label),
    centre,
  };
}

function toNotOffered({ method, carrier, reason }: NotOffered): NotOfferedMessage {
  return { method: methods.value(method), carrier, reason: reasons.value(reason) };
}
