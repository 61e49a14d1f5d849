// The files by which a process proves who it is and knows the others: read together, and looked over before they are
// used. Called by renewal.ts.
import { createPrivateKey, X509Certificate } from "node:crypto";
import { readFileSync } from "node:fs";
import { createSecureContext } from "node:tls";

/** Where they lie: PEM. */
export type CertificateFiles = {
  /** The process's own, then intermediates. */
  readonly cert: string;
  readonly key: string;
  /** Any number of authorities whose certificates are believed; "" for none. */
  readonly ca: string;
  /** Whether one of those must have issued its own, too: within a mesh they did, before browsers somebody else did. */
  readonly ownIsTheirs: boolean;
};

/** What they hold. */
export type Certificates = {
  readonly cert: Buffer;
  readonly key: Buffer;
  /** Empty for none. */
  readonly ca: Buffer;
  /** The process's own certificate. */
  readonly own: X509Certificate;
};

/** @throws Error that says what is wrong with which file, and never what is in it */
export function readCertificates(files: CertificateFiles): Certificates {
  const cert = readFileSync(files.cert);
  const key = readFileSync(files.key);
  const ca = files.ca ? readFileSync(files.ca) : Buffer.alloc(0);
  const chain = certificatesIn(cert, files.cert);
  const authorities = files.ca ? certificatesIn(ca, files.ca) : [];
  const own = chain[0] as X509Certificate;
  if (!own.checkPrivateKey(privateKey(key, files.key))) throw new Error(`${files.key} is not the key of ${files.cert}`);
  const now = Date.now();
  if (Date.parse(own.validTo) <= now) throw new Error(`${files.cert} expired on ${own.validTo}`);
  if (Date.parse(own.validFrom) > now) throw new Error(`${files.cert} does not hold before ${own.validFrom}`);
  if (files.ownIsTheirs && !leadsTo(authorities, chain))
    throw new Error(`${files.cert} was issued by nobody in ${files.ca}`);
  createSecureContext({ cert, key, ...(files.ca ? { ca } : {}) }); // throws where OpenSSL has more to object to
  return { cert, key, ca, own };
}

/** The names under which a certificate's holder goes in this domain, by its subject alternative names. */
export function namesIn(subjectAltName: string | undefined, domain: string): readonly string[] {
  const suffix = `.${domain}`;
  return (subjectAltName ?? "").split(", ").flatMap((entry) => {
    const name = entry.startsWith("DNS:") && entry.endsWith(suffix) ? entry.slice(4, -suffix.length) : "";
    return /^[a-z0-9-]+$/.test(name) ? [name] : [];
  });
}

/** Whether the first of a chain was issued, link by link, by one of the authorities. */
function leadsTo(authorities: readonly X509Certificate[], [first, ...rest]: readonly X509Certificate[]): boolean {
  if (!first) return false;
  const issued = (by: X509Certificate) => first.checkIssued(by) && first.verify(by.publicKey);
  const [next] = rest;
  return authorities.some(issued) || (next !== undefined && issued(next) && leadsTo(authorities, rest));
}

function certificatesIn(pem: Buffer, file: string): X509Certificate[] {
  const found = pem.toString().match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? [];
  if (found.length === 0) throw new Error(`${file} holds no PEM certificate`);
  try {
    return found.map((one) => new X509Certificate(one));
  } catch {
    throw new Error(`${file} holds a certificate that cannot be read`);
  }
}

function privateKey(pem: Buffer, file: string) {
  try {
    return createPrivateKey(pem);
  } catch {
    throw new Error(`${file} holds no PEM private key without a password`);
  }
}
