// What a person must look at, in words that say what to do next, and until when.
import { awaitsProof, type Context } from "./context2.js";
import type { Resolution, Tracks } from "./types.js";

const attentionTexts: Readonly<Record<string, string>> = {
  "refund.issue": "the refund failed: finance must try again or pay it out by hand",
  recovery: "refunded early, but the goods did not come as promised: recover it or write it off",
  handover: "nothing was handed over in time, but money or a replacement has already gone out",
  "comes-back":
    "the request has ended, but its goods are on their way to our dock: have the dock reject them, so that they go to the customer again, or give the money back",
  "hand-over":
    "the carrier took the goods, and nobody confirmed who handed them over: call the customer, and confirm the hand-over if it was theirs; what goes out at the pickup waits until then, or until the goods are here",
};

/** What the statechart asks a person for. */
export function textOf(step: string | undefined): string {
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

/** An attention item ends when what it was about has moved on, at the latest with its resolution. */
export function holdAfter(before: Resolution, { hold, tracks, chart }: Resolution): Resolution["hold"] {
  if (!hold) return undefined;
  if (tracks?.money === "MANUAL_REQUIRED" || tracks?.money === "RECOVERING") return hold;
  if (awaitsProof(chart.context as Context)) return hold;
  if (hold.step === "") return undefined;
  const track = trackOf(hold.step);
  return before.tracks?.[track] === tracks?.[track] ? hold : undefined;
}
