// Partners of which nothing is asked but an answer: calendars, addresses, products, notices, what a customer still owes.

import type { AddressServiceService } from "#gen/backhaul/partner/address/v1/address_service.js";
import type { CalendarServiceService } from "#gen/backhaul/partner/calendar/v1/calendar_service.js";
import type { CatalogServiceService } from "#gen/backhaul/partner/catalog/v1/catalog_service.js";
import type { NotificationServiceService } from "#gen/backhaul/partner/notification/v1/notification_service.js";
import {
  AuthorizationState,
  DemandState,
  type PaymentServiceService,
} from "#gen/backhaul/partner/payment/v1/payment_service.js";
import { DomainError } from "#kit/pure/check.js";
import { fromProto, type Money, toProto } from "#kit/pure/money.js";
import type { Handlers } from "#kit/server.js";
import type { World } from "../world/types.js";
import { openKeyed } from "./keyed.js";
import { some } from "./some.js";

const zones: Readonly<Record<string, string>> = { GB: "Europe/London", KR: "Asia/Seoul", TW: "Asia/Taipei" };

export function openQuiet() {
  const calendar = some<typeof CalendarServiceService>({
    getCalendar: async ({ market }) => ({
      calendar: {
        ...{ market, version: "1", timeZone: zones[market] ?? "UTC", fromDate: "2026-01-01", toDate: "2027-12-31" },
        ...{ weekend: [0, 6], holidays: {}, workdays: [] },
      },
    }),
  });
  const address = some<typeof AddressServiceService>({
    // Nobody tells a postcode, so no network is asked: the transport partner chooses.
    checkServiceability: async ({ orderId }) => ({ pickup: true, addressKey: `door-${orderId}`, postcode: "" }),
  });
  const catalog = some<typeof CatalogServiceService>({ batchGetProducts: async () => ({ products: [] }) });
  const notification = some<typeof NotificationServiceService>({
    sendNotification: async () => ({ notificationId: "" }),
  });
  return { calendar, address, catalog, notification };
}

type Demand = { readonly amount: Money; state: DemandState; readonly expireMs: number };
type Authorization = { readonly amount: Money; state: AuthorizationState; captured: bigint };

export type Dues = ReturnType<typeof openDues>;

/** What customers are asked to pay, or have set aside. */
export function openDues(world: World) {
  const { schedule } = world;
  const keyed = openKeyed();
  const demands = new Map<string, Demand>();
  const authorizations = new Map<string, Authorization>();
  const { DEMAND_STATE_OPEN: open, DEMAND_STATE_PAID: paid } = DemandState;
  const { AUTHORIZATION_STATE_AUTHORIZED: setAside, AUTHORIZATION_STATE_CAPTURED: taken } = AuthorizationState;

  function demandOf(demandId: string): Demand {
    const demand = demands.get(demandId);
    if (!demand) throw new DomainError("PARTNER_NOT_FOUND", "no such demand", { partner: "payment", id: demandId });
    if (demand.state === open && schedule.now() > demand.expireMs) demand.state = DemandState.DEMAND_STATE_EXPIRED;
    return demand;
  }

  function authorizationOf(id: string): Authorization {
    const found = authorizations.get(id);
    if (!found) throw new DomainError("PARTNER_NOT_FOUND", "nothing set aside", { partner: "payment", id });
    return found;
  }

  const contract: Partial<Handlers<typeof PaymentServiceService>> = {
    requestPayment: async (ask) =>
      keyed(ask.requestId, ask, () => {
        const demandId = `dem-${demands.size + 1}`;
        const chance = schedule.chance(`demand/${ask.requestId}`);
        const expireMs = ask.expireTime?.getTime() ?? schedule.now();
        const demand: Demand = { amount: fromProto(ask.amount as never), state: open, expireMs };
        demands.set(demandId, demand);
        schedule.after(chance.between(600_000, 200_000_000), () => {
          if (chance.percent(65) && demandOf(demandId).state === open) demand.state = paid;
        });
        return { demandId, url: `https://pay/${demandId}` };
      }),
    getDemand: async ({ demandId }) => ({ state: demandOf(demandId).state, paymentId: "" }),
    cancelDemand: async ({ demandId }) => {
      const demand = demandOf(demandId);
      if (demand.state === open) demand.state = DemandState.DEMAND_STATE_CANCELED;
      return { state: demand.state, paymentId: "" };
    },
    authorize: async (ask) =>
      keyed(ask.requestId, ask, () => {
        if (schedule.chance(`authorize/${ask.requestId}`).percent(15))
          return {
            state: AuthorizationState.AUTHORIZATION_STATE_REFUSED,
            authorizationId: "",
            code: "NO_FUNDS",
            expireTime: undefined,
          };
        const authorizationId = `aut-${authorizations.size + 1}`;
        authorizations.set(authorizationId, { amount: fromProto(ask.amount as never), state: setAside, captured: 0n });
        return { state: setAside, authorizationId, code: "", expireTime: ask.expireTime };
      }),
    captureAuthorization: async ({ authorizationId, amount }) => {
      const found = authorizationOf(authorizationId);
      if (found.state === setAside) {
        found.captured = fromProto(amount as never).minor;
        found.state = taken;
      }
      const captured = found.state === taken ? toProto({ ...found.amount, minor: found.captured }) : undefined;
      if (found.captured > found.amount.minor) world.broken(`${authorizationId}: more taken than was set aside`);
      return { state: found.state, captured, paymentId: "" };
    },
    voidAuthorization: async ({ authorizationId }) => {
      const found = authorizationOf(authorizationId);
      if (found.state === setAside) found.state = AuthorizationState.AUTHORIZATION_STATE_VOIDED;
      return { state: found.state };
    },
  };
  return { contract, demands, authorizations };
}
