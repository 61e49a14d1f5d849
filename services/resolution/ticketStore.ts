// Tickets as SQL, each with what is still to be done about it.
import { aggregates, type Personal, type Spend } from "#kit/aggregate.js";
import { commitStatement, type Followers } from "#kit/commit.js";
import { keyAfter, type Page, pageOf } from "#kit/pages.js";
import type { Database, Statement } from "#kit/postgres.js";
import type { Vault } from "#kit/vault.js";
import type { CaseTicket, TicketOutcome } from "./core/ticket.js";
import { customerOf } from "./store.js";

const columns = `ticket_id AS "ticketId", resolution_id AS "resolutionId", ${customerOf("t")}, partner_ticket_id AS "partnerTicketId", state,
  subject, text, answer, opener, open_time AS "openTime", update_time AS "updateTime", version`;

const insert = commitStatement(
  "ticket.insert",
  `INSERT INTO ticket (ticket_id, resolution_id, partner_ticket_id, state, subject, text, answer, opener, open_time,
     update_time, version)
   VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) RETURNING ticket_id AS id`,
);
const update = commitStatement(
  "ticket.update",
  `UPDATE ticket SET partner_ticket_id = $3, state = $4, answer = $5, update_time = $6, version = $7
   WHERE ticket_id = $1 AND version = $2 RETURNING ticket_id AS id`,
);
const list: Statement = {
  name: "ticket.list",
  text: `SELECT ${columns} FROM ticket t WHERE resolution_id = $1 AND ticket_id > $2 ORDER BY ticket_id LIMIT $3`,
};

const personal = {
  table: "ticket",
  id: ({ ticketId }: CaseTicket) => ticketId,
  subject: ({ customerId }: CaseTicket) => customerId,
  places: { subject: [""], text: [""], answer: [""] },
  steps: ["subject", "text"],
} satisfies Omit<Personal<CaseTicket>, "vault">;

export function openTickets(db: Database, followers: Followers, vault: Vault) {
  const tickets = aggregates<CaseTicket>(
    db,
    followers,
    {
      select: `SELECT ${columns} FROM ticket t WHERE ticket_id = $1`,
      insert,
      update,
      insertValues: (t) => [
        t.ticketId,
        t.resolutionId,
        t.partnerTicketId,
        t.state,
        t.subject,
        t.text,
        t.answer,
        t.opener,
        t.openTime,
        t.updateTime,
        t.version,
      ],
      updateValues: (t, before) => [
        t.ticketId,
        before.version,
        t.partnerTicketId,
        t.state,
        t.answer,
        t.updateTime,
        t.version,
      ],
      toCore: (row) => row,
      personal: { ...personal, vault },
      // Asked for only by its own steps.
      notFound: (id) => {
        throw new RangeError(`no ticket ${id}`);
      },
    },
    "ticket",
  );
  return {
    orRecall: tickets.orRecall,
    create: <R>(spend: Spend<CaseTicket, R>, decide: () => TicketOutcome): Promise<R> =>
      tickets.create(
        spend,
        async () => undefined,
        () => ({ ...decide(), extra: undefined }),
      ),
    change: <R>(id: string, spend: Spend<CaseTicket, R>, decide: (before: CaseTicket) => TicketOutcome): Promise<R> =>
      tickets.change(id, spend, (before) => ({ ...decide(before), extra: undefined })),
    /** Oldest first. */
    list: async (resolutionId: string, page: Page) => {
      const rows = await db.query<CaseTicket>(list, [resolutionId, keyAfter(page) ?? "", (page.pageSize || 50) + 1]);
      const open = await vault.open(personal.table, personal.id, rows, personal.places);
      return pageOf(open, page, ({ ticketId }) => ticketId);
    },
  };
}

export type Tickets = ReturnType<typeof openTickets>;
