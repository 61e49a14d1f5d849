// What a person must look at, in words that say what to do next, and until when.
import { byHandText, goesByHand } from "./byHand.js";
import { awaitsProof, type Context } from "./context2.js";
import type { Hold, Resolution, Step, Tracks } from "./types.js";

const attentionTexts: Readonly<Record<string, string>> = {
  "refund.issue": "the refund failed: finance must try again or pay it out by hand",
  "payment.request": "the customer paid a price difference for an exchange that has ended: give it back",
  recovery: "refunded early, but the goods did not come as promised: recover it or write it off",
  handover: "nothing was handed over in time, but money or a replacement has already gone out",
  "comes-back":
    "the request has ended, but its goods are on their way to our dock: have the dock reject them, so that they go to the customer again, or give the money back",
  "hand-over":
    "the carrier took the goods, and nobody confirmed who handed them over: call the customer, and confirm the hand-over if it was theirs; what goes out at the pickup waits until then, or until the goods are here",
};

/** What the statechart asks a person for. */
export function textOf(step: string | undefined, r: Resolution): string {
  if (step === "refund.issue" && goesByHand(r)) return byHandText(r);
  return attentionTexts[step ?? ""] ?? "a person must look";
}

/** What a guarantee was given for is taken from it; a person is called only if it cannot be. */
export function needsPerson(step: string | undefined, { exchange }: Resolution): boolean {
  return step !== "recovery" || exchange?.guarantee?.state !== "SET_ASIDE";
}

/** The track on which a step works. */
function trackOf(step: string): keyof Tracks {
  if (step.startsWith("refund.") || step.startsWith("payment.")) return "money";
  return step.startsWith("stock.") || step === "shipment.replace" ? "stock" : "goods";
}

/** All that waits for a person, what was raised last first. */
export function itemsOf(hold: Resolution["hold"]): Hold[] {
  if (!hold) return [];
  const { behind = [], ...first } = hold;
  return [first, ...behind];
}

/** Puts one before those that can be tried again: nothing that was raised later may take that from anybody. */
export function raisedOver(before: Resolution["hold"], { behind: _, ...raised }: Hold): Hold {
  const kept = itemsOf(before).filter(({ step }) => step !== "" && step !== raised.step);
  return stackOf([raised, ...kept]) ?? raised;
}

/** One after the other; undefined for none. */
export function stackOf([first, ...behind]: readonly Hold[]): Hold | undefined {
  return first && (behind.length > 0 ? { ...first, behind } : first);
}

/** An attention item ends when what it was about has moved on, at the latest with its resolution. */
export function holdAfter(before: Resolution, next: Resolution): Resolution["hold"] {
  return stackOf(itemsOf(next.hold).filter((item) => stays(item, before, next)));
}

function stays({ step }: Hold, before: Resolution, { tracks, chart }: Resolution): boolean {
  if (tracks?.money === "MANUAL_REQUIRED" || tracks?.money === "RECOVERING") return true;
  if (awaitsProof(chart.context as Context)) return true;
  if (step === "") return false;
  const track = trackOf(step);
  return before.tracks?.[track] === tracks?.[track];
}

/** Calls that may have set something aside though no answer came: asked again when nobody waits for them any more. */
const mayStand: ReadonlySet<string> = new Set(["payment.authorize", "payment.reauthorize"]);

/** What gave up, no longer waits for a person, and must be asked once more all the same. */
export function askedAgain(before: Resolution["hold"], after: Resolution["hold"], due: Date): Step[] {
  const kept = new Set(itemsOf(after).map(({ step }) => step));
  return itemsOf(before)
    .filter(({ step }) => mayStand.has(step) && !kept.has(step))
    .map(({ step, payload }) => ({ step, due, payload }));
}
