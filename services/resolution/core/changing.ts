// Staff change what is asked for, before the goods are handed over: another kind, or other units. The policy judges it
// anew, as if the customer had asked for it so; what it says comes in here.
import { check } from "#kit/pure/check.js";
import { noted, type Scene } from "./advance.js";
import { payloadOf } from "./calls.js";
import { type Context, convertedTo, swapAtDoor, untouched } from "./context2.js";
import { hasReceived } from "./difference.js";
import { toldAgain } from "./expectation.js";
import type { Kind, Line, Outcome, Resolution, Step, Terms } from "./types.js";
import { refuseAfterHandOver, verb } from "./verbs.js";

/** How the change was judged. */
export type Rejudged = {
  readonly kind: Kind;
  readonly lines: readonly Line[];
  readonly terms: Terms;
  readonly decision: Uint8Array;
  /** The decision of staff it rests on; empty if the policy decided. */
  readonly staffDecisionId: string;
};

/** Whether a change can be asked for at all: asked before anybody judges it, and again when it is made. */
export function checkChangeable(r: Resolution, what: "convert" | "changeUnits", to: Kind): void {
  refuseAfterHandOver(r);
  const { state, tracks, chart, origin, kind, terms } = r;
  const refuse = (fits: boolean, problem: string) =>
    check(fits, "RESOLUTION_STATE", `${what} is not possible for ${r.resolutionId}: ${problem}`, {
      resolution_id: r.resolutionId,
      state,
      verb: what,
    });
  const collecting = state === "OPEN" && tracks?.goods === "COLLECTING";
  refuse(state === "PENDING_REVIEW" || collecting, `it is ${[state, tracks?.goods ?? ""].join(" ").trim()}`);
  refuse(chart.machine !== "resolution/1", "it began before that was possible");
  refuse(untouched(chart.context as Context), "money, a replacement or the goods have moved");
  refuse(
    !origin.gift && origin.originResolutionId === "" && !origin.cancelCode,
    "it has another origin than the buyer",
  );
  if (what === "convert") refuse(to !== kind, `it is a ${kind} already`);
  refuse(!hasReceived(r), "the customer has paid for a replacement");
  if (state === "PENDING_REVIEW") return;
  refuse(to !== "CANCELLATION" && kind !== "CANCELLATION", "its goods are with the customer");
  refuse(terms.method !== swapAtDoor, "the driver swaps at the door");
  refuse(tracks?.stock !== "HOLDING", "the inventory is being asked for the replacement");
  if (what === "changeUnits") {
    refuse(!terms.replacement, "its replacement is for these units");
    refuse(r.inspectionId !== "", "the dock is being told of it; try again");
  }
}

/**
 * Another kind for the same units: what is held for it stays as it is.
 * @throws DomainError RESOLUTION_STATE, ALREADY_HANDED_OVER, DECISION_MISMATCH where it is judged for other units
 */
export function convert(r: Resolution, to: Rejudged, reason: string, scene: Scene): Outcome {
  checkChangeable(r, "convert", to.kind);
  const problem = "it is about other units than the request: change the units first";
  check(
    !to.terms.replacement || r.tracks?.stock !== "HELD",
    "RESOLUTION_STATE",
    `convert is not possible for ${r.resolutionId}: its replacement is held; make a return of it first`,
    { resolution_id: r.resolutionId, state: r.state, verb: "convert" },
  );
  check(
    heldMore(r.lines, to.lines)?.length === 0,
    "DECISION_MISMATCH",
    `${r.resolutionId} is not converted: ${problem}`,
    {
      decision_id: to.staffDecisionId,
      problem,
    },
  );
  const terms = kept(r, to.terms);
  const event = { type: "CONVERTED", terms: convertedTo(to.kind, terms, r.chart.context as Context) } as const;
  const text = `A ${to.kind.toLowerCase()} instead of a ${r.kind.toLowerCase()}: ${reason}`;
  // A replacement is held anew; what was held for the one before is let go by its own name.
  const anew = terms.replacement ? { stockHoldId: "", exchange: undefined } : {};
  const change = { ...to, terms, ...anew };
  const outcome = verb({ ...r, ...anew }, event, "convert", scene, { name: "Converted", text }, change);
  const told = outcome.next.state === "OPEN" && r.inspectionId ? [toldAgain(outcome.next, scene.now)] : [];
  return { ...outcome, steps: [...outcome.steps, ...told] };
}

/** Other units of the same kind. @throws DomainError RESOLUTION_STATE, ALREADY_HANDED_OVER */
export function changeUnits(r: Resolution, to: Rejudged, reason: string, scene: Scene): Outcome {
  checkChangeable(r, "changeUnits", r.kind);
  const { lines, decision, staffDecisionId } = to;
  const count = (all: readonly Line[]) => all.reduce((sum, line) => sum + line.quantity, 0);
  const text = `${count(lines)} units instead of ${count(r.lines)}: ${reason}`;
  const change = { lines, decision, staffDecisionId, terms: kept(r, to.terms) };
  const outcome = noted(r, scene, { name: "UnitsChanged", text }, true, change);
  // The dock expects other goods from now on.
  const { inspectionId } = r;
  const expect = payloadOf("inspection.expect", outcome.next);
  const step: Step = { step: "inspection.replace", due: scene.now, payload: { ...expect, inspectionId } };
  return { ...outcome, steps: r.state === "OPEN" ? [step] : [], held: heldMore(r.lines, lines) };
}

/** What was agreed with the customer stands: how they hand over, and for how long. */
function kept({ state, terms }: Resolution, next: Terms): Terms {
  if (state !== "OPEN") return next;
  const { method, slotId, verification } = terms;
  const agreed = { method, slotId, ...(verification !== undefined && { verification }) };
  return { ...next, ...agreed, handoverDays: Math.max(terms.handoverDays, next.handoverDays) };
}

/** Units that are held besides, or let go, line by line. */
function heldMore(before: readonly Line[], after: readonly Line[]): Outcome["held"] {
  const all = new Map([...before, ...after].map((line) => [line.lineId, line.purchased]));
  const quantity = (lines: readonly Line[], lineId: string) =>
    lines.find((line) => line.lineId === lineId)?.quantity ?? 0;
  return [...all]
    .map(([lineId, purchased]) => ({ lineId, purchased, delta: quantity(after, lineId) - quantity(before, lineId) }))
    .filter(({ delta }) => delta !== 0);
}
