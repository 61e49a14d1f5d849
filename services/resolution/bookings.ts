// Bookings as they are told, by as few statements as may be: one comes with nearly every return, and for nearly all it is no
// news, but for the number under which the goods are looked for.
import { gatherEach } from "#kit/gather.js";
import type { Database, Statement } from "#kit/postgres.js";
import { notFound } from "./store.js";

export type Booking = { readonly resolutionId: string; readonly trackingNumber: string; readonly eventId: string };

/** Only a replacement that travels with the driver waits for the booking: of all others the fact is spent here. */
const keep: Statement = {
  name: "tracking.booked",
  text: `WITH told AS (
      SELECT it.*, r.resolution_id IS NOT NULL AS known,
        coalesce((r.chart #>> '{context,atDoor}')::boolean, false) AS awaited
      FROM unnest($1::text[], $2::text[], $3::text[]) WITH ORDINALITY AS it(id, number, event_id, place)
      LEFT JOIN resolution r ON r.resolution_id = it.id),
    kept AS (
      INSERT INTO tracking (tracking_number, resolution_id)
      SELECT number, id FROM told WHERE known AND number <> '' ORDER BY number, id ON CONFLICT DO NOTHING),
    spent AS (
      INSERT INTO consumed (consumer, event_id)
      SELECT 'resolution', event_id FROM told WHERE known AND NOT awaited ORDER BY event_id ON CONFLICT DO NOTHING)
    SELECT known, awaited FROM told ORDER BY place`,
};
type Told = { readonly known: boolean; readonly awaited: boolean };

/**
 * Takes bookings in; whether the resolution waits for it, and the fact is still to be spent.
 * @throws DomainError if there is no such resolution
 */
export function openBookings(db: Database): (booking: Booking) => Promise<boolean> {
  const told = gatherEach(
    (bookings: readonly Booking[]) =>
      db.query<Told>(keep, [
        bookings.map(({ resolutionId }) => resolutionId),
        bookings.map(({ trackingNumber }) => trackingNumber),
        bookings.map(({ eventId }) => eventId),
      ]),
    ({ eventId }) => eventId,
  );
  return async (booking) => {
    const { known, awaited } = await told(booking);
    if (!known) throw notFound(booking.resolutionId);
    return awaited;
  };
}
