// Who this process is to the others: its certificate, and whom it believes. One identity serves every hop: gRPC both
// ways, Postgres, NATS. The files are read again as they change; connections that stand are not touched, new ones use
// what was read last.
import type { ConnectionOptions } from "node:tls";
import { type ChannelCredentials, experimental, type ServerCredentials } from "@grpc/grpc-js";
import { type Certificates, namesIn } from "#kit/certificates.js";
import { ConfigError, integer, text } from "#kit/config.js";
import type { Log } from "#kit/log.js";
import { type KeptCertificates, keepCertificates } from "#kit/renewal.js";

/** What the settings say. The three paths are set together; without them nothing is encrypted. */
export type TlsSettings = {
  readonly tlsCert: string;
  readonly tlsKey: string;
  readonly tlsCa: string;
  readonly tlsDomain: string;
  readonly tlsCallers: string;
  readonly tlsReloadMs: number;
};

/** For a config.ts. */
export const tlsSettings = {
  tlsCert: text("TLS_CERT", "this process's certificate, a PEM file; empty for no TLS", ""),
  tlsKey: text("TLS_KEY", "the key of TLS_CERT, a PEM file", ""),
  tlsCa: text("TLS_CA", "the authorities whose certificates are believed, a PEM file", ""),
  tlsDomain: text(
    "TLS_DOMAIN",
    "what follows the service's name in its certificate: refund.backhaul.internal",
    "backhaul.internal",
  ),
  tlsCallers: text(
    "TLS_CALLERS",
    "names in certificates of others who may call here with people's tokens, comma between",
    "operator",
  ),
  tlsReloadMs: integer("TLS_RELOAD_MS", "between two looks whether the certificate files have changed", {
    min: 20,
    fallback: 5_000,
  }),
};

/** A process's identity, kept up to date. */
export type Identity = KeptCertificates & {
  /** What follows the names in this mesh's certificates. */
  readonly domain: string;
  /** Its own names. */
  readonly names: readonly string[];
  /** Who else than services may call. */
  readonly others: readonly string[];
  /** For a gRPC server: who has no certificate of our authorities is not let in. */
  server(): ServerCredentials;
  /** For gRPC channels. */
  readonly channel: ChannelCredentials;
  /** For a channel to a service: what its certificate must name, wherever its address leads. */
  expecting(service: string): Readonly<Record<string, string>>;
  /** For Postgres and NATS, whose clients read it anew with each connection. */
  readonly connection: Pick<ConnectionOptions, "cert" | "key" | "ca">;
};

/**
 * Opens the identity that the settings name; undefined where they name none.
 * @throws ConfigError that says what is missing, or wrong with which file
 */
export function openIdentity({ tlsCert, tlsKey, tlsCa, ...settings }: TlsSettings, log: Log): Identity | undefined {
  const named = Object.entries({ TLS_CERT: tlsCert, TLS_KEY: tlsKey, TLS_CA: tlsCa });
  if (named.every(([, file]) => file === "")) return undefined;
  const missing = named.filter(([, file]) => file === "").map(([name]) => `${name} is not set`);
  if (missing.length > 0)
    throw new ConfigError(missing.map((one) => `${one}: set all three of TLS_CERT, TLS_KEY and TLS_CA, or none`));
  const { tlsDomain } = settings;
  const files = { cert: tlsCert, key: tlsKey, ca: tlsCa, ownIsTheirs: true };
  const { current, follow, close } = keepCertificates("TLS", files, settings.tlsReloadMs, log);
  const provider = providerOf(follow);
  return {
    domain: tlsDomain,
    get names() {
      return namesIn(current().own.subjectAltName, tlsDomain);
    },
    others: settings.tlsCallers.split(",").map((name) => name.trim()),
    current,
    follow,
    server: () => experimental.createCertificateProviderServerCredentials(provider, provider, true),
    channel: experimental.createCertificateProviderChannelCredentials(provider, provider),
    expecting: (service) => ({ "grpc.ssl_target_name_override": `${service}.${tlsDomain}` }),
    connection: Object.defineProperties(
      {},
      {
        cert: { enumerable: true, configurable: true, get: () => current().cert },
        key: { enumerable: true, configurable: true, get: () => current().key },
        ca: { enumerable: true, configurable: true, get: () => current().ca },
      },
    ),
    close,
  };
}

/** The name a service's certificate bears, by its contract: "/backhaul.partner.order.v1.OrderService/…" is order's. */
export function serverOf(path: string): string {
  const [, name = ""] = /^\/backhaul\.(?:partner\.)?([a-z]+)\.v1\./.exec(path) ?? [];
  return name;
}

/** As grpc-js takes it; its own file watcher would let a broken file take the place of one that holds. */
function providerOf(follow: Identity["follow"]): experimental.CertificateProvider {
  const ends = new Map<unknown, () => void>();
  function add(listener: unknown, tell: (now: Certificates) => void): void {
    // A server's credentials listen a moment before anybody listens to them: told at once, they would tell nobody.
    process.nextTick(() => ends.set(listener, follow(tell)));
  }
  function remove(listener: unknown): void {
    process.nextTick(() => {
      ends.get(listener)?.();
      ends.delete(listener);
    });
  }
  return {
    addCaCertificateListener: (listener) => add(listener, ({ ca }) => listener({ caCertificate: ca })),
    addIdentityCertificateListener: (listener) =>
      add(listener, ({ cert, key }) => listener({ certificate: cert, privateKey: key })),
    removeCaCertificateListener: remove,
    removeIdentityCertificateListener: remove,
  };
}
