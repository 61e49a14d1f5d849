// A vault with a key of the run, for tests of stores; the schema has the table.
import { randomBytes } from "node:crypto";
import type { Database } from "#kit/postgres.js";
import { type Keyring, readKeyring } from "#kit/sealing.js";
import { openVault, type Vault } from "#kit/vault.js";

/** A ring of these versions, the newest first, each with a key of its own. */
export function testRing(...versions: string[]): Keyring {
  return readKeyring(versions.map((version) => `${version}:${randomBytes(32).toString("base64")}`).join());
}

const ring = testRing("k1");

export function testVault(db: Database): Vault {
  return openVault(db, ring);
}
