// The servers we start are ordinary child processes that must not outlive us: here they are started, watched and ended.
// Called by postgres.ts and nats.ts.
import { spawn, spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";

/** A user to run as; empty means the one we are. Spread into spawn options. */
export interface Identity {
  uid?: number;
  gid?: number;
}

export interface Running {
  readonly pid: number;
  /** Settles when the process has ended, with how: "code 1", "signal SIGKILL". Never rejects. */
  readonly ended: Promise<string>;
  signal(signal: NodeJS.Signals): void;
}

export interface Child extends Running {
  /** The last lines it wrote, for an error message. */
  tail(): string;
}

export interface ChildOptions {
  as?: Identity;
  env?: NodeJS.ProcessEnv;
  /** What asks this server to end in good order; sent when we end without having stopped it. */
  stopSignal: NodeJS.Signals;
  log: (line: string) => void;
}

const TAIL_LINES = 20;

/** Starts a child whose output goes to `log`, line by line. Rejects when it cannot be started at all. */
export async function startChild(command: string, args: string[], options: ChildOptions): Promise<Child> {
  const child = spawn(command, args, {
    ...options.as,
    // Ours may be a directory that the other user cannot enter.
    cwd: "/",
    env: options.env ?? process.env,
    stdio: ["ignore", "pipe", "pipe"],
  });
  const ended = new Promise<string>((resolve) => {
    child.once("close", (code, signal) => resolve(signal ? `signal ${signal}` : `code ${code}`));
  });
  const lines: string[] = [];
  for (const stream of [child.stdout, child.stderr]) {
    createInterface({ input: stream }).on("line", (line) => {
      lines.push(line);
      if (lines.length > TAIL_LINES) lines.shift();
      options.log(line);
    });
  }
  await new Promise<void>((resolve, reject) => {
    child.once("spawn", resolve);
    child.once("error", (cause) => reject(new Error(`cannot start ${command}: ${cause.message}`, { cause })));
  });
  const running: Child = {
    pid: child.pid as number,
    ended,
    signal: (signal) => void child.kill(signal),
    tail: () => lines.join("\n"),
  };
  endWithUs(running, options.stopSignal);
  return running;
}

/** A process that somebody else started and left behind, from now on ours to end. */
export function adopt(pid: number, stopSignal: NodeJS.Signals): Running {
  const running: Running = {
    pid,
    ended: (async () => {
      while (isAlive(pid)) await sleep(50, undefined, { ref: false });
      return "adopted process gone";
    })(),
    signal: (signal) => {
      if (isAlive(pid)) process.kill(pid, signal);
    },
  };
  endWithUs(running, stopSignal);
  return running;
}

/** Sends each signal in turn and waits that long for the end. Throws when even the last did not help. */
export async function end(running: Running, ...steps: [signal: NodeJS.Signals, waitMs: number][]): Promise<void> {
  for (const [signal, waitMs] of steps) {
    running.signal(signal);
    const patience = new AbortController();
    const gone = await Promise.race([
      running.ended.then(() => true),
      sleep(waitMs, false, { signal: patience.signal }).catch(() => false),
    ]);
    patience.abort();
    if (gone) return;
  }
  throw new Error(`process ${running.pid} does not end, not even by ${steps.at(-1)?.[0]}`);
}

/** Whether it runs. One that has ended, but whose parent has not taken notice yet, does not. */
export function isAlive(pid: number): boolean {
  if (!pidInUse(pid)) return false;
  if (process.platform !== "linux") return true;
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    // After the name, which may hold anything, in brackets. Containers without an init keep their zombies for good.
    return !stat.slice(stat.lastIndexOf(")")).startsWith(") Z");
  } catch {
    return pidInUse(pid);
  }
}

/** What other programs take for alive. */
export function pidInUse(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}

/** The command line of a process, empty when it cannot be had: tells whether a pid still means the same program. */
export function commandLine(pid: number): string {
  try {
    if (process.platform === "linux") return readFileSync(`/proc/${pid}/cmdline`, "utf8").replaceAll("\0", " ");
    return spawnSync("ps", ["-ww", "-o", "command=", "-p", `${pid}`], { encoding: "utf8" }).stdout ?? "";
  } catch {
    return "";
  }
}

// What must not outlive this process, and how each is asked to end.
const living = new Map<Running, NodeJS.Signals>();
const fatalSignals: NodeJS.Signals[] = ["SIGINT", "SIGTERM", "SIGHUP"];
let watching = false;

/** Sees that it does not outlive this process, however this one ends, kill -9 aside. */
export function endWithUs(running: Running, stopSignal: NodeJS.Signals): void {
  living.set(running, stopSignal);
  void running.ended.then(() => living.delete(running));
  if (watching) return;
  watching = true;
  process.on("exit", endAll);
  for (const signal of fatalSignals) process.on(signal, onFatalSignal);
}

function endAll(): void {
  for (const [running, stopSignal] of living) running.signal(stopSignal);
}

/** Node skips "exit" when a signal ends it. A program with its own handler stops its servers itself, in its order. */
function onFatalSignal(signal: NodeJS.Signals): void {
  if (process.listenerCount(signal) > 1) return;
  endAll();
  process.removeListener(signal, onFatalSignal);
  process.kill(process.pid, signal);
}
