// Parcels on their way as SQL. What one fact says and another does not is kept, whatever order they come in: the first
// scan and the first delivery hold.
import type { Database, Statement } from "#kit/postgres.js";
import type { InboundParcel } from "./core/types.js";

const note: Statement = {
  name: "inbound.note",
  text: `WITH heard AS (
      INSERT INTO consumed (consumer, event_id) VALUES ('inspection', $1) ON CONFLICT DO NOTHING)
    INSERT INTO inbound_parcel AS p (resolution_id, tracking_number, carrier, centre, collection_id, pickup_time,
      deliver_time, lose_time)
    VALUES ($2, $3, $4, $5, $6, $7, $8, $9)
    ON CONFLICT (resolution_id, tracking_number) DO UPDATE SET
      carrier = coalesce(nullif(excluded.carrier, ''), p.carrier),
      centre = coalesce(nullif(excluded.centre, ''), p.centre),
      collection_id = coalesce(nullif(excluded.collection_id, ''), p.collection_id),
      pickup_time = least(p.pickup_time, excluded.pickup_time),
      deliver_time = least(p.deliver_time, excluded.deliver_time),
      lose_time = least(p.lose_time, excluded.lose_time)`,
};

/** Notes what a fact says of a parcel; saying it again changes nothing. */
export async function noteInbound(
  db: Database,
  eventId: string,
  resolutionId: string,
  parcel: InboundParcel,
): Promise<void> {
  const { trackingNumber, carrier, centre, collectionId, pickupTime, deliverTime, loseTime } = parcel;
  await db.query(note, [
    eventId,
    resolutionId,
    trackingNumber,
    carrier,
    centre,
    collectionId,
    pickupTime ?? null,
    deliverTime ?? null,
    loseTime ?? null,
  ]);
}
