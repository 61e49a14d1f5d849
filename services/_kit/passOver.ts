// A fact that changes nothing here is spent all the same: what is neither spent nor a dead letter was not taken in.
import type { Database, Statement } from "#kit/postgres.js";

const spend: Statement = {
  name: "fact.passOver",
  text: "INSERT INTO consumed (consumer, event_id) VALUES ($1, $2) ON CONFLICT DO NOTHING",
};

/** Spends a fact, for nothing; spending it twice is no harm. */
export async function passOver(db: Pick<Database, "query">, consumer: string, eventId: string): Promise<void> {
  await db.query(spend, [consumer, eventId]);
}
