// Looks through everything that a mesh leaves behind: what its processes print and measure, what lies on the bus and in the
// tables of every service. The sandbox's own tables are not looked at: it plays the systems that own people's data.
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { jetstreamManager } from "@nats-io/jetstream";
import { connect as connectNats } from "nats";
import { type ServiceName, serviceNames } from "../../scripts/mesh/services.js";
import type { Desk } from "../desk.js";
import type { Place, Sightings } from "./sightings.js";

/** Tables that are places of their own. */
const placeOf: Readonly<Record<string, Place>> = {
  outbox: "outbox",
  dead_letter: "dead letters",
  audit: "audit",
  audit_leaf: "audit",
  audit_seal: "audit",
  agenda: "agenda",
  request: "kept answers",
};
const keeping: readonly ServiceName[] = serviceNames.filter((name) => name !== "partners" && name !== "gateway");

export async function lookThrough(desk: Desk, metricsAt: ReadonlyMap<string, number>, sightings: Sightings) {
  lookAtLogs(desk.mesh.dir, sightings);
  for (const [name, port] of metricsAt) {
    const text = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text();
    sightings.look("metrics", name, text, text.split("\n").length);
  }
  await lookAtStreams(desk.mesh.servers.natsUrl, sightings);
  for (const service of keeping) await lookAtTables(desk, service, sightings);
}

function lookAtLogs(dir: string, sightings: Sightings): void {
  for (const file of readdirSync(join(dir, "logs"))) {
    const text = readFileSync(join(dir, "logs", file), "utf8");
    sightings.look("logs", file, text, text.split("\n").length);
  }
}

async function lookAtStreams(natsUrl: string, sightings: Sightings): Promise<void> {
  const nats = await connectNats({ servers: natsUrl });
  try {
    const manager = await jetstreamManager(nats);
    for await (const { config, state } of manager.streams.list()) {
      for (let seq = Math.max(1, state.first_seq); seq <= state.last_seq; seq++) {
        const message = await manager.streams.getMessage(config.name, { seq });
        if (message) sightings.look("streams", message.subject, `${Buffer.from(message.data)} ${message.header}`);
      }
    }
  } finally {
    await nats.close();
  }
}

async function lookAtTables(desk: Desk, service: ServiceName, sightings: Sightings): Promise<void> {
  const schema = desk.mesh.schemaOf(service);
  const tables = await desk.books<{ tablename: string }>(
    service,
    "SELECT tablename FROM pg_tables WHERE schemaname = $1",
    [schema],
  );
  for (const { tablename } of tables) {
    const rows = await desk.books(service, `SELECT * FROM "{}"."${tablename}"`);
    const text = rows.map((row) =>
      Object.values(row)
        .map((cell) => (Buffer.isBuffer(cell) ? cell.toString() : JSON.stringify(cell)))
        .join(" "),
    );
    sightings.look(placeOf[tablename] ?? "tables", `${service}.${tablename}`, text.join("\n"), rows.length);
  }
}
