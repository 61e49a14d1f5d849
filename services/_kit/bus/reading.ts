// Messages read where they lie, by their number: no consumer is needed, and nothing is acknowledged.
import type { JetStreamManager } from "@nats-io/jetstream";
import type { Lying } from "./intake.js";

/** Asked for at a time. */
const width = 64;

/** The messages of these numbers that are still there, in order. @throws whatever the server answers */
export async function readLying(jsm: JetStreamManager, stream: string, sequences: readonly number[]): Promise<Lying[]> {
  const found: Lying[] = [];
  for (let at = 0; at < sequences.length; at += width) {
    const messages = await Promise.all(
      sequences.slice(at, at + width).map((seq) => jsm.streams.getMessage(stream, { seq })),
    );
    for (const message of messages) {
      if (!message) continue;
      const { seq: sequence, subject, data: body, header: headers } = message;
      found.push({ stream, sequence, subject, body, headers });
    }
  }
  return found;
}
