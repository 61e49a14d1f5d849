// Networks of tests: small, and as a test says; and chance that repeats itself.
import { calendarOf } from "#kit/pure/calendar.js";
import type { Carrier, CarrierService, NetworkData } from "../core/network/network.js";
import { type Ask, handOverMethods } from "../core/network/offer.js";

/** Korea's November 2026, with a holiday made up on Thursday the 26th. */
export const calendar = calendarOf({
  market: "KR",
  version: "test",
  from: "2026-01-01",
  to: "2026-12-31",
  timeZone: "Asia/Seoul",
  weekend: [0, 6],
  holidays: { "2026-11-26": "a holiday" },
  workdays: {},
});

/** Monday 2026-11-23, a time of day in Seoul. */
export function monday(time: string): Date {
  return new Date(`2026-11-23T${time}:00+09:00`);
}

export function pickup(change: Partial<CarrierService> = {}): CarrierService {
  return {
    methods: ["PICKUP_CONTACTLESS", "PICKUP_IN_PERSON"],
    label: "PAPER",
    limits: { longest_side_cm: 100, sides_sum_cm: 160, weight_grams: 20_000, temperatures: ["AMBIENT"] },
    cut_off: { time: "17:00", days_before: 1 },
    days_ahead: 7,
    windows: [
      { from: "09:00", to: "12:00" },
      { from: "12:00", to: "17:00" },
    ],
    areas: { city: { cost_minor: 3_000, promise_days: 2, capacity: 2 } },
    ...change,
  };
}

export function dropOff(change: Partial<CarrierService> = {}): CarrierService {
  const areas = { city: { cost_minor: 2_000, promise_days: 3 } };
  return pickup({
    methods: ["DROP_OFF_CVS"],
    label: "QR_CODE",
    cut_off: { time: "18:00", days_before: 0 },
    windows: [],
    areas,
    ...change,
  });
}

export function carrier(name: string, services: readonly CarrierService[], change: Partial<Carrier> = {}): Carrier {
  return { carrier: name, works: { weekdays: [1, 2, 3, 4, 5], holidays: false, closed: {} }, services, ...change };
}

/** cj, who drives in the city and takes in stores; one centre for everybody. */
export function networkData(change: Partial<NetworkData> = {}): NetworkData {
  return {
    market: "KR",
    version: "test",
    note: "of a test",
    currency: "KRW",
    areas: { city: ["0"], islands: ["63", "40200-40240"] },
    carriers: [carrier("cj", [pickup(), dropOff()])],
    centres: [{ centre: "icheon", areas: ["city", "islands"], temperatures: ["AMBIENT"], seller_ids: [] }],
    ...change,
  };
}

/** Asked on Monday at ten, from the city, for small things, with every method allowed and nothing taken. */
export function ask(change: Partial<Ask> = {}): Ask {
  return {
    area: "city",
    pickup: true,
    load: {
      longestSideCm: 0,
      sidesSumCm: 0,
      weightGrams: 0,
      temperatures: new Set(["AMBIENT"]),
      sellerId: undefined,
    },
    allowed: new Set(handOverMethods),
    calendar,
    now: monday("10:00"),
    taken: new Map(),
    ...change,
  };
}
