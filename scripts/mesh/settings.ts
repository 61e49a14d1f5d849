// What each process of a local mesh is told by its environment. The names are those of the services' config.ts.
import { createHmac, randomBytes } from "node:crypto";
import { join } from "node:path";
import { risks } from "#kit/bus/server.js";
import type { Env } from "#kit/config.js";
import type { CertificateFolder } from "./certificates.js";
import { readOrMake } from "./files.js";
import { audience, issuerName } from "./issuer.js";
import { outsideSystems, type ServiceName } from "./services.js";

/** Who carries the sandbox's parcels, in any market: those of the example networks, and hermes where there is none. */
export const carriers = ["cj", "epost", "hanjin", "seven", "family", "tcat", "post", "hermes"];

/**
 * Of a local mesh's gateway: one agent asks as often as a whole desk would, one inspector for a whole warehouse.
 */
export const asOftenAsLiked: Env = {
  RATE_READS: "off",
  RATE_WRITES: "off",
  RATE_WEBHOOKS: "off",
  RATE_ANONYMOUS: "off",
};

/** Kept with the data, so that a mesh that starts again understands what it wrote. */
export interface MeshSecrets {
  /** Signs the tokens that services pass on. */
  meshSecret: string;
  /** Signs what the sandbox's carriers report to the gateway; Standard Webhooks' form. */
  webhookSecret: string;
  personal: PersonalKeys;
}

/** What the data of people is sealed with. */
interface PersonalKeys {
  /** Wraps each person's key. */
  piiKeys: string;
  /** What contacts are looked up by. */
  blindIndexKey: string;
}

/** What all of a mesh's processes share. */
export interface Shared {
  databaseUrl: string;
  readDatabaseUrl: string;
  natsUrl: string;
  jwks: string;
  secrets: MeshSecrets;
  /** Before each service's schema; "" unless several meshes share a database. */
  schemaPrefix: string;
  gatewayUrl: string;
  /** gRPC targets, all replicas in one. */
  addresses: Readonly<Record<ServiceName, string>>;
  /** Of each process; none without TLS. */
  certificateFiles: CertificateFolder["filesOf"] | undefined;
}

/** Reads the secrets of a mesh's folder; makes them the first time. */
export async function openSecrets(dir: string): Promise<MeshSecrets> {
  const signing = await readOrMake(join(dir, "mesh.json"), () => ({
    meshSecret: randomBytes(32).toString("base64url"),
    webhookSecret: `whsec_${randomBytes(32).toString("base64")}`,
  }));
  const personal = await readOrMake(join(dir, "personal.json"), () => ({
    piiKeys: `k1:${randomBytes(32).toString("base64")}`,
    blindIndexKey: randomBytes(32).toString("base64"),
  }));
  return { ...signing, personal };
}

/** The settings of one process. */
export function settingsOf(service: ServiceName, port: number, shared: Shared): Env {
  const { addresses, secrets } = shared;
  const { gateway: _edge, partners, ...services } = addresses;
  const targets = [
    ...Object.entries(services).map(([name, target]) => [name, target]),
    ...outsideSystems.map((name) => [name, partners]),
  ];
  return {
    HOST: "127.0.0.1",
    PORT: `${port}`,
    DATABASE_URL: shared.databaseUrl,
    DATABASE_SCHEMA: `${shared.schemaPrefix}${service}`,
    NATS_URL: shared.natsUrl,
    // A mesh of one machine has one server, as it was found there.
    NATS_ACCEPT: process.env.NATS_ACCEPT ?? risks.join(),
    MESH_SECRET: secrets.meshSecret,
    PII_KEYS: secrets.personal.piiKeys,
    BLIND_INDEX_KEY: secrets.personal.blindIndexKey,
    TOKEN_ISSUER: issuerName,
    TOKEN_AUDIENCE: audience,
    TOKEN_JWKS: shared.jwks,
    LOG_LEVEL: process.env.LOG_LEVEL ?? "info",
    ...tlsOf(shared.certificateFiles?.(service)),
    ...Object.fromEntries(targets.map(([name, target]) => [`${name?.toUpperCase()}_ADDRESS`, target])),
    ...(service === "gateway"
      ? { WEBHOOK_SECRETS: carriers.map((it) => `${it}:${secrets.webhookSecret}`).join(), ...asOftenAsLiked }
      : {}),
    ...(service === "reconciler"
      ? { READ_DATABASE_URL: shared.readDatabaseUrl, REFUND_SCHEMA: `${shared.schemaPrefix}refund` }
      : {}),
    // Only this machine's own subscribers can be reached without TLS; what is sealed stays readable with the folder.
    ...(service === "outreach" ? { WEBHOOK_KEYS: `local:${sealingKey(secrets)}`, WEBHOOK_REACH: "local" } : {}),
    // Customers are told in our words, which the outreach service makes.
    ...(service === "resolution" ? { NOTIFICATION_ADDRESS: addresses.outreach } : {}),
    ...(service === "collection" ? { COLLECTION_NETWORKS: "example" } : {}),
    ...(service === "partners" ? { GATEWAY_URL: shared.gatewayUrl, WEBHOOK_SECRET: secrets.webhookSecret } : {}),
  };
}

function tlsOf(files: ReturnType<CertificateFolder["filesOf"]> | undefined): Env {
  return files ? { TLS_CERT: files.cert, TLS_KEY: files.key, TLS_CA: files.ca } : {};
}

/** What subscribers' secrets are sealed under, made from the folder's own secret. */
function sealingKey({ meshSecret }: MeshSecrets): string {
  return createHmac("sha256", meshSecret).update("webhook keys").digest("base64url");
}
