// A mesh with mTLS on every hop: certificates for each process, a Postgres and a nats-server that serve TLS, and doors
// that show who they are.
import { request } from "node:https";
import type { Env } from "#kit/config.js";
import { startPostgres } from "#kit/local/postgres.js";
import { openReader } from "#kit/local/reader.js";
import { type Certificates, openCertificates } from "#kit/testing/certificates.js";
import { type StageOptions, testFolder } from "#kit/testing/stage.js";
import type { Identity } from "#kit/tls.js";
import { certificateNames } from "../scripts/mesh/certificates.js";
import { type ServiceName, serviceNames } from "../scripts/mesh/services.js";
import type { Doors } from "./shop.js";

export type Secured = StageOptions & {
  readonly certificates: Certificates;
  /** What each service is told besides. */
  readonly env: Readonly<Record<ServiceName, Env>>;
  readonly doors: Required<Pick<Doors, "identity" | "fetch">>;
  /** Replaces the certificate of every process. */
  renew(): Promise<void>;
  renewEdge(): Promise<unknown>;
  /** An operator's files. */
  readonly operator: { readonly cert: string; readonly key: string; readonly ca: string };
  close(): Promise<void>;
};

/** Makes what such a mesh needs. */
export async function secure(): Promise<Secured> {
  const certificates = await openCertificates();
  const files = async (name: string) => certificates.write(name, await certificates.pairFor([name]));
  const postgres = await startPostgres({
    dir: testFolder("secure"),
    tls: await files("postgres"),
  });
  const reader = await openReader(postgres.url, "backhaul_reconciler");
  const [identity, ingress] = await Promise.all(["operator", "ingress"].map((name) => certificates.identity(name)));
  const edge = await files("edge");
  const edgeEnv: Env = {
    EDGE_TLS_CERT: edge.cert,
    EDGE_TLS_KEY: edge.key,
    EDGE_TLS_CLIENT_CA: edge.ca,
    // The sandbox's carriers report from within.
    EDGE_TLS_CLIENTS: "ingress,partners",
  };
  const envs = serviceNames.map(async (name) => {
    const env = await certificates.env(name, certificateNames(name).slice(1));
    return [name, name === "gateway" ? { ...env, ...edgeEnv } : env] as const;
  });
  return {
    certificates,
    postgres: { url: postgres.url, readerUrl: reader },
    nats: await files("nats"),
    env: Object.fromEntries(await Promise.all(envs)) as Record<ServiceName, Env>,
    renew: async () => {
      for (const name of serviceNames) await certificates.settings(name, certificateNames(name).slice(1));
    },
    renewEdge: () => files("edge"),
    operator: await files("operator"),
    doors: { identity: identity as Identity, fetch: fetchAs(ingress as Identity) },
    close: async () => {
      identity?.close();
      ingress?.close();
      await postgres.stop("fast");
      certificates.close();
    },
  };
}

/** Node's fetch shows no certificate. */
function fetchAs(identity: Identity): typeof fetch {
  return (url, { method = "GET", headers = {}, body } = {}) =>
    new Promise((resolve, reject) => {
      const { cert, key, ca } = identity.current();
      const asked = request(
        String(url),
        { method, headers: headers as Record<string, string>, cert, key, ca },
        (answer) => {
          const parts: Buffer[] = [];
          answer.on("data", (part) => parts.push(part));
          answer.once("end", () => resolve(new Response(Buffer.concat(parts), { status: answer.statusCode ?? 0 })));
        },
      );
      asked.once("error", reject);
      asked.end(body as string | undefined);
    });
}
