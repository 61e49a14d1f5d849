// What a decided dispute about a finding comes to: what was kept too much goes back as a refund of its own, once per
// dispute. What the customer has too much is a person's affair: no machine takes money back on a second opinion.
import { check } from "#kit/pure/check.js";
import { add, type Money } from "#kit/pure/money.js";
import { noted, raised, type Scene } from "./advance.js";
import { goesByHand } from "./byHand.js";
import type { Deducted, Line, Outcome, Resolution, Step } from "./types.js";

/** A decision, as the inspection announces it. */
export type Decided = {
  readonly disputeId: string;
  readonly lineId: string;
  readonly upheld: boolean;
  readonly note: string;
  /** Units that count as given back now and did not before; negative for the other way round. */
  readonly moreAccepted: number;
  readonly returned: readonly Deducted[];
  readonly added: readonly Deducted[];
};

/** Where the money stands when a refund of what was accepted was decided on: paid, under way, or nothing of it. */
const settled: ReadonlySet<string | undefined> = new Set(["REFUNDED", "REFUNDING", "MANUAL_REQUIRED", "REFUSED"]);

/**
 * Takes a decision in.
 * @throws DomainError CONTENTION while what it is about was not heard of: the fact comes again
 */
export function disputeDecided(r: Resolution, decided: Decided, scene: Scene): Outcome {
  const heard = r.lines.some(({ accepted, rejected, missing }) => accepted + rejected + missing > 0);
  const granted = r.tracks?.money !== "REFUNDING" || r.refundId !== "";
  check(heard && granted, "CONTENTION", `the findings of ${r.resolutionId} are not settled yet`, {});
  const { disputeId, lineId, moreAccepted, returned, added } = decided;
  const text = textOf(decided);
  const happening = { name: "DisputeDecided", text };
  const tooMuch = moreAccepted < 0 || added.length > 0;
  const due = moreAccepted > 0 || returned.length > 0;
  if (tooMuch) return raised(r, scene, "dispute", `${text} The customer may have too much: settle it`);
  if (!due) return noted(r, scene, happening, true);
  const early = (r.chart.context as { refundedEarly?: boolean }).refundedEarly === true;
  if (early || goesByHand(r) || !settled.has(r.tracks?.money))
    return raised(
      r,
      scene,
      "dispute",
      `${text} See what the customer is owed of it, and what is no longer to be recovered`,
    );
  const { lines, regained } = corrected(r.lines, lineId, moreAccepted);
  const outcome = noted(r, scene, happening, true, { lines });
  // Rejected units were let go when it closed; given back after all, they are in no other request.
  const held = r.state === "CLOSED" && regained ? [{ ...regained, delta: regained.units }] : [];
  return {
    ...outcome,
    steps: [
      paying(r, disputeId, moreAccepted > 0 ? [{ lineId, quantity: moreAccepted }] : [], lineId, returned, scene.now),
    ],
    held: held.map(({ lineId, purchased, delta }) => ({ lineId, purchased, delta })),
  };
}

/**
 * Takes a decision in about units that were asked about once more since: they are in one request, so nothing is paid for
 * them here, and a person sees that they are paid for once.
 * @param ofOrder the requests of the order
 */
export function disputedUnitsTaken(
  r: Resolution,
  decided: Decided,
  ofOrder: readonly Resolution[],
  scene: Scene,
): Outcome {
  const { lineId, moreAccepted, returned } = decided;
  const holders = ofOrder.filter((other) => other.createTime > r.createTime && holds(other, heldAs(r, lineId)));
  const where = holders.map(({ resolutionId }) => resolutionId).join(", ") || "another request";
  const kept = returned.map(({ currency, minor }) => `${minor} ${currency}`).join(", ");
  const owed = `${moreAccepted} of ${lineId}${kept && `, and ${kept} (minor units) that was kept too much`}`;
  const next = `pay by hand what ${where} does not pay for them, or end it and pay all of it by hand`;
  const text = `the customer is owed ${owed} by a dispute; the units are in ${where}: ${next}`;
  return raised(r, scene, "dispute", text);
}

function textOf({ upheld, note }: Decided): string {
  return `${upheld ? "A dispute was upheld" : "A dispute was dismissed"}: ${note}`;
}

/** Whether a request has units that are counted so. */
function holds({ state, lines }: Resolution, counted: string): boolean {
  if (state !== "PENDING_REVIEW" && state !== "OPEN" && state !== "CLOSED") return false;
  const kept = (line: Line) => (state === "CLOSED" ? line.quantity - line.rejected : line.quantity);
  return lines.some((line) => (line.heldAs ?? line.lineId) === counted && kept(line) > 0);
}

function heldAs({ lines }: Resolution, lineId: string): string {
  return lines.find((line) => line.lineId === lineId)?.heldAs ?? lineId;
}

/** Whether a refund is one beside the resolution's own. */
export function isBeside(r: Resolution, refundId: string): boolean {
  return (r.refundId !== "" && r.refundId !== refundId) || r.tracks?.money === "REFUSED";
}

/** What a dispute returned has been paid. */
export function paidBeside(r: Resolution, amount: Money, scene: Scene): Outcome {
  const refunded = r.refunded ? add(r.refunded, amount) : amount;
  return noted(r, scene, { name: "DisputePaid", text: "What a dispute returned went back." }, true, { refunded });
}

function paying(
  { resolutionId, orderId, terms }: Resolution,
  disputeId: string,
  lines: readonly { readonly lineId: string; readonly quantity: number }[],
  lineId: string,
  returned: readonly Deducted[],
  due: Date,
): Step {
  const requestId = `${resolutionId}.${disputeId}`;
  const items = returned.map((deduction) => ({ lineId, ...deduction }));
  return {
    step: "refund.return",
    due,
    payload: { requestId, resolutionId, orderId, lines, returned: items, fault: terms.fault },
  };
}

/** The line with units that count as given back after all: of the rejected ones first, then of those that never came. */
function corrected(lines: readonly Line[], lineId: string, units: number) {
  let regained: { lineId: string; purchased: number; units: number } | undefined;
  const next = lines.map((line) => {
    if (line.lineId !== lineId || units === 0) return line;
    const rejected = Math.min(units, line.rejected);
    const missing = Math.min(units - rejected, line.missing);
    if (rejected > 0) regained = { lineId: line.heldAs ?? lineId, purchased: line.purchased, units: rejected };
    return {
      ...line,
      accepted: line.accepted + rejected + missing,
      rejected: line.rejected - rejected,
      missing: line.missing - missing,
    };
  });
  return { lines: next, regained };
}
