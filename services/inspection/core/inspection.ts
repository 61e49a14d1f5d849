// The verbs of an inspection. Pure: time and ids come in.
import { check } from "#kit/pure/check.js";
import { allows } from "#kit/pure/moves.js";
import { assertBalanced, contradictions, mergeFindings, mergeLines, sendBackLines, stockLines } from "./findings.js";
import type { Outcome } from "./outcome.js";
import { assertHere } from "./outstanding.js";
import { assertCounted } from "./receipts.js";
import { keptBack, payerOf, type SendBackRule } from "./sendback.js";
import {
  type Attention,
  type Errand,
  type ExpectedLine,
  type Finding,
  type Inspection,
  type InspectionFact,
  type InspectionState,
  inspectionMoves,
  noTerms,
  type Terms,
} from "./types.js";
import { assertDecided, assertOpen, standing } from "./units.js";

export type Expectation = {
  readonly inspectionId: string;
  readonly resolutionId: string;
  readonly orderId: string;
  readonly market: string;
  readonly lines: readonly ExpectedLine[];
  readonly terms?: Terms | undefined;
  readonly now: Date;
};

/** Goods are on their way: the dock is told. */
export function expect({ inspectionId, resolutionId, orderId, market, lines, terms, now }: Expectation): Outcome {
  const next: Inspection = {
    inspectionId,
    resolutionId,
    orderId,
    market,
    state: "EXPECTED",
    expected: mergeLines(lines),
    findings: [],
    receiveTime: undefined,
    completeTime: undefined,
    inspector: "",
    sendBackTrackingNumber: "",
    attention: [],
    terms: terms ?? noTerms,
    recorded: [],
    receipts: [],
    disputes: [],
    custodyCount: 0,
    custodyHead: "",
    sendBackPayer: "",
    completedWithout: [],
    inbound: [],
    createTime: now,
    version: 1,
  };
  return { next, steps: [announcement(next, now)] };
}

/**
 * Expects goods of a resolution that has an inspection already. CANCELED → EXPECTED is a resolution reopened. The same
 * goods again change nothing but the terms that are named with them: they are expected once, and may be here before
 * the word is.
 * @throws DomainError INSPECTION_STATE if other goods are expected, or came
 */
export function expectAgain(before: Inspection, { orderId, lines, terms, now }: Expectation): Outcome {
  const inspection = terms ? { ...before, terms: joined(before.terms, terms) } : before;
  const { inspectionId, state } = inspection;
  const expected = mergeLines(lines);
  const other = inspection.orderId !== orderId || (state !== "CANCELED" && !sameLines(inspection.expected, expected));
  check(!other, "INSPECTION_STATE", `inspection ${inspectionId} of this resolution is ${state}, for other goods`, {
    inspection_id: inspectionId,
    state,
    verb: "expect",
  });
  if (state !== "CANCELED") {
    const next = sameTerms(before, inspection) ? before : counted(inspection);
    // The dock waits for a parcel that somebody books: it is told that this one turned round.
    const turned = state === "EXPECTED" && next.terms.neverHad === true && before.terms.neverHad !== true;
    return { next, ...(turned && { steps: [announcement(next, now)] }) };
  }
  const next = { ...moved(inspection, "EXPECTED", "expect"), expected };
  return { next, steps: [announcement(next, now)] };
}

/**
 * The goods are physically here: the moment statutory refund clocks start. Also when nobody expected them any more.
 * @throws DomainError INSPECTION_STATE if they were received before
 */
export function receive(inspection: Inspection, now: Date): Outcome {
  const next = { ...moved(inspection, "REGISTERED", "receive"), receiveTime: now, attention: [] };
  const { inspectionId, resolutionId } = next;
  const fact: InspectionFact = { name: "ParcelReceived", body: { inspectionId, resolutionId, receiveTime: now } };
  return { next, facts: [fact], dropped: ["announce"] };
}

/**
 * A verdict for every unit: what was recorded unit by unit, and what is given now for units that were only counted.
 * Accepted units are put to stock, rejected ones sent back, or kept under `quarantineId` if the customer never had them.
 * @param without true to go without parcels that are still on their way
 * @throws DomainError INSPECTION_STATE, INSPECTION_DONE, FINDINGS_UNBALANCED, UNITS_NOT_RECEIVED, PARCELS_OUTSTANDING,
 * FINDING_ESCALATED, SECOND_INSPECTOR, DEDUCTION_NOT_ALLOWED
 * @throws RangeError if a finding contradicts itself: the door should have said so
 */
export function complete(
  inspection: Inspection,
  given: readonly Finding[],
  inspector: string,
  now: Date,
  rule: SendBackRule = { customerBears: false, article: "" },
  quarantineId = "",
  without = false,
): Outcome {
  const senseless = given.some((f) => f.quantity <= 0 || contradictions(f).length > 0);
  if (senseless) throw new RangeError("findings make no sense");
  assertOpen(inspection, "complete");
  const findings = mergeFindings([...standing(inspection), ...given]);
  const judged = { ...moved(inspection, "INSPECTED", "complete"), findings, inspector, completeTime: now };
  assertBalanced(inspection.expected, findings);
  assertDecided(inspection, findings);
  assertCounted(inspection, findings);
  const completedWithout = assertHere(inspection, findings, without);
  const { inspectionId, resolutionId, orderId, expected } = judged;
  const accepted = stockLines(expected, findings);
  const rejected = sendBackLines(expected, findings);
  const steps: Errand[] = [];
  if (accepted.length > 0) steps.push({ step: "post", due: now, payload: { lines: accepted } });
  const kept = inspection.terms.neverHad && rejected.length > 0 ? [keptBack(judged, rejected, quarantineId, now)] : [];
  const payer = rejected.length > 0 && kept.length === 0 ? payerOf(rule, inspection.terms.fault) : "";
  if (payer) steps.push({ step: "send-back", due: now, payload: { orderId, lines: rejected, payer } });
  return {
    next: { ...judged, sendBackPayer: payer, completedWithout },
    facts: [
      { name: "InspectionCompleted", body: { inspectionId, resolutionId, findings, completeTime: now } },
      ...kept.map((quarantined) => ({ name: "GoodsQuarantined", body: { quarantined, resolutionId } }) as const),
    ],
    steps,
    quarantined: kept,
  };
}

/** The goods will not come. Once they are here it changes nothing. */
export function cancel(inspection: Inspection): Outcome {
  if (inspection.state !== "EXPECTED") return { next: inspection };
  return { next: { ...moved(inspection, "CANCELED", "cancel"), attention: [] }, dropped: ["announce"] };
}

/** Rejected goods left the house. */
export function sentBack(inspection: Inspection, trackingNumber: string, now: Date): Outcome {
  const { inspectionId, resolutionId, version, sendBackPayer: payer } = inspection;
  const next = { ...inspection, sendBackTrackingNumber: trackingNumber, version: version + 1 };
  return {
    next,
    facts: [{ name: "GoodsSentBack", body: { inspectionId, resolutionId, trackingNumber, sendTime: now, payer } }],
  };
}

/** Something could not be done: it is shown, with the reason, until a person has done it. */
export function needsAttention(inspection: Inspection, what: Attention): Outcome {
  return { next: { ...inspection, attention: [...inspection.attention, what], version: inspection.version + 1 } };
}

/** What is named replaces what was; tracking numbers join. */
function joined(before: Terms, given: Terms): Terms {
  return {
    centre: given.centre || before.centre,
    dueTime: given.dueTime ?? before.dueTime,
    deductionCauses: given.deductionCauses.length > 0 ? given.deductionCauses : before.deductionCauses,
    secondOpinionOver: given.secondOpinionOver ?? before.secondOpinionOver,
    trackingNumbers: [...new Set([...before.trackingNumbers, ...given.trackingNumbers])],
    details: given.details.length > 0 ? given.details : before.details,
    fault: given.fault ?? before.fault,
    // Goods that turned round were not the customer's at any time since; terms from before they did may come late.
    ...((given.neverHad || before.neverHad) && { neverHad: true }),
  };
}

function sameTerms(a: Inspection, b: Inspection): boolean {
  const text = ({ terms }: Inspection) => JSON.stringify(terms, (_, v) => (typeof v === "bigint" ? String(v) : v));
  return text(a) === text(b);
}

function counted(inspection: Inspection): Inspection {
  return { ...inspection, version: inspection.version + 1 };
}

function announcement({ resolutionId, orderId, expected, terms }: Inspection, now: Date): Errand {
  const neverHad = terms.neverHad === true;
  return { step: "announce", due: now, payload: { resolutionId, orderId, lines: expected, neverHad } };
}

/** Both merged; their order says nothing. */
function sameLines(a: readonly ExpectedLine[], b: readonly ExpectedLine[]): boolean {
  return (
    a.length === b.length &&
    a.every((x) => b.some((y) => y.lineId === x.lineId && y.sku === x.sku && y.quantity === x.quantity))
  );
}

function moved(inspection: Inspection, state: InspectionState, verb: string): Inspection {
  check(
    allows<InspectionState>(inspectionMoves, inspection.state, state),
    "INSPECTION_STATE",
    `inspection ${inspection.inspectionId} is ${inspection.state} and cannot become ${state}`,
    { inspection_id: inspection.inspectionId, state: inspection.state, verb },
  );
  return { ...inspection, state, version: inspection.version + 1 };
}
