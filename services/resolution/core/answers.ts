// What the calls of the agenda come to.
import { isEnded, noted, quietly, raised, type Scene } from "./advance.js";
import { payloadOf } from "./calls.js";
import type { Outcome, Resolution } from "./types.js";

/** The collection is stored; if the request ended meanwhile, or the goods come back by themselves, it is called off. */
export function collectionBegun(r: Resolution, collectionId: string, scene: Scene): Outcome {
  const outcome = begun(r, { collectionId }, "collection.cancel", scene);
  const turnedRound = r.state === "OPEN" && (r.chart.context as { comesBack?: boolean }).comesBack === true;
  if (!turnedRound) return outcome;
  const payload = payloadOf("collection.cancel", outcome.next);
  return { ...outcome, steps: [{ step: "collection.cancel", due: scene.now, payload }] };
}

/** The dock expects the goods; if the request ended meanwhile it no longer does, unless they come all the same. */
export function receiptExpected(r: Resolution, inspectionId: string, scene: Scene): Outcome {
  const comes = (r.chart.context as { comesBack?: boolean }).comesBack === true;
  if (comes && r.state !== "OPEN") return quietly(r, scene, { inspectionId });
  return begun(r, { inspectionId }, "inspection.cancel", scene);
}

function begun(r: Resolution, change: Partial<Resolution>, callOff: string, scene: Scene): Outcome {
  const obsolete = isEnded(r.state) && r.state !== "CLOSED";
  const next = { ...r, ...change, version: r.version + 1 };
  return quietly(
    r,
    scene,
    change,
    obsolete ? [{ step: callOff, due: scene.now, payload: payloadOf(callOff, next) }] : [],
  );
}

/** The refund is granted; its settlement comes as a fact. */
export function refundGranted(r: Resolution, refundId: string, scene: Scene): Outcome {
  return quietly(r, scene, { refundId });
}

/** A reminder went out. */
export function reminded(r: Resolution, days: number, scene: Scene): Outcome {
  return noted(
    r,
    scene,
    { name: "Reminded", text: `Reminded: ${days} day${days === 1 ? "" : "s"} left to hand over.` },
    true,
  );
}

/** A call gave up: the resolution waits for a person, its clocks run on. */
export function gaveUp(r: Resolution, step: string, payload: object, reason: string, scene: Scene): Outcome {
  return raised(r, scene, step, `${step} gave up: ${reason}`, payload);
}
