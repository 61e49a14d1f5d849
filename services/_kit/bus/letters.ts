// What of the bus's facts is known in the tables: which took effect, and which became dead letters.
import { briefOf } from "#kit/errors.js";
import type { Database, Statement } from "#kit/postgres.js";

/** A fact that could not be taken in. */
export type Letter = {
  readonly eventId: string;
  readonly subject: string;
  readonly body: Uint8Array;
  readonly deliveries: number;
};

export type Letters = {
  /** Once; what is a dead letter already stays what it is. */
  bury(letter: Letter, error: unknown): Promise<void>;
  /** Which of these took effect here, or are dead letters. */
  known(eventIds: readonly string[]): Promise<ReadonlySet<string>>;
};

const bury: Statement = {
  name: "dead_letter.insert",
  text: `INSERT INTO dead_letter (consumer, event_id, subject, body, reason, owner, deliveries)
  VALUES ($1, $2, $3, $4, $5, $1, $6) ON CONFLICT (consumer, event_id) DO NOTHING`,
};
const known: Statement = {
  name: "fact.known",
  text: `SELECT event_id AS "eventId" FROM consumed WHERE consumer = $1 AND event_id = ANY($2::text[])
  UNION ALL SELECT event_id FROM dead_letter WHERE consumer = $1 AND event_id = ANY($2::text[])`,
};

export function openLetters(service: string, db: Pick<Database, "query">): Letters {
  return {
    bury: async ({ eventId, subject, body, deliveries }, error) => {
      await db.query(bury, [service, eventId, subject, Buffer.from(body), briefOf(error), deliveries]);
    },
    known: async (eventIds) => {
      const rows = await db.query<{ eventId: string }>(known, [service, eventIds]);
      return new Set(rows.map(({ eventId }) => eventId));
    },
  };
}
