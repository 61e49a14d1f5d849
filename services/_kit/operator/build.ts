// What runs here: the version, the contracts it speaks, and what was done to its schema.
import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { imageBytes } from "#kit/contracts.js";
import type { Database, Statement } from "#kit/postgres.js";

export type Build = {
  readonly version: string;
  readonly contractsDigest: string;
  readonly runtime: string;
  readonly startTime: Date;
  readonly pid: number;
  migrations(): Promise<string[]>;
};

const migrations: Statement = {
  name: "migrations.list",
  text: `SELECT migration_name AS name FROM "_prisma_migrations" WHERE finished_at IS NOT NULL ORDER BY migration_name`,
};

export function buildOf(db: Database): Build {
  return {
    version: versionIn(["../../../package.json", "../../../../package.json"]),
    contractsDigest: createHash("sha256").update(imageBytes).digest("hex"),
    runtime: `Node ${process.versions.node}`,
    startTime: new Date(),
    pid: process.pid,
    migrations: async () => (await db.query<{ name: string }>(migrations)).map(({ name }) => name),
  };
}

/** From source it lies one folder nearer than from dist/. */
function versionIn(places: readonly string[]): string {
  const file = places.map((place) => new URL(place, import.meta.url)).find((url) => existsSync(url));
  return file ? JSON.parse(readFileSync(file, "utf8")).version : "";
}
