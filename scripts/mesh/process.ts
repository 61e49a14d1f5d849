// One process of the mesh: started, watched until it answers, killed, started again, stopped. What it logs goes straight
// to its file, so that the launcher spends nothing on it.
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, existsSync, openSync, readFileSync } from "node:fs";
import type { Env } from "#kit/config.js";
import { endWithUs } from "#kit/local/processes.js";
import type { Identity } from "#kit/tls.js";
import { edgeReady, serving, untilReady } from "./ready.js";
import { mainOf, type ServiceName } from "./services.js";

export interface Plan {
  readonly service: ServiceName;
  /** "refund", or "refund-2" for its second replica. */
  readonly name: string;
  readonly port: number;
  readonly env: Env;
  readonly logFile: string;
  /** By which it is asked how it is; undefined without TLS. */
  readonly identity: Identity | undefined;
}

export interface MeshProcess extends Plan {
  /** Undefined while it does not run. */
  readonly pid: number | undefined;
  /** Resolves once it answers. `more` are settings of this run alone. @throws Error with its last log lines if it ends instead */
  start(more?: Env): Promise<void>;
  /** Sends the signal and waits for the end. */
  kill(signal: NodeJS.Signals): Promise<void>;
  /** Asks it to end and waits; after 15 s it is killed. */
  stop(): Promise<void>;
}

const readyMs = 120_000;
const stopMs = 15_000;
const tailLines = 12;

/** @param onLost called when it ends without having been told to */
export function meshProcess(plan: Plan, onLost: (process: MeshProcess, how: string) => void): MeshProcess {
  let child: ChildProcess | undefined;
  let told = false;
  let everStarted = false;

  async function start(more: Env = {}): Promise<void> {
    const log = openSync(plan.logFile, everStarted ? "a" : "w");
    everStarted = true;
    told = false;
    const started = spawn(process.execPath, ["--enable-source-maps", mainOf(plan.service)], {
      env: { ...process.env, ...plan.env, ...more },
      stdio: ["ignore", log, log],
    });
    closeSync(log);
    child = started;
    const ended = new AbortController();
    const gone = new Promise<string>((resolve) => {
      started.once("exit", (code, signal) => resolve(signal ? `by ${signal}` : `with code ${code}`));
    });
    endWithUs({ pid: started.pid ?? 0, ended: gone, signal: (signal) => void started.kill(signal) }, "SIGTERM");
    let answered = false;
    void gone.then((how) => {
      child = undefined;
      ended.abort();
      if (answered && !told) onLost(self, how);
    });
    started.once("error", () => ended.abort());
    const patience = setTimeout(() => ended.abort(), readyMs);
    const probe = () => (plan.service === "gateway" ? edgeReady(plan.port) : serving(plan.port, plan.identity));
    answered = await untilReady(probe, ended.signal);
    clearTimeout(patience);
    if (answered && child) return;
    const how = child ? `does not answer on port ${plan.port} within ${readyMs / 1000} s` : "ended while it started";
    if (child) await kill("SIGKILL");
    throw new Error(`${plan.name} ${how}. The end of ${plan.logFile}:\n${tail(plan.logFile)}`);
  }

  async function kill(signal: NodeJS.Signals): Promise<void> {
    const running = child;
    if (!running) return;
    told = true;
    const gone = once(running, "exit");
    running.kill(signal);
    await gone;
  }

  async function stop(): Promise<void> {
    const patience = setTimeout(() => child?.kill("SIGKILL"), stopMs);
    await kill("SIGTERM");
    clearTimeout(patience);
  }

  const self: MeshProcess = {
    ...plan,
    get pid() {
      return child?.pid;
    },
    start,
    kill,
    stop,
  };
  return self;
}

/** The last lines of a log. */
export function tail(file: string): string {
  const text = existsSync(file) ? readFileSync(file, "utf8") : "";
  const lines = text.split("\n").filter(Boolean).slice(-tailLines);
  return lines.map((line) => `  ${line.length > 1000 ? `${line.slice(0, 1000)}…` : line}`).join("\n");
}
