// What this service writes over when somebody is to be forgotten: what their contacts are looked up by. Their words and
// those about them go with the key; what staff and sellers wrote beside a request stands in clear, and is written over.
import type { Forgetting } from "#kit/erasing.js";

const gone = "'[erased]'";
/** Of what was written: an empty text stays empty. */
const over = (column: string) => `${column} = CASE ${column} WHEN '' THEN '' ELSE ${gone} END`;

/** What stands in clear about a request, by table, and what is written over it. */
export const inClear: Readonly<Record<string, string>> = {
  note: `text = ${gone}, attachments = '[]'`,
  assignment_entry: over("reason"),
  ticket: `${["subject", "text", "answer"].map(over).join(", ")}, version = version + 1`,
  seller_case: `${over("statement")}, evidence = '{}', version = version + 1,
    decided_reason = CASE state WHEN 'SETTLED' THEN ${gone} ELSE decided_reason END`,
};

export const forgetting: Forgetting = {
  subjects: ({ customerId }) => [customerId],
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
    // What was answered when it was written says it once more, for whoever repeats the request; sealed, it went with the key.
    {
      name: "forget.answers",
      text: `UPDATE request SET response = '' WHERE $1::text IS NOT NULL AND substring(response FOR 3) <> 'v1:'
        AND aggregate_id = ANY($2::text[] || ARRAY(SELECT note_id FROM note WHERE resolution_id = ANY($2::text[])
        UNION SELECT ticket_id FROM ticket WHERE resolution_id = ANY($2::text[])
        UNION SELECT seller_case_id FROM seller_case WHERE resolution_id = ANY($2::text[])))`,
    },
    ...Object.entries(inClear).map(([table, set]) => ({
      name: `forget.${table}`,
      text: `UPDATE ${table} SET ${set} WHERE $1::text IS NOT NULL AND resolution_id = ANY($2::text[])`,
    })),
    ...["guest_session", "guest_code"].map((table) => ({
      name: `forget.${table}`,
      text: `DELETE FROM ${table} WHERE customer_id = $1 AND $2::text[] IS NOT NULL`,
    })),
  ],
};
