import assert from "node:assert/strict";
import type { Socket } from "node:net";
import { ConfigError } from "#kit/config.js";
import { type Certificates, domain, openCertificates } from "#kit/testing/certificates.js";
import { openEdgeTls } from "../tls.js";
import { quiet } from "./fakes.js";

describe("TLS at the edge's own port", () => {
  let certificates: Certificates;
  let edge: { cert: string; key: string; ca: string };
  before(async () => {
    certificates = await openCertificates();
    edge = certificates.write("edge", await certificates.pairFor(["edge"]));
  });
  after(() => certificates.close());

  const opened = (cert: string, key: string, ca = "") =>
    openEdgeTls(
      {
        edgeTlsCert: cert,
        edgeTlsKey: key,
        edgeTlsClientCa: ca,
        edgeTlsClients: "ingress, probe",
        tlsDomain: domain,
        tlsReloadMs: 1_000,
      },
      quiet,
    );
  /** A connection whose client showed a certificate with these names. */
  const shown = (...names: string[]) => {
    const subjectaltname = names.map((name) => `DNS:${name}`).join(", ");
    return { getPeerCertificate: () => ({ subjectaltname }) } as unknown as Socket;
  };

  it("is off where nothing is set, and not half on", () => {
    assert.equal(opened("", ""), undefined);
    assert.throws(() => opened(edge.cert, ""), ConfigError);
    assert.throws(() => opened("", "", edge.ca), ConfigError);
    assert.throws(() => opened(edge.cert, edge.ca), /EDGE_TLS_CERT, EDGE_TLS_KEY: .*holds no PEM private key/);
  });

  it("asks nobody for a certificate unless it is told whose", () => {
    const tls = opened(edge.cert, edge.key);
    assert.equal(tls?.server.requestCert, false);
    assert.doesNotThrow(() => tls?.confirm(shown()));
    tls?.close();
  });

  it("lets in the clients that are named, in the mesh's domain, and no others", () => {
    const tls = opened(edge.cert, edge.key, edge.ca);
    assert.deepEqual([tls?.server.requestCert, tls?.server.rejectUnauthorized], [true, true]);
    assert.doesNotThrow(() => tls?.confirm(shown(`probe.${domain}`, "localhost")));
    for (const name of ["ingress", `operator.${domain}`, `ingress.x.${domain}`, `*.${domain}`]) {
      assert.throws(() => tls?.confirm(shown(name)), { reason: "PEER_NOT_ALLOWED" }, name);
    }
    tls?.close();
  });
});
