// What customers do in a trial, drawn from chance, and how each of it must end, whatever happens meanwhile.

import type { Scenario } from "#gen/backhaul/sandbox/v1/scenario_service.js";
import { Twist } from "#gen/backhaul/sandbox/v1/scenario_service.js";
import { newId } from "#kit/ids.js";
import type { Chance } from "../prove/chance.js";
import type { OrderOptions, Seen } from "../test/shop.js";
import type { Customers } from "./customers.js";

export type Journey = {
  readonly name: string;
  readonly order: OrderOptions;
  readonly kind: "CANCELLATION" | "RETURN" | "EXCHANGE" | "CLAIM";
  readonly reason?: string;
  readonly more?: object;
  readonly twist?: Pick<Scenario, "twist"> & Partial<Scenario>;
  /** Asked so many times at once, under one key. */
  readonly times?: number;
  /** Taken back by the customer at once. */
  readonly withdrawn?: true;
  readonly end: "CLOSED" | "WITHDRAWN";
  /** Where a driver may have been faster than whoever called him off: people are told of what comes all the same. */
  readonly mayComeAllTheSame?: true;
  /** Refunds of its order in the provider's own book, in the end. */
  readonly refunds: 0 | 1;
};

/** A journey under way: what was promised to whom. */
export type Begun = {
  readonly journey: Journey;
  readonly orderId: string;
  readonly customerId: string;
  readonly resolutionId: string;
};

const larger = { reason: "SIZE_TOO_SMALL", more: { replacementSku: "mug-large" } } as const;
const damaged = "DAMAGED_ON_ARRIVAL";

/**
 * Seconds of business time. Of hours many may pass while a call is under way, of days not: a provider forgets its keys
 * after one, and bookings have their day.
 */
export const pace = { pickup: 1_800, transit: 1_800, inspection: 900 } as const;

export const journeys: readonly Journey[] = [
  { name: "KR return", order: { market: "KR" }, kind: "RETURN", end: "CLOSED", refunds: 1 },
  { name: "TW return", order: { market: "TW", paidMinor: 120_000n }, kind: "RETURN", end: "CLOSED", refunds: 1 },
  { name: "GB return", order: { market: "GB", paidMinor: 2_000n }, kind: "RETURN", end: "CLOSED", refunds: 1 },
  { name: "asked three times at once", order: {}, kind: "RETURN", times: 3, end: "CLOSED", refunds: 1 },
  { name: "cancellation", order: { shipsInDays: 9 }, kind: "CANCELLATION", end: "CLOSED", refunds: 1 },
  {
    name: "cancellation too late",
    order: { shipsInDays: 1 },
    kind: "CANCELLATION",
    twist: { twist: Twist.TWIST_ALREADY_SHIPPED },
    end: "CLOSED",
    refunds: 1,
  },
  { name: "exchange", order: {}, kind: "EXCHANGE", ...larger, end: "CLOSED", refunds: 0 },
  {
    name: "exchange sold out",
    order: {},
    kind: "EXCHANGE",
    ...larger,
    twist: { twist: Twist.TWIST_SOLD_OUT },
    end: "CLOSED",
    refunds: 1,
  },
  { name: "claim", order: { paidMinor: 20_000n }, kind: "CLAIM", reason: damaged, end: "CLOSED", refunds: 1 },
  {
    name: "driver comes twice",
    order: {},
    kind: "RETURN",
    twist: { twist: Twist.TWIST_PICKUP_FAILED, times: 1 },
    end: "CLOSED",
    refunds: 1,
  },
  {
    name: "one unit rejected",
    order: { paidMinor: 300_001n },
    kind: "RETURN",
    reason: "NOT_AS_DESCRIBED",
    twist: { twist: Twist.TWIST_DAMAGED, units: 1 },
    end: "CLOSED",
    refunds: 1,
  },
  {
    name: "withdrawn",
    order: {},
    kind: "RETURN",
    withdrawn: true,
    end: "WITHDRAWN",
    mayComeAllTheSame: true,
    refunds: 0,
  },
];

/** What shows that the mesh does its work again: one that needs no time to pass, and one that is to be fetched. */
export const probes = {
  claim: journeys.find(({ name }) => name === "claim") as Journey,
  pickup: journeys.find(({ name }) => name === "KR return") as Journey,
};

export const drawn = (chance: Chance, count: number): Journey[] =>
  Array.from({ length: count }, () => chance.pick(journeys));

/** Buys what a journey is about. Whatever goes wrong there, nothing has been promised yet. */
export async function bought({ shop, patiently }: Customers, { order, twist }: Journey) {
  const made = await patiently(() => shop.order(order));
  if (twist) await patiently(() => shop.scenario({ ...twist, orderId: made.orderId }));
  return made;
}

/** Asks, and has a promise. @throws Error that says what was answered instead */
export async function begun(
  { post }: Customers,
  journey: Journey,
  { orderId, customerId, lineId }: Awaited<ReturnType<typeof bought>>,
): Promise<Begun> {
  const { kind, reason = "NO_LONGER_NEEDED", more, times = 1, name, withdrawn } = journey;
  const body = { orderId, kind: `KIND_${kind}`, lines: [{ lineId, quantity: 2, reason, ...more }] };
  const key = newId("key");
  const ask = () => post("CUSTOMER", customerId, "/v1/resolutions", body, key);
  const answers = await Promise.all(Array.from({ length: times }, ask));
  const ids = new Set(answers.map(({ status, json }) => (status === 200 ? (json as Seen).resolutionId : status)));
  const [resolutionId] = ids;
  if (ids.size > 1) throw new Error(`${name}: one key, several answers: ${[...ids].join(", ")}`);
  if (typeof resolutionId !== "string") throw new Error(`${name}: ${JSON.stringify(answers[0]?.json)}`);
  if (withdrawn) {
    const { status, json } = await post("CUSTOMER", customerId, `/v1/resolutions/${resolutionId}:withdraw`, {});
    if (status !== 200) throw new Error(`${name}: ${JSON.stringify(json)}`);
  }
  return { journey, orderId, customerId, resolutionId };
}
