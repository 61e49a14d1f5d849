// The two servers a mesh stands on: those that DATABASE_URL and NATS_URL name, else local ones in the mesh's folder. A
// local Postgres gets the role that the reconciler reads as; elsewhere a DBA makes it, and READ_DATABASE_URL names it.
import { join } from "node:path";
import { type LocalNats, startNats } from "#kit/local/nats.js";
import { type LocalPostgres, startPostgres } from "#kit/local/postgres.js";
import { openReader } from "#kit/local/reader.js";
import type { CertificateFolder } from "./certificates.js";

export interface Servers {
  readonly databaseUrl: string;
  /** "" where the environment names a server and no role for it. */
  readonly readDatabaseUrl: string;
  readonly natsUrl: string;
  /** Undefined where the environment names a server. */
  readonly postgres: LocalPostgres | undefined;
  readonly nats: LocalNats | undefined;
  stop(): Promise<void>;
}

/**
 * @param certificateFiles those of the servers, for TLS
 * @throws Error that says what to install or to set when a server cannot be had
 */
export async function startServers(
  dir: string,
  log: (line: string) => void,
  certificateFiles?: CertificateFolder["filesOf"],
): Promise<Servers> {
  const { DATABASE_URL, READ_DATABASE_URL, NATS_URL } = process.env;
  const [postgres, nats] = await Promise.allSettled([
    DATABASE_URL ? undefined : startPostgres({ dir: join(dir, "postgres"), log, tls: certificateFiles?.("postgres") }),
    NATS_URL ? undefined : startNats({ dir: join(dir, "nats"), log, tls: certificateFiles?.("nats") }),
  ]);
  const stop = async () => {
    if (nats.status === "fulfilled") await nats.value?.stop();
    if (postgres.status === "fulfilled") await postgres.value?.stop();
  };
  if (postgres.status === "rejected" || nats.status === "rejected") {
    await stop();
    throw new Error([postgres, nats].flatMap(complaint).join("\n"));
  }
  const databaseUrl = DATABASE_URL || (postgres.value?.url ?? "");
  const readDatabaseUrl = DATABASE_URL ? (READ_DATABASE_URL ?? "") : await reader(databaseUrl, stop);
  return {
    databaseUrl,
    readDatabaseUrl,
    natsUrl: NATS_URL || (nats.value?.url ?? ""),
    postgres: postgres.value,
    nats: nats.value,
    stop,
  };
}

/** The role is there before any service makes the tables that it is let into. */
async function reader(databaseUrl: string, stop: () => Promise<void>): Promise<string> {
  try {
    return await openReader(databaseUrl, "backhaul_reconciler");
  } catch (error) {
    await stop();
    throw error;
  }
}

function complaint(result: PromiseSettledResult<unknown>): string[] {
  return result.status === "rejected" ? [(result.reason as Error).message] : [];
}
