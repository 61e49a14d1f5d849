// What becomes of a replacement: held, paid for where it is dearer, sent, or not to be had.

import { format, type Money } from "#kit/pure/money.js";
import { advance, isEnded, quietly, raised, type Scene } from "./advance.js";
import { payloadOf } from "./calls.js";
import { demandOut, dueOf, owing } from "./difference.js";
import { fact } from "./facts.js";
import { renewal } from "./holds.js";
import type { Exchange, Outcome, Resolution, Step } from "./types.js";

/** How often a demand is looked at. */
const lookMs = 60 * 60_000;

/** A demand, and how much it asks for; undefined in what was asked before that was kept. */
export type Demand = { readonly demandId: string; readonly amount?: Money | undefined };

/**
 * The replacement is set aside; if the request ended meanwhile it goes back on the shelf. Held anew for fewer units, what
 * was paid and guaranteed for it stands, and what was asked for it does not.
 */
export function stockHeld(
  r: Resolution,
  stockHoldId: string,
  scene: Scene,
  exchange: Exchange = { expires: scene.now },
): Outcome {
  const happening = { name: "ReplacementHeld", text: "The replacement is set aside." };
  const { guarantee, received } = r.exchange ?? {};
  const anew: Exchange = { ...exchange, ...(guarantee && { guarantee }), ...(received && { received }) };
  const event = { type: "HELD", owing: owing(anew) } as const;
  const taken = advance(r, event, scene, happening, { stockHoldId, exchange: anew });
  if (taken) return taken;
  const obsolete = isEnded(r.state) && r.state !== "CLOSED";
  const next = { ...r, stockHoldId, version: r.version + 1 };
  const release: Step = { step: "stock.release", due: scene.now, payload: payloadOf("stock.release", next) };
  return quietly(r, scene, { stockHoldId }, obsolete ? [release] : []);
}

/** The inventory goes on holding it. */
export function holdRenewed(r: Resolution, expires: Date, scene: Scene): Outcome {
  if (r.state !== "OPEN" || r.tracks?.stock !== "HELD") return quietly(r, scene, {});
  const exchange = { ...r.exchange, expires };
  return quietly(r, scene, { exchange }, renewal({ ...r, exchange }));
}

/** There is no replacement, or no longer: the money goes back instead. */
export function soldOut(r: Resolution, scene: Scene): Outcome {
  const happening = { name: "SoldOut", text: "The replacement is sold out; the money goes back instead." };
  return fact(r, { type: "SOLD_OUT" }, scene, happening, { stockHoldId: "" });
}

/** The replacement is on its way. */
export function reshipped(r: Resolution, scene: Scene): Outcome {
  return fact(r, { type: "RESHIPPED" }, scene, { name: "ReplacementShipped", text: "The replacement is on its way." });
}

/** The driver's visit is booked: a replacement that is swapped at the door leaves with the driver. */
export function visitBooked(r: Resolution, scene: Scene): Outcome {
  return fact(r, { type: "BOOKED" }, scene, { name: "VisitBooked", text: "The driver brings the replacement along." });
}

/** The customer was asked to pay the difference; it is looked at until they did, or the time is over. */
export function demanded(
  r: Resolution,
  demand: { demandId: string; demandUrl: string; payBy: Date; asked?: Money },
  scene: Scene,
): Outcome {
  const exchange = r.exchange && { ...r.exchange, ...demand };
  if (!exchange || !isAwaited(r) || !fits(r.exchange, demand)) {
    const next = { ...r, exchange: exchange ?? { expires: scene.now, ...demand }, version: r.version + 1 };
    const cancel: Step = { step: "payment.cancel", due: scene.now, payload: payloadOf("payment.cancel", next) };
    return quietly(r, scene, {}, [cancel]);
  }
  return quietly(r, scene, { exchange }, [look(exchange, scene)]);
}

/** Whether a demand is for what is due, and the only one that is: the answer to an earlier request may come late. */
function fits(exchange: Exchange | undefined, { demandId, asked }: { demandId: string; asked?: Money }): boolean {
  const due = exchange && dueOf(exchange)?.minor;
  const out = exchange?.demandId !== undefined && exchange.demandId !== demandId && exchange.asked?.minor === due;
  return !out && (asked === undefined || asked.minor === due);
}

/** Not paid yet, and still time. */
export function stillUnpaid(r: Resolution, { demandId }: Demand, scene: Scene): Outcome {
  return quietly(r, scene, {}, r.exchange && stands(r, demandId) ? [look(r.exchange, scene)] : []);
}

/** A request that has ended keeps showing where its money stood. */
function isAwaited({ state, tracks }: Resolution): boolean {
  return state === "OPEN" && tracks?.money === "AWAITING_PAYMENT";
}

/** Whether it is this demand that is waited for. */
function stands(r: Resolution, demandId: string): boolean {
  return isAwaited(r) && r.exchange?.demandId === demandId;
}

function look(exchange: Exchange, { now }: Scene): Step {
  const end = exchange.payBy?.getTime() ?? now.getTime();
  const due = new Date(Math.max(now.getTime(), Math.min(now.getTime() + lookMs, end)));
  return { step: "payment.check", due, payload: { ...demandOut(exchange), payBy: new Date(end).toISOString() } };
}

/**
 * The customer paid: the replacement leaves. An earlier demand counts towards the one that took its place, and what it was
 * too much is given back by hand. If nobody waits for the money any more a person gives all of it back.
 */
export function differencePaid(r: Resolution, { demandId, amount }: Demand, scene: Scene): Outcome {
  const { exchange: before } = r;
  const earlier = before?.received ?? [];
  if (earlier.some((paid) => paid.demandId === demandId)) return quietly(r, scene, {});
  const exchange = before && amount && { ...before, received: [...earlier, { demandId, amount }] };
  const change = exchange && { exchange };
  if (stands(r, demandId)) {
    // Only with an earlier demand can it have become too much.
    const event = { type: "PAID", ...(exchange && earlier.length > 0 && { owing: owing(exchange) }) } as const;
    const happening = { name: "DifferencePaid", text: "The difference is paid." };
    const outcome = advance(r, event, scene, happening, change);
    if (outcome) return outcome;
  }
  if (exchange && countsTowards(r)) {
    const text = "A demand was paid that no longer stood; it counts towards the difference.";
    const happening = { name: "DifferencePaid", text };
    const outcome = advance(r, { type: "PAID_BEFORE", owing: owing(exchange) }, scene, happening, change);
    if (outcome) return outcome;
  }
  const paid = amount ? `${format(amount, "en")} of price difference` : "a price difference";
  return raised(r, scene, "payment.request", `${paid} was paid for an exchange that no longer wants it: give it back`);
}

/** Whether what becomes of the money is still open. */
function countsTowards({ state, tracks }: Resolution): boolean {
  if (state !== "OPEN" || !tracks) return false;
  const { money, stock } = tracks;
  if (money === "WAITING" || money === "AWAITING_PAYMENT") return true;
  return money === "NONE" && (stock === "HOLDING" || stock === "HELD" || stock === "RESHIPPING");
}

/** Not paid in time: what the customer chose for that happens. */
export function differenceUnpaid(r: Resolution, { demandId }: Demand, scene: Scene): Outcome {
  if (!stands(r, demandId)) return quietly(r, scene, {});
  const text = "The difference was not paid in time; the replacement is no longer held.";
  return fact(r, { type: "UNPAID" }, scene, { name: "DifferenceUnpaid", text });
}
