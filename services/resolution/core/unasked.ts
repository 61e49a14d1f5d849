// Goods that come back without anybody having asked for it.
import { advance, isEnded, noted, raised, type Scene } from "./advance.js";
import { toldAgain } from "./expectation.js";
import type { Outcome, Resolution, UnaskedReason } from "./types.js";

const texts: Readonly<Record<UnaskedReason, string>> = {
  REFUSED_DELIVERY: "The parcel was not taken at the door and comes back.",
  UNCLAIMED: "The parcel was not fetched in time and comes back.",
  RETURN_TO_SENDER: "The carrier could not deliver the parcel; it comes back.",
};

/** The sentence for the customer. */
export function unaskedText(reason: UnaskedReason): string {
  return texts[reason];
}

/**
 * Units of an open request come back by themselves: they join it, and its own collection is called off.
 * @param whole false if only a part of its goods does: then a person sees to both
 */
export function comesBack(r: Resolution, reason: UnaskedReason, whole: boolean, scene: Scene): Outcome {
  const happening = { name: "ComesBack", text: texts[reason] };
  // Nobody is sent for them, so nothing is charged for it.
  const terms = { ...r.terms, fees: [] };
  const taken = whole ? advance(r, { type: "COMES_BACK" }, scene, happening, { terms }) : undefined;
  // The dock was told of goods that the customer had.
  const told = r.tracks?.goods === "COLLECTING" && taken;
  if (told) return { ...told, steps: [...told.steps, toldAgain(told.next, scene.now)] };
  if (taken) return taken;
  const goods = r.tracks?.goods ?? "STOPPING";
  const waits = ["STOPPING", "INTERCEPTING", "ALREADY_SHIPPED", "COLLECTING"].includes(goods);
  // Version 1 has no way for it.
  if (!isEnded(r.state) && waits) return raised(r, scene, "collection.schedule", `${texts[reason]} See to its refund.`);
  return noted(r, scene, happening, false);
}
