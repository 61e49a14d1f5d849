// What breaks 26 to 30, 32, 33 and 35 in the tables; what breaks them on the bus is planted there.
import type { Schemas } from "../invariant.js";
import { again, drop, type Plant } from "./plant.js";
import type { Cast } from "./stories.js";

export function factPlants(of: Schemas, cast: Cast): Plant[] {
  const [res, refund, collection, inspection, outreach] = [
    of("resolution"),
    of("refund"),
    of("collection"),
    of("inspection"),
    of("outreach"),
  ];
  const { returned, exchanged, open, paid } = cast;
  const succeeded = "subject = 'backhaul.refund.v1.RefundSucceeded'";
  const letter = (changes: object) => `INSERT INTO ${res}.dead_letter (consumer, event_id, subject, body, reason, owner,
      deliveries) SELECT 'resolution', event_id, subject, body, 'RESOLUTION_STATE', 'resolution', 10
      FROM ${refund}.outbox WHERE aggregate_id = '${paid}' AND ${succeeded};
    UPDATE ${res}.dead_letter SET ${Object.entries(changes)
      .map(([column, value]) => `${column} = ${value}`)
      .join(", ")}`;
  const resolved = { state: "'REPLAYED'", resolve_time: "now()" };

  return [
    {
      number: 26,
      what: "not announced",
      also: [29, 33],
      sql: `DELETE FROM ${collection}.outbox WHERE subject = 'backhaul.collection.v1.ParcelPickedUp' AND aggregate_id = (
        SELECT collection_id FROM ${collection}.collection WHERE resolution_id = '${returned}')`,
    },
    {
      number: 26,
      what: "announced, and never happened",
      sql: again(`${refund}.outbox`, `aggregate_id = '${paid}' AND NOT (${succeeded})`, {
        event_id: "evt_x",
        aggregate_id: "rfd_x",
      }),
    },
    {
      number: 27,
      what: "lies there",
      sql: `UPDATE ${refund}.outbox SET publish_time = NULL, stream_created = NULL, stream_seq = NULL
        WHERE aggregate_id = '${paid}' AND ${succeeded}`,
    },
    {
      number: 27,
      what: "published, and nobody knows where",
      sql: `UPDATE ${refund}.outbox SET stream_seq = NULL WHERE aggregate_id = '${paid}' AND ${succeeded}`,
    },
    {
      number: 27,
      what: "published in a stream that is gone",
      sql: `UPDATE ${refund}.outbox SET stream_seq = 1000000 WHERE aggregate_id = '${paid}' AND ${succeeded}`,
    },
    {
      number: 28,
      what: "not taken in",
      also: [31],
      sql: `DELETE FROM ${res}.consumed WHERE event_id IN (
        SELECT event_id FROM ${refund}.outbox WHERE aggregate_id = '${paid}' AND ${succeeded})`,
    },
    {
      number: 31,
      what: "neither in the inbox nor a dead letter",
      also: [28],
      sql: `DELETE FROM ${res}.consumed WHERE event_id IN (
        SELECT event_id FROM ${refund}.outbox WHERE aggregate_id = '${paid}' AND ${succeeded})`,
    },
    {
      number: 28,
      what: "a history that was not taken in whole",
      sql: `UPDATE ${outreach}.feed SET last_sequence = last_sequence - 1 WHERE resolution_id = '${returned}'`,
    },
    {
      number: 29,
      what: "taken in twice",
      sql: `${drop(`${inspection}.consumed`, "consumed_pkey")};
        INSERT INTO ${inspection}.consumed SELECT * FROM ${inspection}.consumed LIMIT 1`,
    },
    {
      number: 29,
      what: "the key is gone",
      sql: drop(`${outreach}.webhook_event`, "webhook_event_pkey CASCADE"),
    },
    {
      number: 29,
      what: "more effects than facts",
      sql: `UPDATE ${res}.timeline SET name = 'RefundReversed', actor = 'refund', actor_role = 'SERVICE'
        WHERE resolution_id = '${returned}' AND sequence = 2`,
    },
    {
      number: 30,
      what: "the goods went back",
      sql: `UPDATE ${res}.timeline SET goods = 'INSPECTED' WHERE resolution_id = '${exchanged}' AND sequence = 1`,
    },
    {
      number: 30,
      what: "handed over, and back at the customer's",
      sql: `UPDATE ${collection}.collection SET state = 'REPLANNED', deliver_time = NULL WHERE resolution_id = '${exchanged}'`,
    },
    {
      number: 30,
      what: "received, and expected again",
      also: [26],
      sql: `UPDATE ${inspection}.inspection SET receive_time = now() WHERE resolution_id = '${open}'`,
    },
    {
      number: 30,
      what: "told of what has not happened",
      also: [28],
      sql: `UPDATE ${outreach}.feed SET last_sequence = last_sequence + 1 WHERE resolution_id = '${returned}'`,
    },
    {
      number: 32,
      what: "waits for a person",
      sql: letter({ create_time: "now() - interval '1 minute'" }),
    },
    {
      number: 32,
      what: "nobody knows whose it is, or why",
      sql: letter({ ...resolved, owner: "''" }),
    },
    {
      number: 32,
      what: "neither open nor resolved",
      sql: letter({ state: "'DISCARDED'" }),
    },
    {
      number: 32,
      what: "replayed, and not taken in",
      sql: `${letter(resolved)}; DELETE FROM ${res}.consumed WHERE event_id IN (SELECT event_id FROM ${res}.dead_letter)`,
    },
    {
      number: 33,
      what: "the dead letter says something else",
      sql: letter({ ...resolved, body: "'\\x00'" }),
    },
    {
      number: 33,
      what: "on the bus, and nobody announced it",
      also: [26, 29],
      sql: `DELETE FROM ${refund}.outbox WHERE aggregate_id = '${paid}' AND ${succeeded}`,
    },
    {
      number: 33,
      what: "the bus says something else",
      sql: `UPDATE ${refund}.outbox SET body = '\\x' WHERE aggregate_id = '${paid}' AND ${succeeded}`,
    },
    {
      number: 34,
      what: "Postgres may lose commits",
      sql: "SET LOCAL synchronous_commit = off",
    },
    {
      number: 35,
      what: "claimed without an epoch",
      sql: `UPDATE ${res}.agenda SET attempt = lease_epoch + 1 WHERE aggregate_id = '${open}'`,
    },
    {
      number: 35,
      what: "an epoch went down",
      sql: `UPDATE ${res}.agenda SET lease_epoch = -1, attempt = -1 WHERE aggregate_id = '${open}'`,
    },
  ];
}
