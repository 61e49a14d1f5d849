// When things fall due: from the frozen terms and the market's calendar. What falls due is on the agenda and shown on the
// resolution, with the article it comes from.
import { businessDaysAfter, type Calendar, windowEnd } from "#kit/pure/calendar.js";
import type { Deadline, Resolution, StatutoryClock, Step } from "./types.js";

const day = 86_400_000;
/** How long before a statutory time a person is called, so that it can still be met. */
const escalationMs = day;

/** Days without any news after which a person is called, by what is waited for. Nothing waits silently. */
const dwellDays: Readonly<Record<string, number>> = {
  PENDING_REVIEW: 2,
  STOPPING: 1,
  ALREADY_SHIPPED: 1,
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
export const handoverSteps = ["handover", "reminder", "statutory-collection"] as const;
export const refundSteps = ["statutory-refund", "guaranteed-refund"] as const;

/**
 * The customer's time to hand over: never shorter than the statutory window, with reminders before it ends.
 * @param from the request, or the last time somebody else failed the customer
 */
export function handover(resolution: Resolution, calendar: Calendar, from: Date): Due {
  const { terms } = resolution;
  const agreed = from.getTime() + terms.handoverDays * day;
  const due = new Date(Math.max(agreed, terms.windowEnd?.getTime() ?? 0));
  const reminders = terms.reminderDays
    .map((days) => ({ days, due: new Date(due.getTime() - days * day) }))
    .filter((reminder) => reminder.due > from);
  return {
    deadlines: [
      { step: "handover", due, article: "policy: hand-over", provisional: false, from, calendar: calendar.version },
    ],
    steps: [
      { step: "handover", due, payload: {} },
      ...reminders.map((reminder) => ({
        step: "reminder",
        due: reminder.due,
        payload: { days: reminder.days, ...told(resolution) },
      })),
    ],
  };
}

/** Where the law gives us a time to collect: a person is called before it ends. */
export function collectionClock({ terms }: Resolution, calendar: Calendar, from: Date): Due {
  return escalated("statutory-collection", terms.collectionClock, calendar, from);
}

/** The time to refund, from the goods' physical receipt; and the guaranteed refund where the policy promises one. */
export function refundClock({ terms }: Resolution, calendar: Calendar, received: Date): Due {
  const clock = escalated("statutory-refund", terms.refundClock, calendar, received);
  const statutory = clock.deadlines[0];
  if (terms.trigger !== "ON_DEADLINE" || !statutory) return clock;
  // The guarantee pays a day before the law would be broken.
  const due = new Date(Math.max(received.getTime(), statutory.due.getTime() - escalationMs));
  return {
    deadlines: [...clock.deadlines, { ...statutory, step: "guaranteed-refund", due }],
    steps: [...clock.steps, { step: "guaranteed-refund", due, payload: {} }],
  };
}

function escalated(step: string, clock: StatutoryClock | undefined, calendar: Calendar, from: Date): Due {
  if (!clock) return { deadlines: [], steps: [] };
  const { time, provisional } = clock.businessDays
    ? businessDaysAfter(calendar, from, clock.days, "earlier")
    : // A duty of ours is never put off by a holiday.
      windowEnd(calendar, from, clock.days, { lastDayMoves: false, favour: "earlier" });
  const call = new Date(Math.max(from.getTime(), time.getTime() - escalationMs));
  return {
    deadlines: [{ step, due: time, article: clock.article, provisional, from, calendar: calendar.version }],
    steps: [{ step, due: call, payload: {} }],
  };
}

/** What a notification needs to know. */
export function told({ customerId, resolutionId }: Resolution): { customerId: string; resolutionId: string } {
  return { customerId, resolutionId };
}
