// Makes dist/ from the sources: JavaScript by the native TypeScript compiler, beside it what the services read at run
// time (the descriptor set, policies, calendars, migrations, the excerpt). Does nothing when nothing changed, so that a
// start takes a second. It does not check types, so that a start is not held up by them; `npm run check` does. Plain
// Node; run.mjs calls it, and the image with --production: then there is no place left where FAILPOINT could make a
// process fail. --dist=FOLDER makes another folder than dist/.
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { dirname, join, relative, resolve, sep } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const folders = [
  "adapters",
  "gateway",
  "gen",
  "replay",
  "scripts",
  "services",
  "test",
  "bench",
  "prove",
  "faults",
  "simulation",
];
/** What is read at run time and not compiled. */
const asset = /\.(json|sql|toml|binpb|csv)$/;

/** What a production build has another file in the place of, and what it goes without. */
const failpoints = join("services", "_kit", "failpoint.js");
const noFailpoints = join("services", "_kit", "noFailpoints.js");
const names = join("services", "_kit", "failpoints.json");

/**
 * Brings dist/ up to date and says what it did on stderr, for stdout may be somebody's answer.
 * @throws Error with what the compiler said
 */
export function build({ production = false, dist = join(root, "dist") } = {}) {
  const sources = folders.flatMap((folder) => filesUnder(join(root, folder)));
  const inputs = sources.filter((file) => file.endsWith(".ts") || asset.test(file));
  const settings = ["package.json", "tsconfig.json", join("scripts", "build.mjs")].map((name) => join(root, name));
  const stamp = join(dist, ".stamp");
  const wanted = `${hash([...inputs, ...settings])}${production ? " production" : ""}`;
  if (existsSync(stamp) && readFileSync(stamp, "utf8") === wanted) return;
  console.error(`build: compiling to ${relative(root, dist) || dist}/`);
  // Gone first, so that a build that fails half-way is not taken for done.
  rmSync(stamp, { force: true });
  compile(dist, production);
  const copies = inputs.filter((file) => asset.test(file));
  for (const file of copies) copy(file, dist);
  removeLeftovers(inputs, dist);
  if (production) removeFailpoints(dist);
  writeFileSync(stamp, wanted);
}

function compile(dist, production) {
  const tsc = join(root, "node_modules", "typescript", "bin", "tsc");
  const buildInfo = join(dist, ".build.tsbuildinfo");
  // An empty dist/ beside a build info that remembers a full one would stay empty, and a file that was put in the place of
  // another would stay there.
  if (production || !existsSync(join(dist, names))) rmSync(buildInfo, { force: true });
  const config = join(root, "tsconfig.json");
  const args = [tsc, "-p", config, "--noCheck", "--outDir", dist, "--tsBuildInfoFile", buildInfo];
  const { status, stdout, stderr } = spawnSync(process.execPath, args, { cwd: root, encoding: "utf8" });
  if (status !== 0) throw new Error(`the sources do not compile:\n${stdout}${stderr}`);
}

/** The map of the file that stands there now keeps its name: the file itself says which that is. */
function removeFailpoints(dist) {
  renameSync(join(dist, noFailpoints), join(dist, failpoints));
  for (const file of [`${failpoints}.map`, names]) rmSync(join(dist, file), { force: true });
}

function copy(file, dist) {
  const to = join(dist, relative(root, file));
  mkdirSync(dirname(to), { recursive: true });
  copyFileSync(file, to);
}

/** A migration or a policy that was taken out of the sources must not go on working from dist/. */
function removeLeftovers(inputs, dist) {
  const kept = new Set();
  for (const file of inputs) {
    const to = join(dist, relative(root, file));
    for (const name of file.endsWith(".ts") ? [to.replace(/ts$/, "js"), to.replace(/ts$/, "js.map")] : [to])
      kept.add(name);
  }
  for (const file of folders.flatMap((folder) => filesUnder(join(dist, folder)))) {
    if (!kept.has(file)) rmSync(file);
  }
}

function hash(files) {
  const sum = createHash("sha256");
  for (const file of files) {
    const content = readFileSync(file);
    sum.update(`\0${relative(root, file).replaceAll(sep, "/")}\0${content.length}\0`).update(content);
  }
  return sum.digest("hex");
}

function filesUnder(dir) {
  if (!existsSync(dir)) return [];
  return readdirSync(dir, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath ?? entry.path, entry.name))
    .sort();
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) {
  const folder = process.argv.find((it) => it.startsWith("--dist="))?.slice("--dist=".length);
  const production = process.argv.includes("--production");
  try {
    build({ production, ...(folder ? { dist: resolve(folder) } : {}) });
  } catch (error) {
    console.error(`build: ${error.message}`);
    process.exitCode = 1;
  }
}
