// Builds the client package: `npm run client -- pack [FOLDER]` puts its tarball there, here if not said, and prints the
// path; nothing else in the checkout changes. `npm pack` in client/ makes the same, by way of `npm run client`, which writes
// client/dist from client/, gen/ and what it shares with the kit. Plain Node.
import { spawnSync } from "node:child_process";
import { copyFileSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const client = join(root, "client");
const [act, folder = "."] = process.argv.slice(2);

try {
  if (act !== undefined && act !== "pack") throw new Error(`there is no ${act}: say pack, or nothing`);
  if (act === "pack") console.log(pack(resolve(folder)));
  else build(client);
} catch (error) {
  console.error(`client: ${error.message}`);
  process.exitCode = 1;
}

/** Everything that the package holds, into a folder. */
function build(folder) {
  const version = (file) => JSON.parse(readFileSync(file, "utf8")).version;
  if (version(join(client, "package.json")) !== version(join(root, "package.json")))
    throw new Error("client/package.json has another version than package.json: they are released together");
  const dist = join(folder, "dist");
  rmSync(dist, { recursive: true, force: true });
  const tsc = join(root, "node_modules/typescript/bin/tsc");
  run(folder, process.execPath, [tsc, "-p", client, "--outDir", dist]);
  copyFileSync(join(root, "LICENSE"), join(folder, "LICENSE"));
}

function pack(to) {
  const folder = mkdtempSync(join(tmpdir(), "backhaul-client-"));
  try {
    build(folder);
    for (const name of ["package.json", "README.md"]) copyFileSync(join(client, name), join(folder, name));
    const output = run(folder, "npm", ["pack", "--silent", "--ignore-scripts", "--pack-destination", to]);
    return join(to, output.trim().split("\n").at(-1));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function run(cwd, command, args) {
  // On Windows npm is a script, which only a shell can run.
  const shell = process.platform === "win32" && command === "npm";
  const { status, stdout, stderr, error } = spawnSync(command, args, { cwd, encoding: "utf8", shell });
  if (status !== 0) throw new Error(`\`${command} ${args.join(" ")}\` failed\n${error?.message ?? stdout + stderr}`);
  return stdout;
}
