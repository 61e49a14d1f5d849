// A certificate authority for development and tests: makes the certificates by which the processes of a mesh know each
// other. Called by `npm run ca`, the launcher and tests; a company has its own (cert-manager, Vault, step-ca).
import "reflect-metadata"; // of the library below
import { randomBytes, webcrypto } from "node:crypto";
import {
  AuthorityKeyIdentifierExtension,
  BasicConstraintsExtension,
  ExtendedKeyUsage,
  ExtendedKeyUsageExtension,
  KeyUsageFlags,
  KeyUsagesExtension,
  SubjectAlternativeNameExtension,
  SubjectKeyIdentifierExtension,
  X509Certificate,
  X509CertificateGenerator,
} from "@peculiar/x509";

/** A certificate and its key, as PEM. */
export type Pair = { readonly cert: string; readonly key: string };

/** From when until when. */
export type Validity = { readonly from: Date; readonly to: Date };

/** What a certificate is to say. */
export type Wish = Validity & {
  readonly name: string;
  readonly dns: readonly string[];
  readonly ip?: readonly string[];
};

const algorithm = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" };
const usages: webcrypto.KeyUsage[] = ["sign", "verify"];

/** A new authority that signs only leaves. */
export async function newAuthority(name: string, { from, to }: Validity): Promise<Pair> {
  const keys = await webcrypto.subtle.generateKey(algorithm, true, usages);
  const made = await X509CertificateGenerator.createSelfSigned({
    serialNumber: serial(),
    name: `CN=${name}`,
    notBefore: from,
    notAfter: to,
    signingAlgorithm: algorithm,
    keys,
    extensions: [
      new BasicConstraintsExtension(true, 0, true),
      new KeyUsagesExtension(KeyUsageFlags.keyCertSign | KeyUsageFlags.cRLSign, true),
      await SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  });
  return pair(made, keys.privateKey);
}

/** A new key, and a certificate for it by which its holder may serve and call. */
export async function issue(authority: Pair, { name, dns, ip = [], from, to }: Wish): Promise<Pair> {
  const issuer = new X509Certificate(authority.cert);
  const keys = await webcrypto.subtle.generateKey(algorithm, true, usages);
  const made = await X509CertificateGenerator.create({
    serialNumber: serial(),
    subject: `CN=${name}`,
    issuer: issuer.subject,
    notBefore: from,
    notAfter: to,
    signingAlgorithm: algorithm,
    publicKey: keys.publicKey,
    signingKey: await signingKey(authority.key),
    extensions: [
      new BasicConstraintsExtension(false, undefined, true),
      new KeyUsagesExtension(KeyUsageFlags.digitalSignature, true),
      new ExtendedKeyUsageExtension([ExtendedKeyUsage.serverAuth, ExtendedKeyUsage.clientAuth]),
      new SubjectAlternativeNameExtension([
        ...dns.map((value) => ({ type: "dns" as const, value })),
        ...ip.map((value) => ({ type: "ip" as const, value })),
      ]),
      await SubjectKeyIdentifierExtension.create(keys.publicKey),
      await AuthorityKeyIdentifierExtension.create(issuer),
    ],
  });
  return pair(made, keys.privateKey);
}

/** Positive, whatever its first bit. */
function serial(): string {
  return `00${randomBytes(16).toString("hex")}`;
}

async function pair(made: X509Certificate, privateKey: webcrypto.CryptoKey): Promise<Pair> {
  const der = Buffer.from(await webcrypto.subtle.exportKey("pkcs8", privateKey)).toString("base64");
  const key = `-----BEGIN PRIVATE KEY-----\n${der.replace(/.{64}/g, "$&\n").trimEnd()}\n-----END PRIVATE KEY-----\n`;
  return { cert: `${made.toString("pem")}\n`, key };
}

function signingKey(pem: string): Promise<webcrypto.CryptoKey> {
  const der = Buffer.from(pem.replace(/-----[^-]+-----|\s/g, ""), "base64");
  return webcrypto.subtle.importKey("pkcs8", der, algorithm, false, ["sign"]);
}
