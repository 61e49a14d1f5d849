// The settings of the cores: as shipped. Addresses mean nothing here, for the network knows who answers what.
import { fileURLToPath } from "node:url";
import type { Env } from "#kit/config.js";

export const settings: Env = {
  DATABASE_URL: "postgres://nobody@127.0.0.1:1/none",
  NATS_URL: "nats://127.0.0.1:1",
  MESH_SECRET: "a secret that opens nothing at all",
  TOKEN_JWKS: fileURLToPath(import.meta.url),
  PII_KEYS: `k1:${Buffer.alloc(32, 1).toString("base64")}`,
  BLIND_INDEX_KEY: Buffer.alloc(32, 2).toString("base64"),
};
