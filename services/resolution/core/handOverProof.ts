// Who handed the goods over, where the policy asks for it. The driver's word may come before the pickup or long after it, and
// where it does not come a person gives theirs: what goes out at the pickup waits for either, or for the goods to be here.
import { check } from "#kit/pure/check.js";
import { noted, raised, type Scene } from "./advance.js";
import { awaitsProof, type Context } from "./context2.js";
import { fact } from "./facts.js";
import type { Outcome, Resolution } from "./types.js";

/** The driver confirmed the hand-over. */
export function handOverConfirmed(r: Resolution, swapped: boolean, scene: Scene): Outcome {
  const text = swapped
    ? "The driver confirmed who handed the goods over, and handed the replacement out."
    : "The driver confirmed who handed the goods over.";
  return fact(r, { type: "CONFIRMED" }, scene, { name: "HandOverConfirmed", text });
}

/** The carrier has the goods, and nobody confirmed who handed them over: a person looks, unless somebody did since. */
export function handOverUnverified(r: Resolution, scene: Scene): Outcome {
  const text = "Nobody confirmed who handed the goods over.";
  return fact(r, { type: "UNVERIFIED" }, scene, { name: "HandOverUnverified", text });
}

/** A driver told too many codes that did not fit. Once the hand-over is confirmed, or the goods are here, it is no news. */
export function handOverLocked(r: Resolution, wrongCodes: number, scene: Scene): Outcome {
  const context = r.chart.context as Context;
  const waits = r.tracks?.goods === "COLLECTING" || awaitsProof(context);
  const text = `The driver told ${wrongCodes} codes that did not fit.`;
  if (r.state !== "OPEN" || !waits || context.confirmed)
    return noted(r, scene, { name: "HandOverLocked", text }, false);
  return raised(r, scene, "hand-over-code", `${text} Call the customer, and give them a new code.`);
}

/** A person says so for the driver, and on what it rests. @throws DomainError RESOLUTION_STATE if nothing waits for it */
export function confirmHandOver(r: Resolution, note: string, scene: Scene): Outcome {
  const waits = r.state === "OPEN" && awaitsProof(r.chart.context as Context);
  check(waits, "RESOLUTION_STATE", `nothing of ${r.resolutionId} waits for a hand-over to be confirmed`, {
    resolution_id: r.resolutionId,
    state: r.state,
    verb: "confirmHandOver",
  });
  return fact(r, { type: "CONFIRMED" }, scene, { name: "HandOverConfirmed", text: note });
}
