// Named builders: each test says only what matters to it.
import assert from "node:assert/strict";
import { RpcError } from "#kit/errors.js";
import { DomainError } from "#kit/pure/check.js";
import { money } from "#kit/pure/money.js";
import { expect } from "../core/inspection.js";
import {
  type ExpectedLine,
  type Finding,
  type FindingDetail,
  type Inspection,
  noTerms,
  type Terms,
} from "../core/types.js";

export const noon = new Date("2026-03-02T12:00:00.000Z");
export const onePm = new Date("2026-03-02T13:00:00.000Z");

/** Three mugs and a lamp. */
export const mugsAndLamp: readonly ExpectedLine[] = [
  { lineId: "mugs", sku: "MUG-RED", quantity: 3 },
  { lineId: "lamp", sku: "LAMP-1", quantity: 1 },
];

/** Announced at noon, unless said otherwise. */
export function inspection(change: Partial<Inspection> = {}): Inspection {
  const { next } = expect({
    inspectionId: "ins_01KAAAAAAAAAAAAAAAAAAAAAAA",
    resolutionId: "res_01KAAAAAAAAAAAAAAAAAAAAAAA",
    orderId: "o-1",
    market: "GB",
    lines: mugsAndLamp,
    now: noon,
  });
  return { ...next, ...change };
}

/** One unit, fine, back on the shelf. */
export function fine(lineId: string, quantity = 1, change: Partial<Finding> = {}): Finding {
  const well = {
    verdict: "ACCEPTED",
    grade: "LIKE_NEW",
    condition: "SELLABLE",
    disposition: "RESTOCKED",
    note: "",
  } as const;
  return { lineId, quantity, ...well, ...change };
}

/** One unit that the customer broke: it goes back. */
export function broken(lineId: string, quantity = 1): Finding {
  return fine(lineId, quantity, {
    verdict: "REJECTED",
    grade: "UNSELLABLE",
    condition: "CUSTOMER_DAMAGED",
    disposition: "RETURN_TO_CUSTOMER",
  });
}

/** One unit that was not in the box. */
export function missing(lineId: string, quantity = 1): Finding {
  return fine(lineId, quantity, { verdict: "MISSING", grade: undefined, condition: "MISSING", disposition: "MISSING" });
}

/** Sees that a call was refused for this reason, with this metadata. */
export function refused(reason: string, metadata: Readonly<Record<string, string>> = {}) {
  return (error: unknown) => {
    assert.ok(error instanceof RpcError || error instanceof DomainError, String(error));
    assert.equal(error.reason, reason, error.message);
    for (const [key, value] of Object.entries(metadata)) assert.equal(error.metadata[key], value, key);
    return true;
  };
}

/** Nothing is known of it beyond its words. */
export const nothing: FindingDetail = {
  unitNumber: 0,
  serial: "",
  missingParts: [],
  weightGrams: 0,
  expectedWeightGrams: 0,
  photos: [],
  deductions: [],
  serialMismatch: false,
  recorder: "",
  recordTime: undefined,
};
const pounds = (amount: number) => money(BigInt(amount * 100), "GBP");
/** A lamp that is worth two opinions, and mugs that are not. */
export const lampTerms: Terms = {
  ...noTerms,
  deductionCauses: ["HANDLING"],
  secondOpinionOver: pounds(100),
  details: [
    { lineId: "lamp", category: "electronics", unitValue: pounds(250), serials: ["SN-1"], unitWeightGrams: 900 },
    { lineId: "mugs", category: "homeware", unitValue: pounds(10), serials: [], unitWeightGrams: 0 },
  ],
};
/** On the bench: received, not yet inspected. */
export const bench = (change: Partial<Inspection> = {}) =>
  inspection({ state: "REGISTERED", receiveTime: noon, terms: lampTerms, version: 2, ...change });
/** A finding of one unit. */
export const unit = (finding: Finding, unitNumber: number, detail: Partial<FindingDetail> = {}): Finding => ({
  ...finding,
  quantity: 1,
  detail: { ...nothing, unitNumber, ...detail },
});
export const deducted = (cause: string, amount: number) => ({
  deductions: [{ cause, amount: pounds(amount), note: "scratch" }],
});
