// A market's calendar changed: a year was loaded, or a holiday announced at short notice. Every open deadline that was
// counted by the old one is counted again from the day it began; the time it had stays in the history.
import { noted, quietly, type Scene } from "./advance.js";
import { collectionClock, type Due, handover, refundClock } from "./deadlines.js";
import { withDueTold } from "./expectation.js";
import type { Deadline, Outcome, Resolution } from "./types.js";

/** Whether any of its deadlines was counted by another calendar. */
export function isOutdated({ deadlines }: Resolution, version: string): boolean {
  return deadlines.some(({ calendar }) => calendar !== undefined && calendar !== version);
}

/**
 * Counts the open deadlines again. What the customer was told to hand over by is never moved nearer.
 * @param windowEnd where the window of the decision ends by the new calendar; undefined where it has no end
 */
export function recounted(r: Resolution, windowEnd: Date | undefined, scene: Scene): Outcome {
  const later = windowEnd !== undefined && r.terms.windowEnd !== undefined && windowEnd > r.terms.windowEnd;
  const terms = later ? { ...r.terms, windowEnd } : r.terms;
  const now = { ...r, terms };
  const counted = r.deadlines.map((before) => ({ before, due: dueAgain(now, before, scene) }));
  const deadlines = counted.map(({ before, due }) => {
    // A hand-over is counted day by day, and keeps its count: only the window it may not end before can move it.
    if (before.count)
      return { ...before, due: laterOf(before.due, now.terms.windowEnd), calendar: scene.calendar.version };
    const after = due?.deadlines.find(({ step }) => step === before.step);
    return after && before.step === "handover" && after.due < before.due
      ? { ...after, due: before.due }
      : (after ?? before);
  });
  const moved = counted.flatMap(({ before, due }, nth) => {
    const after = deadlines[nth] as Deadline;
    return due && !sameTime(before.due, after.due) ? [{ before, after, due }] : [];
  });
  const change = { terms, deadlines };
  if (moved.length === 0) return quietly(r, scene, change);
  const told = moved.map(
    ({ before, after }) => `${before.step} from ${before.due.toISOString()} to ${after.due.toISOString()}`,
  );
  const text = `The calendar ${scene.calendar.version} moves ${told.join(", ")}.`;
  const outcome = noted(r, scene, { name: "DeadlinesRecounted", text }, true, change);
  // What was counted in one go is counted day by day from now on.
  const renewed = (before: Deadline, step: string) =>
    before.step === "handover" ? step === "handover-day" : step === before.step;
  const whole = moved.filter(({ before }) => !before.count);
  const steps = whole.flatMap(({ before, due }) => due.steps.filter(({ step }) => renewed(before, step)));
  const dropped = whole.flatMap(({ before: { step } }) => (step === "handover" ? [step, "reminder"] : [step]));
  return withDueTold(r, { ...outcome, steps, dropped }, scene.now);
}

function dueAgain(r: Resolution, { step, from }: Deadline, { calendar }: Scene): Due | undefined {
  if (from === undefined) return undefined;
  if (step === "handover") return handover(r, calendar, from);
  if (step === "statutory-collection") return collectionClock(r, calendar, from);
  if (step === "statutory-refund" || step === "guaranteed-refund") return refundClock(r, calendar, from);
  return undefined;
}

function laterOf(due: Date, end: Date | undefined): Date {
  return end && end > due ? end : due;
}

function sameTime(a: Date | undefined, b: Date | undefined): boolean {
  return a?.getTime() === b?.getTime();
}
