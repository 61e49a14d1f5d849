// What breaks 21 to 25: units of goods.
import type { Schemas } from "../invariant.js";
import { again, type Plant } from "./plant.js";
import type { Cast } from "./stories.js";

export function unitPlants(of: Schemas, cast: Cast): Plant[] {
  const [res, collection, inspection, partners] = [
    of("resolution"),
    of("collection"),
    of("inspection"),
    of("partners"),
  ];
  const { returned, open, canceled, exchanged } = cast;
  const listed = (id: string) => `resolution_id = '${id}'`;
  const overdue = (step: string) =>
    `jsonb_build_array(jsonb_build_object('step', '${step}', 'due', '2020-01-01T00:00:00Z'))`;

  return [
    {
      number: 21,
      what: "held twice, or never let go",
      sql: `UPDATE ${res}.order_line SET held = 2 WHERE order_id = (SELECT order_id FROM ${res}.resolution WHERE ${listed(returned)})`,
    },
    {
      number: 22,
      what: "more is held back than was sold",
      sql: `INSERT INTO ${partners}.intercepted_units SELECT order_id, line_id, purchased, stopped FROM ${partners}.stopped_units`,
    },
    {
      number: 22,
      what: "refunded as stopped, and the warehouse let it go",
      sql: `UPDATE ${partners}.stopped_units SET stopped = 0`,
    },
    {
      number: 22,
      what: "a hold that left twice, or while it was let go",
      sql: again(`${partners}.replacement`, "true", { shipment_id: "shp_x" }),
    },
    {
      number: 22,
      what: "the replacement is said to have left, and did not",
      sql: `UPDATE ${res}.resolution SET stock_hold_id = 'hld_x' WHERE ${listed(exchanged)}`,
    },
    {
      number: 22,
      what: "the replacement left, and it is said to be let go",
      sql: `UPDATE ${res}.resolution SET stock = 'RELEASED' WHERE ${listed(exchanged)};
        UPDATE ${res}.timeline t SET stock = 'RELEASED' FROM ${res}.resolution r
        WHERE r.${listed(exchanged)} AND t.resolution_id = r.resolution_id AND t.sequence = r.entries`,
    },
    {
      number: 22,
      what: "set aside on a card for what has ended",
      sql: `INSERT INTO ${partners}.card_authorization (authorization_id, order_id, customer_id, currency, amount_minor, state,
          captured_minor, payment_id, expire_time) SELECT 'aut_x', order_id, customer_id, 'KRW', 1, 'AUTHORIZED', 0, 'pay_x', now()
        FROM ${res}.resolution WHERE ${listed(canceled)}`,
    },
    {
      number: 23,
      what: "expected is not accepted, rejected and missing",
      sql: `UPDATE ${inspection}.inspection SET expected = jsonb_set(expected, '{0,quantity}', '7') WHERE ${listed(returned)}`,
    },
    {
      number: 23,
      what: "judged, and never received",
      sql: `UPDATE ${inspection}.inspection SET receive_time = NULL WHERE ${listed(exchanged)}`,
    },
    {
      number: 23,
      what: "counted otherwise than it was judged",
      sql: `UPDATE ${res}.resolution SET lines = jsonb_set(lines, '{0,accepted}', '0') WHERE ${listed(exchanged)}`,
    },
    {
      number: 23,
      what: "a unit is put to stock twice",
      sql: again(`${partners}.disposed_units`, "quantity > 1", { first: 2 }),
    },
    {
      number: 24,
      what: "two live pick-ups",
      also: [16],
      sql: again(`${collection}.collection`, listed(open), {
        collection_id: "col_x",
        booking_id: null,
        state: "SCHEDULED",
      }),
    },
    {
      number: 24,
      what: "more failed attempts than agreed",
      sql: `UPDATE ${collection}.collection SET max_attempts = 0 WHERE ${listed(returned)}`,
    },
    {
      number: 24,
      what: "attempts are not numbered through",
      sql: `UPDATE ${collection}.collection SET attempts = jsonb_set(attempts, '{0,number}', '2') WHERE ${listed(returned)}`,
    },
    {
      number: 24,
      what: "a failed visit, and nobody looks after it",
      sql: `UPDATE ${collection}.collection SET state = 'ATTEMPT_FAILED' WHERE ${listed(open)}; DELETE FROM ${collection}.agenda`,
    },
    {
      number: 24,
      what: "places are counted wrong, or more are taken than there are",
      sql: `UPDATE ${collection}.slot_ledger SET taken = capacity + 1`,
    },
    {
      number: 25,
      what: "the time to refund has passed",
      sql: `UPDATE ${res}.resolution SET money = 'WAITING', deadlines = ${overdue("statutory-refund")} WHERE ${listed(open)}`,
    },
    {
      number: 25,
      what: "the time to collect has passed",
      sql: `UPDATE ${res}.resolution SET deadlines = ${overdue("statutory-collection")} WHERE ${listed(open)}`,
    },
  ];
}
