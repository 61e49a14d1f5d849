// The certificates of a mesh on this machine, or of deploy/: an authority and a folder per process with tls.crt, tls.key
// and ca.crt, as cert-manager lays out a secret, so that a folder can be mounted and renewed under who reads it.
import { X509Certificate } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { readConfig } from "#kit/config.js";
import { registry } from "#kit/contracts.js";
import { issue, newAuthority, type Pair } from "#kit/local/authority.js";
import { createLog } from "#kit/log.js";
import { type Identity, openIdentity, serverOf, tlsSettings } from "#kit/tls.js";
import { serviceNames } from "./services.js";

/**
 * Who has a certificate: the processes, the servers, who asks the invariants, an operator's tools, whoever brings customers
 * to the gateway.
 */
export const holders: readonly string[] = [...serviceNames, "postgres", "nats", "invariants", "operator", "ingress"];

export interface CertificateFolder {
  /** Where the three files of a holder lie. */
  filesOf(name: string): { cert: string; key: string; ca: string };
  /** Has certificates made for those who have none, or one whose time is half over; answers for whom. */
  renewOld(names: readonly string[]): Promise<string[]>;
  /** A new certificate, whatever there is. */
  renew(name: string): Promise<void>;
}

const day = 86_400_000;
const authorityDays = 365;
/** Clocks of containers and laptops are not all right. */
const backdateMs = 5 * 60_000;

/** Opens the folder; makes the authority when there is none. */
export async function openCertificateFolder(dir: string, domain: string, days: number): Promise<CertificateFolder> {
  const authority = await openAuthority(dir);
  const filesOf = filesIn(dir);
  async function renew(name: string): Promise<void> {
    const dns = [...certificateNames(name).map((one) => `${one}.${domain}`), name, "localhost"];
    const made = await issue(authority, { name, dns, ip: ["127.0.0.1", "::1"], ...lasting(days) });
    mkdirSync(join(dir, name), { recursive: true, mode: 0o700 });
    const { cert, key, ca } = filesOf(name);
    put(ca, authority.cert, 0o644);
    put(key, made.key, 0o600);
    put(cert, made.cert, 0o644);
  }
  return {
    filesOf,
    renew,
    renewOld: async (names) => {
      const old = names.filter((name) => isOld(filesOf(name), authority));
      for (const name of old) await renew(name);
      return old;
    },
  };
}

/** Where the three files of a holder lie in the folder. */
export function filesIn(dir: string): CertificateFolder["filesOf"] {
  return (name) => ({
    cert: join(dir, name, "tls.crt"),
    key: join(dir, name, "tls.key"),
    ca: join(dir, name, "ca.crt"),
  });
}

/** Who calls the processes from outside: the launcher, a replay, a person's tools. @throws ConfigError if it has no files */
export function operatorIdentity({ filesOf }: Pick<CertificateFolder, "filesOf">): Identity {
  const { cert, key, ca } = filesOf("operator");
  const env = { TLS_CERT: cert, TLS_KEY: key, TLS_CA: ca };
  return openIdentity(readConfig(env, tlsSettings), createLog("operator", "error")) as Identity;
}

/** With which a command calls a mesh: of the folder that is named, or of the running mesh's own if that asks for one. */
export function commandIdentity(
  named: string | undefined,
  dir: string,
  asks: boolean | undefined,
): Identity | undefined {
  const folder = named ?? (asks ? join(dir, "tls") : undefined);
  return folder === undefined ? undefined : operatorIdentity({ filesOf: filesIn(resolve(folder)) });
}

/** The names of a holder, its own first; the sandbox has those of every outside system it plays, by their contracts. */
export function certificateNames(name: string): readonly string[] {
  // It answers the notification system's contract in its place.
  if (name === "outreach") return ["outreach", "notification"];
  if (name !== "partners") return [name];
  const played = [...registry]
    .filter((it) => it.kind === "service" && /^backhaul\.(partner|sandbox)\./.test(it.typeName))
    .map((it) => serverOf(`/${it.typeName}`));
  return ["partners", ...new Set(played)];
}

async function openAuthority(dir: string): Promise<Pair> {
  const [cert, key] = [join(dir, "ca.crt"), join(dir, "ca.key")];
  if (!existsSync(key)) {
    mkdirSync(dir, { recursive: true, mode: 0o700 });
    const made = await newAuthority("Backhaul development authority", lasting(authorityDays));
    put(key, made.key, 0o600);
    put(cert, made.cert, 0o644);
  }
  return { cert: readFileSync(cert, "utf8"), key: readFileSync(key, "utf8") };
}

function lasting(days: number) {
  return { from: new Date(Date.now() - backdateMs), to: new Date(Date.now() + days * day) };
}

/** Whether half of its time is over, or another authority issued it. */
function isOld({ cert, key }: { cert: string; key: string }, authority: Pair): boolean {
  if (!existsSync(cert) || !existsSync(key)) return true;
  const found = new X509Certificate(readFileSync(cert));
  const [from, to] = [Date.parse(found.validFrom), Date.parse(found.validTo)];
  return Date.now() > (from + to) / 2 || !found.verify(new X509Certificate(authority.cert).publicKey);
}

/** In one go: whoever reads it meanwhile reads the old one or the new one. */
function put(file: string, text: string, mode: number): void {
  writeFileSync(`${file}.new`, text, { mode });
  renameSync(`${file}.new`, file);
}
