// The outside systems that only answer questions: catalogue, membership, address book, risk, calendars.
import type { AddressServiceService } from "#gen/backhaul/partner/address/v1/address_service.js";
import type {
  Calendar as CalendarMessage,
  CalendarServiceService,
} from "#gen/backhaul/partner/calendar/v1/calendar_service.js";
import type { CatalogServiceService } from "#gen/backhaul/partner/catalog/v1/catalog_service.js";
import type { MembershipServiceService } from "#gen/backhaul/partner/membership/v1/membership_service.js";
import type { RiskServiceService } from "#gen/backhaul/partner/risk/v1/risk_service.js";
import type { Calendar } from "#kit/pure/calendar.js";
import { DomainError } from "#kit/pure/check.js";
import type { Calendars } from "../calendars.js";
import { anyPostcode } from "../core/postcodes.js";
import type { Partner } from "../played.js";
import type { Store } from "../store/store.js";

/** Everybody is trusted a good deal. */
const riskScore = 10;
export function catalogPartner({ master }: Store): Partner<typeof CatalogServiceService> {
  return {
    batchGetProducts: {
      about: ({ skus }) => skus[0] ?? "",
      answer: async ({ skus }) => ({ products: await master.products([...new Set(skus)]) }),
    },
  };
}

export function membershipPartner({ master }: Store): Partner<typeof MembershipServiceService> {
  return {
    getMembership: {
      about: ({ customerId }) => customerId,
      answer: async ({ customerId }) => ({ tier: (await master.tier(customerId)) ?? "NONE" }),
    },
  };
}

export function addressPartner({ orders }: Store): Partner<typeof AddressServiceService> {
  return {
    checkServiceability: {
      about: ({ orderId }) => orderId,
      answer: async ({ orderId }) => {
        const { order, postcode, addressKey } = await orders.find(orderId);
        return { pickup: true, postcode: postcode || anyPostcode(order.market, orderId), addressKey };
      },
    },
  };
}

export function riskPartner(): Partner<typeof RiskServiceService> {
  return { assessRisk: { about: ({ orderId }) => orderId, answer: async () => ({ score: riskScore }) } };
}

export function calendarPartner(calendars: Calendars): Partner<typeof CalendarServiceService> {
  return {
    getCalendar: {
      about: ({ market }) => market,
      answer: async ({ market }) => {
        const calendar = calendars.get(market);
        if (calendar) return { calendar: toCalendar(calendar) };
        throw new DomainError("PARTNER_NOT_FOUND", `no calendar of ${market}`, { partner: "calendar", id: market });
      },
    },
  };
}

function toCalendar({ market, version, timeZone, from, to, weekend, holidays, workdays }: Calendar): CalendarMessage {
  return {
    market,
    version,
    timeZone,
    fromDate: from,
    toDate: to,
    weekend: [...weekend],
    holidays: Object.fromEntries(holidays),
    workdays: [...workdays],
  };
}
