// A Postgres and as many ends of the bus as asked for, over a NATS that the proof brings along.
import { join } from "node:path";
import { passingFolder } from "#kit/local/folder.js";
import { startPostgres } from "#kit/local/postgres.js";
import { type Ends, type EndsOptions, openEnds } from "#kit/testing/busEnds.js";

export type BusHouse = {
  readonly dir: string;
  open(natsUrl: string, more?: Partial<EndsOptions>): Promise<Ends>;
  close(): Promise<void>;
};

export async function openBusHouse(): Promise<BusHouse> {
  const dir = passingFolder("prove-bus");
  const postgres = await startPostgres({ dir: join(dir, "postgres") });
  let opened = 0;
  return {
    dir,
    open: (natsUrl, more = {}) =>
      openEnds({ databaseUrl: postgres.url, natsUrl, folder: join(dir, `migrations-${opened++}`), ...more }),
    close: () => postgres.stop("fast"),
  };
}
