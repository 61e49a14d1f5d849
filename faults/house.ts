// A mesh to do harm to: nine processes, Postgres and nats-server of its own, a proxy on each way between them, and direct
// doors for whoever looks on.

import { EventEmitter, once } from "node:events";
import { rmSync } from "node:fs";
import pg from "pg";
import { passingFolder } from "#kit/local/folder.js";
import { launchMesh, type Mesh } from "../scripts/mesh/launch.js";
import type { ServiceName } from "../scripts/mesh/services.js";
import { type Customers, openCustomers } from "./customers.js";
import { pace } from "./journeys.js";
import { type Links, openLinks } from "./links.js";

export type House = {
  readonly mesh: Mesh;
  readonly links: Links;
  readonly customers: Customers;
  /** Straight to the databases, past every proxy. */
  readonly books: pg.Pool;
  /** Resolves with the time when a process ends that nobody told to. */
  died(service: ServiceName, given: AbortSignal): Promise<number | undefined>;
  /** Processes that ended although nobody made them: how, and their last lines. They are started again. */
  readonly lost: string[];
  /** Processes that were started with a failpoint that has not struck yet. */
  readonly armed: Set<ServiceName>;
  /** What the invariants remember from one time to the next: what never goes back. */
  readonly memory: Map<string, number>;
  /** @param keep leaves the folder with its logs and data; they are named */
  close(keep: boolean): Promise<string | undefined>;
};

export async function openHouse(): Promise<House> {
  const dir = passingFolder("faults");
  const links = openLinks();
  const deaths = new EventEmitter().setMaxListeners(0);
  const armed = new Set<ServiceName>();
  const lost: string[] = [];
  const mesh: Mesh = await launchMesh({
    dir,
    ports: "free",
    env: links.through,
    onLost: ({ service }, how, lines) => {
      if (armed.has(service)) return void deaths.emit(service, Date.now());
      lost.push(`${service} ended ${how} although nobody made it; its last lines:\n${lines}`);
      // As whoever runs it would.
      void mesh.restart(service).catch((error: Error) => lost.push(error.message));
    },
  }).catch(async (error) => {
    await links.close();
    throw error;
  });
  const books = new pg.Pool({ connectionString: mesh.servers.databaseUrl, max: 4, application_name: "faults" });
  books.on("error", () => {}); // replaced by the next query
  const customers = await openCustomers(mesh);
  await customers.shop.setPace(pace);
  return {
    mesh,
    links,
    customers,
    books,
    died: async (service, given) => {
      const [at] = await once(deaths, service, { signal: given }).catch(() => [undefined]);
      return at as number | undefined;
    },
    armed,
    lost,
    memory: new Map(),
    close: async (keep) => {
      customers.close();
      await books.end();
      await mesh.stop();
      await links.close();
      if (keep) return dir;
      rmSync(dir, { recursive: true, force: true });
      return undefined;
    },
  };
}
