// Builds the client package: `npm run client` writes client/dist from client/, gen/ and what it shares with the kit;
// `npm run client -- pack [FOLDER]` puts the tarball there, here if not said, and prints its path. `npm pack` in client/
// comes by as well. Plain Node.
import { spawnSync } from "node:child_process";
import { copyFileSync, readFileSync, rmSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const client = join(root, "client");
const [act, folder = "."] = process.argv.slice(2);

try {
  if (act !== undefined && act !== "pack") throw new Error(`there is no ${act}: say pack, or nothing`);
  // npm pack builds by itself, before it packs.
  if (act === "pack") console.log(pack(resolve(folder)));
  else build();
} catch (error) {
  console.error(`client: ${error.message}`);
  process.exitCode = 1;
}

function build() {
  const version = (file) => JSON.parse(readFileSync(file, "utf8")).version;
  if (version(join(client, "package.json")) !== version(join(root, "package.json")))
    throw new Error("client/package.json has another version than package.json: they are released together");
  rmSync(join(client, "dist"), { recursive: true, force: true });
  run(process.execPath, [join(root, "node_modules/typescript/bin/tsc"), "-p", client]);
  copyFileSync(join(root, "LICENSE"), join(client, "LICENSE"));
}

function pack(to) {
  const output = run("npm", ["pack", "--silent", "--pack-destination", to]);
  return join(to, output.trim().split("\n").at(-1));
}

function run(command, args) {
  // On Windows npm is a script, which only a shell can run.
  const shell = process.platform === "win32" && command === "npm";
  const { status, stdout, stderr, error } = spawnSync(command, args, { cwd: client, encoding: "utf8", shell });
  if (status !== 0) throw new Error(`\`${command} ${args.join(" ")}\` failed\n${error?.message ?? stdout + stderr}`);
  return stdout;
}
