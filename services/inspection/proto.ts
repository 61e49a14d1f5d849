// Between the contract's messages and the core's words, and what the contract's rules cannot say of them.
import * as messages from "#gen/backhaul/inspection/v1/inspection.js";
import type * as events from "#gen/backhaul/inspection/v1/inspection_events.js";
import type { DispositionLine } from "#gen/backhaul/partner/inventory/v1/inventory_service.js";
import { InvalidRequest, type Violation } from "#kit/errors.js";
import type { FactOf } from "#kit/facts.js";
import { type Words, words } from "#kit/words.js";
import { contradictions } from "./core/findings.js";
import type { ExpectedLine, Finding, Inspection, InspectionFact, StockLine } from "./core/types.js";

export const inspectionStates = words(messages.InspectionState, "INSPECTION_STATE_");
export const verdicts = words(messages.UnitVerdict, "UNIT_VERDICT_");
export const grades = words(messages.Grade, "GRADE_");
export const conditions = words(messages.Condition, "CONDITION_");
export const dispositions = words(messages.Disposition, "DISPOSITION_");

const lineIdGrammar = /^[A-Za-z0-9_.-]{1,80}$/;
const skuGrammar = /^[A-Za-z0-9_ .-]{1,80}$/;
const unitsMax = 1_000_000;
/** Characters. All findings go into one fact, and the bus takes a megabyte: 500 of them must fit. */
const noteMax = 500;

/** @throws InvalidRequest that lists each broken rule */
export function readLines(lines: readonly messages.ExpectedLine[]): ExpectedLine[] {
  const skus = new Map<string, string>();
  refuse(
    lines.flatMap(({ lineId, sku, quantity }, i) => {
      const first = skus.get(lineId) ?? sku;
      skus.set(lineId, first);
      return faultsOf(`lines[${i}]`, {
        line_id: !lineIdGrammar.test(lineId) && `must match ${lineIdGrammar.source}`,
        sku:
          (!skuGrammar.test(sku) && `must match ${skuGrammar.source}`) ||
          (sku !== first && `line ${lineId} is ${first} above`),
        quantity: wrongQuantity(quantity),
      });
    }),
  );
  return lines.map(({ lineId, sku, quantity }) => ({ lineId, sku, quantity }));
}

/** @throws InvalidRequest that lists each broken rule, contradictions included */
export function readFindings(findings: readonly messages.Finding[]): Finding[] {
  const violations: Violation[] = [];
  const read = findings.flatMap((message, i): Finding[] => {
    const { lineId, quantity, note } = message;
    const verdict = verdicts.word(message.verdict);
    const disposition = dispositions.word(message.disposition);
    const grade = grades.word(message.grade);
    const condition = conditions.word(message.condition);
    const faults = faultsOf(`findings[${i}]`, {
      line_id: !lineIdGrammar.test(lineId) && `must match ${lineIdGrammar.source}`,
      quantity: wrongQuantity(quantity),
      verdict: !verdict && `must be ${verdicts.all.join(", ")}`,
      disposition: !disposition && `must be ${dispositions.all.join(", ")}`,
      grade: message.grade !== 0 && !grade && `must be ${grades.all.join(", ")}, or not set`,
      condition: message.condition !== 0 && !condition && `must be ${conditions.all.join(", ")}, or not set`,
      note: (note.length > noteMax || note.includes("\0")) && `must be at most ${noteMax} characters, none of them NUL`,
    });
    violations.push(...faults);
    if (faults.length > 0 || !verdict || !disposition) return [];
    const finding = { lineId, quantity, verdict, grade, condition, disposition, note };
    violations.push(...contradictions(finding).map((c) => ({ ...c, field: `findings[${i}].${c.field}` })));
    return [finding];
  });
  refuse(violations);
  return read;
}

function wrongQuantity(quantity: number): string | false {
  return (quantity <= 0 || quantity > unitsMax) && `must be from 1 to ${unitsMax}`;
}

function faultsOf(at: string, problems: Readonly<Record<string, string | false>>): Violation[] {
  return Object.entries(problems).flatMap(([field, description]) =>
    description ? [{ field: `${at}.${field}`, description }] : [],
  );
}

function refuse(violations: readonly Violation[]): void {
  if (violations.length > 0) throw new InvalidRequest(violations);
}

export function toInspection(inspection: Inspection): messages.Inspection {
  const { inspectionId, resolutionId, orderId, market, expected, receiveTime, completeTime, createTime, inspector } =
    inspection;
  return messages.Inspection.fromPartial({
    inspectionId,
    resolutionId,
    orderId,
    market,
    state: inspectionStates.value(inspection.state),
    expected: expected.map((line) => ({ ...line })),
    findings: inspection.findings.map(toFinding),
    receiveTime,
    completeTime,
    createTime,
    inspector,
    sendBackTrackingNumber: inspection.sendBackTrackingNumber,
    version: BigInt(inspection.version),
  });
}

/** A fact as the bus carries it. */
export function toFact(fact: InspectionFact): FactOf<typeof events> {
  if (fact.name !== "InspectionCompleted") return fact;
  return { name: fact.name, body: { ...fact.body, findings: fact.body.findings.map(toFinding) } };
}

/** Accepted units as stock is told of them. */
export function toDispositionLine({ sku, quantity, disposition, grade }: StockLine): DispositionLine {
  return { sku, quantity, disposition: dispositions.value(disposition), grade: enumOf(grades, grade) };
}

function toFinding({ lineId, quantity, verdict, grade, condition, disposition, note }: Finding): messages.Finding {
  return {
    lineId,
    quantity,
    verdict: verdicts.value(verdict),
    grade: enumOf(grades, grade),
    condition: enumOf(conditions, condition),
    disposition: dispositions.value(disposition),
    note,
  };
}

/** What nobody said is the contract's UNSPECIFIED. */
function enumOf<W extends string, E extends number>(of: Words<W, E>, word: W | undefined): E {
  return word === undefined ? (0 as E) : of.value(word);
}
