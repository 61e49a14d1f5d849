// Between the contract's messages and the core's words, and what the contract's rules cannot say of them.
import * as messages from "#gen/backhaul/inspection/v1/inspection.js";
import type * as events from "#gen/backhaul/inspection/v1/inspection_events.js";
import { InspectionCompleted } from "#gen/backhaul/inspection/v1/inspection_events.js";
import type { DispositionLine } from "#gen/backhaul/partner/inventory/v1/inventory_service.js";
import { Fault } from "#gen/backhaul/type/v1/kind.js";
import { InvalidRequest, type Violation } from "#kit/errors.js";
import type { FactOf } from "#kit/facts.js";
import { fromProto, toProto } from "#kit/pure/money.js";
import { type Words, words } from "#kit/words.js";
import { abridged, contradictions } from "./core/findings.js";
import { discrepancies } from "./core/receipts.js";
import type {
  Deduction,
  ExpectedLine,
  Finding,
  FindingDetail,
  Inspection,
  InspectionFact,
  Receipt,
  StockLine,
  Terms,
} from "./core/types.js";
import { toDispute } from "./disputeProto.js";
import { toQuarantined } from "./quarantineProto.js";

export const inspectionStates = words(messages.InspectionState, "INSPECTION_STATE_");
export const verdicts = words(messages.UnitVerdict, "UNIT_VERDICT_");
export const grades = words(messages.Grade, "GRADE_");
export const conditions = words(messages.Condition, "CONDITION_");
export const dispositions = words(messages.Disposition, "DISPOSITION_");
export const faults = words(Fault, "FAULT_");
const discrepancyKinds = words(messages.DiscrepancyKind, "DISCREPANCY_KIND_");

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
    const detail = message.detail && { detail: readDetail(message.detail) };
    const finding = { lineId, quantity, verdict, grade, condition, disposition, note, ...detail };
    violations.push(...contradictions(finding).map((c) => ({ ...c, field: `findings[${i}].${c.field}` })));
    return [finding];
  });
  refuse(violations);
  return read;
}

/**
 * Reads a finding of one unit.
 * @throws InvalidRequest; DomainError CURRENCY_UNKNOWN, MONEY_INVALID
 */
export function readUnitFinding(message: messages.Finding | undefined): Finding {
  const [finding] = readFindings(message ? [message] : []);
  const unit = finding?.detail && finding.detail.unitNumber > 0;
  if (finding && finding.quantity === 1 && unit) return finding;
  throw new InvalidRequest([{ field: "finding", description: "must be of quantity 1, with detail.unit_number" }]);
}

function readDetail(message: messages.FindingDetail): FindingDetail {
  const { unitNumber, serial, missingParts, weightGrams, photos, deductions } = message;
  return {
    unitNumber,
    serial,
    missingParts,
    weightGrams,
    expectedWeightGrams: 0,
    photos: photos.map(({ mediaId, sha256 }) => ({ mediaId, sha256 })),
    deductions: deductions.map(({ cause, amount, note }, at) => {
      if (!amount) throw new InvalidRequest([{ field: `deductions[${at}].amount`, description: "must be given" }]);
      return { cause, amount: fromProto(amount), note };
    }),
    serialMismatch: false,
    recorder: "",
    recordTime: undefined,
  };
}

/** @throws InvalidRequest; DomainError CURRENCY_UNKNOWN, MONEY_INVALID */
export function readTerms(message: messages.ExpectationTerms | undefined): Terms | undefined {
  if (!message) return undefined;
  const { centre, dueTime, deductionCauses, secondOpinionOver, trackingNumbers, details } = message;
  const fault = faults.word(message.fault);
  const currencies = new Set(
    [secondOpinionOver, ...details.map((d) => d.unitValue)].flatMap((m) => m?.currencyCode ?? []),
  );
  if (currencies.size > 1)
    throw new InvalidRequest([{ field: "terms", description: `amounts are of ${[...currencies].join(" and ")}` }]);
  return {
    centre,
    ...(dueTime && { dueTime }),
    deductionCauses,
    ...(secondOpinionOver && { secondOpinionOver: fromProto(secondOpinionOver) }),
    trackingNumbers,
    details: details.map(({ unitValue, ...line }) => {
      return { ...line, ...(unitValue && { unitValue: fromProto(unitValue) }) };
    }),
    ...(fault && { fault }),
    ...(message.neverHad && { neverHad: true }),
  };
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
    terms: toTerms(inspection.terms),
    recorded: inspection.recorded.map(toFinding),
    receipts: inspection.receipts.map(toReceipt),
    discrepancies: discrepancies(inspection).map((d) => ({ ...d, kind: discrepancyKinds.value(d.kind) })),
    disputes: inspection.disputes.map((dispute) => toDispute(dispute, toFinding)),
    custodyCount: inspection.custodyCount,
    custodyHead: inspection.custodyHead,
    inbound: inspection.inbound.map((parcel) => ({ ...parcel })),
    sendBackPayer: enumOf(faults, inspection.sendBackPayer || undefined),
    completedWithout: [...inspection.completedWithout],
  });
}

/** A fact as the bus carries it. Of a unit it tells what money hangs on; photos and parts stay with the inspection. */
export function toFact(fact: InspectionFact): FactOf<typeof events> {
  switch (fact.name) {
    case "InspectionCompleted":
      return { name: fact.name, body: toCompleted(fact.body) };
    case "GoodsSentBack":
      return { name: fact.name, body: { ...fact.body, payer: enumOf(faults, fact.body.payer || undefined) } };
    case "FindingDisputed":
      return { name: fact.name, body: { ...fact.body, dispute: toDispute(fact.body.dispute, toTold) } };
    case "DisputeDecided": {
      const { dispute, returned, added, ...body } = fact.body;
      const changes = { returned: returned.map(toDeduction), added: added.map(toDeduction) };
      return { name: fact.name, body: { ...body, ...changes, dispute: toDispute(dispute, toTold) } };
    }
    case "GoodsQuarantined":
      return { name: fact.name, body: { ...fact.body, quarantined: toQuarantined(fact.body.quarantined) } };
    case "QuarantineEnded":
      return { name: fact.name, body: { quarantined: toQuarantined(fact.body.quarantined) } };
    default:
      return fact;
  }
}

/** The bus takes a megabyte. What is larger than this is told by line and verdict. */
const factBytesMax = 200_000;

function toCompleted({ findings, ...body }: Extract<InspectionFact, { name: "InspectionCompleted" }>["body"]) {
  const whole = { ...body, findings: findings.map(toTold), abridged: false };
  if (InspectionCompleted.encode(whole).finish().length <= factBytesMax) return whole;
  return { ...body, findings: abridged(findings).map(toTold), abridged: true };
}

function toTold(finding: Finding): messages.Finding {
  const { detail } = finding;
  return toFinding({ ...finding, ...(detail && { detail: { ...detail, photos: [], missingParts: [] } }) });
}

/** Units that stock is to book. Steps from before units were told apart name none. */
export function toDispositionLine({ sku, quantity, disposition, grade, units = [] }: StockLine): DispositionLine {
  const named = units.map((range) => ({ ...range }));
  return { sku, quantity, disposition: dispositions.value(disposition), grade: enumOf(grades, grade), units: named };
}

function toFinding({ lineId, quantity, verdict, grade, condition, disposition, note, detail }: Finding) {
  return messages.Finding.fromPartial({
    lineId,
    quantity,
    verdict: verdicts.value(verdict),
    grade: enumOf(grades, grade),
    condition: enumOf(conditions, condition),
    disposition: dispositions.value(disposition),
    note,
    detail: detail && {
      ...detail,
      missingParts: [...detail.missingParts],
      photos: detail.photos.map((photo) => ({ ...photo })),
      deductions: detail.deductions.map(toDeduction),
    },
  });
}

function toDeduction({ amount, ...deduction }: Deduction): messages.Deduction {
  return { ...deduction, amount: toProto(amount) };
}

function toTerms({ secondOpinionOver, details, fault, ...terms }: Terms): messages.ExpectationTerms {
  return messages.ExpectationTerms.fromPartial({
    ...terms,
    fault: enumOf(faults, fault),
    deductionCauses: [...terms.deductionCauses],
    trackingNumbers: [...terms.trackingNumbers],
    secondOpinionOver: secondOpinionOver && toProto(secondOpinionOver),
    details: details.map(({ unitValue, serials, ...detail }) => {
      return { ...detail, serials: [...serials], unitValue: unitValue && toProto(unitValue) };
    }),
  });
}

function toReceipt({ strays: _, items, ...receipt }: Receipt): messages.Receipt {
  return messages.Receipt.fromPartial({ ...receipt, items: items.map((item) => ({ ...item })) });
}

/** What nobody said is the contract's UNSPECIFIED. */
function enumOf<W extends string, E extends number>(of: Words<W, E>, word: W | undefined): E {
  return word === undefined ? (0 as E) : of.value(word);
}
