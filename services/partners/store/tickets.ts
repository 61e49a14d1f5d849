// Tickets as SQL.
import type { Database, Statement } from "#kit/postgres.js";
import { type Asked, once } from "./once.js";

/** A ticket as it was opened. */
export type OpenedTicket = {
  readonly ticketId: string;
  readonly resolutionId: string;
  readonly orderId: string;
  readonly subject: string;
  readonly text: string;
  readonly openTime: Date;
};

/** $4 the answer, $5 … the ticket. */
const open = once(
  "ticket.open",
  `INSERT INTO ticket (ticket_id, resolution_id, order_id, subject, text, open_time)
   SELECT $5::text, $6::text, $7::text, $8::text, $9::text, $10::timestamptz FROM fresh
   RETURNING ticket_id AS id, $4::bytea AS response`,
);

const find: Statement = {
  name: "ticket.find",
  text: `SELECT ticket_id AS "ticketId", resolution_id AS "resolutionId", order_id AS "orderId", subject, text,
    open_time AS "openTime" FROM ticket WHERE ticket_id = $1`,
};

/** Opens the tickets. */
export function openTickets(db: Database) {
  return {
    open: async <R>(request: Asked<R>, answer: R, ticket: OpenedTicket): Promise<R> => {
      const { ticketId, resolutionId, orderId, subject, text, openTime } = ticket;
      const row = [ticketId, resolutionId, orderId, subject, text, openTime];
      return ((await request.answer(open, [request.bytes(answer), ...row])) as { answer: R }).answer;
    },
    find: async (ticketId: string): Promise<OpenedTicket | undefined> =>
      (await db.query<OpenedTicket>(find, [ticketId]))[0],
  };
}
