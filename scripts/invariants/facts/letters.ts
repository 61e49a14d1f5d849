// What could not be taken in, and what a fact says wherever it lies: 32 and 33.
import { createHash } from "node:crypto";
import { type Around, type Asking, type Invariant, ofEach, services } from "../invariant.js";
import { listeners } from "./listeners.js";

export function letterInvariants({ of, patience }: Around): Invariant[] {
  const letters = ofEach(services, (service) => `SELECT * FROM ${of(service)}.dead_letter`);
  const announced = ofEach(services, (service) => `SELECT event_id, subject, body FROM ${of(service)}.outbox`);
  const certain = listeners.filter(({ always }) => always.length > 0);

  return [
    {
      number: 32,
      name: "a dead letter has an owner and a reason, and waits no longer than it may",
      look: "npm run operator -- dead-letters list: mend what refuses it and replay it, or discard it and say why",
      questions: [
        {
          reads: services,
          sql: `SELECT 'waits for a person' AS what, consumer, event_id, subject, reason, create_time FROM (${letters}) d
        WHERE state = 'OPEN' AND create_time <= now() - ${patience}
      UNION ALL SELECT 'nobody knows whose it is, or why', consumer, event_id, subject, reason, create_time FROM (${letters}) d
        WHERE owner = '' OR reason = '' OR deliveries < 1
      UNION ALL SELECT 'neither open nor resolved', consumer, event_id, subject, state, create_time FROM (${letters}) d
        WHERE (state = 'OPEN') <> (resolve_time IS NULL) OR state NOT IN ('OPEN', 'REPLAYED', 'DISCARDED')`,
        },
        {
          reads: certain.map(({ consumer }) => consumer),
          // An inbox is kept for 60 days.
          sql: ofEach(
            certain,
            ({
              consumer,
              always,
            }) => `SELECT 'replayed, and not taken in' AS what, d.event_id, d.subject FROM ${of(consumer)}.dead_letter d
        WHERE d.state = 'REPLAYED' AND d.subject IN (${always.map((subject) => `'${subject}'`).join(", ")})
          AND d.resolve_time > now() - interval '59 days' AND NOT EXISTS (
            SELECT FROM ${of(consumer)}.consumed c WHERE c.consumer = d.consumer AND c.event_id = d.event_id)`,
          ),
        },
      ],
    },
    {
      number: 33,
      name: "a fact says the same in the outbox, on the bus and as a dead letter",
      look: "both bodies by their event id: somebody wrote to the stream or the table past the service",
      questions: [
        {
          reads: services,
          sql: `SELECT 'the dead letter says something else' AS what, d.event_id, d.subject, a.subject AS announced
        FROM (${letters}) d JOIN (${announced}) a USING (event_id) WHERE (a.subject, a.body) <> (d.subject, d.body)`,
        },
        {
          reads: [...services, "streams"],
          says: ["on the bus, and nobody announced it", "the bus says something else"],
          ask: (asking) => heldAgainst(asking, announced),
        },
      ],
    },
  ];
}

async function heldAgainst({ query, bus }: Asking, announced: string): Promise<object[]> {
  const messages = bus?.newest() ?? [];
  const rows = await query<{ id: string; subject: string; hash: string }>(
    `SELECT event_id AS id, subject, encode(sha256(body), 'hex') AS hash FROM (${announced}) a WHERE event_id = ANY($1)`,
    [messages.map(({ eventId }) => eventId)],
  );
  const known = new Map(rows.map((row) => [row.id, row]));
  return messages.flatMap(({ stream, sequence, subject, eventId, body }) => {
    const row = known.get(eventId);
    const place = { stream, sequence, subject, event_id: eventId };
    if (!row) return [{ what: "on the bus, and nobody announced it", ...place }];
    const same = row.subject === subject && row.hash === createHash("sha256").update(body).digest("hex");
    return same ? [] : [{ what: "the bus says something else", ...place }];
  });
}
