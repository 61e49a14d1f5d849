// Three nats-servers on this machine that keep messages together: a leader may be killed, and two still know everything.
import { join } from "node:path";
import { jetstreamManager } from "@nats-io/jetstream";
import { connect } from "nats";
import { type LocalNats, startNats } from "#kit/local/nats.js";
import { freePorts } from "#kit/local/ports.js";
import { until } from "./peers.js";

export type NatsCluster = {
  /** All of them, with commas between. */
  readonly url: string;
  readonly servers: readonly LocalNats[];
  /** The one that leads a stream now; undefined while they elect one. */
  leaderOf(stream: string): Promise<LocalNats | undefined>;
  stop(): Promise<void>;
};

export async function startNatsCluster(dir: string, binary?: string): Promise<NatsCluster> {
  const names = ["one", "two", "three"];
  const ports = await freePorts(6);
  const routes = ports.slice(3);
  const servers = await Promise.all(
    names.map((name, i) =>
      startNats({
        dir: join(dir, name),
        ...(binary ? { binary } : {}),
        port: ports[i] as number,
        cluster: { name, port: routes[i] as number, routes: routes.filter((_, j) => j !== i) },
      }),
    ),
  );
  const url = servers.map((server) => server.url).join(",");
  const stop = async () => {
    await Promise.all(servers.map((server) => server.kill()));
  };

  /** Asks all that live: one that is down answers nobody. */
  async function leaderOf(stream: string): Promise<LocalNats | undefined> {
    const connection = await connect({ servers: url.split(","), timeout: 1_000 }).catch(() => undefined);
    try {
      if (!connection) return undefined;
      const jsm = await jetstreamManager(connection, { timeout: 1_000 });
      const { cluster } = await jsm.streams.info(stream);
      return servers[names.indexOf(cluster?.leader ?? "")];
    } catch {
      return undefined;
    } finally {
      await connection?.close();
    }
  }

  try {
    await until(
      "the three have a leader",
      async () => {
        const connection = await connect({ servers: url.split(","), timeout: 1_000 });
        try {
          return Boolean(await (await jetstreamManager(connection, { timeout: 1_000 })).getAccountInfo());
        } catch {
          return false;
        } finally {
          await connection.close();
        }
      },
      30_000,
    );
  } catch (error) {
    await stop();
    throw error;
  }
  return { url, servers, leaderOf, stop };
}
