// What breaks 16 to 20: the life of a request.
import type { Schemas } from "../invariant.js";
import { again, type Plant } from "./plant.js";
import type { Cast } from "./stories.js";

export function lifePlants(of: Schemas, cast: Cast): Plant[] {
  const [res, refund, collection] = [of("resolution"), of("refund"), of("collection")];
  const { returned, open, paid } = cast;

  return [
    {
      number: 16,
      what: "accepted, and not there",
      also: [36],
      sql: again(`${res}.request`, `aggregate_id = '${returned}'`, { request_id: "x", aggregate_id: "res_x" }),
    },
    {
      number: 16,
      what: "there, and nobody asked for it",
      sql: `DELETE FROM ${refund}.request WHERE aggregate_id = '${paid}'`,
    },
    {
      number: 17,
      what: "a gap",
      sql: `DELETE FROM ${res}.timeline WHERE resolution_id = '${returned}' AND sequence = 2`,
    },
    {
      number: 17,
      what: "no legal move",
      also: [20],
      sql: `UPDATE ${res}.timeline SET state = 'CLOSED' WHERE resolution_id = '${returned}' AND sequence = 1`,
    },
    {
      number: 18,
      what: "not its last entry",
      sql: `UPDATE ${res}.resolution SET money = 'NONE' WHERE resolution_id = '${returned}'`,
    },
    {
      number: 18,
      what: "ended without a time, or open with one",
      also: [26],
      sql: `UPDATE ${res}.resolution SET close_time = now() WHERE resolution_id = '${open}'`,
    },
    {
      number: 18,
      what: "not what its tenders are",
      sql: `UPDATE ${refund}.refund SET state = 'FAILED' WHERE refund_id = '${paid}'`,
    },
    {
      number: 19,
      what: "open, with nothing to do and nobody called",
      sql: `DELETE FROM ${res}.agenda WHERE aggregate_id = '${open}'`,
    },
    {
      number: 19,
      what: "to be paid, and nobody does",
      sql: `UPDATE ${refund}.refund SET state = 'REQUESTED' WHERE refund_id = '${paid}';
        UPDATE ${refund}.tender SET state = 'REQUESTED' WHERE refund_id = '${paid}';
        DELETE FROM ${refund}.agenda`,
    },
    {
      number: 19,
      what: "to be booked, and nobody does",
      sql: `UPDATE ${collection}.collection SET state = 'CREATED' WHERE resolution_id = '${open}';
        DELETE FROM ${collection}.agenda`,
    },
    {
      number: 19,
      what: "to be erased, and nobody does",
      sql: `INSERT INTO ${res}.erasure (erasure_id, customer_id, state, asked_by, confirmed_by, obstacles, erased_by,
          create_time, version) VALUES ('ers_x', 'cus_x', 'CONFIRMED', 'ann', 'bob', '[]', '{}', now(), 2)`,
    },
    {
      number: 19,
      what: "due, and nobody takes it",
      sql: `UPDATE ${res}.agenda SET due_time = now() - interval '1 hour', not_before = now() - interval '1 hour'
        WHERE aggregate_id = '${open}'`,
    },
    {
      number: 20,
      what: "something happened after the end",
      sql: `${again(`${res}.timeline`, `resolution_id = '${returned}' AND name = 'Closed'`, { sequence: 99, name: "ParcelPickedUp" })};
        UPDATE ${res}.timeline t SET sequence = r.entries + 1 FROM ${res}.resolution r
        WHERE t.resolution_id = r.resolution_id AND t.sequence = 99;
        UPDATE ${res}.resolution SET entries = entries + 1 WHERE resolution_id = '${returned}';
        UPDATE ${of("outreach")}.feed SET last_sequence = last_sequence + 1 WHERE resolution_id = '${returned}'`,
    },
    {
      number: 20,
      what: "an ended request goes on",
      sql: `UPDATE ${res}.agenda SET aggregate_id = '${returned}', step = 'stalled'
        WHERE agenda_id = (SELECT min(agenda_id) FROM ${res}.agenda WHERE aggregate_id = '${open}')`,
    },
  ];
}
