// What left and what arrived, told from when it was to leave and to arrive: an order ships as one parcel.
import { DomainError } from "#kit/pure/check.js";

export type ShipmentLine = { readonly lineId: string; readonly quantity: number };

/** A parcel with its plan. A time that is missing never comes. */
export type PlannedShipment = {
  readonly shipmentId: string;
  readonly lines: readonly ShipmentLine[];
  readonly shipTime: Date | undefined;
  readonly deliverTime: Date | undefined;
};

/** What became of an order: its own parcel's plan, units held back, replacements. */
export type Fulfilment = {
  readonly orderId: string;
  readonly lines: readonly ShipmentLine[];
  readonly shipTime: Date | undefined;
  readonly deliverTime: Date | undefined;
  /** Units that will not arrive, by line: held back, or turned round. */
  readonly stopped: ReadonlyMap<string, number>;
  readonly replacements: readonly PlannedShipment[];
};

export type ShipmentState = "PLANNED" | "SHIPPED" | "DELIVERED";

/** A shipment as it stands at a moment; times that have not come are not told. */
export type ShipmentNow = PlannedShipment & { readonly state: ShipmentState };

/** Every shipment with something in it, in the order they were planned. */
export function shipmentsAt(order: Fulfilment, now: Date): ShipmentNow[] {
  const { orderId, shipTime, deliverTime, stopped } = order;
  const lines = order.lines.flatMap(({ lineId, quantity }) => {
    const left = quantity - (stopped.get(lineId) ?? 0);
    return left > 0 ? [{ lineId, quantity: left }] : [];
  });
  const own = { shipmentId: `shp-${orderId}`, lines, shipTime, deliverTime };
  return [own, ...order.replacements].filter((s) => s.lines.length > 0).map((s) => shipmentAt(s, now));
}

/** A shipment as it stands at a moment. */
export function shipmentAt(planned: PlannedShipment, now: Date): ShipmentNow {
  const shipTime = reached(planned.shipTime, now);
  const deliverTime = reached(planned.deliverTime, now);
  const state = deliverTime ? "DELIVERED" : shipTime ? "SHIPPED" : "PLANNED";
  return { ...planned, shipTime: shipTime ?? deliverTime, deliverTime, state };
}

function reached(time: Date | undefined, now: Date): Date | undefined {
  return time && time <= now ? time : undefined;
}

/**
 * The lines to hold back, merged and sorted, so that two stops never wait for each other.
 * @throws DomainError LINE_NOT_IN_ORDER
 */
export function linesToStop(order: Fulfilment, asked: readonly ShipmentLine[]) {
  const purchased = new Map(order.lines.map((line) => [line.lineId, line.quantity]));
  const merged = new Map<string, number>();
  for (const { lineId, quantity } of asked) {
    if (!purchased.has(lineId)) {
      const { orderId } = order;
      throw new DomainError("LINE_NOT_IN_ORDER", `order ${orderId} has no line ${lineId}`, {
        order_id: orderId,
        line_id: lineId,
      });
    }
    merged.set(lineId, (merged.get(lineId) ?? 0) + quantity);
  }
  return [...merged]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([lineId, quantity]) => ({ lineId, quantity, purchased: purchased.get(lineId) ?? 0 }));
}

/** Whether lines are all that an order's own parcel still holds. */
export function isAllOf(
  lines: readonly { readonly line_id: string; readonly quantity: number }[],
  { lines: sold, stopped }: Fulfilment,
): boolean {
  const held = sold.map(({ lineId, quantity }) => [lineId, quantity - (stopped.get(lineId) ?? 0)] as const);
  const left = new Map(held.filter(([, quantity]) => quantity > 0));
  return left.size === lines.length && lines.every(({ line_id, quantity }) => left.get(line_id) === quantity);
}
