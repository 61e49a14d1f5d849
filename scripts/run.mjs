// Runs a script of this folder from dist/: `node scripts/run.mjs start --exit`. It brings dist/ up to date first, and
// gives the script a session of its own, because Ctrl-C in a terminal goes to every process of the session at once: the
// databases would be gone before the services have put down their work. The script hears of it once, from here.
import { spawn } from "node:child_process";
import { constants } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "./build.mjs";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const [name, ...args] = process.argv.slice(2);

try {
  build();
} catch (error) {
  console.error(`build: ${error.message}`);
  process.exit(1);
}

const script = join(root, "dist", "scripts", `${name}.js`);
const child = spawn(process.execPath, ["--enable-source-maps", script, ...args], {
  // The channel tells the script when this process is gone, even by SIGKILL; see mesh/ending.ts.
  stdio: ["ignore", "inherit", "inherit", "ipc"],
  detached: true,
});
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, () => child.kill("SIGTERM"));
child.on("exit", (code, signal) => process.exit(code ?? 128 + constants.signals[signal]));
