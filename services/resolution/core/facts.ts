// What a resolution hears of the other services. Late, doubled or shuffled facts change nothing but the history; only
// what the law counts from a receipt or a failed pickup is counted however late it is heard of.
import { add, type Money } from "#kit/pure/money.js";
import { advance, type Happening, isEnded, noted, raised, type Scene } from "./advance.js";
import { payloadOf } from "./calls.js";
import type { AtTheDoor, ChartEvent } from "./chart.js";
import { progress } from "./context.js";
import { handover, handoverSteps, refundClock, refundClockRuns, told } from "./deadlines.js";
import { isBeside, paidBeside } from "./disputes.js";
import { withDueTold } from "./expectation.js";
import { allAccepted } from "./lines.js";
import { type LostParcel, partLost, theOnlyOne, withoutLost } from "./parcels.js";
import type { Deducted, Fault, Line, Outcome, Resolution } from "./types.js";

/** Brings an event to the chart; one that is older than the state only enters the history. */
export function fact(
  r: Resolution,
  event: ChartEvent,
  scene: Scene,
  happening: Happening,
  change: Partial<Resolution> = {},
): Outcome {
  return advance(r, event, scene, happening, change) ?? noted(r, scene, happening, false);
}

/** The carrier has the goods. What goes out at the pickup waits where nobody has said yet who handed them over. */
export function pickedUp(
  r: Resolution,
  scene: Scene,
  { unverified = false, swapped = false }: AtTheDoor = {},
): Outcome {
  const text = unverified
    ? "The carrier has the parcel; who handed it over is not confirmed yet."
    : "The carrier has the parcel.";
  const taken = fact(r, { type: "PICKED_UP", unverified, swapped }, scene, { name: "ParcelPickedUp", text });
  // Where the law sets a time to collect, the time to refund is counted from there (TW art. 19-2).
  const outcome = taken.next.terms.collectionClock ? clockStarted(r, taken, scene) : taken;
  return afterEnd(r, progress.HANDED_OVER, "the carrier has", scene) ?? outcome;
}

/** The goods are in our hands although the request had ended without them: somebody has to decide. */
function afterEnd(r: Resolution, come: number, who: string, scene: Scene): Outcome | undefined {
  const { progress: known } = r.chart.context as { readonly progress: number };
  if (!isEnded(r.state) || known >= come) return undefined;
  const paid = r.tracks?.money === "RECOVERED" || r.tracks?.money === "REFUNDED";
  const next =
    r.state !== "CLOSED"
      ? "take it up again, or send them back"
      : paid
        ? "they were paid for: find out what is owed, or send them back"
        : "find out what is owed, or send them back";
  return raised(r, scene, "handover", `${who} the goods of a request that had ended: ${next}`);
}

/** A driver left without the goods. Only the customer's own failures count against their time to hand over. */
export function attemptFailed(r: Resolution, fault: Fault, code: string, scene: Scene): Outcome {
  const text = `A pickup failed (${code}).`;
  const outcome = noted(r, scene, { name: "PickupAttemptFailed", text }, r.state === "OPEN");
  if (r.tracks?.goods !== "COLLECTING" || r.state !== "OPEN" || fault === "CUSTOMER") return outcome;
  const due = handover(r, scene.calendar, scene.now);
  const kept = r.deadlines.filter((d) => d.step !== "handover");
  return {
    ...outcome,
    next: { ...outcome.next, deadlines: [...kept, ...due.deadlines] },
    steps: due.steps,
    dropped: handoverSteps.filter((step) => step !== "statutory-collection"),
  };
}

/** Nothing is heard of the parcel: a person asks the carrier, before the customer has to. */
export function parcelSilent(r: Resolution, text: string, scene: Scene): Outcome {
  const waits = r.tracks?.goods === "COLLECTING" || r.tracks?.goods === "IN_TRANSIT";
  if (r.state !== "OPEN" || !waits) return noted(r, scene, { name: "ParcelSilent", text }, false);
  return raised(r, scene, "parcel", text);
}

/** No carrier will do it any more: a person has to find another way. */
export function collectionFailed(r: Resolution, reason: string, scene: Scene): Outcome {
  if (r.tracks?.goods !== "COLLECTING" || r.state !== "OPEN") {
    return noted(r, scene, { name: "CollectionFailed", text: reason }, false);
  }
  const again = { ...r, version: r.version + 1 };
  return raised(r, scene, "collection.schedule", `no pickup: ${reason}`, payloadOf("collection.schedule", again));
}

/** The carrier gave the parcel up: that is not the customer's loss. */
export function parcelLost(r: Resolution, scene: Scene, parcel: LostParcel = theOnlyOne): Outcome {
  if (parcel.moreParcels || parcel.othersDelivered) return partLost(r, parcel, scene);
  // Paid for in full, now or when a difference goes back later: nobody counts against the customer what is not here.
  const lines = r.lines.map((line) => ({ ...line, lost: line.quantity }));
  const happening = { name: "ParcelLost", text: "The carrier lost the parcel." };
  return advance(r, { type: "LOST" }, scene, happening, { lines }) ?? noted(r, scene, happening, false);
}

/** The carrier says that we have all of it: from here the law counts, though the dock has yet to scan it. */
export function delivered(r: Resolution, scene: Scene): Outcome {
  const waits = r.state === "OPEN" && (r.tracks?.goods === "COLLECTING" || r.tracks?.goods === "IN_TRANSIT");
  const happening = { name: "ParcelDelivered", text: "The carrier has delivered the goods to the warehouse." };
  const outcome = noted(r, scene, happening, waits);
  return waits ? clockStarted(r, outcome, scene) : outcome;
}

/** Starts the time to refund, once, and tells the dock when it ends. */
function clockStarted(before: Resolution, outcome: Outcome, scene: Scene): Outcome {
  const { next } = outcome;
  if (next.state !== "OPEN" || next.refunded || refundClockRuns(next)) return outcome;
  const { deadlines, steps } = refundClock(next, scene.calendar, scene.now);
  const started = { ...next, deadlines: [...next.deadlines, ...deadlines] };
  return withDueTold(before, { ...outcome, next: started, steps: [...outcome.steps, ...steps] }, scene.now);
}

/** The goods are physically in the house: statutory refund clocks start, also when the verdicts were heard of first. */
export function received(r: Resolution, inspectionId: string, scene: Scene): Outcome {
  const lines = (r.chart.context as { inspection?: boolean }).inspection ? r.lines : allAccepted(r.lines);
  const happening = { name: "ParcelReceived", text: "The warehouse has the goods." };
  const outcome = advance(r, { type: "RECEIVED" }, scene, happening, { lines, inspectionId });
  if (outcome) return withDueTold(r, outcome, scene.now);
  const late = afterEnd(r, progress.RECEIVED, "the dock has", scene);
  if (late) return late;
  const owed = r.tracks?.money === "REFUNDING" || r.tracks?.money === "MANUAL_REQUIRED";
  const startsClock = r.state === "OPEN" && r.tracks?.goods === "INSPECTED" && owed;
  if (!startsClock || refundClockRuns(r)) return noted(r, scene, happening, false);
  const { deadlines, steps } = refundClock(r, scene.calendar, scene.now);
  return { ...noted(r, scene, happening, true, { deadlines: [...r.deadlines, ...deadlines] }), steps };
}

export type Finding = {
  readonly lineId: string;
  readonly quantity: number;
  readonly verdict: "ACCEPTED" | "REJECTED" | "MISSING";
  readonly deductions?: readonly Deducted[];
};

/** Every unit has a verdict. */
export function inspected(
  r: Resolution,
  findings: readonly Finding[],
  scene: Scene,
  inspectionId = r.inspectionId,
): Outcome {
  const lines = judged(r, findings);
  const total = lines.reduce((sum, line) => sum + line.quantity, 0);
  const good = lines.reduce((sum, line) => sum + line.accepted + (line.lost ?? 0), 0);
  const accepted = good === total ? "ALL" : good > 0 ? "SOME" : "NONE";
  const text = good === total ? "All units were accepted." : `${good} of ${total} units were accepted.`;
  return fact(
    r,
    { type: "INSPECTED", accepted },
    scene,
    { name: "InspectionCompleted", text },
    { lines, inspectionId },
  );
}

/** The customer has the money. */
export function refunded(r: Resolution, refundId: string, amount: Money, scene: Scene): Outcome {
  if (isBeside(r, refundId)) return paidBeside(r, amount, scene);
  // The same refund settles again when its money came back and was paid another way.
  const total = r.refunded && r.refundId !== refundId ? add(r.refunded, amount) : amount;
  const lines =
    r.tracks?.goods === "COLLECTING" || r.tracks?.goods === "IN_TRANSIT" || r.tracks?.goods === "INSPECTING"
      ? r.lines
      : settled(r.lines);
  return fact(
    r,
    { type: "REFUNDED" },
    scene,
    { name: "RefundSucceeded", text: "The money went back." },
    { refundId, refunded: total, lines },
  );
}

/** The provider refused: finance must look. */
export function refundFailed(r: Resolution, refundId: string, failure: string, scene: Scene): Outcome {
  if (isBeside(r, refundId)) return raised(r, scene, "refund.return", `what a dispute returned failed: ${failure}`);
  return fact(r, { type: "REFUND_FAILED" }, scene, { name: "RefundFailed", text: failure }, { refundId });
}

/** It waits for something; the customer is told where it is for them to act. */
export function refundHeld(r: Resolution, refundId: string, heldFor: string, scene: Scene): Outcome {
  const text =
    heldFor === "ACCOUNT" ? "The refund waits for a bank account." : "The refund waits for a dispute to end.";
  const outcome = noted(r, scene, { name: "RefundHeld", text }, true, { refundId });
  if (heldFor !== "ACCOUNT") return outcome;
  return {
    ...outcome,
    steps: [{ step: "notify", due: scene.now, payload: { ...told(r), template: "refund-account" } }],
  };
}

/** The money came back: it is owed again, also where everything else is done. */
export function refundReversed(r: Resolution, failure: string, scene: Scene): Outcome {
  const happening = { name: "RefundReversed", text: `The refund came back: ${failure}` };
  return (
    advance(r, { type: "REFUND_REVERSED" }, scene, happening) ??
    raised(r, scene, "refund.reversed", "the refund came back to us: finance must pay it another way")
  );
}

/** The refund service was told how a recovery ended. */
export function recoverySettled(r: Resolution, recovered: boolean, scene: Scene): Outcome {
  const happening = recovered
    ? { name: "Recovered", text: "The customer paid it back." }
    : { name: "WrittenOff", text: "It was given up." };
  return fact(r, { type: recovered ? "RECOVERED" : "WRITTEN_OFF" }, scene, happening);
}

/** What the customer never had is paid for whatever is found; what the carrier lost is not missing. */
function judged(r: Resolution, findings: readonly Finding[]): Line[] {
  if ((r.chart.context as { comesBack?: boolean }).comesBack) return allAccepted(r.lines);
  return withoutLost(
    r.lines.map((line) => counted(line, findings)),
    r.lines,
  );
}

function counted(line: Line, findings: readonly Finding[]): Line {
  const of = (verdict: Finding["verdict"]) =>
    findings.filter((f) => f.lineId === line.lineId && f.verdict === verdict).reduce((sum, f) => sum + f.quantity, 0);
  const deductions = findings.filter((f) => f.lineId === line.lineId).flatMap((f) => f.deductions ?? []);
  const counts = { accepted: of("ACCEPTED"), rejected: of("REJECTED"), missing: of("MISSING") };
  return { ...line, ...counts, ...(deductions.length > 0 && { deductions }) };
}

/** Where nothing comes back, what was paid for counts as accepted. */
function settled(lines: readonly Line[]): readonly Line[] {
  const judged = lines.some(({ accepted, rejected, missing }) => accepted + rejected + missing > 0);
  return judged ? lines : allAccepted(lines);
}
