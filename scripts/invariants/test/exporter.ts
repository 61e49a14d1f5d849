// The process that asks the invariants, started as a process of its own, and the role that it asks as.
import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import pg from "pg";
import type { Env } from "#kit/config.js";
import { freePort } from "#kit/local/ports.js";
import { openReader } from "#kit/local/reader.js";
import { until } from "#kit/testing/peers.js";

const main = fileURLToPath(new URL("../main.ts", import.meta.url));

/** The role as deploy/reader.sh makes it; resolves with the URL under which it connects. */
export async function invariantsReader(databaseUrl: string): Promise<string> {
  const url = await openReader(databaseUrl, "backhaul_invariants");
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  await client.query("GRANT pg_read_all_data TO backhaul_invariants");
  await client.end();
  return url;
}

export type Exporter = {
  /** The figure of a metric with these labels; undefined while there is none. */
  figure(metric: string): Promise<number | undefined>;
  stop(): Promise<number | null>;
};

export async function openExporter(settings: Env): Promise<Exporter> {
  const port = await freePort();
  const env = { ...process.env, LOG_LEVEL: "silent", ...settings, METRICS_PORT: String(port) };
  const child = spawn(process.execPath, ["--import", "tsx", "--conditions=source", main], { env, stdio: "inherit" });
  const ended = new Promise<number | null>((resolve) => child.on("close", resolve));
  const metrics = async () => {
    const answer = await fetch(`http://127.0.0.1:${port}/metrics`).catch(() => undefined);
    return answer?.ok ? answer.text() : undefined;
  };
  const figure = async (metric: string) => {
    const line = (await metrics())?.split("\n").find((one) => one.startsWith(metric));
    return line === undefined ? undefined : Number(line.split(" ").at(-1));
  };
  await until("it has asked", async () => (await figure("backhaul_invariants_asked_time")) !== undefined, 30_000);
  return {
    figure,
    stop: () => {
      child.kill("SIGTERM");
      return ended;
    },
  };
}
