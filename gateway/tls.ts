// TLS at the edge's own port, where nothing before it ends TLS: a certificate that browsers and apps believe, and, if the
// ingress is to be the only one that gets in, the authority of its certificate. Renewed without a restart.
import type { ServerOptions } from "node:https";
import type { Socket } from "node:net";
import type { TLSSocket, Server as TlsServer } from "node:tls";
import { namesIn } from "#kit/certificates.js";
import { ConfigError, text } from "#kit/config.js";
import type { Log } from "#kit/log.js";
import { DomainError } from "#kit/pure/check.js";
import { keepCertificates } from "#kit/renewal.js";

/** What the settings say of the edge's own port. */
export type EdgeTlsSettings = {
  readonly edgeTlsCert: string;
  readonly edgeTlsKey: string;
  readonly edgeTlsClientCa: string;
  readonly edgeTlsClients: string;
  readonly tlsDomain: string;
  readonly tlsReloadMs: number;
};

/** For config.ts. */
export const edgeTlsSettings = {
  edgeTlsCert: text("EDGE_TLS_CERT", "certificate of the REST port, a PEM file; empty for plain HTTP", ""),
  edgeTlsKey: text("EDGE_TLS_KEY", "the key of EDGE_TLS_CERT, a PEM file", ""),
  edgeTlsClientCa: text(
    "EDGE_TLS_CLIENT_CA",
    "authorities whose certificates a client of the REST port must have, a PEM file; empty lets in any client",
    "",
  ),
  edgeTlsClients: text(
    "EDGE_TLS_CLIENTS",
    "names in the certificates of clients of the REST port, comma between; with EDGE_TLS_CLIENT_CA nobody else is let in",
    "ingress",
  ),
};

/** The edge's own certificate, kept up to date. */
export type EdgeTls = {
  /** For the server that is made. */
  readonly server: ServerOptions;
  /** Has the server use each new certificate. */
  renew(server: TlsServer): void;
  /** @throws DomainError PEER_NOT_ALLOWED if clients must be known by name, and this one is not */
  confirm(socket: Socket): void;
  close(): void;
};

/**
 * Opens it; undefined where the settings name none.
 * @throws ConfigError that says what is missing, or wrong with which file
 */
export function openEdgeTls(settings: EdgeTlsSettings, log: Log): EdgeTls | undefined {
  const { edgeTlsCert: cert, edgeTlsKey: key, edgeTlsClientCa: ca, tlsReloadMs, tlsDomain: domain } = settings;
  if (!cert && !key && !ca) return undefined;
  if (!cert || !key) throw new ConfigError(["EDGE_TLS_CERT and EDGE_TLS_KEY: set both, or neither of EDGE_TLS_…"]);
  const kept = keepCertificates("EDGE_TLS", { cert, key, ca, ownIsTheirs: false }, tlsReloadMs, log);
  const contextOf = (now: ReturnType<typeof kept.current>) => ({
    cert: now.cert,
    key: now.key,
    ...(ca ? { ca: now.ca } : {}),
  });
  const verified = ca !== "";
  const clients = settings.edgeTlsClients.split(",").map((name) => name.trim());
  // A certificate is read once per connection.
  const known = new WeakMap<Socket, readonly string[]>();
  const namesOf = (socket: Socket): readonly string[] => {
    const found = known.get(socket) ?? namesIn((socket as TLSSocket).getPeerCertificate().subjectaltname, domain);
    known.set(socket, found);
    return found;
  };
  return {
    server: { ...contextOf(kept.current()), requestCert: verified, rejectUnauthorized: verified },
    renew: (server) => void kept.follow((now) => server.setSecureContext(contextOf(now))),
    confirm: (socket) => {
      if (!verified || namesOf(socket).some((name) => clients.includes(name))) return;
      const peer = namesOf(socket).join() || "nobody of this domain";
      throw new DomainError("PEER_NOT_ALLOWED", `${peer} may not call here`, { peer });
    },
    close: kept.close,
  };
}
