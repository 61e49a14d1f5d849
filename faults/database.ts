// A Postgres that crashes, throws connections out, or makes everybody wait for a table.
import { setTimeout as wait } from "node:timers/promises";
import pg from "pg";
import type { Chance } from "../prove/chance.js";
import type { ServiceName } from "../scripts/mesh/services.js";
import type { Fault, Kind } from "./fault.js";

/** Tables that everybody waits for. */
const busy: readonly (readonly [ServiceName, readonly string[]])[] = [
  ["resolution", ["resolution", "agenda", "outbox", "request", "consumed", "timeline", "order_line"]],
  ["collection", ["collection", "agenda", "outbox", "request"]],
  ["inspection", ["inspection", "agenda", "outbox", "request", "consumed"]],
  ["refund", ["refund", "agenda", "outbox", "request", "payment", "tender", "ledger_journal"]],
  ["outreach", ["feed", "consumed"]],
  ["partners", ["agenda", "provider_refund", "parcel"]],
];

function crashed(): Fault {
  return {
    what: "Postgres stops at once, as in a crash, and recovers",
    strike: async ({ mesh }) => {
      const { postgres } = mesh.servers;
      if (!postgres) throw new Error("DATABASE_URL names a server that is not ours: unset it");
      const since = Date.now();
      await postgres.restart("immediate");
      return { hit: true, since, readyMs: Date.now() - since };
    },
  };
}

/** Which connections go is drawn for so many; there may be more or fewer. */
function thrownOut(rounds: readonly (readonly boolean[])[]): Fault {
  return {
    what: `Postgres ends connections, in ${rounds.length} rounds`,
    strike: async ({ books }) => {
      let ended = 0;
      for (const round of rounds) {
        const { rows } = await books.query(
          "SELECT pid FROM pg_stat_activity WHERE application_name LIKE 'backhaul-%' ORDER BY backend_start, pid",
        );
        const pids = rows.map(({ pid }) => pid as number).filter((_, at) => round[at % round.length]);
        await books.query("SELECT pg_terminate_backend(pid) FROM unnest($1::int[]) AS pid", [pids]);
        ended += pids.length;
        await wait(100);
      }
      return { hit: ended > 0, since: Date.now() };
    },
  };
}

function locked(service: ServiceName, table: string, ms: number): Fault {
  return {
    what: `${service}.${table} is locked for ${(ms / 1000).toFixed(1)} s`,
    strike: async ({ mesh }) => {
      const client = new pg.Client({ connectionString: mesh.servers.databaseUrl, application_name: "faults" });
      await client.connect();
      try {
        await client.query(`BEGIN; LOCK TABLE ${mesh.schemaOf(service)}.${table} IN ACCESS EXCLUSIVE MODE`);
        await wait(ms);
        await client.query("COMMIT");
      } finally {
        await client.end();
      }
      return { hit: true, since: Date.now() };
    },
  };
}

function lockedSomewhere(chance: Chance): Fault {
  const [service, tables] = chance.pick(busy);
  return locked(service, chance.pick(tables), chance.between(500, 4_000));
}

export const databaseFaults: readonly Kind[] = [
  { name: "pg-crash", about: "Postgres stopped with `immediate`, and started again", share: 3, draw: crashed },
  {
    name: "pg-cut",
    about: "connections ended by pg_terminate_backend, in one to five rounds",
    share: 4,
    draw: (chance) => {
      const round = () => Array.from({ length: 17 }, () => chance.percent(60));
      return thrownOut(Array.from({ length: chance.between(1, 5) }, round));
    },
  },
  { name: "pg-lock", about: "a table locked for up to four seconds", share: 3, draw: lockedSomewhere },
];
