// Parcels on their way as SQL. What one fact says and another does not is kept, whatever order they come in: the first
// scan and the first delivery hold. What is told at the same time is noted by one statement.
import { gatherEach } from "#kit/gather.js";
import { toJson } from "#kit/json.js";
import type { Database, Statement } from "#kit/postgres.js";
import type { InboundParcel } from "./core/types.js";

/** What a fact says of a parcel. */
export type Inbound = InboundParcel & { readonly eventId: string; readonly resolutionId: string };

const note: Statement = {
  name: "inbound.note",
  text: `WITH told AS (
      SELECT * FROM jsonb_to_recordset($1::jsonb) AS it("eventId" text, "resolutionId" text, "trackingNumber" text,
        carrier text, centre text, "collectionId" text, "pickupTime" timestamptz, "deliverTime" timestamptz,
        "loseTime" timestamptz)),
    heard AS (
      INSERT INTO consumed (consumer, event_id)
      SELECT 'inspection', "eventId" FROM told ORDER BY "eventId" ON CONFLICT DO NOTHING)
    INSERT INTO inbound_parcel AS p (resolution_id, tracking_number, carrier, centre, collection_id, pickup_time,
      deliver_time, lose_time)
    SELECT "resolutionId", "trackingNumber", max(carrier), max(centre), max("collectionId"), min("pickupTime"),
      min("deliverTime"), min("loseTime")
    FROM told GROUP BY 1, 2 ORDER BY 1, 2
    ON CONFLICT (resolution_id, tracking_number) DO UPDATE SET
      carrier = coalesce(nullif(excluded.carrier, ''), p.carrier),
      centre = coalesce(nullif(excluded.centre, ''), p.centre),
      collection_id = coalesce(nullif(excluded.collection_id, ''), p.collection_id),
      pickup_time = least(p.pickup_time, excluded.pickup_time),
      deliver_time = least(p.deliver_time, excluded.deliver_time),
      lose_time = least(p.lose_time, excluded.lose_time)`,
};

/** Notes what facts say of parcels; saying it again changes nothing. */
export function openInbound(db: Database): (told: Inbound) => Promise<void> {
  return gatherEach(
    async (told: readonly Inbound[]): Promise<undefined[]> => {
      await db.query(note, [toJson(told)]);
      return told.map(() => undefined);
    },
    ({ eventId }) => eventId,
  );
}
