// One secret laid into each kind of place by hand: what looks through a mesh must find all of them, or it proves nothing.
import { appendFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { jetstream, jetstreamManager } from "@nats-io/jetstream";
import { connect as connectNats } from "nats";
import type { Desk } from "../desk.js";
import type { Collector } from "./collector.js";
import type { Subscriber } from "./subscriber.js";

/** Rows as a leak would leave them. The request's is of a kind that keeps its answer in clear. */
const rows: readonly string[] = [
  `INSERT INTO "{}".outbox (event_id, subject, aggregate_id, body, traceparent, event_time, publish_time)
     VALUES ('evt_planted', 'planted', 'planted', convert_to($1, 'UTF8'), '', now(), now())`,
  `INSERT INTO "{}".dead_letter (consumer, event_id, subject, body, reason, owner, deliveries)
     VALUES ('planted', 'evt_planted', 'planted', '', $1, 'planted', 1)`,
  `INSERT INTO "{}".audit SELECT 'planted', 1, 'planted', 'AGENT:planted', '', '', $1, 'DONE', '', now(), now(), '', '', ''`,
  `INSERT INTO "{}".agenda (agenda_id, aggregate_id, step, due_time, payload, traceparent)
     VALUES ('stp_planted', 'planted', 'planted', 'infinity', jsonb_build_object('note', $1::text), '')`,
  `INSERT INTO "{}".request (principal, request_id, fingerprint, response, aggregate_id)
     VALUES ('planted', 'planted', '', convert_to($1, 'UTF8'), 'planted')`,
  `INSERT INTO "{}".timeline (resolution_id, sequence, name, text, state, actor, actor_role, create_time, applied)
     VALUES ('planted', 1, 'Planted', $1, 'OPEN', 'planted', 'AGENT', now(), true)`,
];

/** Lays them; says where its own metrics are, and how to take that page away again. */
export async function plant(desk: Desk, collector: Collector, subscriber: Subscriber, word: string) {
  appendFileSync(join(desk.mesh.dir, "logs", "gateway.log"), `{"level":"info","msg":"${word}"}\n`);
  await collector.send(Buffer.from(`span ${word}`));
  await fetch(subscriber.url, { method: "POST", body: JSON.stringify({ planted: word }) });
  for (const row of rows) await desk.books("resolution", row, [word]);
  const nats = await connectNats({ servers: desk.mesh.servers.natsUrl });
  const manager = await jetstreamManager(nats);
  for await (const { config } of manager.streams.list()) {
    const [subject = ""] = config.subjects ?? [];
    await jetstream(nats).publish(subject.replace(/[>*]$/, "planted"), word);
    break;
  }
  await nats.close();
  const page = createServer((_, answer) => answer.end(`planted{note="${word}"} 1\n`));
  await new Promise<void>((resolve) => page.listen(0, "127.0.0.1", resolve));
  return { metricsPort: (page.address() as AddressInfo).port, close: () => page.close() };
}
