// Everything about the code that can be told without running it: `npm run check`. All checks run, even when one fails;
// what a failed one said comes after the list. Exit code 1 if any failed.
import { spawn } from "node:child_process";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { foundStamp, wantedStamp } from "./freshness.mjs";

process.chdir(fileURLToPath(new URL("..", import.meta.url)));

const folders = [
  "services",
  "gateway",
  "adapters",
  "client",
  "replay",
  "scripts",
  "test",
  "bench",
  "prove",
  "faults",
  "simulation",
  "planted",
  "docs",
  "deploy",
  "examples",
];
const buf = bin("@bufbuild/buf/bin/buf");

const checks = [
  ["generated code is fresh", async () => (wantedStamp() === foundStamp() ? [] : ["gen/ is old: run npm run setup"])],
  [
    "types",
    node(bin("typescript/bin/tsc"), "-p", "tsconfig.json", "--noEmit", "--tsBuildInfoFile", "dist/.check.tsbuildinfo"),
  ],
  ["lint and format", node(bin("@biomejs/biome/bin/biome"), "check", "--error-on-warnings", "--max-diagnostics=100")],
  ["imports keep to their side", cruise],
  ["cores name others' types only", node("scripts/check/types-only.mjs")],
  ["cores ask for no time and no chance", node("scripts/check/chance.mjs")],
  ["every rpc says who may call", node("scripts/check/access.mjs")],
  ["every boundary has its failpoints", node("--import", "tsx", "--conditions=source", "scripts/check/failpoints.ts")],
  ["nothing is unused", node(bin("knip/bin/knip.js"), "--no-progress", "--no-config-hints")],
  ["contracts: lint", node(buf, "lint")],
  ["contracts: format", node(buf, "format", "--diff", "--exit-code", "proto/api")],
  ["contracts: nothing broken", node(buf, "breaking", "proto/api", "--against", "proto/baseline.binpb")],
];

// As many as the machines of most CI services have cores; more would only make each look slow.
const atOnce = 2;
const failures = [];
let next = 0;
await Promise.all(Array.from({ length: atOnce }, worker));
for (const { name, lines } of failures) console.log(`\n${name}:\n${lines.join("\n")}`);
console.log(
  failures.length > 0 ? `\ncheck: ${failures.length} of ${checks.length} failed` : `check: all ${checks.length} hold`,
);
process.exitCode = failures.length > 0 ? 1 : 0;

async function worker() {
  while (next < checks.length) {
    const [name, run] = checks[next++];
    const startedAt = Date.now();
    const lines = await run().catch((error) => [String(error)]);
    const seconds = ((Date.now() - startedAt) / 1000).toFixed(1).padStart(5);
    console.log(`${lines.length > 0 ? "FAIL" : "ok  "} ${seconds} s  ${name}`);
    if (lines.length > 0) failures.push({ name, lines });
  }
}

/** A check that runs a program of Node's; what it prints is what is wrong, if it fails. */
function node(...args) {
  return async () => {
    const { code, output } = await run(args);
    return code === 0 ? [] : [output.trim() || `${args[0]} ended with ${code}`];
  };
}

/** A wrong path or parser would find no module, and so nothing wrong with any. */
async function cruise() {
  const { code, output } = await run([
    bin("dependency-cruiser/bin/dependency-cruise.mjs"),
    "--config",
    ".dependency-cruiser.cjs",
    "--output-type",
    "err-long",
    ...folders,
  ]);
  const cruised = Number(/(\d+) modules/.exec(output)?.[1] ?? 0);
  if (cruised === 0) return [output.trim(), "dependency-cruiser has found no module: it looked at nothing"];
  return code === 0 ? [] : [output.trim()];
}

function run(args) {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "pipe"] });
    let output = "";
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding("utf8");
      stream.on("data", (text) => {
        output += text;
      });
    }
    child.on("close", (code) => resolve({ code, output }));
  });
}

function bin(path) {
  return join("node_modules", path);
}
