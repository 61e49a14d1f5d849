// Asks the invariants of a mesh, all as of one moment, and changes nothing. Called after every journey, by the command, by
// the runner of faults, and by the process that exports what it finds.
import { setTimeout as sleep } from "node:timers/promises";
import pg from "pg";
import { securely } from "#kit/postgres.js";
import type { Identity } from "#kit/tls.js";
import { allInvariants } from "./all.js";
import { type Asked, askAll, broken } from "./ask.js";
import { type BusBook, openBusBook } from "./bus.js";
import type { Around, Limits, Schemas } from "./invariant.js";
import { limitsOfPolicies } from "./money/limits.js";

export { type Asked, broken };

/** Where a mesh keeps its books, and how strictly it is asked. */
export type Books = {
  readonly databaseUrl: string;
  readonly schemaOf: Schemas;
  /** Without it what reads the streams is left out. */
  readonly natsUrl?: string | undefined;
  /** Shown to Postgres and NATS, where those ask for one. */
  readonly identity?: Identity | undefined;
  /** What is younger may still be under way; 0 if not said, for a mesh that has come to rest. */
  readonly graceMs?: number;
  /** For how long what may be under way is asked again; not at all if not said. */
  readonly settleMs?: number;
  /** These numbers alone. */
  readonly only?: readonly number[] | undefined;
  /** How long a dead letter may wait for a person; the grace if not said. */
  readonly patienceMs?: number;
  /** Above this it takes two people to refund, by market; as the shipped policies say, if not said. */
  readonly limits?: Limits;
  /** So many of the newest facts of each outbox and each stream are read word by word; 50 if not said. */
  readonly newest?: number;
  /** How far back audit trails are computed anew; 7 if not said. */
  readonly trailDays?: number;
  /** Longest that one query may take; no limit if not said. */
  readonly queryMs?: number;
  /** Kept from one time to the next it shows what went back meanwhile. */
  readonly memory?: Map<string, number>;
};

const againMs = 100;

/** Asks. @throws Error if Postgres cannot be reached */
export async function checkInvariants(books: Books): Promise<Asked[]> {
  const { databaseUrl, natsUrl, identity, settleMs = 0, newest = 50 } = books;
  const client = new pg.Client({ ...securely(databaseUrl, identity), application_name: "backhaul-invariants" });
  const bus = natsUrl ? openBusBook(natsUrl, newest, identity) : undefined;
  try {
    await client.connect();
    const givenUp = performance.now() + settleMs;
    let asked = await askOnce(client, bus, books, books.only);
    for (;;) {
      const passing = broken(asked).filter(({ underWay }) => underWay);
      if (passing.length === 0 || performance.now() >= givenUp) return asked;
      await sleep(againMs);
      const numbers = passing.map(({ number }) => number);
      const anew = await askOnce(client, bus, books, numbers);
      asked = asked.map((one) => anew.find(({ number }) => number === one.number) ?? one);
    }
  } finally {
    await Promise.all([client.end(), bus?.close()]);
  }
}

async function askOnce(
  client: pg.Client,
  bus: BusBook | undefined,
  books: Books,
  only: readonly number[] | undefined,
): Promise<Asked[]> {
  // Before the moment that Postgres is asked about: whatever is on the bus stands in an outbox then.
  await bus?.read();
  await client.query("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY");
  try {
    if (books.queryMs) await client.query(`SET LOCAL statement_timeout = ${Math.ceil(books.queryMs)}`);
    const partners = books.schemaOf("partners");
    const { rows } = await client.query("SELECT FROM pg_namespace WHERE nspname = $1", [partners]);
    const sandbox = rows.length > 0;
    const all = allInvariants(aroundOf(books, sandbox));
    const wanted = all.filter(({ number }) => !only || only.includes(number));
    return await askAll(client, wanted, { bus, memory: books.memory, absent: new Set(sandbox ? [] : ["partners"]) });
  } finally {
    await client.query("ROLLBACK");
  }
}

/** What the questions are made of. @param sandbox whether there is one, which has the clock */
export function aroundOf(
  books: Pick<Books, "schemaOf" | "graceMs" | "patienceMs" | "limits" | "newest" | "trailDays">,
  sandbox: boolean,
): Around {
  const {
    schemaOf,
    graceMs = 0,
    patienceMs = graceMs,
    limits = limitsOfPolicies(),
    newest = 50,
    trailDays = 7,
  } = books;
  const offset = `(SELECT now() + offset_ms * interval '1 millisecond' FROM ${schemaOf("partners")}.sandbox)`;
  return {
    of: schemaOf,
    now: sandbox ? offset : "now()",
    grace: `interval '${graceMs} milliseconds'`,
    patience: `interval '${patienceMs} milliseconds'`,
    trail: `interval '${trailDays} days'`,
    newest,
    limits,
  };
}
