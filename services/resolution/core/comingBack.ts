// Which requests the units of a shipment that comes back belong to.
import { isEnded } from "./advance.js";
import type { Resolution } from "./types.js";

/** Units of an order line. */
export type Units = { readonly lineId: string; readonly quantity: number };

/** A request that some units join; `whole` if all its goods come back with them. */
export type Join = { readonly resolution: Resolution; readonly whole: boolean };

/**
 * First those that were never to reach the customer, then units in no request at all, and last whatever else is open.
 * @param held units of each line that are in requests, or were given back
 */
export function divided(
  shipment: readonly Units[],
  all: readonly Resolution[],
  held: ReadonlyMap<string, number>,
): { joins: Join[]; rest: Units[] } {
  const left = new Map<string, number>();
  for (const { lineId, quantity } of shipment) left.set(lineId, (left.get(lineId) ?? 0) + quantity);
  const open = all.filter(
    (r) => !isEnded(r.state) && r.lines.some(({ lineId, heldAs }) => !heldAs && left.has(lineId)),
  );
  const joins: Join[] = [];
  for (const resolution of open.filter(({ kind }) => kind === "CANCELLATION")) take(resolution, left, joins);
  const rest: Units[] = [];
  for (const [lineId, quantity] of left) {
    const purchased = purchasedOf(lineId, all);
    const free = purchased === undefined ? quantity : Math.min(quantity, purchased - (held.get(lineId) ?? 0));
    if (free > 0) rest.push({ lineId, quantity: free });
    left.set(lineId, quantity - Math.max(0, free));
  }
  for (const resolution of open.filter(({ kind }) => kind !== "CANCELLATION")) take(resolution, left, joins);
  return { joins, rest };
}

function take(resolution: Resolution, left: Map<string, number>, joins: Join[]): void {
  let units = 0;
  let taken = 0;
  for (const { lineId, quantity } of resolution.lines) {
    const some = Math.min(quantity, left.get(lineId) ?? 0);
    left.set(lineId, (left.get(lineId) ?? 0) - some);
    units += quantity;
    taken += some;
  }
  if (taken > 0) joins.push({ resolution, whole: taken === units });
}

function purchasedOf(lineId: string, all: readonly Resolution[]): number | undefined {
  return all.flatMap(({ lines }) => lines).find((line) => line.lineId === lineId && !line.heldAs)?.purchased;
}
