// Runs some tests of the suite in a process of their own, with a planted bug or without one, and tells what became of each.
import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Bug, Catcher } from "./bug.js";

/** What became of the tests that were asked for. */
export type Trial = {
  readonly red: readonly Catcher[];
  readonly green: readonly Catcher[];
  /** That never began: the file could not be loaded, or what stands before it failed. */
  readonly absent: readonly Catcher[];
  readonly seconds: number;
  /** What the run printed besides. */
  readonly output: string;
};

type Reported = { readonly title: string; readonly file: string };
type Report = { readonly passes: readonly Reported[]; readonly failures: readonly Reported[] };

const root = fileURLToPath(new URL("..", import.meta.url));
/** What a test of the slowest kind may take, where it waits for what the bug keeps from happening. */
const patienceMs = "60000";

export async function runTrial(wanted: readonly Catcher[], bug?: Bug, env: NodeJS.ProcessEnv = {}): Promise<Trial> {
  const folder = mkdtempSync(join(tmpdir(), "planted-"));
  const startedAt = performance.now();
  try {
    const file = join(folder, "report.json");
    const planted = bug ? ["--import", "./planted/register.mjs"] : [];
    // Without it mocha would load tests past the hooks by which bugs are planted.
    const asImports = "--no-experimental-require-module";
    const output = await mocha([asImports, ...planted, "--import", "tsx", "--conditions=source"], wanted, file, {
      ...env,
      ...(bug && { PLANTED: bug.name }),
    });
    const { passes, failures } = reportIn(file);
    const is = (reported: readonly Reported[]) => (one: Catcher) =>
      reported.some(({ title, file }) => title === one.title && file === join(root, one.file));
    const [red, green] = [wanted.filter(is(failures)), wanted.filter(is(passes))];
    const absent = wanted.filter((one) => !red.includes(one) && !green.includes(one));
    return { red, green, absent, seconds: (performance.now() - startedAt) / 1000, output };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** A run that could not even load its files writes no report. */
function reportIn(file: string): Report {
  try {
    return JSON.parse(readFileSync(file, "utf8"));
  } catch {
    return { passes: [], failures: [] };
  }
}

function mocha(
  node: readonly string[],
  wanted: readonly Catcher[],
  report: string,
  env: NodeJS.ProcessEnv,
): Promise<string> {
  const files = [...new Set(wanted.map(({ file }) => file))];
  const titles = wanted.map(({ title }) => title.replace(/[.*+?^${}()|[\]\\]/g, "\\$&"));
  const args = ["--no-config", "--require", "./services/_kit/testing/hooks.ts", "--timeout", patienceMs, "--exit"];
  const told = ["--reporter", "json", "--reporter-option", `output=${report}`];
  const asked = ["--grep", `(${titles.join("|")})$`];
  const child = spawn(
    process.execPath,
    [...node, "node_modules/mocha/lib/cli/cli.js", ...args, ...told, ...asked, ...files],
    { cwd: root, stdio: ["ignore", "pipe", "pipe"], env: { ...process.env, ...env } },
  );
  let output = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8").on("data", (text: string) => {
      output += text;
    });
  }
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("close", () => resolve(output));
  });
}
