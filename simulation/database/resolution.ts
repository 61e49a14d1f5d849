// The resolution service's own tables: requests, the units of an order's lines that they hold, and their history.
import { rowsIn } from "./columns.js";
import { model, type Reader } from "./reader.js";
import type { Schema, Twin } from "./schema.js";
import { keyOf, type Row, violation } from "./table.js";

export const resolutionTwin: Twin = {
  aggregates: { resolution: "resolution" },
  commits: {
    "resolution.insert": {
      key: "resolutionId",
      also: (schema, row, values) => {
        if (taken(schema, row, "staffDecisionId")) throw violation("resolution_staff_decision");
        if (taken(schema, row, "shipmentId")) throw violation("resolution_shipment");
        written(schema, row.resolutionId, rowsIn(values[35]));
        held(schema, row.orderId, rowsIn(values[36]));
      },
    },
    "resolution.update": {
      key: "resolutionId",
      also: (schema, row, values) => {
        written(schema, row.resolutionId, rowsIn(values[22]));
        held(schema, row.orderId, rowsIn(values[23]));
      },
    },
  },
  statements: {
    "resolution.passOver": (schema, [eventId]) => {
      schema.consumed.put(keyOf("resolution", eventId), { consumer: "resolution", eventId });
      return [];
    },
    "tracking.keep": (schema, [trackingNumber, resolutionId]) => {
      schema.table("tracking").put(keyOf(trackingNumber, resolutionId), { trackingNumber, resolutionId });
      return [];
    },
    "tracking.booked": (schema, [ids, numbers, eventIds]) =>
      ids.map((resolutionId: string, i: number) => {
        const resolution = schema.table("resolution").get(resolutionId);
        const [trackingNumber, eventId] = [numbers[i], eventIds[i]];
        const awaited = resolution?.chart.context?.atDoor === true;
        if (resolution && trackingNumber !== "")
          schema.table("tracking").put(keyOf(trackingNumber, resolutionId), { trackingNumber, resolutionId });
        if (resolution && !awaited)
          schema.consumed.put(keyOf("resolution", eventId), { consumer: "resolution", eventId });
        return { known: resolution !== undefined, awaited };
      }),
    "order_line.held": (schema, [orderId]) =>
      schema.table("order_line").where((line) => line.orderId === orderId && line.held > 0),
    "resolution.openMarkets": (schema) => {
      const open = schema.table("resolution").where(({ closeTime }) => closeTime === null);
      return [...new Set(open.map(({ market }) => market as string))].map((market) => ({ market }));
    },
    // The calendars of a simulation never change.
    "resolution.outdated": () => [],
  },
};

export const resolutionReader: Reader = (schema, operate) => ({
  resolution: model(schema, operate, "resolution"),
  timeline: model(schema, operate, "timeline"),
});

function taken(schema: Schema, row: Row, column: string): boolean {
  const same = (other: Row) =>
    other !== row && other[column] === row[column] && (column !== "shipmentId" || other.orderId === row.orderId);
  return row[column] !== "" && schema.table("resolution").where(same).length > 0;
}

function written(schema: Schema, resolutionId: string, entries: readonly Row[]): void {
  for (const entry of entries) {
    const key = keyOf(resolutionId, entry.sequence);
    if (schema.table("timeline").get(key)) throw violation("timeline_pkey");
    schema.table("timeline").put(key, { ...entry, resolutionId });
  }
}

/** Units taken and let go; the CHECK holds them between none and all that were bought. */
function held(schema: Schema, orderId: string, changes: readonly Row[]): void {
  for (const { lineId, purchased, delta } of changes) {
    const key = keyOf(orderId, lineId);
    const before = schema.table("order_line").get(key);
    if (!before && delta < 0) continue;
    const line = { orderId, lineId, purchased: before?.purchased ?? purchased, held: (before?.held ?? 0) + delta };
    const within = line.held >= 0 && line.held <= line.purchased;
    if (!within && schema.keeps("units held")) throw violation("order_line_held_check", "23514");
    schema.table("order_line").put(key, line);
  }
}
