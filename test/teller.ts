// Tells the resolution service what stands in the other services' outboxes, one fact at a time and in any order, just as
// their relays would: for tests in which these are kept from the bus.
import { jetstream, jetstreamManager } from "@nats-io/jetstream";
import { connect } from "nats";
import pg from "pg";
import type { OutboxRow } from "#kit/commit.js";
import { publishFact } from "#kit/outbox.js";
import { until } from "#kit/testing/peers.js";
import type { Schemas } from "../scripts/invariants/invariant.js";

const sources = ["collection", "inspection", "refund"] as const;
/** What the resolution service takes in and moves by. */
const heard = [
  "backhaul.collection.v1.ParcelPickedUp",
  "backhaul.collection.v1.PickupAttemptFailed",
  "backhaul.collection.v1.CollectionFailed",
  "backhaul.collection.v1.ParcelLost",
  "backhaul.inspection.v1.ParcelReceived",
  "backhaul.inspection.v1.InspectionCompleted",
  "backhaul.inspection.v1.DisputeDecided",
  "backhaul.refund.v1.RefundSucceeded",
  "backhaul.refund.v1.RefundFailed",
  "backhaul.refund.v1.RefundHeld",
  "backhaul.refund.v1.RefundReversed",
  "backhaul.refund.v1.RecoverySettled",
];

/** A fact as it stands in an outbox. */
export type PiledFact = OutboxRow & {
  readonly source: (typeof sources)[number];
  /** Its message's name. */
  readonly name: string;
  /** 2 is the second fact of this name about the same resolution. */
  readonly nth: number;
  /** Whether the resolution service listens to it. */
  readonly concerns: boolean;
};

/** Where in an order a fact comes: of those not told yet the one with the lowest place is next. */
export type Place = (fact: PiledFact) => number;

export type Teller = Awaited<ReturnType<typeof openTeller>>;

export async function openTeller(databaseUrl: string, natsUrl: string, of: Schemas) {
  const db = new pg.Pool({ connectionString: databaseUrl, max: 4 });
  const connection = await connect({ servers: natsUrl });
  const js = jetstream(connection);
  const res = of("resolution");
  const piledSql = sources
    .map(
      (s) => `SELECT o.event_id AS "eventId", o.subject, o.aggregate_id AS "aggregateId", o.body, o.traceparent,
          o.event_time AS "eventTime", '${s}' AS source, split_part(o.subject, '.', 4) AS name,
          row_number() OVER (PARTITION BY o.subject ORDER BY o.create_time, o.event_id)::int AS nth,
          o.subject = ANY($2) AS concerns
        FROM ${of(s)}.outbox o JOIN ${of(s)}.${s} a ON a.${s}_id = o.aggregate_id WHERE a.resolution_id = $1`,
    )
    .join(" UNION ALL ");

  /** All that was announced about a resolution. */
  async function piled(resolutionId: string): Promise<PiledFact[]> {
    return (await db.query(piledSql, [resolutionId, heard])).rows;
  }

  async function found(sql: string, id: string): Promise<boolean> {
    return (await db.query(sql, [id])).rows.length > 0;
  }
  const paying = `SELECT FROM ${res}.resolution WHERE resolution_id = $1 AND money = 'REFUNDING'`;
  const taken = `SELECT FROM ${res}.consumed WHERE consumer = 'resolution' AND event_id = $1`;

  /** The same, once the refund that the last fact may have led to is settled. */
  function settled(resolutionId: string): Promise<PiledFact[]> {
    return until(`the refund of ${resolutionId} settled`, async () => {
      const refunding = await found(paying, resolutionId);
      const facts = await piled(resolutionId);
      return (!refunding || facts.some(({ name }) => name === "RefundSucceeded")) && facts;
    });
  }

  return {
    piled,
    /** Tells all there is about a resolution and all that follows from it, each when the one before was taken in. */
    tellAll: async (resolutionId: string, place: Place): Promise<PiledFact[]> => {
      const told = new Map<string, PiledFact>();
      for (;;) {
        const [fact] = (await settled(resolutionId))
          .filter(({ eventId }) => !told.has(eventId))
          .sort((a, b) => place(a) - place(b));
        if (!fact) return [...told.values()];
        const { duplicate } = await publishFact(js, fact.source, fact);
        if (duplicate) throw new Error(`${fact.name} was on the bus already`);
        if (fact.concerns) await until(`${fact.name} taken in`, () => found(taken, fact.eventId));
        told.set(fact.eventId, fact);
      }
    },
    /** How many facts the services have announced, and how many messages the bus has of them. */
    counts: async (): Promise<{ announced: number; onTheBus: number }> => {
      const all = sources.map((s) => `SELECT event_id FROM ${of(s)}.outbox`).join(" UNION ALL ");
      const { streams } = await jetstreamManager(connection);
      const infos = await Promise.all(sources.map((s) => streams.info(s.toUpperCase())));
      return {
        announced: (await db.query(all)).rows.length,
        onTheBus: infos.reduce((sum, { state }) => sum + state.messages, 0),
      };
    },
    close: async (): Promise<void> => {
      await connection.close();
      await db.end();
    },
  };
}
