// Certificates made up for a test: an authority of its own, and files as a process is told of them.
import { mkdtempSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Env } from "#kit/config.js";
import { issue, newAuthority, type Pair, type Validity } from "#kit/local/authority.js";
import { createLog, type Log } from "#kit/log.js";
import { type Identity, openIdentity, type TlsSettings } from "#kit/tls.js";

export const domain = "test.internal";

const hour = 3_600_000;
/** From so many hours from now to so many. */
export function hours(from: number, to: number): Validity {
  return { from: new Date(Date.now() + from * hour), to: new Date(Date.now() + to * hour) };
}
const today = hours(-1, 24);

export type Certificates = Awaited<ReturnType<typeof openCertificates>>;

/** An authority, and a folder for what it issues. */
export async function openCertificates() {
  const folder = mkdtempSync(join(tmpdir(), "backhaul-tls-"));
  const authority = await newAuthority("test", today);

  /** In one go, as a careful hand or an orchestrator does it. */
  function put(file: string, text: string): string {
    writeFileSync(`${join(folder, file)}.new`, text, { mode: 0o600 });
    renameSync(`${join(folder, file)}.new`, join(folder, file));
    return join(folder, file);
  }
  /** A pair for the holder of these names. */
  function pairFor(names: readonly string[], validity: Validity = today, by: Pair = authority): Promise<Pair> {
    const dns = [...names.map((name) => `${name}.${domain}`), "localhost"];
    return issue(by, { name: names[0] ?? "", dns, ip: ["127.0.0.1"], ...validity });
  }
  /** Writes a process's three files, over those it has. */
  function write(name: string, { cert, key }: Pair, ca = authority.cert): Record<"cert" | "key" | "ca", string> {
    return {
      ca: put(`${name}-ca.crt`, ca),
      key: put(`${name}.key`, key),
      cert: put(`${name}.crt`, cert),
    };
  }
  /** The settings of a process with a fresh certificate. */
  async function settings(name: string, also: readonly string[] = []): Promise<TlsSettings> {
    const { cert, key, ca } = write(name, await pairFor([name, ...also]));
    return { tlsCert: cert, tlsKey: key, tlsCa: ca, tlsDomain: domain, tlsCallers: "operator", tlsReloadMs: 20 };
  }
  /** The same, as its environment. */
  async function env(name: string, also: readonly string[] = []): Promise<Env> {
    const { tlsCert, tlsKey, tlsCa, tlsReloadMs } = await settings(name, also);
    const files = { TLS_CERT: tlsCert, TLS_KEY: tlsKey, TLS_CA: tlsCa };
    return { ...files, TLS_DOMAIN: domain, TLS_RELOAD_MS: String(tlsReloadMs) };
  }
  return {
    folder,
    env,
    authority,
    put,
    pairFor,
    write,
    settings,
    identity: async (name: string, log: Log = createLog("test", "silent")): Promise<Identity> =>
      openIdentity(await settings(name), log) as Identity,
    close: () => rmSync(folder, { recursive: true, force: true }),
  };
}
