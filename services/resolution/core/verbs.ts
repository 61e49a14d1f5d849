// What people do with a resolution. A verb that does not fit the state is an error.
import { check, DomainError } from "#kit/pure/check.js";
import type { Money } from "#kit/pure/money.js";
import { advance, type Happening, noted, type Scene } from "./advance.js";
import { itemsOf, stackOf } from "./attention.js";
import { goesByHand } from "./byHand.js";
import type { ChartEvent } from "./chart.js";
import { afresh } from "./machine.js";
import type { Outcome, Resolution } from "./types.js";

/** The customer takes it back. @throws DomainError RESOLUTION_STATE, ALREADY_HANDED_OVER */
export function withdraw(r: Resolution, scene: Scene): Outcome {
  refuseAfterHandOver(r);
  return verb(r, { type: "WITHDRAW" }, "withdraw", scene, { name: "Withdrawn", text: "Taken back by the customer." });
}

/** Staff end it. @throws DomainError RESOLUTION_STATE, ALREADY_HANDED_OVER */
export function cancel(r: Resolution, note: string, scene: Scene): Outcome {
  refuseAfterHandOver(r);
  return verb(r, { type: "CANCEL" }, "cancel", scene, { name: "Canceled", text: note });
}

/** PENDING_REVIEW → OPEN. @throws DomainError RESOLUTION_STATE */
export function approve(r: Resolution, note: string, scene: Scene): Outcome {
  return verb(r, { type: "APPROVE" }, "approve", scene, { name: "Approved", text: note || "Granted after review." });
}

/** PENDING_REVIEW → DECLINED. @throws DomainError RESOLUTION_STATE */
export function decline(r: Resolution, text: string, scene: Scene): Outcome {
  return verb(r, { type: "DECLINE" }, "decline", scene, { name: "Declined", text });
}

/** AUTO_WITHDRAWN → OPEN, while the customer could still ask, or for as long as they had to hand over. @throws DomainError RESOLUTION_STATE */
export function reopen(r: Resolution, scene: Scene): Outcome {
  const end = reopenEnd(r);
  check(
    r.state !== "AUTO_WITHDRAWN" || !end || scene.now <= end,
    "RESOLUTION_STATE",
    "the time to take it up again has ended",
    {
      resolution_id: r.resolutionId,
      state: r.state,
      verb: "reopen",
    },
  );
  const fresh = { ...r, chart: afresh(r.chart, r.kind, r.terms), exchange: undefined, stockHoldId: "" };
  return verb(fresh, { type: "REOPEN" }, "reopen", scene, { name: "Reopened", text: "Taken up again." });
}

/** They asked in time, so they have as long again as they had to hand over; undefined: no end. */
function reopenEnd({ terms, closeTime }: Resolution): Date | undefined {
  if (!terms.windowEnd) return undefined;
  const again = (closeTime?.getTime() ?? 0) + terms.handoverDays * 86_400_000;
  return new Date(Math.max(terms.windowEnd.getTime(), again));
}

/** Tries a step that gave up again, with what it sent before. @throws DomainError RESOLUTION_STATE */
export function resume(r: Resolution, scene: Scene): Outcome {
  const items = itemsOf(r.hold).filter(({ step }) => step !== "");
  const [hold, ...behind] = items;
  check(hold !== undefined, "RESOLUTION_STATE", `${r.resolutionId} has no step to try again`, {
    resolution_id: r.resolutionId,
    state: r.state,
    verb: "resume",
  });
  const happening = { name: "Resumed", text: `Trying ${hold.step} again.` };
  const outcome = noted(r, scene, happening, true, { hold: stackOf(behind) });
  return { ...outcome, steps: [{ step: hold.step, due: scene.now, payload: hold.payload }] };
}

/** Ends a recovery. @throws DomainError RESOLUTION_STATE */
export function settleRecovery(r: Resolution, recovered: boolean, note: string, scene: Scene): Outcome {
  const event: ChartEvent = { type: recovered ? "RECOVERED" : "WRITTEN_OFF" };
  const happening = { name: recovered ? "Recovered" : "WrittenOff", text: note };
  const settled = verb(r, event, "settleRecovery", scene, happening);
  // Settled in another way: nothing is taken from a guarantee any more.
  const outcome = { ...settled, dropped: [...settled.dropped, "payment.capture"] };
  // Where only a replacement was out, nothing was refunded that the refund service could take back.
  if (r.refundId === "") return outcome;
  const payload = { requestId: `${r.resolutionId}.settleRecovery`, refundId: r.refundId, recovered, reference: note };
  return { ...outcome, steps: [...outcome.steps, { step: "refund.settleRecovery", due: scene.now, payload }] };
}

/** Who is paid past the payment of the order has their money. @throws DomainError RESOLUTION_STATE */
export function settleGiftRefund(r: Resolution, amount: Money, note: string, scene: Scene): Outcome {
  const byHand = r.origin.gift || goesByHand(r);
  check(byHand, "RESOLUTION_STATE", `what ${r.resolutionId} is about goes back over its payment`, {
    resolution_id: r.resolutionId,
    state: r.state,
    verb: "settleGiftRefund",
  });
  const name = r.origin.gift ? "GiftRefunded" : "PaidByHand";
  return verb(r, { type: "REFUNDED" }, "settleGiftRefund", scene, { name, text: note }, { refunded: amount });
}

/** Brings a verb to the chart. @throws DomainError RESOLUTION_STATE where it does not fit */
export function verb(
  r: Resolution,
  event: ChartEvent,
  name: string,
  scene: Scene,
  happening: Happening,
  change: Partial<Resolution> = {},
): Outcome {
  const outcome = advance(r, event, scene, happening, change);
  if (outcome) return outcome;
  throw new DomainError("RESOLUTION_STATE", `${r.resolutionId} is ${r.state}: ${name} is not possible`, {
    resolution_id: r.resolutionId,
    state: r.state,
    verb: name,
  });
}

/** @throws DomainError ALREADY_HANDED_OVER */
export function refuseAfterHandOver(r: Resolution): void {
  const goods = r.tracks?.goods;
  const gone =
    r.state === "OPEN" &&
    (goods === "IN_TRANSIT" || goods === "RECEIVED" || goods === "INSPECTING" || goods === "INSPECTED");
  check(!gone, "ALREADY_HANDED_OVER", `the goods of ${r.resolutionId} are on their way to us`, {
    resolution_id: r.resolutionId,
  });
}
