// What tests of services stand on: one real Postgres for the run, a schema of its own for each service that is started, a
// nats-server where a test asks for one, and tokens of an issuer made up for the run.
import { randomBytes } from "node:crypto";
import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { exportJWK, generateKeyPair, SignJWT } from "jose";
import type { Env } from "#kit/config.js";
import type { RoleWord } from "#kit/contracts.js";
import { passingFolder } from "#kit/local/folder.js";
import { type LocalNats, type LocalNatsOptions, startNats } from "#kit/local/nats.js";
import { type LocalPostgres, startPostgres } from "#kit/local/postgres.js";
import { openReader } from "#kit/local/reader.js";

/** Where a test's services find what they need. */
export type Stage = {
  readonly nats: LocalNats;
  readonly databaseUrl: string;
  /** The same database as the role that may only read. */
  readonly readerUrl: string;
  /** Settings of a service, in a schema of this stage. */
  env(service: string, more?: Env): Env;
  /** `orderId` is the one order that a guest reaches. */
  token(role: RoleWord, subject: string, orderId?: string): Promise<string>;
  close(): Promise<void>;
};

let postgres: Promise<LocalPostgres> | undefined;
let reader: Promise<string> | undefined;
let folder: string | undefined;
const issuer = "backhaul-test";
const meshSecret = randomBytes(24).toString("hex");
const keys = generateKeyPair("ES256", { extractable: true });
const piiKeys = `k1:${randomBytes(32).toString("base64")}`;
const blindIndexKey = randomBytes(32).toString("base64");

/** Where this process's servers keep what nobody needs afterwards; of a run in parallel each worker has its part. */
export function runFolder(): string {
  folder ??= passingFolder("test", process.env.TEST_FOLDER);
  return folder;
}

/** One server for the whole run, unless DATABASE_URL names another; in parallel one for each worker. */
export async function databaseUrl(): Promise<string> {
  if (process.env.DATABASE_URL) return process.env.DATABASE_URL;
  postgres ??= startPostgres({ dir: join(runFolder(), "postgres"), settings: { max_connections: "400" } });
  return (await postgres).url;
}

/** With the role that may read: it is there before any service makes the tables that it is let into. */
async function databases(): Promise<{ url: string; readerUrl: string }> {
  const url = await databaseUrl();
  reader ??= openReader(url, "backhaul_reconciler");
  return { url, readerUrl: await reader };
}

/** The run's own Postgres, for tests that stop it. */
export async function testPostgres(): Promise<LocalPostgres | undefined> {
  await databaseUrl();
  return postgres;
}

/** A folder for one test; it goes with the run. */
export const testFolder = (name: string): string => passingFolder(name, runFolder());

async function jwksFile(): Promise<string> {
  const file = join(runFolder(), "jwks.json");
  const jwk = { ...(await exportJWK((await keys).publicKey)), kid: "test", alg: "ES256" };
  writeFileSync(file, JSON.stringify({ keys: [jwk] }));
  return file;
}

/** What a stage may have of its own: a database server, and the certificates of its nats-server. */
export type StageOptions = {
  readonly postgres?: { readonly url: string; readonly readerUrl: string };
  readonly nats?: LocalNatsOptions["tls"];
};

/** A fresh stage: nothing on it is shared with another one but the database server. */
export async function openStage(own: StageOptions = {}): Promise<Stage> {
  const name = `t${randomBytes(4).toString("hex")}`;
  const [{ url, readerUrl }, jwks, nats] = await Promise.all([
    own.postgres ?? databases(),
    jwksFile(),
    startNats({ dir: testFolder("nats"), tls: own.nats }),
  ]);
  return {
    nats,
    databaseUrl: url,
    readerUrl,
    env: (service, more = {}) => ({
      PORT: "0",
      DATABASE_URL: url,
      DATABASE_SCHEMA: `${name}_${service}`,
      POOL_SIZE: "6",
      NATS_URL: nats.url,
      MESH_SECRET: meshSecret,
      PII_KEYS: piiKeys,
      BLIND_INDEX_KEY: blindIndexKey,
      TOKEN_ISSUER: issuer,
      TOKEN_AUDIENCE: "backhaul",
      TOKEN_JWKS: jwks,
      LOG_LEVEL: process.env.LOG_LEVEL ?? "silent",
      UNREADY_MS: "0",
      DRAIN_MS: "2000",
      ...more,
    }),
    token: async (role, subject, order) =>
      new SignJWT({ role, order })
        .setProtectedHeader({ alg: "ES256", kid: "test" })
        .setIssuer(issuer)
        .setAudience("backhaul")
        .setSubject(subject)
        .setExpirationTime("1h")
        .sign((await keys).privateKey),
    close: () => nats.stop(),
  };
}

/** Ends what the run shares. */
export async function closeStages(): Promise<void> {
  await (await postgres)?.stop("fast");
  if (folder) rmSync(folder, { recursive: true, force: true });
}

/** The mesh secret of the run, for clients that speak as a service. */
export { meshSecret };
