// Certificates that are renewed under a running process: their files are read again as they change. What stands is not
// touched, what is new uses what was read last, and files that are broken change nothing but the log.
import { statSync } from "node:fs";
import { type CertificateFiles, type Certificates, readCertificates } from "#kit/certificates.js";
import { ConfigError } from "#kit/config.js";
import type { Log } from "#kit/log.js";

export type KeptCertificates = {
  /** What holds now. */
  current(): Certificates;
  /** Calls back with what holds now, and again whenever that changes; gives what ends it. */
  follow(changed: (now: Certificates) => void): () => void;
  close(): void;
};

/**
 * Reads them, and looks every so often whether they have changed.
 * @param settings the beginning of the settings' names, for whoever has to mend them
 * @throws ConfigError that says what is wrong with which file
 */
export function keepCertificates(
  settings: string,
  files: CertificateFiles,
  everyMs: number,
  log: Log,
): KeptCertificates {
  let held: Certificates;
  try {
    held = readCertificates(files);
  } catch (error) {
    throw new ConfigError([`${settings}_CERT, ${settings}_KEY: ${(error as Error).message}`]);
  }
  log.info({ settings, names: held.own.subjectAltName, valid_to: held.own.validTo }, "certificate read");
  const followers = new Set<(now: Certificates) => void>();
  const stamps = () => [files.cert, files.key, files.ca].map(stampOf).join();
  let seen = stamps();
  let warned = "";
  const timer = setInterval(() => {
    warned = warnOfEnd(held, warned, log);
    const now = stamps();
    if (now === seen) return;
    seen = now;
    try {
      held = readCertificates(files);
    } catch (error) {
      // One of them may be half-way written, or not fit the others yet: the next change is looked at again.
      return log.error({ settings, problem: (error as Error).message }, "certificate not replaced");
    }
    log.info({ settings, valid_to: held.own.validTo }, "certificate replaced");
    for (const changed of followers) changed(held);
  }, everyMs);
  timer.unref();
  return {
    current: () => held,
    follow: (changed) => {
      followers.add(changed);
      changed(held);
      return () => followers.delete(changed);
    },
    close: () => clearInterval(timer),
  };
}

/** A file is another one when it was written, or a link to it turned, as orchestrators do with secrets. */
function stampOf(file: string): string {
  const { mtimeMs = 0, ino = 0, size = 0 } = statSync(file, { throwIfNoEntry: false }) ?? {};
  return `${mtimeMs}:${ino}:${size}`;
}

/** Says once of each certificate that only a fifth of its time is left, for somebody should have renewed it. */
function warnOfEnd({ own }: Certificates, warned: string, log: Log): string {
  const end = Date.parse(own.validTo);
  const left = (end - Date.now()) / (end - Date.parse(own.validFrom));
  if (left > 0.2 || warned === own.fingerprint256) return warned;
  log.error({ valid_to: own.validTo }, "certificate about to expire");
  return own.fingerprint256;
}
