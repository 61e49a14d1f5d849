// What this service writes over when somebody is to be forgotten: what their contacts are looked up by. Their words and
// those about them go with the key; what was said of many at once goes with the first of them.
import type { Forgetting } from "#kit/erasing.js";

/** Of the customer's resolutions; both parameters are named, for a statement has to use what it is given. */
const theirs = `resolution_id IN (SELECT resolution_id FROM resolution WHERE customer_id = $1) AND $2::text[] IS NOT NULL`;

export const forgetting: Forgetting = {
  subjects: ({ customerId }) => [customerId],
  found: {
    name: "forget.bulks",
    text: `SELECT DISTINCT bulk_id AS subject FROM bulk_row WHERE resolution_id = ANY($2::text[]) AND $1::text <> ''`,
  },
  statements: [
    {
      name: "forget.resolution",
      text: `UPDATE resolution SET version = version + 1 WHERE customer_id = $1 AND $2::text[] IS NOT NULL`,
    },
    {
      name: "forget.contact",
      text: `UPDATE contact SET phone_hash = NULL, email_hash = NULL, learn_time = coalesce(learn_time, now())
        WHERE customer_id = $1 AND $2::text[] IS NOT NULL`,
    },
    { name: "forget.note", text: `UPDATE note SET attachments = '[]' WHERE ${theirs}` },
    {
      name: "forget.sellerCase",
      text: `UPDATE seller_case SET evidence = '{}', version = version + 1 WHERE ${theirs}`,
    },
    // Nobody looks any more at what the ticket system says of them: an answer would be a new word about somebody forgotten.
    {
      name: "forget.ticketSteps",
      text: `DELETE FROM agenda USING ticket WHERE aggregate_id = ticket_id AND ticket.${theirs}`,
    },
    { name: "forget.ticket", text: `UPDATE ticket SET version = version + 1 WHERE ${theirs}` },
    ...["guest_session", "guest_code"].map((table) => ({
      name: `forget.${table}`,
      text: `DELETE FROM ${table} WHERE customer_id = $1 AND $2::text[] IS NOT NULL`,
    })),
  ],
};
