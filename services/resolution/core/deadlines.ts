// When things fall due: from the frozen terms and the market's calendar. What falls due is on the agenda and shown on the
// resolution, with the article it comes from.
import {
  addDays,
  businessDaysAfter,
  type Calendar,
  covers,
  isBusinessDay,
  localDate,
  windowEnd,
} from "#kit/pure/calendar.js";
import type { Deadline, Resolution, StatutoryClock, Step } from "./types.js";

const day = 86_400_000;
/** How long before a statutory time a person is called, so that it can still be met. */
const escalationMs = day;

/** Days without any news after which a person is called, by what is waited for. Nothing waits silently. */
const dwellDays: Readonly<Record<string, number>> = {
  PENDING_REVIEW: 2,
  STOPPING: 1,
  ALREADY_SHIPPED: 1,
  INTERCEPTING: 1,
  COLLECTING: 45, // the hand-over has a deadline of its own
  IN_TRANSIT: 14,
  INSPECTING: 7,
  REFUNDING: 3,
  MANUAL_REQUIRED: 7,
  RECOVERING: 30,
  HOLDING: 1,
  RESHIPPING: 3,
};

/** When somebody looks at a resolution of which nothing was heard: begins anew with whatever happens. */
export function stalled({ state, tracks }: Resolution, now: Date): Step {
  const waits = [state, ...Object.values(tracks ?? {})].flatMap((word) => dwellDays[word] ?? []);
  return { step: "stalled", due: new Date(now.getTime() + Math.min(30, ...waits) * day), payload: {} };
}

/** A deadline, and the steps that act on it. */
export type Due = { readonly deadlines: readonly Deadline[]; readonly steps: readonly Step[] };

/** Names of the steps that end with the hand-over, and with the money. */
export const handoverSteps = ["handover", "handover-day", "reminder", "statutory-collection"] as const;
export const refundSteps = ["statutory-refund", "guaranteed-refund"] as const;
/** The end of a hold of staff; with its request it ends, too. */
export const holdStep = "desk-hold";

/**
 * The customer's time to hand over: never shorter than the statutory window. It is counted day by day, and only days that
 * the customer could use count; handover.ts does.
 * @param from the request, or the last time somebody else failed the customer
 */
export function handover({ terms }: Resolution, calendar: Calendar, from: Date): Due {
  const due = handoverEnd(terms, terms.handoverDays, from);
  const count = { usable: 0, stopped: false, reminded: [] };
  const article = "policy: hand-over";
  return {
    deadlines: [{ step: "handover", due, article, provisional: false, from, calendar: calendar.version, count }],
    steps: [{ step: "handover-day", due: new Date(from.getTime() + day), payload: {} }],
  };
}

/** When the hand-over ends if every day from now on can be used. */
export function handoverEnd({ windowEnd: end }: Resolution["terms"], daysLeft: number, now: Date): Date {
  return new Date(Math.max(now.getTime() + Math.max(0, daysLeft) * day, end?.getTime() ?? 0));
}

/** Where the law gives us a time to collect: a person is called before it ends. */
export function collectionClock({ terms }: Resolution, calendar: Calendar, from: Date): Due {
  return escalated("statutory-collection", terms.collectionClock, calendar, from);
}

/**
 * The time to refund, and the guaranteed refund where the policy promises one: when the promise says, and before the law
 * would be broken, whichever is first.
 * @param from the goods' physical receipt, or where the law says so their collection
 */
export function refundClock({ terms }: Resolution, calendar: Calendar, from: Date): Due {
  const clock = escalated("statutory-refund", terms.refundClock, calendar, from);
  const statutory = clock.deadlines[0];
  const promised = terms.guaranteeClock && endOf(terms.guaranteeClock, calendar, from);
  if (!statutory || (terms.trigger !== "ON_DEADLINE" && !promised)) return clock;
  const safe = lastCall(calendar, statutory.due, from);
  const due = promised && promised.time < safe ? promised.time : safe;
  return {
    deadlines: [...clock.deadlines, { ...statutory, step: "guaranteed-refund", due }],
    steps: [...clock.steps, { step: "guaranteed-refund", due, payload: {} }],
  };
}

/** Whether the time to refund runs. */
export function refundClockRuns({ deadlines }: Resolution): boolean {
  return deadlines.some(({ step }) => step === "statutory-refund");
}

function escalated(step: string, clock: StatutoryClock | undefined, calendar: Calendar, from: Date): Due {
  if (!clock) return { deadlines: [], steps: [] };
  const { time, provisional } = endOf(clock, calendar, from);
  return {
    deadlines: [{ step, due: time, article: clock.article, provisional, from, calendar: calendar.version }],
    steps: [{ step, due: lastCall(calendar, time, from), payload: {} }],
  };
}

function endOf(clock: StatutoryClock, calendar: Calendar, from: Date): { time: Date; provisional: boolean } {
  if (clock.businessDays) return businessDaysAfter(calendar, from, clock.days, "earlier");
  // A duty of ours is never put off by a holiday.
  return windowEnd(calendar, from, clock.days, { lastDayMoves: false, favour: "earlier" });
}

/** A day before a time ends, and on a day that is worked: on the others nobody comes, and no bank pays. */
function lastCall(calendar: Calendar, end: Date, from: Date): Date {
  const at = new Date(end.getTime() - escalationMs);
  let date = localDate(at, calendar.timeZone);
  let back = 0;
  while (covers(calendar, date) && !isBusinessDay(calendar, date)) {
    date = addDays(date, -1);
    back++;
  }
  return new Date(Math.max(from.getTime(), at.getTime() - back * day));
}

/** What a notification needs to know. */
export function told({ customerId, resolutionId }: Resolution): { customerId: string; resolutionId: string } {
  return { customerId, resolutionId };
}
