// Settings of the audit trail.
import { createHmac } from "node:crypto";
import type { NatsConnection } from "nats";
import { integer, text } from "#kit/config.js";
import { filePlace, streamPlace } from "./places.js";
import type { SealerOptions } from "./sealer.js";

export const auditSettings = {
  auditKey: text("AUDIT_KEY", "seals the audit trail; out of the database's reach; made of MESH_SECRET if not set", ""),
  auditSealMs: integer("AUDIT_SEAL_MS", "between two seals: a tail as young as this can be cut off unseen", {
    min: 100,
    max: 300_000,
    fallback: 10_000,
  }),
  auditSealFile: text(
    "AUDIT_SEAL_FILE",
    "a file to publish seals in besides the stream AUDIT_SEALS; empty for none",
    "",
  ),
};

export type AuditSettings = {
  readonly auditKey: string;
  readonly auditSealMs: number;
  readonly auditSealFile: string;
};

/** The key of the seals: its own, or one that only the mesh can make. */
export function auditKeyOf(auditKey: string, meshSecret: string): string {
  return auditKey || createHmac("sha256", meshSecret).update("backhaul audit seal").digest("hex");
}

export function sealerOptions(
  service: string,
  config: AuditSettings & { readonly meshSecret: string },
  connection: () => NatsConnection | undefined,
  replicas: number,
): SealerOptions {
  const { auditKey, auditSealMs, auditSealFile, meshSecret } = config;
  const places = [streamPlace(connection, replicas), ...(auditSealFile ? [filePlace(auditSealFile)] : [])];
  return { service, key: auditKeyOf(auditKey, meshSecret), everyMs: auditSealMs, places };
}
