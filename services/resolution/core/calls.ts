// What each call sends: fixed when it is decided, with the request id it will always go out under. A step that gave up
// and is tried again sends the same, so nothing is ever done twice.
import { goodsOf, neededBy } from "./collecting.js";
import { swapAtDoor } from "./context2.js";
import { told } from "./deadlines.js";
import { demandOf, demandOut, heldUntil, keepsReplacement } from "./difference.js";
import { expectation } from "./expectation.js";
import { guaranteeAsked, guaranteeOwed } from "./guarantee.js";
import { paidUnits } from "./lines.js";
import type { Fee, Resolution, Worth } from "./types.js";
import { worthOf } from "./worth.js";

/** What was paid for delivery comes back once everything of the order is given back; a preview says so, too. */
export const refundsShipping = true;

/** The payload of a step for the resolution as it stands. */
export function payloadOf(step: string, r: Resolution): object {
  const { resolutionId, orderId, customerId, market, terms } = r;
  const requestId = `${resolutionId}.${step}.${r.version}`;
  switch (step) {
    case "shipment.stop":
      return { requestId, orderId, lines: r.lines.map(({ lineId, quantity }) => ({ lineId, quantity })) };
    case "eligibility.decide":
      return {
        requestId,
        orderId,
        lines: r.lines.map(({ lineId, quantity, reason, note }) => ({ lineId, quantity, reason, note })),
      };
    case "collection.schedule": {
      const units = r.lines.reduce((sum, line) => sum + line.quantity, 0);
      const { method, slotId, maxPickupAttempts: maxAttempts, verification } = terms;
      // With a swap at the door the driver brings what is held.
      const bringsHoldId = method === swapAtDoor ? r.stockHoldId : "";
      const collected = { resolutionId, orderId, customerId, market, method, units, slotId, maxAttempts };
      const neededTime = neededBy(r)?.toISOString();
      return { requestId, ...collected, verification, bringsHoldId, goods: goodsOf(r), neededTime };
    }
    case "inspection.expect":
      return { requestId, ...expectation(r) };
    case "shipment.intercept":
      return { requestId, orderId, lines: r.lines.map(({ lineId, quantity }) => ({ lineId, quantity })) };
    case "stock.hold":
      return {
        requestId,
        orderId,
        holdId: r.stockHoldId,
        lines: replacementLines(r),
        replaced: paidUnits(r),
        paid: worthPaid(r),
        expires: heldUntil(r)?.toISOString(),
      };
    case "payment.request":
      return { requestId, customerId, orderId, ...demandOf(r) };
    case "payment.authorize":
      return { requestId, ...guaranteeAsked(r) };
    case "payment.capture":
      return { requestId, ...guaranteeOwed(r) };
    case "payment.cancel":
      return { requestId, ...(r.exchange && demandOut(r.exchange)) };
    case "stock.release":
      return { requestId, holdId: r.stockHoldId };
    case "shipment.replace":
      return { requestId, orderId, holdId: r.stockHoldId };
    case "refund.issue":
      // One refund per resolution, for ever: its request id does not depend on when it is asked for.
      return {
        requestId: `${resolutionId}.refund`,
        resolutionId,
        orderId,
        lines: paidUnits(r),
        ...(keepsReplacement(r) && { refundShipping: false }),
        fees: chargesOf(r).map(({ code, amount, ruleId }) => ({
          code,
          ruleId,
          currency: amount.currency,
          minor: amount.minor.toString(),
        })),
        promised: r.lines.map(({ lineId, quantity, rejected, missing }) => ({ lineId, quantity, rejected, missing })),
        deductions: deductionsOf(r),
        fault: terms.fault,
        due: statutoryDue(r),
      };
    case "refund.recover":
      return {
        requestId: `${resolutionId}.recover`,
        refundId: r.refundId,
        lines: r.lines
          .map(({ lineId, rejected, missing }) => ({ lineId, quantity: rejected + missing }))
          .filter(({ quantity }) => quantity > 0),
      };
    case "collection.cancel":
      return { requestId, collectionId: r.collectionId };
    case "inspection.cancel":
      return { requestId, inspectionId: r.inspectionId };
    default:
      return { requestId, ...told(r) };
  }
}

/** What was paid for the units, where it is not what the refund service would say. */
function worthPaid(r: Resolution): Worth | undefined {
  const worth = worthOf(r.lines, paidUnits(r));
  return worth && { currency: worth.currency, minor: worth.minor.toString() };
}

/** What is taken off: the policy's fees, or of a cheaper replacement that went out what it costs. */
function chargesOf(r: Resolution): readonly Fee[] {
  const price = r.exchange?.price;
  return keepsReplacement(r) && price ? [{ code: "REPLACEMENT_PRICE", amount: price, ruleId: "" }] : r.terms.fees;
}

/** When the law wants the money paid, where its clock runs. */
function statutoryDue({ deadlines }: Resolution): { time: string; article: string } | undefined {
  const deadline = deadlines.find(({ step }) => step === "statutory-refund");
  return deadline && { time: deadline.due.toISOString(), article: deadline.article };
}

/** What is taken off what is paid for; never for a cause that the decision did not name, whatever was found. */
function deductionsOf({ lines, terms }: Resolution): object[] {
  const allowed = terms.deductionCauses ?? [];
  return lines.flatMap(({ lineId, accepted, deductions = [] }) =>
    accepted > 0
      ? deductions.filter(({ cause }) => allowed.includes(cause)).map((deduction) => ({ lineId, ...deduction }))
      : [],
  );
}

/** Units to send instead: of what was accepted, or of all while nobody has looked. */
function replacementLines(r: Resolution): { sku: string; quantity: number }[] {
  const wanted = new Map(paidUnits(r).map(({ lineId, quantity }) => [lineId, quantity]));
  return r.lines.flatMap(({ lineId, sku, replacementSku }) => {
    const quantity = wanted.get(lineId) ?? 0;
    return quantity > 0 ? [{ sku: replacementSku || sku, quantity }] : [];
  });
}
