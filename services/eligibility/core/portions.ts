// Which units of a line are meant. Units are not told apart by anybody, so a request for some of them is taken to mean
// those that get the best answer; and those that get different answers are answered apart.
import { type AskedLine, type Line, lastDelivery, type Order } from "./order.js";

/** Units of one line that came together, or that have not come. */
export type Pool = { readonly delivered: boolean; readonly start: Date | undefined; readonly units: number };

/** Whose delivery starts a unit's window. */
export type Starts = "EACH_PARCEL" | "LAST_OF_LINE" | "LAST_OF_ORDER";

/** The units of a line by what became of them: one pool that arrived, or one per delivery, and one that has not. */
export function poolsOf(order: Order, line: Line, starts: Starts): Pool[] {
  const arrivals = arrivalsOf(order, line);
  const came = arrivals.reduce((sum, { units }) => sum + units, 0);
  const start = starts === "LAST_OF_ORDER" ? lastDelivery(order) : lastDelivery(order, line.lineId);
  const arrived = starts === "EACH_PARCEL" ? arrivals : came > 0 ? [{ delivered: true, start, units: came }] : [];
  const waiting = line.purchased - came;
  return waiting > 0 ? [...arrived, { delivered: false, start: undefined, units: waiting }] : arrived;
}

/** What has arrived, by time; never more than was bought. */
function arrivalsOf({ shipments }: Order, { lineId, purchased }: Line): Pool[] {
  const byTime = new Map<number, number>();
  let left = purchased;
  for (const { delivered, units } of shipments) {
    if (delivered === undefined) continue;
    for (const unit of units) {
      if (unit.lineId !== lineId || left === 0) continue;
      const counted = Math.min(left, unit.quantity);
      left -= counted;
      byTime.set(delivered.getTime(), (byTime.get(delivered.getTime()) ?? 0) + counted);
    }
  }
  return [...byTime].map(([time, units]) => ({ delivered: true, start: new Date(time), units }));
}

/**
 * Divides the asked units among the pools, best answer first; on a tie those that arrived last.
 * @param rank of the pool's answer, 0 the best
 * @param left units of each pool that earlier asks for the line have not taken; what is taken now is taken off
 */
export function divide<P extends { readonly pool: Pool }>(
  { quantity }: AskedLine,
  answers: readonly P[],
  rank: (answer: P) => number,
  left: Map<Pool, number>,
): { readonly answer: P; readonly quantity: number }[] {
  const time = ({ pool }: P) => pool.start?.getTime() ?? Number.POSITIVE_INFINITY;
  const best = [...answers].sort((a, b) => rank(a) - rank(b) || time(b) - time(a));
  const portions = [];
  let open = quantity;
  for (const answer of best) {
    const free = left.get(answer.pool) ?? answer.pool.units;
    const taken = Math.min(open, free);
    if (taken === 0) continue;
    left.set(answer.pool, free - taken);
    open -= taken;
    portions.push({ answer, quantity: taken });
  }
  return portions;
}
