// From the bus to whoever listens: 28 and 31.
import { type Around, type Asking, type Invariant, ofEach, quoted } from "../invariant.js";
import { listeners, sourceOf, sourcesOf } from "./listeners.js";

export function heardInvariants({ of, grace }: Around): Invariant[] {
  const pairs = listeners.flatMap((listener) =>
    sourcesOf(listener).flatMap((source) => {
      const subjects = listener.always.filter((subject) => sourceOf(subject) === source);
      return subjects.length > 0 ? [{ consumer: listener.consumer, source, subjects }] : [];
    }),
  );
  /** Whether a fact is neither in a listener's inbox nor among its dead letters. */
  const unheard = (consumer: string, id: string) => `NOT EXISTS (SELECT FROM ${of(consumer)}.consumed c
          WHERE c.consumer = '${consumer}' AND c.event_id = ${id})
          AND NOT EXISTS (SELECT FROM ${of(consumer)}.dead_letter d WHERE d.consumer = '${consumer}' AND d.event_id = ${id})`;

  return [
    {
      number: 28,
      name: "every fact was taken in by all who listen, or is a dead letter",
      look: "npm run operator -- flow, and the listener's log for the event id; a fact that is parked is told again",
      underWay: true,
      questions: [
        {
          reads: [...new Set(pairs.flatMap(({ consumer, source }) => [consumer, source]))],
          sql: ofEach(
            pairs,
            ({
              consumer,
              source,
              subjects,
            }) => `SELECT 'not taken in' AS what, o.event_id, o.subject, '${consumer}' AS consumer
        FROM ${of(source)}.outbox o WHERE o.subject IN (${quoted(subjects)}) AND o.create_time < now() - ${grace}
          AND ${unheard(consumer, "o.event_id")}`,
          ),
        },
        {
          reads: ["resolution", "outreach"],
          sql: `SELECT 'a history that was not taken in whole' AS what, r.resolution_id, r.entries, f.last_sequence
        FROM ${of("resolution")}.resolution r LEFT JOIN ${of("outreach")}.feed f USING (resolution_id)
        WHERE f.last_sequence IS DISTINCT FROM r.entries AND NOT EXISTS (SELECT FROM ${of("resolution")}.outbox o
          WHERE o.aggregate_id = r.resolution_id AND o.create_time > now() - ${grace})`,
        },
      ],
    },
    {
      number: 31,
      name: "at rest nobody has anything left to take in, and nothing is parked",
      look: "the consumer's place in its stream (nats consumer info), and the listener's log; the sweeper's and operators' replays tell it again",
      underWay: true,
      questions: [
        {
          reads: [...listeners.map(({ consumer }) => consumer), "streams"],
          says: ["waits for its consumer", "neither in the inbox nor a dead letter"],
          ask: (asking) => asked(asking, grace, unheard),
        },
      ],
    },
  ];
}

async function asked(
  { query, bus }: Asking,
  grace: string,
  unheard: (consumer: string, id: string) => string,
): Promise<object[]> {
  if (!bus) return [];
  const [{ before = new Date() } = {}] = await query<{ before: Date }>(`SELECT now() - ${grace} AS before`);
  const waiting = await Promise.all(
    [...new Set(listeners.flatMap(sourcesOf))].map(async (source) => {
      const stream = source.toUpperCase();
      const consumers = (await bus.consumers(stream)).filter(
        ({ num_pending, num_ack_pending }) => num_pending + num_ack_pending > 0,
      );
      const found = consumers.map(async ({ name, num_pending, num_ack_pending, ack_floor }) => {
        const since = await bus.timeOf(stream, ack_floor.stream_seq + 1);
        if (since && since > before) return [];
        return [{ what: "waits for its consumer", stream, consumer: name, num_pending, num_ack_pending, since }];
      });
      return (await Promise.all(found)).flat();
    }),
  );
  const old = bus.newest().filter(({ time, eventId }) => time <= before && eventId !== "");
  const heard = listeners.flatMap(({ consumer, always }) =>
    old.filter(({ subject }) => always.includes(subject)).map(({ eventId }) => ({ consumer, eventId })),
  );
  const certain = listeners.filter(({ always }) => always.length > 0);
  const parked = await query(
    ofEach(
      certain,
      ({ consumer }) => `SELECT 'neither in the inbox nor a dead letter' AS what, id AS event_id, consumer
      FROM unnest($1::text[], $2::text[]) AS heard(id, consumer) WHERE consumer = '${consumer}' AND ${unheard(consumer, "id")}`,
    ),
    [heard.map(({ eventId }) => eventId), heard.map(({ consumer }) => consumer)],
  );
  return [...waiting.flat(), ...parked];
}
