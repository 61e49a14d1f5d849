// The guarantee for a replacement that goes out before its goods come back: an amount set aside on the customer's card.
// It is let go once the goods are back or nothing goes out, and taken for what did not come as promised.
import type { Money } from "#kit/pure/money.js";
import type { Context } from "./context2.js";
import type { Resolution, Step } from "./types.js";

const day = 86_400_000;
/** How long an amount is asked to be set aside; a card may hold it for less. */
const holdMs = 30 * day;
/** How long before its end it is set aside anew. */
const renewMs = day;

/** An amount that is set aside, as the provider says. */
export type SetAside = { readonly authorizationId: string; readonly amount: Money; readonly expires: Date };

/** What the call sends: what is guaranteed is what was paid for the goods that are to come. */
export function guaranteeAsked({ orderId, customerId, lines, updateTime }: Resolution, from = updateTime): object {
  const expires = new Date(from.getTime() + holdMs).toISOString();
  return { customerId, orderId, expires, lines: lines.map(({ lineId, quantity }) => ({ lineId, quantity })) };
}

/** What is taken: the share of what did not come as promised, and never more than is set aside. */
export function guaranteeOwed({ orderId, exchange, lines }: Resolution): object {
  const { authorizationId, amount } = exchange?.guarantee ?? {};
  const owed = lines.map(({ lineId, rejected, missing }) => ({ lineId, quantity: rejected + missing }));
  return {
    orderId,
    authorizationId,
    limit: amount && { currency: amount.currency, minor: amount.minor.toString() },
    lines: owed.filter(({ quantity }) => quantity > 0),
  };
}

/** When it is set aside anew. */
export function renewal(r: Resolution, { expires }: SetAside): Step {
  const due = new Date(expires.getTime() - renewMs);
  const requestId = `${r.resolutionId}.payment.reauthorize.${expires.getTime()}`;
  return { step: "payment.reauthorize", due, payload: { requestId, ...guaranteeAsked(r, due) } };
}

/** Lets an amount go. */
export function letGo(authorizationId: string, due: Date): Step {
  return { step: "payment.void", due, payload: { authorizationId } };
}

/** The resolution as a change leaves it, its amount let go once nothing hangs on it any more. */
export function withGuarantee(next: Resolution, now: Date): { readonly next: Resolution; readonly steps: Step[] } {
  const { exchange } = next;
  const held = exchange?.guarantee;
  if (!exchange || held?.state !== "SET_ASIDE" || hangsOn(next)) return { next, steps: [] };
  return {
    next: { ...next, exchange: { ...exchange, guarantee: { ...held, state: "LET_GO" } } },
    steps: [letGo(held.authorizationId ?? "", now)],
  };
}

/** Whether goods may still fail to come back for a replacement that has gone out, or may go out. */
function hangsOn({ state, tracks, chart }: Resolution): boolean {
  const { accepted, converted, lost } = chart.context as Context;
  if (state !== "OPEN" || !tracks || converted || lost) return false;
  if (tracks.money === "RECOVERING") return true;
  return accepted === "UNKNOWN" && waits.has(tracks.stock);
}

const waits: ReadonlySet<string> = new Set(["HELD", "RESHIPPING", "FULFILLED"]);
