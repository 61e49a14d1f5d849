// Staff give the customer more time to hand over. Our own times are the law's and the policy's to set: nobody puts off
// what we owe.
import { check } from "#kit/pure/check.js";
import { noted, type Scene } from "./advance.js";
import type { Outcome, Resolution } from "./types.js";

const day = 86_400_000;

/** Adds days to the hand-over; the history keeps the time it had. @throws DomainError DEADLINE_NOT_EXTENDED */
export function extend(r: Resolution, step: string, days: number, reason: string, scene: Scene): Outcome {
  const before = r.deadlines.find((deadline) => deadline.step === step);
  check(
    step === "handover" && before !== undefined && r.state === "OPEN" && r.tracks?.goods === "COLLECTING",
    "DEADLINE_NOT_EXTENDED",
    `only a hand-over that is waited for can be put off; ${step} of ${r.resolutionId} cannot`,
    { resolution_id: r.resolutionId, step },
  );
  const later = (time: Date) => new Date(time.getTime() + days * day);
  // Counted day by day from here on, it ends neither before so many usable days nor before the window.
  const { handoverDays, windowEnd } = r.terms;
  const terms = { ...r.terms, handoverDays: handoverDays + days, windowEnd: windowEnd && later(windowEnd) };
  const due = later(before.due);
  const deadlines = r.deadlines.map((deadline) => (deadline === before ? { ...before, due } : deadline));
  const text = `To hand over by ${due.toISOString()} instead of ${before.due.toISOString()}: ${reason}`;
  const outcome = noted(r, scene, { name: "DeadlineExtended", text }, true, { terms, deadlines });
  // Counted in one go, the step itself is what strikes.
  if (before.count) return outcome;
  return { ...outcome, steps: [{ step: "handover", due, payload: {} }], dropped: ["handover"] };
}
