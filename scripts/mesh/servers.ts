// The two servers a mesh stands on: those that DATABASE_URL and NATS_URL name, else local ones in the mesh's folder.
import { join } from "node:path";
import { type LocalNats, startNats } from "#kit/local/nats.js";
import { type LocalPostgres, startPostgres } from "#kit/local/postgres.js";

export interface Servers {
  readonly databaseUrl: string;
  readonly natsUrl: string;
  /** Undefined where the environment names a server. */
  readonly postgres: LocalPostgres | undefined;
  readonly nats: LocalNats | undefined;
  stop(): Promise<void>;
}

/** @throws Error that says what to install or to set when a server cannot be had */
export async function startServers(dir: string, log: (line: string) => void): Promise<Servers> {
  const { DATABASE_URL, NATS_URL } = process.env;
  const [postgres, nats] = await Promise.allSettled([
    DATABASE_URL ? undefined : startPostgres({ dir: join(dir, "postgres"), log }),
    NATS_URL ? undefined : startNats({ dir: join(dir, "nats"), log }),
  ]);
  const stop = async () => {
    if (nats.status === "fulfilled") await nats.value?.stop();
    if (postgres.status === "fulfilled") await postgres.value?.stop();
  };
  if (postgres.status === "rejected" || nats.status === "rejected") {
    await stop();
    throw new Error([postgres, nats].flatMap(complaint).join("\n"));
  }
  return {
    databaseUrl: DATABASE_URL || (postgres.value?.url ?? ""),
    natsUrl: NATS_URL || (nats.value?.url ?? ""),
    postgres: postgres.value,
    nats: nats.value,
    stop,
  };
}

function complaint(result: PromiseSettledResult<unknown>): string[] {
  return result.status === "rejected" ? [(result.reason as Error).message] : [];
}
