// What becomes of a replacement: held, paid for where it is dearer, sent, or not to be had.
import { advance, isEnded, quietly, raised, type Scene } from "./advance.js";
import { payloadOf } from "./calls.js";
import { owing } from "./difference.js";
import { fact } from "./facts.js";
import { renewal } from "./holds.js";
import type { Exchange, Outcome, Resolution, Step } from "./types.js";

/** How often a demand is looked at. */
const lookMs = 60 * 60_000;

/** The replacement is set aside; if the request ended meanwhile it goes back on the shelf. */
export function stockHeld(
  r: Resolution,
  stockHoldId: string,
  scene: Scene,
  exchange: Exchange = { expires: scene.now },
): Outcome {
  const happening = { name: "ReplacementHeld", text: "The replacement is set aside." };
  const event = { type: "HELD", owing: owing(exchange.price, exchange.paid) } as const;
  const taken = advance(r, event, scene, happening, { stockHoldId, exchange });
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

/** Whether the replacement waits for the driver's visit. */
export function comesWithDriver({ chart }: Resolution): boolean {
  return (chart.context as { atDoor?: boolean }).atDoor === true;
}

/** The driver's visit is booked: a replacement that is swapped at the door leaves with the driver. */
export function visitBooked(r: Resolution, scene: Scene): Outcome {
  return fact(r, { type: "BOOKED" }, scene, { name: "VisitBooked", text: "The driver brings the replacement along." });
}

/** The customer was asked to pay the difference; it is looked at until they did, or the time is over. */
export function demanded(
  r: Resolution,
  demand: { demandId: string; demandUrl: string; payBy: Date },
  scene: Scene,
): Outcome {
  if (!isAwaited(r) || !r.exchange) {
    const change = r.exchange ? { exchange: { ...r.exchange, ...demand } } : {};
    const next = { ...r, ...change, version: r.version + 1 };
    const cancel: Step = { step: "payment.cancel", due: scene.now, payload: payloadOf("payment.cancel", next) };
    return quietly(r, scene, change, [{ ...cancel, payload: { ...cancel.payload, demandId: demand.demandId } }]);
  }
  return quietly(r, scene, { exchange: { ...r.exchange, ...demand } }, [look(demand, scene)]);
}

/** Not paid yet, and still time. */
export function stillUnpaid(r: Resolution, scene: Scene): Outcome {
  const { demandId, payBy } = r.exchange ?? {};
  if (!isAwaited(r) || !demandId || !payBy) return quietly(r, scene, {});
  return quietly(r, scene, {}, [look({ demandId, payBy }, scene)]);
}

/** A request that has ended keeps showing where its money stood. */
function isAwaited({ state, tracks }: Resolution): boolean {
  return state === "OPEN" && tracks?.money === "AWAITING_PAYMENT";
}

function look({ demandId, payBy }: { demandId: string; payBy: Date }, { now }: Scene): Step {
  const due = new Date(Math.max(now.getTime(), Math.min(now.getTime() + lookMs, payBy.getTime())));
  return { step: "payment.check", due, payload: { demandId, payBy: payBy.toISOString() } };
}

/** The customer paid: the replacement leaves. If nobody waits for the money any more a person gives it back. */
export function differencePaid(r: Resolution, scene: Scene): Outcome {
  const happening = { name: "DifferencePaid", text: "The difference is paid." };
  const text = "a price difference was paid for an exchange that no longer wants it: give it back";
  return advance(r, { type: "PAID" }, scene, happening) ?? raised(r, scene, "payment.request", text);
}

/** Not paid in time: what the customer chose for that happens. */
export function differenceUnpaid(r: Resolution, scene: Scene): Outcome {
  const text = "The difference was not paid in time; the replacement is no longer held.";
  return fact(r, { type: "UNPAID" }, scene, { name: "DifferenceUnpaid", text });
}
