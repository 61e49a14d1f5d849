// Named builders: each test says only what matters to it.
import { type Calendar, calendarOf } from "#kit/pure/calendar.js";
import type { Scene } from "../core/advance.js";
import * as core from "../core/resolution.js";
import type { Kind, Line, Outcome, Resolution, Terms } from "../core/types.js";

const calendar: Calendar = calendarOf({
  market: "KR",
  version: "test",
  from: "2026-01-01",
  to: "2027-12-31",
  timeZone: "Asia/Seoul",
  weekend: [0, 6],
  holidays: {},
  workdays: {},
});

/** Tuesday noon in Seoul. */
const noon = new Date("2026-11-24T03:00:00.000Z");

export function scene(change: Partial<Scene> = {}): Scene {
  return { actor: { subject: "c-1", role: "CUSTOMER" }, now: noon, calendar, ...change };
}

/** Days after `noon`. */
export function later(days: number): Scene {
  return scene({ now: new Date(noon.getTime() + days * 86_400_000) });
}

function terms(change: Partial<Terms> = {}): Terms {
  return {
    trigger: "ON_INSPECTION",
    collection: true,
    method: 1,
    slotId: "",
    inspection: true,
    replacement: false,
    exchange: undefined,
    fees: [],
    fault: "CUSTOMER",
    handoverDays: 14,
    reminderDays: [7, 3, 1],
    autoWithdrawal: true,
    maxPickupAttempts: 3,
    refundClock: { days: 3, businessDays: true, article: "E-Commerce Act art. 18(2)" },
    collectionClock: undefined,
    windowEnd: undefined,
    ...change,
  };
}

export function line(change: Partial<Line> = {}): Line {
  return {
    lineId: "l-1",
    sku: "mug",
    title: "Mug",
    quantity: 2,
    purchased: 3,
    reason: "SIZE_TOO_SMALL",
    note: "",
    replacementSku: "",
    accepted: 0,
    rejected: 0,
    missing: 0,
    ...change,
  };
}

/** What a request of this kind comes to under these terms. */
export function requested(
  kind: Kind,
  change: Partial<Terms> = {},
  verdict: core.Requested["verdict"] = "ACCEPT",
  more: Partial<core.Requested> = {},
): Outcome {
  const asked: core.Requested = {
    resolutionId: "res_01K0000000000000000000000A",
    orderId: "o-1",
    customerId: "c-1",
    market: "KR",
    kind,
    channel: "APP",
    verdict,
    verdictText: "Granted.",
    lines: [line()],
    terms: terms(change),
    decision: new Uint8Array(),
    staffDecisionId: "",
    ...more,
  };
  return core.request(asked, scene());
}

/** One event of a story. */
export type Told = (resolution: Resolution) => Outcome;

/** Tells a story: each event on what the one before made of the resolution. */
export function told(start: Outcome, ...events: readonly Told[]): Outcome {
  return events.reduce<Outcome>((outcome, event) => event(outcome.next), start);
}

/** Steps to do, but for the watch over silence that every open resolution has. */
export const steps = (outcome: Outcome): string[] =>
  outcome.steps
    .map((s) => s.step)
    .filter((step) => step !== "stalled")
    .sort();

/** The whole of where it stands, in one line. */
export function where({ next }: Outcome): string {
  const { goods, money, stock } = next.tracks ?? { goods: "-", money: "-", stock: "-" };
  return `${next.state} ${goods} ${money} ${stock}`;
}

// The events most stories are made of.
export const pickedUp: Told = (r) => core.pickedUp(r, scene());
export const received: Told = (r) => core.received(r, "ins_1", scene());
export const allGood: Told = (r) => core.inspected(r, [{ lineId: "l-1", quantity: 2, verdict: "ACCEPTED" }], scene());
export const oneBad: Told = (r) =>
  core.inspected(
    r,
    [
      { lineId: "l-1", quantity: 1, verdict: "ACCEPTED" },
      { lineId: "l-1", quantity: 1, verdict: "REJECTED" },
    ],
    scene(),
  );
export const allBad: Told = (r) => core.inspected(r, [{ lineId: "l-1", quantity: 2, verdict: "REJECTED" }], scene());
export const refunded: Told = (r) => core.refunded(r, "rfd_1", { minor: 5000n, currency: "KRW" }, scene());
export const reshipped: Told = (r) => core.reshipped(r, scene());
/** The goods come, and all of them are good. */
export const back = [pickedUp, received, allGood] as const;

export const won = (minor: bigint) => ({ minor, currency: "KRW" });

/** What a step of an outcome sends. */
export const payload = (outcome: Outcome, step: string) =>
  outcome.steps.find((s) => s.step === step)?.payload as Record<string, unknown> | undefined;
