// What belongs together belongs to one order, customer and market, in every service: 39.
import type { Around, Invariant } from "../invariant.js";

export function ownerInvariants({ of }: Around): Invariant[] {
  const [res, collection, inspection, refund, eligibility, partners] = [
    of("resolution"),
    of("collection"),
    of("inspection"),
    of("refund"),
    of("eligibility"),
    of("partners"),
  ];

  return [
    {
      number: 39,
      name: "whatever serves a request is of its order, customer and market",
      look: "both rows and the calls that made them: the audit trail of both ids; stop what is to be paid or collected",
      questions: [
        {
          reads: ["resolution", "collection"],
          sql: `SELECT 'a collection of another''s goods' AS what, r.resolution_id, c.collection_id AS id FROM ${res}.resolution r
        JOIN ${collection}.collection c USING (resolution_id)
        WHERE (r.order_id, r.customer_id, r.market) <> (c.order_id, c.customer_id, c.market)
      UNION ALL SELECT 'names a collection of another request', r.resolution_id, c.collection_id FROM ${res}.resolution r
        JOIN ${collection}.collection c USING (collection_id) WHERE c.resolution_id <> r.resolution_id`,
        },
        {
          reads: ["resolution", "inspection"],
          sql: `SELECT 'an inspection of another''s goods' AS what, r.resolution_id, i.inspection_id AS id FROM ${res}.resolution r
        JOIN ${inspection}.inspection i USING (resolution_id) WHERE (r.order_id, r.market) <> (i.order_id, i.market)
      UNION ALL SELECT 'names an inspection of another request', r.resolution_id, i.inspection_id FROM ${res}.resolution r
        JOIN ${inspection}.inspection i USING (inspection_id) WHERE i.resolution_id <> r.resolution_id`,
        },
        {
          reads: ["resolution", "refund"],
          sql: `SELECT 'a refund of another''s money' AS what, r.resolution_id, f.refund_id AS id FROM ${res}.resolution r
        JOIN ${refund}.refund f USING (resolution_id)
        WHERE (r.order_id, r.market) <> (f.order_id, f.market) OR NOT r.gift AND r.customer_id <> f.customer_id
      UNION ALL SELECT 'names a refund of another request', r.resolution_id, f.refund_id FROM ${res}.resolution r
        JOIN ${refund}.refund f USING (refund_id) WHERE f.resolution_id <> r.resolution_id`,
        },
        {
          reads: ["refund"],
          sql: `SELECT 'paid from another order''s payment' AS what, t.refund_id, t.payment_id, p.order_id FROM ${refund}.tender t
        JOIN ${refund}.refund r USING (refund_id) JOIN ${refund}.payment p USING (payment_id)
        WHERE p.order_id NOT IN (r.order_id, '')`,
        },
        {
          reads: ["refund", "partners"],
          sql: `SELECT 'a payment is of another order at its provider' AS what, p.payment_id, p.order_id, b.order_id AS theirs
        FROM ${refund}.payment p JOIN ${partners}.payment b USING (payment_id) WHERE p.order_id NOT IN (b.order_id, '')`,
        },
        {
          reads: ["resolution", "eligibility"],
          sql: `SELECT 'rests on a decision about another order' AS what, r.resolution_id, d.decision_id FROM ${res}.resolution r
        JOIN ${eligibility}.decision d ON d.decision_id = r.staff_decision_id
        WHERE r.staff_decision_id <> '' AND (r.order_id, r.market) <> (d.order_id, d.market)`,
        },
        {
          reads: ["resolution"],
          sql: `SELECT 'a seller is asked about another order' AS what, s.seller_case_id AS id, s.order_id FROM ${res}.seller_case s
        JOIN ${res}.resolution r USING (resolution_id) WHERE (s.order_id, s.market) <> (r.order_id, r.market)
      UNION ALL SELECT 'a guest reaches another order', s.session_id, s.order_id FROM ${res}.guest_session s
        JOIN ${res}.guest_code c USING (guest_code_id) WHERE s.order_id <> c.order_id OR s.customer_id <> c.customer_id`,
        },
        {
          reads: ["collection"],
          sql: `SELECT 'two customers'' goods in one parcel' AS what, p.tracking_number, c.collection_id, c.customer_id
        FROM ${collection}.parcel_content h JOIN ${collection}.parcel p USING (carrier, tracking_number)
        JOIN ${collection}.collection c ON c.collection_id = h.collection_id WHERE c.customer_id <> p.customer_id`,
        },
        {
          reads: ["collection", "partners"],
          sql: `SELECT 'the carrier has it for another request' AS what, c.collection_id, c.booking_id, b.resolution_id
        FROM ${collection}.collection c JOIN ${partners}.parcel b USING (booking_id)
        WHERE c.visit_id IS NULL AND b.order_id <> c.order_id`,
        },
      ],
    },
  ];
}
