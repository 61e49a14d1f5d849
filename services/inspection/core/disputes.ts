// Disputes: somebody does not accept what was found. They are about the verdict; the goods' way stays what it was.
import { check } from "#kit/pure/check.js";
import { changed, holding } from "./holding.js";
import type { Outcome } from "./outcome.js";
import type {
  Attention,
  Dispute,
  DisputeOutcome,
  DisputeParty,
  Errand,
  Finding,
  Inspection,
  Photo,
  Waiting,
} from "./types.js";
import { assertDeductions, assertUnit } from "./units.js";

/** How long findings may be disputed, and how long a dispute may take. */
export type DisputePolicy = { readonly openDays: number; readonly decideDays: number };

export type Claim = {
  readonly disputeId: string;
  readonly party: DisputeParty;
  readonly lineId: string;
  readonly unitNumber: number;
  readonly statement: string;
  readonly evidence: readonly Photo[];
};

export type Ruling = {
  readonly disputeId: string;
  readonly outcome: DisputeOutcome;
  readonly note: string;
  readonly corrected?: Finding | undefined;
};

const dayMs = 24 * 3_600_000;

/**
 * Opens a dispute about a finding.
 * @throws DomainError INSPECTION_STATE, DISPUTE_TOO_LATE, UNIT_UNKNOWN, DISPUTE_STATE
 */
export function dispute(inspection: Inspection, claim: Claim, policy: DisputePolicy, now: Date): Outcome {
  const { inspectionId, resolutionId, state, completeTime, disputes } = inspection;
  check(state === "INSPECTED" && !!completeTime, "INSPECTION_STATE", `inspection ${inspectionId} has no findings yet`, {
    inspection_id: inspectionId,
    state,
    verb: "dispute",
  });
  const end = new Date(completeTime.getTime() + policy.openDays * dayMs);
  check(now <= end, "DISPUTE_TOO_LATE", `findings could be disputed until ${end.toISOString()}`, {
    inspection_id: inspectionId,
    end_time: end.toISOString(),
  });
  assertUnit(inspection, claim.lineId, claim.unitNumber);
  assertFound(inspection, claim);
  const open = disputes.find(
    (d) => !d.outcome && d.lineId === claim.lineId && overlap(d, claim) && d.party === claim.party,
  );
  check(!open, "DISPUTE_STATE", `dispute ${open?.disputeId} is about the same, and open`, {
    dispute_id: open?.disputeId ?? "",
  });
  const dueTime = new Date(now.getTime() + policy.decideDays * dayMs);
  const opened: Dispute = { ...claim, openTime: now, dueTime, decider: "", note: "" };
  return {
    next: { ...inspection, disputes: [...disputes, opened], version: inspection.version + 1 },
    facts: [{ name: "FindingDisputed", body: { inspectionId, resolutionId, dispute: opened } }],
    steps: [{ step: "dispute-due", due: dueTime, payload: { disputeId: claim.disputeId } }],
  };
}

/**
 * Decides a dispute. Upheld, it says which finding holds instead, for as many units as were disputed.
 * @throws DomainError DISPUTE_NOT_FOUND, DISPUTE_STATE, SECOND_INSPECTOR, FINDINGS_UNBALANCED, DEDUCTION_NOT_ALLOWED
 */
export function decide(inspection: Inspection, ruling: Ruling, decider: string, now: Date): Outcome {
  const { inspectionId, resolutionId, disputes } = inspection;
  const { disputeId, outcome, note } = ruling;
  const before = disputes.find((d) => d.disputeId === disputeId);
  check(!!before, "DISPUTE_NOT_FOUND", `no dispute ${disputeId}`, { dispute_id: disputeId });
  check(!before.outcome, "DISPUTE_STATE", `dispute ${disputeId} was ${before.outcome}`, { dispute_id: disputeId });
  const disputed = findingsOf(inspection, before);
  const partial = disputed.some((f) => f.detail?.recorder === decider) || inspection.inspector === decider;
  check(!partial, "SECOND_INSPECTOR", `${decider} found what is disputed: somebody else decides`, {
    line_id: before.lineId,
    unit_number: String(before.unitNumber),
    inspector: decider,
  });
  const corrected = outcome === "UPHELD" ? correction(inspection, before, disputed, ruling.corrected) : undefined;
  const change = corrected
    ? changed(holding(inspection.findings, disputes), before, corrected)
    : { moreAccepted: 0, returned: [], added: [] };
  const { waiting = [], ...rest } = before;
  const decided: Dispute = { ...rest, outcome, decider, decideTime: now, note, corrected, waiting: [] };
  const wronged = change.moreAccepted > 0 && inspection.sendBackPayer !== "";
  const kept = waiting.filter(({ step }) => wronged && step === "send-back");
  const attention: Attention[] = inspection.attention.filter(({ requestId }) => requestId !== disputeId);
  const call = (reason: string) => attention.push({ step: "send-back", requestId: disputeId, reason, time: now });
  if (kept.length > 0) call("they were rejected wrongly and are still here: say where they go");
  else if (wronged && inspection.sendBackPayer === "CUSTOMER")
    call("they were rejected wrongly: give the customer back what the way cost them");
  return {
    next: {
      ...inspection,
      disputes: disputes.map((d) => (d === before ? decided : d)),
      // A wrong rejection is ours, and so is its way.
      sendBackPayer: wronged ? "PLATFORM" : inspection.sendBackPayer,
      attention,
      version: inspection.version + 1,
    },
    facts: [{ name: "DisputeDecided", body: { inspectionId, resolutionId, dispute: decided, ...change } }],
    steps: waiting.filter((way) => !kept.includes(way)).map((way) => errand(way, now)),
  };
}

/** The dispute about any of these lines that is open, and whose time is not over; undefined for none. */
export function openDispute(
  { disputes }: Inspection,
  lineIds: readonly string[] | undefined,
  now: Date,
): Dispute | undefined {
  return disputes.find((d) => !d.outcome && now < d.dueTime && (!lineIds || lineIds.includes(d.lineId)));
}

/**
 * Sees that goods which somebody disputes stay: they are evidence.
 * @throws DomainError DISPUTE_OPEN
 */
export function assertUndisputed(inspection: Inspection, now: Date): void {
  const open = openDispute(inspection, undefined, now);
  const message = `${open?.disputeId} is open until ${open?.dueTime.toISOString()}: what it is about stays`;
  check(!open, "DISPUTE_OPEN", message, {
    inspection_id: inspection.inspectionId,
    dispute_id: open?.disputeId ?? "",
    due_time: open?.dueTime.toISOString() ?? "",
  });
}

/** A way of the goods waits for the dispute's end. */
export function wait(inspection: Inspection, disputeId: string, way: Waiting): Outcome {
  const disputes = inspection.disputes.map((d) =>
    d.disputeId === disputeId ? { ...d, waiting: [...(d.waiting ?? []), way] } : d,
  );
  return { next: { ...inspection, disputes, version: inspection.version + 1 } };
}

function errand({ step, payload }: Waiting, due: Date): Errand {
  return { step, due, payload } as Errand;
}

/** Its time is over. Undecided it asks for attention: nobody's money is decided by a clock. */
export function disputeDue(inspection: Inspection, disputeId: string, now: Date): Outcome {
  const open = inspection.disputes.find((d) => d.disputeId === disputeId && !d.outcome);
  if (!open) return { next: inspection };
  const what = { step: "dispute-due", requestId: disputeId, reason: "the dispute is not decided in time", time: now };
  const disputes = inspection.disputes.map((d) => (d === open ? { ...d, waiting: [] } : d));
  return {
    next: { ...inspection, disputes, attention: [...inspection.attention, what], version: inspection.version + 1 },
    steps: (open.waiting ?? []).map((way) => errand(way, now)),
  };
}

/** What holds instead; the goods went their way, so that stays. */
function correction(inspection: Inspection, of: Dispute, disputed: readonly Finding[], given?: Finding): Finding {
  const units = of.unitNumber > 0 ? 1 : disputed.reduce((all, finding) => all + finding.quantity, 0);
  const fits = given?.lineId === of.lineId && given.quantity === units && given.verdict !== "ESCALATED";
  check(fits, "FINDINGS_UNBALANCED", `say what holds instead for ${units} units of ${of.lineId}`, {
    line_id: of.lineId,
    received: String(units),
    found: String(given?.quantity ?? 0),
  });
  assertDeductions(inspection, given);
  return { ...given, disposition: disputed[0]?.disposition ?? given.disposition };
}

function assertFound(inspection: Inspection, claim: Claim): void {
  check(findingsOf(inspection, claim).length > 0, "UNIT_UNKNOWN", `nothing was found of ${claim.lineId}`, {
    inspection_id: inspection.inspectionId,
    line_id: claim.lineId,
    unit_number: String(claim.unitNumber),
  });
}

/** A unit that was only counted shares its line's findings. */
function findingsOf(
  { findings }: Inspection,
  { lineId, unitNumber }: Pick<Dispute, "lineId" | "unitNumber">,
): Finding[] {
  const line = findings.filter((f) => f.lineId === lineId);
  const own = line.filter((f) => f.detail?.unitNumber === unitNumber);
  return unitNumber > 0 && own.length > 0 ? own : line;
}

function overlap(a: Pick<Dispute, "unitNumber">, b: Pick<Dispute, "unitNumber">): boolean {
  return a.unitNumber === 0 || b.unitNumber === 0 || a.unitNumber === b.unitNumber;
}
