// A bus at its worst: everything it ever delivered is delivered again, in any order.
import { jetstreamManager } from "@nats-io/jetstream";
import { connect, headers } from "nats";

/** Publishes every fact that was ever announced once more, shuffled, without the id by which the broker would know it again. */
export async function echoShuffled(natsUrl: string): Promise<number> {
  const connection = await connect({ servers: natsUrl });
  try {
    const manager = await jetstreamManager(connection);
    const facts = new Map<string, { subject: string; body: Uint8Array; eventId: string }>();
    for await (const { config, state } of manager.streams.list()) {
      for (let seq = Math.max(1, state.first_seq); seq <= state.last_seq; seq++) {
        const message = await manager.streams.getMessage(config.name, { seq });
        if (!message) continue;
        const eventId = message.header.get("ce-id");
        facts.set(eventId, { subject: message.subject, body: message.data, eventId });
      }
    }
    for (const { subject, body, eventId } of shuffled([...facts.values()])) {
      const known = headers();
      known.set("ce-id", eventId);
      connection.publish(subject, body, { headers: known });
    }
    await connection.flush();
    return facts.size;
  } finally {
    await connection.close();
  }
}

function shuffled<T>(items: readonly T[]): T[] {
  return items
    .map((item) => ({ item, place: Math.random() }))
    .sort((a, b) => a.place - b.place)
    .map(({ item }) => item);
}
