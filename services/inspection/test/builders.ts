// Named builders: each test says only what matters to it.
import assert from "node:assert/strict";
import { RpcError } from "#kit/errors.js";
import { DomainError } from "#kit/pure/check.js";
import { expect } from "../core/inspection.js";
import type { ExpectedLine, Finding, Inspection } from "../core/types.js";

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
