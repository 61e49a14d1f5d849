// The guarantee for a replacement that goes out before its goods come back: an amount set aside on the customer's card.
// It is let go once the goods are back or nothing goes out, and taken for what did not come as promised.
import { type Money, shareOfUnits, sum } from "#kit/pure/money.js";
import type { Context } from "./context2.js";
import type { Resolution, Share, Step } from "./types.js";

const day = 86_400_000;
/** How long an amount is asked to be set aside; a card may hold it for less. */
const holdMs = 30 * day;
/** How long before its end it is set aside anew. */
const renewMs = day;

/** An amount that is set aside, as the provider says. */
export type SetAside = {
  readonly authorizationId: string;
  readonly amount: Money;
  readonly expires: Date;
  readonly shares: readonly Share[];
};

/** What the call sends: what is guaranteed is what was paid for the goods that are to come. */
export function guaranteeAsked({ orderId, customerId, lines, updateTime }: Resolution, from = updateTime): object {
  const expires = new Date(from.getTime() + holdMs).toISOString();
  const asked = lines.map(({ lineId, quantity, worth }) => ({ lineId, quantity, ...(worth && { worth }) }));
  return { customerId, orderId, expires, lines: asked };
}

/** What is taken: the share of what did not come as promised, to the minor unit as it was paid. */
export function guaranteeOwed({ exchange, lines }: Resolution): object {
  const { authorizationId, amount, shares = [] } = exchange?.guarantee ?? {};
  const currency = amount?.currency ?? "";
  const owed = shares.map(({ lineId, quantity, minor }) => {
    const line = lines.find((one) => one.lineId === lineId);
    const kept = Math.min(quantity, (line?.rejected ?? 0) + (line?.missing ?? 0));
    return shareOfUnits({ minor: BigInt(minor), currency }, BigInt(quantity), BigInt(quantity - kept), BigInt(kept));
  });
  return { authorizationId, currency, minor: sum(owed, currency).minor.toString() };
}

/**
 * When it is set aside anew: the shares that were set aside before. What was paid for the goods is no longer to be asked
 * for once something of it went back, as for a cheaper replacement.
 */
export function renewal(r: Resolution, { expires, amount: { currency }, shares }: SetAside): Step {
  const due = new Date(expires.getTime() - renewMs);
  const requestId = `${r.resolutionId}.payment.reauthorize.${expires.getTime()}`;
  const lines = shares.map(({ minor, ...units }) => ({ ...units, worth: { currency, minor } }));
  const asked = { ...guaranteeAsked(r, due), ...(lines.length > 0 && { lines }) };
  return { step: "payment.reauthorize", due, payload: { requestId, ...asked } };
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
