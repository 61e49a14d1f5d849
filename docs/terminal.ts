// What a reader of a page has before them: a shell that takes one command after the other, and another one in which
// something stays up until Ctrl-C.
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { root } from "./pages.js";

export interface Answer {
  /** -1 when the shell itself ended. */
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Shell {
  run(command: string): Promise<Answer>;
  close(): void;
}

const patienceMs = 20_000;
type Env = Readonly<Record<string, string | undefined>>;

// Each has a process group of its own, so that what it started ends with it, and with us.
const living = new Set<ChildProcess>();
process.on("exit", () => {
  for (const child of living) signalGroup(child, "SIGTERM");
});

/** What a command sets, the next one sees. @param dir holds what the last one printed */
export function openShell(dir: string, env: Env): Shell {
  const child = spawn("bash", [], { cwd: root, env, stdio: ["pipe", "pipe", "inherit"], detached: true });
  living.add(child);
  const codes = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const [out, err] = [join(dir, "stdout"), join(dir, "stderr")];
  return {
    run: async (command) => {
      child.stdin.write(`{ ${command}\n} </dev/null >'${out}' 2>'${err}'; echo $?\n`);
      const { value = "-1" } = await codes.next();
      return { code: Number(value), stdout: readFileSync(out, "utf8"), stderr: readFileSync(err, "utf8") };
    },
    close: () => {
      living.delete(child);
      signalGroup(child, "SIGKILL");
    },
  };
}

export interface Foreground {
  /** Resolves with all it printed once that matches. @throws Error with the same if it ends before */
  printed(ready: RegExp): Promise<string>;
  /** Resolves when it has ended, and all it started too. */
  ctrlC(): Promise<void>;
}

/** Starts what stays up. */
export function startUp(command: string, env: Env): Foreground {
  const child = spawn("bash", ["-c", command], { cwd: root, env, stdio: ["ignore", "pipe", "pipe"], detached: true });
  living.add(child);
  // Not "exit": npm may be gone before what it started.
  const ended = once(child, "close").then(() => living.delete(child));
  let output = "";
  let complaints = "";
  const { stdout, stderr } = child;
  stdout.setEncoding("utf8").on("data", (text) => {
    output += text;
  });
  stderr.setEncoding("utf8").on("data", (text) => {
    complaints += text;
  });
  return {
    printed: (ready) =>
      new Promise((resolve, reject) => {
        stdout.on("data", () => ready.test(output) && resolve(output));
        void ended.then(() => reject(new Error(`${command} ended:\n${output}${complaints}`)));
      }),
    ctrlC: async () => {
      signalGroup(child, "SIGINT");
      // As people do; the launcher takes the second one for "at once".
      const again = setTimeout(() => signalGroup(child, "SIGINT"), patienceMs);
      await ended;
      clearTimeout(again);
    },
  };
}

function signalGroup({ pid }: ChildProcess, signal: NodeJS.Signals): void {
  try {
    if (pid) process.kill(-pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
  }
}
