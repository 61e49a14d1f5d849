// What happens when a deadline of the agenda falls due, wherever the resolution stands.
import { advance, isEnded, quietly, raised, type Scene } from "./advance.js";
import { handover, stalled } from "./deadlines.js";
import type { Outcome, Resolution } from "./types.js";

/** Nothing was handed over in time. Where the law forbids a silent end, a person is called and the time begins anew. */
export function handoverDue(r: Resolution, scene: Scene): Outcome {
  if (r.tracks?.goods !== "COLLECTING" || r.state !== "OPEN") return quietly(r, scene, {});
  if (r.terms.autoWithdrawal) {
    const paid = (r.chart.context as { refundedEarly?: boolean }).refundedEarly === true;
    const happening = paid
      ? { name: "NeverHandedOver", text: "Refunded, but not handed over in time: the money is to be paid back." }
      : { name: "AutoWithdrawn", text: "Not handed over in time; it can be taken up again while the window lasts." };
    const lines = paid ? r.lines.map((line) => ({ ...line, missing: line.quantity })) : r.lines;
    return advance(r, { type: "HANDOVER_DUE" }, scene, happening, { lines }) ?? quietly(r, scene, {});
  }
  const outcome = raised(r, scene, "handover", "not handed over in time; this market does not let it end by itself");
  const due = handover(r, scene.calendar, scene.now);
  const kept = r.deadlines.filter((d) => d.step !== "handover");
  return { ...outcome, next: { ...outcome.next, deadlines: [...kept, ...due.deadlines] }, steps: due.steps };
}

/** We are late to inspect: the customer is paid all the same. */
export function guaranteeDue(r: Resolution, scene: Scene): Outcome {
  const happening = {
    name: "GuaranteedRefund",
    text: "The promised time has come; the refund goes out without a verdict.",
  };
  return advance(r, { type: "GUARANTEE_DUE" }, scene, happening) ?? quietly(r, scene, {});
}

/** A statutory clock is about to break. */
export function statutoryDue(r: Resolution, step: string, scene: Scene): Outcome {
  if (r.state !== "OPEN") return quietly(r, scene, {});
  const deadline = r.deadlines.find((d) => d.step === step);
  return raised(r, scene, step, `${step} is due ${deadline?.due.toISOString() ?? "now"} (${deadline?.article ?? ""})`);
}

/** Nothing was heard for too long: a person looks, and is called again if nothing follows. */
export function stalledDue(r: Resolution, scene: Scene): Outcome {
  if (isEnded(r.state)) return quietly(r, scene, {});
  const waits = [r.state, ...Object.values(r.tracks ?? {})].join(" ");
  const outcome = raised(r, scene, "stalled", `nothing has happened since ${r.updateTime.toISOString()} (${waits})`);
  return { ...outcome, steps: [stalled(r, scene.now)] };
}
