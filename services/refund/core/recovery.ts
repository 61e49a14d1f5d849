// What the customer owes us after an early refund whose goods never came, or did not hold.
import { check } from "#kit/pure/check.js";
import { compare, sum, toProto } from "#kit/pure/money.js";
import * as journals from "./journals.js";
import { merged } from "./quote.js";
import { unitsOf } from "./shares.js";
import type { Outcome, Refund } from "./types.js";

/**
 * Opens the recovery of these units' share.
 * @throws DomainError REFUND_STATE, UNITS_EXCEED_PURCHASED
 */
export function recover(
  refund: Refund,
  lines: readonly { readonly lineId: string; readonly quantity: number }[],
  reason: string,
): Outcome {
  check(refund.recovery === undefined, "REFUND_STATE", `${refund.refundId} is being recovered already`, {
    refund_id: refund.refundId,
    state: refund.state,
    verb: "recover",
  });
  const parts = merged(lines).map(({ lineId, quantity }) => {
    const item = refund.quote.items.find((i) => i.lineId === lineId);
    check(item !== undefined && quantity <= item.quantity, "UNITS_EXCEED_PURCHASED", `not refunded: ${lineId}`, {
      line_id: lineId,
      requested: String(quantity),
      purchased: String(item?.quantity ?? 0),
    });
    // The last of the refunded units, so that what stays refunded is what an inspection first would have brought.
    const line = { lineId, quantity: item.purchased, paid: item.paid, tax: undefined, sellerId: "" };
    return unitsOf(line, item.paid, item.fromUnit + item.quantity - quantity, quantity);
  });
  const amount = sum(parts, refund.quote.amount.currency);
  const owed = compare(amount, refund.quote.amount) > 0 ? refund.quote.amount : amount;
  const recovery = { state: "OPEN", amount: owed, reason, reference: "" } as const;
  const next = { ...refund, recovery, version: refund.version + 1 };
  return { next, facts: [], journals: journals.recoveryOpened(refund.customerId, owed), steps: [] };
}

/** OPEN → RECOVERED or WRITTEN_OFF. @throws DomainError REFUND_STATE */
export function settleRecovery(refund: Refund, recovered: boolean, reference: string, now: Date): Outcome {
  const { recovery, refundId, resolutionId, customerId } = refund;
  check(recovery?.state === "OPEN", "REFUND_STATE", `nothing of ${refundId} is to be recovered`, {
    refund_id: refundId,
    state: recovery?.state ?? refund.state,
    verb: "settleRecovery",
  });
  const { amount } = recovery;
  const state = recovered ? "RECOVERED" : "WRITTEN_OFF";
  const next: Refund = { ...refund, recovery: { ...recovery, state, reference }, version: refund.version + 1 };
  const body = { refundId, resolutionId, recovered, amount: toProto(amount), settleTime: now };
  return {
    next,
    facts: [{ name: "RecoverySettled", body }],
    journals: journals.recoverySettled(customerId, amount, recovered),
    steps: [],
  };
}
