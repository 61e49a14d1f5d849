// What a replacement waits for: the inventory holds it for a time, which is renewed before it runs out, and a dearer one is
// paid for before it leaves. Only version 2 of the statechart asks for any of it.
import { payloadOf } from "./calls.js";
import type { ChartAction, ChartEvent } from "./chart.js";
import { heldFrom } from "./difference.js";
import type { Resolution, Step } from "./types.js";

const day = 86_400_000;
/** How long before the end of a hold the inventory is asked to go on. */
const renewMs = day;

/** When the inventory is asked to go on holding it. */
export function renewal(r: Resolution): Step[] {
  const expires = r.exchange?.expires;
  if (!expires) return [];
  const due = new Date(expires.getTime() - renewMs);
  const requestId = `${r.resolutionId}.stock.renew.${expires.getTime()}`;
  return [{ step: "stock.renew", due, payload: { requestId, holdId: r.stockHoldId, expires: heldFrom(due) } }];
}

/** The steps that the statechart asks for around the replacement. */
export function holdSteps(
  actions: readonly ChartAction[],
  event: ChartEvent,
  next: Resolution,
  now: Date,
): readonly Step[] {
  const call = (step: string): Step => ({ step, due: now, payload: payloadOf(step, next) });
  const asked = (type: string) => actions.some((action) => action.type === type);
  // Whoever settled the demand knows how it ended.
  const demandOpen = asked("endPayment") && event.type !== "PAID" && event.type !== "UNPAID" && next.exchange?.demandId;
  return [
    ...(asked("startHold") && next.tracks?.stock === "HELD" ? renewal(next) : []),
    ...(demandOpen ? [call("payment.cancel")] : []),
    ...(asked("endCollection") && next.collectionId ? [call("collection.cancel")] : []),
  ];
}

/** The steps that no longer matter. */
export function holdsDropped(actions: readonly ChartAction[]): readonly string[] {
  return actions.flatMap(({ type }) =>
    type === "endHold" ? ["stock.renew"] : type === "endPayment" ? ["payment.check"] : [],
  );
}
