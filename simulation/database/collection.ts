// The collection service's own tables: parcels with their contents, drivers' visits that several collections share, and
// what carriers reported, each report once.
import { rowsIn } from "./columns.js";
import { model, type Reader } from "./reader.js";
import type { Schema, Twin } from "./schema.js";
import { keyOf, type Row, violation } from "./table.js";

export const collectionTwin: Twin = {
  aggregates: { collection: "collection", parcel: "collection" },
  // No network has routed anything: the transport partner chooses.
  selected: (_schema, _table, row) => ({ ...row, route: null }),
  commits: {
    "collection.insert": {
      key: "collectionId",
      also: (schema, { collectionId, customerId, market, createTime, visitId }, values) => {
        const addressKey = values[26];
        if (addressKey !== null) opened(schema, { visitId, customerId, market, addressKey, collectionId, createTime });
        else joined(schema, visitId);
      },
    },
    "collection.update": {
      key: "collectionId",
      also: (schema, { collectionId }, values) => {
        visited(schema, values[19]);
        if (values[20] !== null) filled(schema, collectionId, String(values[21]), rowsIn(values[20]));
      },
    },
    "collection.record": {
      key: "collectionId",
      also: (schema, { collectionId }, values) => {
        visited(schema, values[19]);
        const [eventId, kind, code, fault, eventTime, receiveTime, applied] = values.slice(20);
        const [reporter, aside, evidence, nextAttemptTime, trackingNumber] = values.slice(27);
        const key = keyOf(collectionId, trackingNumber, eventId);
        if (schema.table("tracking_event").get(key)) throw violation("tracking_event_pkey");
        const told = { collectionId, eventId, kind, code, fault, eventTime, receiveTime, applied, reporter, aside };
        const proof = typeof evidence === "string" ? JSON.parse(evidence) : null;
        schema.table("tracking_event").put(key, { ...told, evidence: proof, nextAttemptTime, trackingNumber });
      },
    },
  },
  statements: {
    "collection.spentAnswers": (schema, [principals, ids]) =>
      (principals as string[]).flatMap((principal, i) => {
        const request = schema.requests.get(keyOf(principal, ids[i]));
        return request ? [{ principal, requestId: ids[i], response: request.response }] : [];
      }),
    "visit.atDoor": (schema, [customerId, market, addressKey]) =>
      schema.table("visit").where((v) => isAt(v, customerId, market, addressKey)),
    "visit.find": (schema, [visitId]) => [schema.table("visit").get(visitId) ?? []].flat() as Row[],
    "visit.members": (schema, [visitId]) =>
      schema
        .table("collection")
        .where((row) => row.visitId === visitId)
        .sort((a, b) => a.createTime - b.createTime || (a.collectionId < b.collectionId ? -1 : 1))
        .map((row) => ({ ...row, route: null })),
    "parcel.holders": (schema, [carrier, trackingNumber]) => {
      const first = schema.table("parcel").get(keyOf(carrier, trackingNumber))?.collectionId;
      return contentOf(schema, carrier, trackingNumber)
        .map(({ collectionId }) => ({ collectionId, first: collectionId === first }))
        .sort((a, b) => Number(b.first) - Number(a.first) || (a.collectionId < b.collectionId ? -1 : 1));
    },
    "place.fixed": () => [{ route: null }],
    "place.forget": () => [],
    "place.giveBack": () => [],
  },
};

export const collectionReader: Reader = (schema, operate) => ({
  trackingEvent: model(schema, operate, "tracking_event"),
});

function isAt(visit: Row, customerId: string, market: string, addressKey: string): boolean {
  return visit.customerId === customerId && visit.market === market && visit.addressKey === addressKey && !visit.closed;
}

function opened(schema: Schema, { collectionId, createTime, ...door }: Row): void {
  const { visitId, customerId, market, addressKey } = door;
  const there = schema.table("visit").where((visit) => isAt(visit, customerId, market, addressKey));
  if (there.length > 0) throw violation("visit_open");
  const first = { openerId: collectionId, members: 1, closed: false, slot: null, moves: 0, createTime };
  schema.table("visit").put(visitId, { ...door, ...first });
}

function joined(schema: Schema, visitId: string | null): void {
  const visit = schema.table("visit").get(String(visitId));
  if (!visit) return;
  if (visit.closed) throw violation("visit_members", "23514");
  schema.table("visit").put(visit.visitId, { ...visit, members: visit.members + 1 });
}

/** What a change of a collection does to its visit, if anything. */
function visited(schema: Schema, json: unknown): void {
  if (json === null) return;
  const { id, gone, shut, slot_set, slot = null, moves = null, moved } = JSON.parse(json as string);
  const visit = schema.table("visit").get(id);
  if (!visit) return;
  if (moves !== null && moves !== visit.moves) throw violation("visit_moves", "23514");
  schema.table("visit").put(id, {
    ...visit,
    members: Math.max(visit.members - gone, 0),
    closed: visit.closed || shut || (gone > 0 && visit.members <= gone),
    slot: slot_set ? slot : visit.slot,
    moves: moves === null ? visit.moves : moves + moved,
  });
}

function contentOf(schema: Schema, carrier: string, trackingNumber: string): Row[] {
  return schema
    .table("parcel_content")
    .where((row) => row.carrier === carrier && row.trackingNumber === trackingNumber);
}

/** What is in which parcel, all of it. Whether others had goods in one is told as it was before the statement. */
function filled(schema: Schema, collectionId: string, customerId: string, parcels: readonly Row[]): void {
  const numbered = parcels.map((parcel) => {
    const before = contentOf(schema, parcel.carrier, parcel.trackingNumber).length > 0;
    return { ...parcel, before } as Row;
  });
  const kept = new Set(parcels.map(({ carrier, trackingNumber }) => keyOf(carrier, trackingNumber, collectionId)));
  for (const { carrier, trackingNumber } of schema
    .table("parcel_content")
    .where((row) => row.collectionId === collectionId)) {
    const key = keyOf(carrier, trackingNumber, collectionId);
    if (!kept.has(key)) schema.table("parcel_content").remove(key);
  }
  for (const { carrier, trackingNumber, units, before } of numbered) {
    const key = keyOf(carrier, trackingNumber);
    const known = schema.table("parcel").get(key);
    if (known && known.customerId !== customerId && before) throw violation("parcel_of_one_customer", "23514");
    const first = known && before ? known.collectionId : collectionId;
    schema.table("parcel").put(key, { carrier, trackingNumber, customerId, collectionId: first });
    const content = { carrier, trackingNumber, collectionId, units };
    schema.table("parcel_content").put(keyOf(carrier, trackingNumber, collectionId), content);
  }
}
