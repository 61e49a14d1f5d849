// The inspection service's own tables: one inspection per resolution, the parcels on their way to it, custody entries that
// are never written twice, goods in quarantine.
import { rowsIn } from "./columns.js";
import { model, type Reader } from "./reader.js";
import type { Schema, Twin } from "./schema.js";
import { keyOf, type Row, violation } from "./table.js";

const candidatesMax = 50;

export const inspectionTwin: Twin = {
  aggregates: { inspection: "inspection", quarantined: "quarantined" },
  selected: (schema, table, row) => (table === "inspection" ? withInbound(schema, row) : { ...row }),
  commits: {
    "inspection.insert": {
      key: "inspectionId",
      also: (schema, row) => {
        const same = (other: Row) => other !== row && other.resolutionId === row.resolutionId;
        if (schema.table("inspection").where(same).length > 0) throw violation("inspection_resolution");
      },
    },
    "inspection.update": {
      key: "inspectionId",
      also: (schema, { inspectionId }, values) => {
        for (const entry of rowsIn(values[20])) {
          const key = keyOf(inspectionId, entry.sequence);
          if (schema.table("custody_entry").get(key)) throw violation("custody_entry_pkey");
          schema.table("custody_entry").put(key, { ...entry, inspectionId });
        }
        for (const goods of rowsIn(values[21])) {
          if (schema.table("quarantined").get(goods.quarantineId)) throw violation("quarantined_pkey");
          const receiveTime = new Date(goods.receiveTime);
          const row = { ...goods, inspectionId, receiveTime, decideTime: null, disposition: null };
          schema.table("quarantined").put(goods.quarantineId, row);
        }
      },
    },
    "quarantined.insert": { key: "quarantineId" },
    "quarantined.update": { key: "quarantineId" },
  },
  statements: {
    "inspection.ofResolution": (schema, [resolutionId]) =>
      schema
        .table("inspection")
        .where((row) => row.resolutionId === resolutionId)
        .map(({ inspectionId }) => ({ id: inspectionId })),
    "inspection.by.trackingNumber": (schema, [trackingNumber]) => {
      const told = schema.table("inbound_parcel").where((row) => row.trackingNumber === trackingNumber);
      const meant = new Set(told.map(({ resolutionId }) => resolutionId));
      return candidates(
        schema,
        (row) => meant.has(row.resolutionId) || (row.terms.trackingNumbers ?? []).includes(trackingNumber),
      );
    },
    "inspection.by.resolutionId": (schema, [resolutionId]) =>
      candidates(schema, (row) => row.resolutionId === resolutionId),
    "inbound.note": (schema, [told]) => {
      for (const parcel of rowsIn(told)) noted(schema, parcel);
      return [];
    },
  },
};

export const inspectionReader: Reader = (schema, operate) => ({
  inspection: model(schema, operate, "inspection", (row) => withInbound(schema, row)),
  quarantined: model(schema, operate, "quarantined"),
});

function withInbound(schema: Schema, row: Row): Row {
  const inbound = schema
    .table("inbound_parcel")
    .where((parcel) => parcel.resolutionId === row.resolutionId)
    .sort((a, b) => (a.trackingNumber < b.trackingNumber ? -1 : 1));
  return { ...row, inbound };
}

function candidates(schema: Schema, fits: (row: Row) => boolean): Row[] {
  return schema
    .table("inspection")
    .where(fits)
    .sort((a, b) => (a.queuePlace < b.queuePlace ? -1 : 1))
    .slice(0, candidatesMax)
    .map((row) => withInbound(schema, row));
}

/** What one fact says and another does not is kept; the first scan and the first delivery hold. */
function noted(
  schema: Schema,
  { eventId, resolutionId, trackingNumber, carrier, centre, collectionId, ...times }: Row,
) {
  schema.consumed.put(keyOf("inspection", eventId), { consumer: "inspection", eventId });
  const key = keyOf(resolutionId, trackingNumber);
  const before = schema.table("inbound_parcel").get(key);
  schema.table("inbound_parcel").put(key, {
    resolutionId,
    trackingNumber,
    carrier: carrier || (before?.carrier ?? ""),
    centre: centre || (before?.centre ?? ""),
    collectionId: collectionId || (before?.collectionId ?? ""),
    pickupTime: earlier(before?.pickupTime, times.pickupTime),
    deliverTime: earlier(before?.deliverTime, times.deliverTime),
    loseTime: earlier(before?.loseTime, times.loseTime),
  });
}

function earlier(one: Date | null | undefined, told: string | undefined): Date | null {
  const other = told === undefined ? null : new Date(told);
  if (!one || !other) return one ?? other;
  return one < other ? one : other;
}
