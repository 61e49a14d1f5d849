// What happens when a deadline of the agenda falls due, wherever the resolution stands.
import { advance, isEnded, quietly, raised, type Scene } from "./advance.js";
import { awaitsProof, type Context } from "./context2.js";
import { handover, stalled } from "./deadlines.js";
import { followed } from "./followed.js";
import { holdEnded, isHeldBack } from "./holding.js";
import type { Outcome, Resolution } from "./types.js";

const day = 86_400_000;

/** Nothing was handed over in time. Where the law forbids a silent end, a person is called and the time begins anew. */
export function handoverDue(r: Resolution, scene: Scene): Outcome {
  if (r.tracks?.goods !== "COLLECTING" || r.state !== "OPEN") return quietly(r, scene, {});
  if (r.terms.autoWithdrawal) {
    const paid = isOutOfPocket(r);
    const happening = paid
      ? { name: "NeverHandedOver", text: "Refunded or replaced, but not handed over in time: it is to be paid back." }
      : {
          name: "AutoWithdrawn",
          text: "Not handed over in time; it can be taken up again for as long as there was to hand it over.",
        };
    const lines = paid ? r.lines.map((line) => ({ ...line, missing: line.quantity })) : r.lines;
    return advance(r, { type: "HANDOVER_DUE" }, scene, happening, { lines }) ?? quietly(r, scene, {});
  }
  const outcome = raised(r, scene, "handover", "not handed over in time; this market does not let it end by itself");
  const due = handover(r, scene.calendar, scene.now);
  const kept = r.deadlines.filter((d) => d.step !== "handover");
  return { ...outcome, next: { ...outcome.next, deadlines: [...kept, ...due.deadlines] }, steps: due.steps };
}

/** Whether the customer has money or a replacement for goods that never came; version 1 looks at the money alone. */
function isOutOfPocket({ chart }: Resolution): boolean {
  const { refundedEarly, sentOut } = chart.context as { refundedEarly?: boolean; sentOut?: boolean };
  return refundedEarly === true || (sentOut === true && chart.machine !== "resolution/1");
}

/** We are late to inspect: the customer is paid all the same. */
export function guaranteeDue(r: Resolution, scene: Scene): Outcome {
  const happening = {
    name: "GuaranteedRefund",
    text: "The promised time has come; the refund goes out without a verdict.",
  };
  const again = { step: "guaranteed-refund", due: new Date(scene.now.getTime() + day), payload: {} };
  // Should the replacement not be had after all, the money is promised.
  if (r.state !== "OPEN" || r.tracks?.money !== "WAITING")
    return quietly(r, scene, {}, awaitsReplacement(r) ? [again] : []);
  const outcome = advance(r, { type: "GUARANTEE_DUE" }, scene, happening);
  if (outcome) return outcome;
  // No hold outlasts a promise.
  if (isHeldBack(r)) return followed(holdEnded(r, "law", scene), (next) => guaranteeDue(next, scene));
  // The law may count from a hand-over that nobody confirmed, or version 1 has no way for it: a person pays, or confirms it.
  const text = awaitsProof(r.chart.context as Context)
    ? "the promised time has come, and nobody confirmed who handed the goods over: call the customer, and confirm it if it was theirs"
    : "the promised time has come, and the goods are not here yet";
  return { ...raised(r, scene, "guaranteed-refund", text), steps: [again] };
}

function awaitsReplacement({ state, tracks }: Resolution): boolean {
  const { money, stock } = tracks ?? {};
  return (
    state === "OPEN" && (money === "NONE" || money === "AWAITING_PAYMENT") && (stock === "HOLDING" || stock === "HELD")
  );
}

/** A statutory clock is about to break. */
export function statutoryDue(r: Resolution, step: string, scene: Scene): Outcome {
  if (r.state !== "OPEN") return quietly(r, scene, {});
  const deadline = r.deadlines.find((d) => d.step === step);
  // No hold outlasts the law.
  if (step === "statutory-refund" && isHeldBack(r))
    return followed(holdEnded(r, "law", scene), (next) => statutoryDue(next, step, scene));
  return raised(r, scene, step, `${step} is due ${deadline?.due.toISOString() ?? "now"} (${deadline?.article ?? ""})`);
}

/** Nothing was heard for too long: a person looks, and is called again if nothing follows. */
export function stalledDue(r: Resolution, scene: Scene): Outcome {
  if (isEnded(r.state)) return quietly(r, scene, {});
  const waits = [r.state, ...Object.values(r.tracks ?? {})].join(" ");
  const outcome = raised(r, scene, "stalled", `nothing has happened since ${r.updateTime.toISOString()} (${waits})`);
  return { ...outcome, steps: [stalled(r, scene.now)] };
}
