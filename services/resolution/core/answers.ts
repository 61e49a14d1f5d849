// What the calls of the agenda come to.
import { advance, isEnded, noted, quietly, raised, type Scene } from "./advance.js";
import { payloadOf } from "./calls.js";
import { termsContext } from "./context.js";
import { fact } from "./facts.js";
import { allAccepted } from "./lines.js";
import type { ChartEvent } from "./machine.js";
import type { Outcome, Resolution, Terms, Verdict } from "./types.js";

/** The warehouse held everything back. */
export function stopped(r: Resolution, scene: Scene): Outcome {
  const happening = { name: "ReleaseStopped", text: "The order was stopped before it left." };
  return fact(r, { type: "STOPPED" }, scene, happening, { lines: allAccepted(r.lines) });
}

/** It has left: the request goes on as a return, to be judged as one. */
export function alreadyShipped(r: Resolution, scene: Scene): Outcome {
  const happening = { name: "AlreadyShipped", text: "The order had left already; it goes on as a return." };
  return fact(r, { type: "ALREADY_SHIPPED" }, scene, happening);
}

/** The same units, judged as a return. */
export function judgedAsReturn(
  r: Resolution,
  verdict: Verdict,
  text: string,
  terms: Terms,
  decision: Uint8Array,
  scene: Scene,
): Outcome {
  if (verdict === "DECLINE")
    return fact(r, { type: "RETURN_DECLINED" }, scene, { name: "ReturnDeclined", text }, { decision });
  const granted: ChartEvent = { type: "RETURN_GRANTED", terms: termsContext(terms) };
  return fact(r, granted, scene, { name: "ReturnGranted", text }, { terms, decision });
}

/** The collection is stored; if the request ended meanwhile it is called off. */
export function collectionBegun(r: Resolution, collectionId: string, scene: Scene): Outcome {
  return begun(r, { collectionId }, "collection.cancel", scene);
}

/** The dock expects the goods; if the request ended meanwhile it no longer does. */
export function receiptExpected(r: Resolution, inspectionId: string, scene: Scene): Outcome {
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

/** The replacement is set aside; if the request ended meanwhile it goes back on the shelf. */
export function stockHeld(r: Resolution, stockHoldId: string, scene: Scene): Outcome {
  const happening = { name: "ReplacementHeld", text: "The replacement is set aside." };
  return (
    advance(r, { type: "HELD" }, scene, happening, { stockHoldId }) ?? begun(r, { stockHoldId }, "stock.release", scene)
  );
}

/** There is no replacement: the money goes back instead. */
export function soldOut(r: Resolution, scene: Scene): Outcome {
  const happening = { name: "SoldOut", text: "The replacement is sold out; the money goes back instead." };
  return fact(r, { type: "SOLD_OUT" }, scene, happening, { stockHoldId: "" });
}

/** The replacement is on its way. */
export function reshipped(r: Resolution, scene: Scene): Outcome {
  return fact(r, { type: "RESHIPPED" }, scene, { name: "ReplacementShipped", text: "The replacement is on its way." });
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

/** A call is answered that changes nothing here. */
export function done(r: Resolution, scene: Scene): Outcome {
  return quietly(r, scene, {});
}

/** A call gave up: the resolution waits for a person, its clocks run on. */
export function gaveUp(r: Resolution, step: string, payload: object, reason: string, scene: Scene): Outcome {
  return raised(r, scene, step, `${step} gave up: ${reason}`, payload);
}
