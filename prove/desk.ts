// Some services of a mesh in processes of their own, and the doors through which a proof speaks to them: as anybody, to
// any of them, and past them to the books they keep.
import { rmSync } from "node:fs";
import pg from "pg";
import { ClockServiceService } from "#gen/backhaul/sandbox/v1/clock_service.js";
import { SandboxServiceService } from "#gen/backhaul/sandbox/v1/sandbox_service.js";
import { type Caller, createMinter } from "#kit/access.js";
import { type ClientOf, openAddress, type ServiceContract } from "#kit/client.js";
import type { Env } from "#kit/config.js";
import { passingFolder } from "#kit/local/folder.js";
import { launchMesh } from "../scripts/mesh/launch.js";
import type { ServiceName } from "../scripts/mesh/services.js";
import { openSecrets } from "../scripts/mesh/settings.js";
import type { Say } from "./proof.js";

export type Desk = Awaited<ReturnType<typeof openDesk>>;

/** What a desk is opened with. */
export type DeskOptions = {
  /** Only these; all if not given. */
  readonly services?: readonly ServiceName[];
  /** Processes of each service; one if not given. */
  readonly replicas?: number;
  /** Settings of single services, made of the secret that carriers sign with. */
  readonly settings?: (webhookSecret: string) => Partial<Record<ServiceName, Env>>;
};

export async function openDesk({ services, replicas, settings }: DeskOptions, say: Say) {
  const dir = passingFolder("desk");
  const { meshSecret, webhookSecret } = await openSecrets(dir);
  const mesh = await launchMesh({
    dir,
    ports: "free",
    say,
    onLost: ({ name }, how, lines) => say(`${name} ended ${how}; its last lines:\n${lines}`),
    ...(services && { services }),
    ...(replicas && { replicas }),
    ...(settings && { env: settings(webhookSecret) }),
  });
  const minter = createMinter("prove", meshSecret);
  const closers: (() => void)[] = [];
  const database = new pg.Pool({ connectionString: mesh.servers.databaseUrl, max: 4 });
  const inspectors: pg.Client[] = [];

  /** A client of one service, as anybody. */
  function as<S extends ServiceContract>(
    service: ServiceName,
    contract: S,
    role: Caller["role"],
    subject = "prove",
  ): ClientOf<S> {
    const caller: Caller = { subject, role, via: "" };
    const opened = openAddress(mesh.addresses[service], {
      service: "prove",
      mint: () => minter(caller),
      deadlineMs: 60_000,
    });
    closers.push(opened.close);
    return opened.connect(contract);
  }

  const clock = as("partners", ClockServiceService, "OPERATOR");
  return {
    mesh,
    meshSecret,
    webhookSecret,
    as,
    sandbox: as("partners", SandboxServiceService, "OPERATOR"),
    clock,
    /** Business time. */
    now: async () => (await clock.getClock({})).now as Date,
    /** Moves business time on; resolves when all that fell due is done. */
    pass: async (ms: number) => {
      const { now } = await clock.getClock({});
      await clock.advanceClock({ to: new Date((now as Date).getTime() + ms), noWait: false });
    },
    /** Rows of a service's own books; `{}` in the text stands for its schema. */
    books: async <R extends pg.QueryResultRow>(
      service: ServiceName,
      text: string,
      values: readonly unknown[] = [],
    ): Promise<R[]> => (await database.query<R>(text.replaceAll("{}", mesh.schemaOf(service)), [...values])).rows,
    /** A connection of its own, on a service's schema if one is named; closed with the desk. */
    connection: async (service?: ServiceName): Promise<pg.Client> => {
      const options = service ? { options: `-c search_path=${mesh.schemaOf(service)}` } : {};
      const client = new pg.Client({ connectionString: mesh.servers.databaseUrl, ...options });
      inspectors.push(client);
      await client.connect();
      return client;
    },
    close: async () => {
      for (const close of closers) close();
      await Promise.all([database.end(), ...inspectors.map((client) => client.end())]);
      await mesh.stop();
      rmSync(dir, { recursive: true, force: true });
    },
  };
}
