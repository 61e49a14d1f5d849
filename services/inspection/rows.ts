// Rows of inspections and of the quarantine in the core's words. Named field by field: a note may look like a time.
import { money } from "#kit/pure/money.js";
import type {
  Attention,
  Deduction,
  Dispute,
  Finding,
  InboundParcel,
  Inspection,
  LineDetail,
  Quarantined,
  Receipt,
  Terms,
} from "./core/types.js";

/** As JSON text; amounts of money as digits. */
export function toJson(value: unknown): string {
  return JSON.stringify(value, (_key, part) => (typeof part === "bigint" ? part.toString() : part));
}

// biome-ignore lint/suspicious/noExplicitAny: JSON of this service's own writing
type Json = any;

// biome-ignore lint/suspicious/noExplicitAny: the same columns from pg and from Prisma
export function toInspectionRow(row: any): Inspection {
  return {
    inspectionId: row.inspectionId,
    resolutionId: row.resolutionId,
    orderId: row.orderId,
    market: row.market,
    state: row.state,
    expected: row.expected,
    findings: row.findings.map(toFinding),
    receiveTime: row.receiveTime ?? undefined,
    completeTime: row.completeTime ?? undefined,
    inspector: row.inspector,
    sendBackTrackingNumber: row.sendBackTrackingNumber,
    attention: row.attention.map((a: Attention) => ({ ...a, time: new Date(a.time) })),
    terms: toTerms(row.terms),
    recorded: row.recorded.map(toFinding),
    receipts: row.receipts.map((r: Receipt) => ({ ...r, receiveTime: new Date(r.receiveTime) })),
    disputes: row.disputes.map(toDispute),
    custodyCount: row.custodyCount,
    custodyHead: row.custodyHead,
    sendBackPayer: row.sendBackPayer,
    completedWithout: row.completedWithout,
    inbound: row.inbound.map(toInbound),
    createTime: row.createTime,
    version: row.version,
  };
}

// biome-ignore lint/suspicious/noExplicitAny: the same columns from pg and from Prisma
export function toQuarantinedRow(row: any): Quarantined {
  const { decideTime, disposition, ...rest } = row;
  return { ...rest, ...(decideTime && { decideTime }), ...(disposition && { disposition }) };
}

function toInbound({ resolutionId: _, pickupTime, deliverTime, loseTime, ...parcel }: Json): InboundParcel {
  return {
    ...parcel,
    ...(pickupTime && { pickupTime: new Date(pickupTime) }),
    ...(deliverTime && { deliverTime: new Date(deliverTime) }),
    ...(loseTime && { loseTime: new Date(loseTime) }),
  };
}

function toTerms({ dueTime, secondOpinionOver, details, ...terms }: Json): Terms {
  return {
    ...terms,
    ...(dueTime && { dueTime: new Date(dueTime) }),
    ...(secondOpinionOver && { secondOpinionOver: toMoney(secondOpinionOver) }),
    details: details.map(({ unitValue, ...detail }: Json): LineDetail => {
      return { ...detail, ...(unitValue && { unitValue: toMoney(unitValue) }) };
    }),
  };
}

function toFinding({ detail, ...finding }: Json): Finding {
  if (!detail) return finding;
  const deductions = detail.deductions.map((d: Json): Deduction => ({ ...d, amount: toMoney(d.amount) }));
  return { ...finding, detail: { ...detail, deductions, recordTime: toTime(detail.recordTime) } };
}

function toDispute({ decideTime, corrected, ...dispute }: Json): Dispute {
  return {
    ...dispute,
    openTime: new Date(dispute.openTime),
    dueTime: new Date(dispute.dueTime),
    ...(decideTime && { decideTime: new Date(decideTime) }),
    ...(corrected && { corrected: toFinding(corrected) }),
  };
}

function toTime(text: string | undefined): Date | undefined {
  return text === undefined ? undefined : new Date(text);
}

function toMoney({ minor, currency }: { minor: string; currency: string }) {
  return money(BigInt(minor), currency);
}
