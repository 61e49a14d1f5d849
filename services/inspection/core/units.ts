// Units told apart: what was found of each, by whom, and whether that is enough to go by.
import { check } from "#kit/pure/check.js";
import { compare, isNegative, isZero, stepOf, sum } from "#kit/pure/money.js";
import type { Outcome } from "./outcome.js";
import type { Finding, Inspection, LineDetail, UnitRange } from "./types.js";

/** More units than these are counted, not recorded one by one: all findings travel in one fact. */
const unitsMax = 200;
const opinionsMax = 5;

/**
 * What was found of one unit. It holds until a later record of the same unit; the former ones stay.
 * @throws DomainError INSPECTION_STATE, INSPECTION_DONE, UNIT_UNKNOWN, DEDUCTION_NOT_ALLOWED, SECOND_INSPECTOR
 * @throws RangeError if the finding is not of one unit: the door should have said so
 */
export function record(inspection: Inspection, found: Finding, recorder: string, now: Date): Outcome {
  const { detail } = found;
  if (!detail || detail.unitNumber < 1 || found.quantity !== 1) throw new RangeError("a finding of one unit names it");
  assertOpen(inspection, "record");
  assertUnit(inspection, found.lineId, detail.unitNumber);
  assertDeductions(inspection, found);
  const former = opinions(inspection, found.lineId, detail.unitNumber);
  const standing = former.at(-1);
  const who = { line_id: found.lineId, unit_number: String(detail.unitNumber), inspector: recorder };
  check(
    standing?.verdict !== "ESCALATED" || found.verdict === "ESCALATED" || standing.detail?.recorder !== recorder,
    "SECOND_INSPECTOR",
    `${recorder} escalated this unit: somebody else decides`,
    who,
  );
  check(former.length < opinionsMax, "SECOND_INSPECTOR", `${former.length} opinions of a unit are enough`, who);
  const known = lineDetail(inspection, found.lineId);
  const serialMismatch = detail.serial !== "" && !!known?.serials.length && !known.serials.includes(detail.serial);
  const expectedWeightGrams = known?.unitWeightGrams ?? 0;
  const recorded = { ...found, detail: { ...detail, expectedWeightGrams, serialMismatch, recorder, recordTime: now } };
  const next = { ...inspection, recorded: [...inspection.recorded, recorded], version: inspection.version + 1 };
  return { next };
}

/** Everything that was recorded of a unit, the first opinion first. */
function opinions({ recorded }: Inspection, lineId: string, unitNumber: number): Finding[] {
  return recorded.filter((f) => f.lineId === lineId && f.detail?.unitNumber === unitNumber);
}

/** The findings that hold: the last of each unit, by line and unit. */
export function standing({ recorded }: Inspection): Finding[] {
  const last = new Map(recorded.map((f) => [`${f.lineId} ${f.detail?.unitNumber}`, f]));
  return [...last.values()].sort(
    (a, b) =>
      (a.lineId < b.lineId ? -1 : a.lineId > b.lineId ? 1 : 0) ||
      (a.detail?.unitNumber ?? 0) - (b.detail?.unitNumber ?? 0),
  );
}

/**
 * Sees that findings may be gone by: nobody is still to decide, two have looked where two must, and nothing is taken off
 * that may not be.
 * @throws DomainError FINDING_ESCALATED, SECOND_INSPECTOR, DEDUCTION_NOT_ALLOWED
 */
export function assertDecided(inspection: Inspection, findings: readonly Finding[]): void {
  for (const finding of findings) {
    const { lineId, verdict, detail } = finding;
    const unit = { line_id: lineId, unit_number: String(detail?.unitNumber ?? 0) };
    check(verdict !== "ESCALATED", "FINDING_ESCALATED", `a unit of ${lineId} waits for somebody else's decision`, unit);
    assertDeductions(inspection, finding);
    if (!needsTwo(inspection, lineId)) continue;
    const recorders = new Set(
      opinions(inspection, lineId, detail?.unitNumber ?? 0).map((opinion) => opinion.detail?.recorder),
    );
    const message = `a unit of ${lineId} is worth enough to be looked at, unit by unit, by two people`;
    check(recorders.size >= 2, "SECOND_INSPECTOR", message, { ...unit, inspector: [...recorders].join() });
  }
}

function needsTwo(inspection: Inspection, lineId: string): boolean {
  const { secondOpinionOver } = inspection.terms;
  const value = lineDetail(inspection, lineId)?.unitValue;
  return !!secondOpinionOver && !!value && compare(value, secondOpinionOver) > 0;
}

/**
 * Only an accepted unit's refund is reduced, only for a cause that the decision named, never beyond its value.
 * @throws DomainError DEDUCTION_NOT_ALLOWED
 */
export function assertDeductions(inspection: Inspection, { lineId, quantity, verdict, detail }: Finding): void {
  const { deductionCauses } = inspection.terms;
  const value = lineDetail(inspection, lineId)?.unitValue;
  for (const { cause, amount } of detail?.deductions ?? []) {
    const metadata = { line_id: lineId, cause };
    const allow = (holds: boolean, message: string) => check(holds, "DEDUCTION_NOT_ALLOWED", message, metadata);
    allow(verdict === "ACCEPTED", `nothing is refunded for a unit that is ${verdict}, so nothing is deducted`);
    const causes = deductionCauses.join(", ") || "none";
    allow(deductionCauses.includes(cause), `the decision allows deductions for: ${causes}; not for ${cause}`);
    allow(!isZero(amount) && !isNegative(amount), `a deduction for ${cause} must be above zero`);
    allow(
      amount.minor % stepOf(amount.currency) === 0n,
      `nobody pays ${amount.minor} minor units of ${amount.currency}`,
    );
    const fits = !value || value.currency === amount.currency;
    allow(fits, `${amount.currency} cannot be deducted from ${value?.currency}`);
  }
  const amounts = detail?.deductions.map(({ amount }) => amount) ?? [];
  const all = value && { minor: value.minor * BigInt(quantity), currency: value.currency };
  const within = !all || compare(sum(amounts, all.currency), all) <= 0;
  check(within, "DEDUCTION_NOT_ALLOWED", `more would be deducted than ${lineId} was worth`, {
    line_id: lineId,
    cause: detail?.deductions.map(({ cause }) => cause).join() ?? "",
  });
}

/** What is known of a line beforehand. */
export function lineDetail({ terms }: Inspection, lineId: string): LineDetail | undefined {
  return terms.details.find((detail) => detail.lineId === lineId);
}

/** @throws DomainError UNIT_UNKNOWN */
export function assertUnit({ inspectionId, expected }: Inspection, lineId: string, unitNumber: number): void {
  const quantity = expected.find((line) => line.lineId === lineId)?.quantity ?? 0;
  const metadata = { inspection_id: inspectionId, line_id: lineId, unit_number: String(unitNumber) };
  check(unitNumber <= quantity, "UNIT_UNKNOWN", `of ${lineId} ${quantity} units are expected`, metadata);
  const many = quantity > unitsMax && unitNumber > 0;
  check(!many, "UNIT_UNKNOWN", `${lineId} has more than ${unitsMax} units: give findings by quantity`, metadata);
}

/** @throws DomainError INSPECTION_DONE once every unit has its verdict, INSPECTION_STATE before the goods are here */
export function assertOpen({ inspectionId, state }: Inspection, verb: string): void {
  const metadata = { inspection_id: inspectionId, state, verb };
  check(state !== "INSPECTED", "INSPECTION_DONE", `inspection ${inspectionId} is complete`, metadata);
  check(
    state === "REGISTERED",
    "INSPECTION_STATE",
    `inspection ${inspectionId} is ${state}: receive it first`,
    metadata,
  );
}

/**
 * Gives each finding's units their numbers. A unit that was recorded keeps its own; units that were only counted get the
 * numbers that are left of their line, in order.
 */
export function numbered(findings: readonly Finding[]): { finding: Finding; units: UnitRange[] }[] {
  const taken = new Map<string, Set<number>>();
  for (const { lineId, detail } of findings) {
    const numbers = taken.get(lineId) ?? new Set<number>();
    if (detail?.unitNumber) numbers.add(detail.unitNumber);
    taken.set(lineId, numbers);
  }
  const reached = new Map<string, number>();
  return findings.map((finding) => {
    const { lineId, quantity, detail } = finding;
    if (detail?.unitNumber) return { finding, units: [{ lineId, first: detail.unitNumber, quantity: 1 }] };
    const units: UnitRange[] = [];
    let at = reached.get(lineId) ?? 1;
    for (let left = quantity; left > 0; at++) {
      if (taken.get(lineId)?.has(at)) continue;
      const before = units.at(-1);
      const joins = before && before.first + before.quantity === at;
      if (joins) units[units.length - 1] = { ...before, quantity: before.quantity + 1 };
      else units.push({ lineId, first: at, quantity: 1 });
      left--;
    }
    reached.set(lineId, at);
    return { finding, units };
  });
}
