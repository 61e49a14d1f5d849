// Whether every fact has arrived: no outbox holds any that is not on the bus, no consumer has any that it has not taken in.
import { setTimeout as wait } from "node:timers/promises";
import { jetstreamManager } from "@nats-io/jetstream";
import { connect } from "nats";
import { Tally } from "../prove/proof.js";
import { services } from "../scripts/invariants/invariant.js";
import type { House } from "./house.js";

const lookMs = 500;
const tellMs = 5_000;

/** Resolves with how long it took. @throws Error that says what is left when patience is over */
export async function drained(house: House, patienceMs: number, say: (line: string) => void): Promise<number> {
  const startedAt = Date.now();
  for (let toldAt = startedAt; ; ) {
    const left = await leftOver(house).catch((error: Error) => error.message);
    if (left === "") return Date.now() - startedAt;
    if (Date.now() - toldAt > tellMs) {
      say(`  ${left}`);
      toldAt = Date.now();
    }
    if (Date.now() - startedAt > patienceMs) throw new Error(`not drained within ${patienceMs / 1000} s: ${left}`);
    await wait(lookMs);
  }
}

async function leftOver({ mesh, books }: House): Promise<string> {
  const counts = services.map(
    (service) => `(SELECT count(*) FROM ${mesh.schemaOf(service)}.outbox WHERE publish_time IS NULL)`,
  );
  const { rows } = await books.query(`SELECT (${counts.join(" + ")})::int AS n`);
  if (rows[0]?.n > 0) return `${rows[0].n} facts in outboxes`;
  const bus = await connect({ servers: mesh.servers.natsUrl, timeout: 2_000 });
  try {
    const manager = await jetstreamManager(bus);
    const left = new Tally();
    let consumers = 0;
    for await (const { config } of manager.streams.list()) {
      for await (const { name, num_pending, num_ack_pending } of manager.consumers.list(config.name)) {
        left.add(name, num_pending + num_ack_pending);
        consumers++;
      }
    }
    if (consumers === 0) return "nobody listens";
    return left.all.some(([, n]) => n > 0) ? `facts not taken in: ${left}` : "";
  } finally {
    await bus.close();
  }
}
