// What breaks 36 to 40.
import { FindingDisputed } from "#gen/backhaul/inspection/v1/inspection_events.js";
import type { Schemas } from "../invariant.js";
import { again, drop, type Plant } from "./plant.js";
import type { Cast } from "./stories.js";

/** A fact as it must never be: with what the customer wrote. */
export const words = Buffer.from(
  FindingDisputed.encode(FindingDisputed.fromPartial({ dispute: { statement: "call 010-1234-5678" } })).finish(),
);

export function securityPlants(of: Schemas, cast: Cast): Plant[] {
  const [res, refund, collection, inspection, eligibility, partners] = [
    of("resolution"),
    of("refund"),
    of("collection"),
    of("inspection"),
    of("eligibility"),
    of("partners"),
  ];
  const { returned, canceled, exchanged, open, paid, goodwill } = cast;
  const listed = (id: string) => `resolution_id = '${id}'`;
  const other = "order_id = 'ord_x'";
  const telling = {
    event_id: "evt_~",
    subject: "backhaul.inspection.v1.FindingDisputed",
    body: `\\x${words.toString("hex")}`,
  };

  return [
    {
      number: 36,
      what: "an act that nobody wrote down",
      sql: `UPDATE ${refund}.request SET fingerprint = '\\x00' WHERE aggregate_id = '${goodwill}'`,
    },
    {
      number: 36,
      what: "changed, or out of its place",
      sql: `UPDATE ${refund}.audit SET on_behalf_of = 'bob' WHERE resource_id = '${goodwill}' AND sequence = 1`,
    },
    {
      number: 36,
      what: "nobody is said to have done it",
      sql: `UPDATE ${refund}.audit SET principal = '' WHERE resource_id = '${goodwill}' AND sequence = 2`,
    },
    {
      number: 36,
      what: "sealed, and gone or rewritten",
      sql: `INSERT INTO ${refund}.audit_seal (number, entries, digest, previous_hash, until_time, hash, mac)
          VALUES (1000000, 1, '\\x00', '\\x00', now(), '\\x00', '\\x00');
        INSERT INTO ${refund}.audit_leaf (resource_id, sequence, hash, seal) VALUES ('rfd_x', 1, '\\x00', 1000000)`,
    },
    {
      number: 36,
      what: "the guard is off",
      sql: `ALTER TABLE ${refund}.audit DISABLE TRIGGER audit_immutable`,
    },
    {
      number: 36,
      what: "a custody chain does not end as its inspection says",
      sql: `UPDATE ${inspection}.inspection SET custody_head = 'x' WHERE ${listed(returned)}`,
    },
    {
      number: 37,
      what: "one person granted and issued it",
      sql: `UPDATE ${refund}.refund SET amount_minor = 900000000, granted_by = 'AGENT:lena' WHERE refund_id = '${goodwill}'`,
      also: [4, 14],
    },
    {
      number: 37,
      what: "somebody paid themselves",
      sql: `UPDATE ${refund}.refund SET customer_id = 'lena' WHERE refund_id = '${goodwill}'`,
    },
    {
      number: 37,
      what: "who issued it said that it was paid by hand",
      sql: `UPDATE ${refund}.audit SET rpc = 'backhaul.refund.v1.RefundService/SettleManually'
        WHERE resource_id = '${goodwill}' AND sequence = 2`,
      also: [36],
    },
    {
      number: 37,
      what: "an author approved their own policy",
      sql: `${drop(`${eligibility}.policy`, "policy_approver_check")};
        UPDATE ${eligibility}.policy SET approver = author WHERE market = 'GB'`,
    },
    {
      number: 37,
      what: "who asked for an erasure confirmed it",
      sql: `INSERT INTO ${res}.erasure (erasure_id, customer_id, state, asked_by, confirmed_by, obstacles, erased_by,
          create_time, erase_time, version) VALUES ('ers_x', 'cus_x', 'ERASED', 'ann', 'ann', '[]', '{}', now(), now(), 2)`,
    },
    {
      number: 37,
      what: "an inspector decided a dispute about their own finding",
      sql: `UPDATE ${inspection}.inspection SET disputes = jsonb_build_array(jsonb_build_object('outcome', 'DISMISSED',
          'decider', inspector)) WHERE ${listed(exchanged)}`,
    },
    {
      number: 38,
      what: "in clear",
      sql: `UPDATE ${res}.resolution SET lines = jsonb_set(lines, '{0,note}', '"cracked"') WHERE ${listed(returned)}`,
    },
    {
      number: 38,
      what: "in clear",
      sql: `UPDATE ${res}.timeline SET text = 'cracked' WHERE ${listed(returned)} AND sequence = 1`,
    },
    {
      number: 38,
      what: "nobody has its key",
      sql: `DELETE FROM ${refund}.subject_key`,
    },
    {
      number: 38,
      what: "a destroyed key that is still there, or a live one that is not",
      sql: `${drop(`${refund}.subject_key`, "subject_key_destroyed")}; UPDATE ${refund}.subject_key SET destroy_time = now()`,
    },
    {
      number: 38,
      what: "forgotten, and their words can be read",
      sql: `INSERT INTO ${res}.erasure (erasure_id, customer_id, state, asked_by, confirmed_by, obstacles, erased_by,
          create_time, erase_time, version) SELECT 'ers_x', customer_id, 'ERASED', 'ann', 'bob', '[]', '{}', now(),
          now(), 2 FROM ${res}.resolution WHERE ${listed(returned)};
        ${again(`${res}.outbox`, `aggregate_id = '${returned}' AND subject LIKE '%.ResolutionEnded'`, {
          event_id: "evt_x",
          aggregate_id: "ers_x",
          subject: "backhaul.resolution.v1.CustomerErased",
          body: "\\x",
          create_time: "2999-01-01T00:00:00Z",
        })}`,
    },
    {
      number: 38,
      what: "a fact tells of a person",
      sql: again(`${inspection}.outbox`, "subject = 'backhaul.inspection.v1.InspectionCompleted'", telling).concat(
        " LIMIT 1",
      ),
    },
    {
      number: 38,
      what: "a dead letter tells of a person",
      sql: `INSERT INTO ${res}.dead_letter (consumer, event_id, subject, body, reason, owner, deliveries, state, resolve_time)
        VALUES ('resolution', 'evt_x', '${telling.subject}', '${telling.body}', 'x', 'resolution', 10, 'DISCARDED', now())`,
    },
    {
      number: 39,
      what: "a collection of another's goods",
      sql: `UPDATE ${collection}.collection SET market = 'TW' WHERE ${listed(returned)}`,
    },
    {
      number: 39,
      what: "names a collection of another request",
      sql: `UPDATE ${res}.resolution r SET collection_id = (SELECT collection_id FROM ${collection}.collection
          WHERE ${listed(exchanged)}) WHERE ${listed(returned)}`,
    },
    {
      number: 39,
      what: "an inspection of another's goods",
      sql: `UPDATE ${inspection}.inspection SET ${other} WHERE ${listed(returned)}`,
    },
    {
      number: 39,
      what: "names an inspection of another request",
      sql: `UPDATE ${res}.resolution r SET inspection_id = (SELECT inspection_id FROM ${inspection}.inspection
          WHERE ${listed(exchanged)}) WHERE ${listed(open)}`,
    },
    {
      number: 39,
      what: "a refund of another's money",
      sql: `UPDATE ${refund}.refund SET customer_id = 'cus_x' WHERE refund_id = '${paid}'`,
    },
    {
      number: 39,
      what: "names a refund of another request",
      sql: `UPDATE ${res}.resolution SET refund_id = '${paid}' WHERE ${listed(canceled)}`,
    },
    {
      number: 39,
      what: "paid from another order's payment",
      sql: `UPDATE ${refund}.payment SET ${other} WHERE payment_id = (SELECT min(payment_id) FROM ${refund}.tender
          WHERE refund_id = '${paid}')`,
    },
    {
      number: 39,
      what: "a payment is of another order at its provider",
      sql: `UPDATE ${partners}.payment SET ${other} WHERE payment_id = (SELECT min(payment_id) FROM ${refund}.tender
          WHERE refund_id = '${paid}')`,
    },
    {
      number: 39,
      what: "rests on a decision about another order",
      sql: `UPDATE ${res}.resolution SET staff_decision_id = (SELECT decision_id FROM ${eligibility}.decision d
          JOIN ${res}.resolution r USING (order_id) WHERE r.${listed(exchanged)} LIMIT 1) WHERE ${listed(returned)}`,
    },
    {
      number: 39,
      what: "a seller is asked about another order",
      sql: `INSERT INTO ${res}.seller_case (seller_case_id, resolution_id, order_id, seller_id, market, state, create_time,
          days_left, pause_reason, answer, statement, evidence, decided_reason, version)
        SELECT 'slc_x', resolution_id, 'ord_x', 'sel_x', market, 'PAUSED', now(), 3, '', '', '', '{}', '', 1
        FROM ${res}.resolution WHERE ${listed(returned)}`,
    },
    {
      number: 39,
      what: "a guest reaches another order",
      sql: `INSERT INTO ${res}.guest_code (guest_code_id, order_id, state, customer_id, tries, expire_time, version)
          VALUES ('gst_x', 'ord_1', 'SPENT', 'cus_1', 0, now(), 1);
        INSERT INTO ${res}.guest_session (session_id, guest_code_id, order_id, customer_id, expire_time)
          VALUES ('gss_x', 'gst_x', 'ord_2', 'cus_1', now())`,
    },
    {
      number: 39,
      what: "two customers' goods in one parcel",
      sql: `UPDATE ${collection}.parcel SET customer_id = 'cus_x'`,
    },
    {
      number: 39,
      what: "the carrier has it for another request",
      sql: `UPDATE ${collection}.collection SET visit_id = NULL; UPDATE ${partners}.parcel SET ${other}`,
    },
    {
      number: 40,
      what: "taken in twice",
      also: [29],
      sql: `${drop(`${collection}.tracking_event`, "tracking_event_pkey")};
        INSERT INTO ${collection}.tracking_event SELECT * FROM ${collection}.tracking_event LIMIT 1`,
    },
    {
      number: 40,
      what: "about a parcel that the collection does not have",
      sql: again(`${collection}.tracking_event`, "true", { tracking_number: "0000" }),
    },
    {
      number: 40,
      what: "reported by who does not carry it",
      sql: `UPDATE ${collection}.tracking_event SET reporter = 'stranger'`,
    },
    {
      number: 40,
      what: "more attempts than were reported",
      sql: `UPDATE ${collection}.tracking_event SET kind = 'CARRIER_NOTIFIED' WHERE kind = 'ATTEMPT_FAILED'`,
    },
    {
      number: 40,
      what: "news that was booked twice",
      also: [8, 29],
      sql: `${drop(`${refund}.ledger_journal`, "ledger_journal_source")};
        ${again(`${refund}.ledger_journal`, `refund_id = '${goodwill}' AND kind = 'PAY'`, { journal_id: "jnl_x" })};
        INSERT INTO ${refund}.ledger_entry SELECT (jsonb_populate_record(e, jsonb_build_object('journal_id', 'jnl_x',
          'entry_id', 'led_x' || e.account))).* FROM ${refund}.ledger_entry e JOIN ${refund}.ledger_journal j USING (journal_id)
        WHERE j.refund_id = '${goodwill}' AND j.kind = 'PAY'`,
    },
  ];
}
