// The customer's time to hand over, day by day. A day counts only if it could be used: while no pickup can be booked, or
// the carrier does not work, the clock stands still, so that whoever is withdrawn had every day they were promised, and was
// reminded of it.
import { isEnded, noted, quietly, type Scene } from "./advance.js";
import { handoverEnd, told } from "./deadlines.js";
import { handoverDue } from "./due.js";
import type { Deadline, HandoverCount, Outcome, Resolution, Step } from "./types.js";

const day = 86_400_000;

/**
 * A day of the hand-over has passed: ends it when all have, and not before the statutory window has, nor before every
 * reminder went out on a day of its own.
 * @param usable whether the customer could have handed over on it
 */
export function handoverDay(r: Resolution, usable: boolean, scene: Scene): Outcome {
  const before = r.deadlines.find(({ step }) => step === "handover");
  if (isEnded(r.state) || r.tracks?.goods !== "COLLECTING" || !before?.count) return quietly(r, scene, {});
  const { now } = scene;
  const passed: HandoverCount = { ...before.count, usable: before.count.usable + (usable ? 1 : 0), stopped: !usable };
  const due = handoverEnd(r.terms, r.terms.handoverDays - passed.usable, now);
  const daysLeft = Math.ceil((due.getTime() - now.getTime()) / day);
  const next = [...r.terms.reminderDays].sort((a, b) => b - a)[passed.reminded.length];
  if (daysLeft <= 0 && next === undefined && usable) return handoverDue(counted(r, before, passed, due), scene);
  const remind = usable && next !== undefined && daysLeft <= next;
  const count = remind ? { ...passed, reminded: [...passed.reminded, now] } : passed;
  const tomorrow = new Date(now.getTime() + day);
  // Told too late to count on: there is a day yet.
  const end = remind && due <= now ? tomorrow : due;
  const steps: Step[] = [{ step: "handover-day", due: tomorrow, payload: {} }];
  if (remind) {
    const days = Math.max(1, daysLeft);
    steps.push({ step: "reminder", due: now, payload: { days, ...told(r) } });
  }
  const { deadlines } = counted(r, before, count, end);
  const outcome =
    before.count.stopped === count.stopped
      ? quietly(r, scene, { deadlines })
      : noted(r, scene, stopping(usable), true, { deadlines });
  return { ...outcome, steps };
}

function counted(r: Resolution, before: Deadline, count: HandoverCount, due: Date): Resolution {
  return {
    ...r,
    deadlines: r.deadlines.map((deadline) => (deadline === before ? { ...before, due, count } : deadline)),
  };
}

function stopping(usable: boolean) {
  return usable
    ? { name: "HandoverResumed", text: "Pickups can be booked again: the time to hand over runs on." }
    : { name: "HandoverStopped", text: "Nothing could be handed over: the day does not count." };
}
