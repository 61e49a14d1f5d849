// Why a resolution does not move: what it waits for, since when, what was tried, and what to do next. From what is stored
// alone, so that whoever asks twice is told the same.
import { itemsOf } from "./attention.js";
import type { Case } from "./case.js";
import { stuckSteps } from "./stuck.js";
import type { Resolution } from "./types.js";

/** A step of the agenda. */
export type Awaited = { readonly step: string; readonly due: Date; readonly tries: number };

/** For how long a state may last. */
export type Dwell = { readonly market: string; readonly state: string; readonly hours: number };

export type Diagnosis = {
  readonly waitsFor: readonly string[];
  readonly stillSince: Date;
  /** Undefined where nothing limits it. */
  readonly limit: Date | undefined;
  readonly tried: readonly string[];
  readonly awaited: readonly Awaited[];
  readonly advice: readonly string[];
};

/** What each state of a resolution or a track waits for, and whom to ask. */
const waits: Readonly<Record<string, readonly [waitsFor: string, advice: string]>> = {
  PENDING_REVIEW: ["a member of staff to grant or decline it", "review it: approve or decline"],
  STOPPING: ["the warehouse's word on whether the order was held back", "ask the warehouse"],
  INTERCEPTING: ["the carrier's word on whether the parcel turns round", "ask the carrier"],
  ALREADY_SHIPPED: ["the policy's word on the units as a return", "look at its decision"],
  COLLECTING: [
    "the customer to hand the goods over",
    "see whether a pick-up is booked; remind them, or give more time",
  ],
  IN_TRANSIT: ["the goods to arrive at the dock", "ask the carrier where the parcel is"],
  INSPECTING: ["the dock to look at the goods", "ask the dock"],
  WAITING: ["the moment at which the policy pays", "nothing, as long as the goods move"],
  REFUNDING: ["the payment provider to settle the refund", "look at the refund"],
  MANUAL_REQUIRED: ["finance to pay the refund by hand", "have finance retry it or pay it out"],
  AWAITING_PAYMENT: ["the customer to pay the difference", "remind them"],
  RECOVERING: ["what was paid too early to come back", "recover it or write it off"],
  HOLDING: ["the inventory's word on the replacement", "ask the inventory"],
  HELD: ["the moment at which the replacement may leave", "nothing, as long as the goods move"],
  RESHIPPING: ["the replacement to leave the warehouse", "ask the shipment system"],
};

/** Steps that only watch over others. */
const watching: ReadonlySet<string> = new Set(["stalled", "handover-day", "reminder"]);

export function diagnose(r: Resolution, one: Case, awaited: readonly Awaited[], dwells: readonly Dwell[]): Diagnosis {
  const open = r.closeTime === undefined;
  const words = open ? [r.state, ...Object.values(r.tracks ?? {})] : [];
  const known = words.flatMap((word) => (waits[word] ? [waits[word]] : []));
  const stuck = stuckSteps(r);
  const seen = itemsOf(r.hold).filter(({ step }) => step === "");
  const { heldBack } = one;
  const hours = shortest(words, r.market, dwells);
  const limit = hours === undefined ? undefined : new Date(one.moveTime.getTime() + hours * 3_600_000);
  return {
    waitsFor: [
      ...stuck.map(({ step }) => `somebody to try ${step} again: it gave up`),
      ...seen.map(({ reason }) => `somebody to see to this: ${reason}`),
      ...(heldBack ? [`${heldBack.by}, who holds it back until ${heldBack.until}: ${heldBack.reason}`] : []),
      ...known.map(([what]) => what),
    ],
    stillSince: one.moveTime,
    limit,
    tried: [
      ...stuck.map(({ step, reason }) => `${step}: ${reason}`),
      ...awaited.filter(({ tries }) => tries > 0).map(({ step, tries }) => `${step}: tried ${tries} times, goes on`),
    ],
    awaited: awaited.filter(({ step }) => !watching.has(step)),
    advice: [
      ...stuck.map(({ step, retried, skipped }) =>
        skipped === "" ? `retry ${step}: it ${retried}` : `retry ${step}: it ${retried}; or skip it: ${skipped}`,
      ),
      ...(seen.length > 0 ? ["see to what is named, then clear it"] : []),
      ...(heldBack ? [`release it, or ask ${heldBack.by}`] : []),
      ...known.map(([, advice]) => advice),
    ],
  };
}

/** The shortest time that any of these may last: a market's own word on a state, or what holds everywhere. */
function shortest(words: readonly string[], market: string, dwells: readonly Dwell[]): number | undefined {
  const of = (word: string, where: string) => dwells.find((d) => d.state === word && d.market === where)?.hours;
  const hours = words.flatMap((word) => of(word, market) ?? of(word, "*") ?? []);
  return hours.length > 0 ? Math.min(...hours) : undefined;
}
