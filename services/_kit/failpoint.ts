// Places where a process may be made to fail, to prove that it matters to nobody: before and after each write, publication,
// delivery, step and call. FAILPOINT=refund.step.pay.done:3 kills the refund process, as kill -9 would, when it comes to that
// place for the third time; docs/failpoints.md lists them all. In production builds noFailpoints.ts stands in this file's
// place.
import { appendFileSync, readFileSync } from "node:fs";
import { ConfigError, type Env } from "#kit/config.js";

/** What kind of boundary a place is at. */
export type Kind = "commit" | "write" | "publish" | "fact" | "step" | "call" | "http" | "seal";

type Reached = (kind: Kind, what: string, moment: string) => void;

/** What is done at every place; undefined in a process that nobody makes fail, where a place costs this one look. */
let reached: Reached | undefined;

/** A place to fail at. `what` is given as it is at hand, so that nothing is put together on the way. */
export function failpoint(kind: Kind, what: string, moment: string): void {
  if (reached !== undefined) reached(kind, what, moment);
}

/** Whether this process does anything at its places: for what would cost something to find out. */
export function failpointsArmed(): boolean {
  return reached !== undefined;
}

const signals: Readonly<Record<string, NodeJS.Signals>> = { kill: "SIGKILL", stop: "SIGSTOP", term: "SIGTERM" };
const form = /^(.+):([1-9]\d*)(?::(kill|stop|term|throw|pause=([1-9]\d*)))?$/;

/**
 * Does what FAILPOINT says: `name:nth`, and what happens there if not `kill`: `stop` until somebody continues it, `term` as
 * who ends it in peace, `throw` as if the machinery failed, `pause=MS` with the event loop held. `record:FILE` notes the
 * names of the places that are come to. A name of another service's place is no mistake, and does nothing here.
 * @throws ConfigError for a form or a name that is wrong, and in production
 */
export function armFailpoint(service: string, env: Env): void {
  reached = undefined;
  const setting = env.FAILPOINT ?? "";
  if (setting === "") return;
  if (env.NODE_ENV === "production") throw new ConfigError(["FAILPOINT is for tests: it is refused in production"]);
  if (setting.startsWith("record:")) {
    reached = recorder(service, setting.slice("record:".length));
    return;
  }
  const [, name = "", nth = "", action = "kill", pauseMs = ""] = form.exec(setting) ?? [];
  if (name === "") {
    throw new ConfigError([
      `FAILPOINT="${setting}" is not name:nth or name:nth:action, e.g. refund.step.pay.done:1:stop`,
    ]);
  }
  const known = allNames();
  if (!known.includes(name)) {
    throw new ConfigError([
      `FAILPOINT="${setting}" names no place; the nearest are ${nearest(name, known).join(", ")}`,
    ]);
  }
  const words = name.split(".");
  if (words[0] !== service) return;
  const [kind, what, moment] = [words[1], words.slice(2, -1).join("."), words.at(-1)];
  let left = Number(nth);
  reached = (...at) => {
    if (at[2] !== moment || at[0] !== kind || plain(at[1]) !== what) return;
    left--;
    if (left === 0) act(name, action, Number(pauseMs));
  };
}

function act(name: string, action: string, pauseMs: number): void {
  const signal = signals[action];
  if (signal) process.kill(process.pid, signal);
  // A database or a broker that is away says so in these words; stores know them.
  else if (action === "throw") throw new Error(`terminated at failpoint ${name}`);
  else Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, pauseMs);
}

function recorder(service: string, file: string): Reached {
  const seen = new Set<string>();
  return (kind, what, moment) => {
    const name = `${service}.${kind}.${plain(what)}.${moment}`;
    if (seen.has(name)) return;
    seen.add(name);
    appendFileSync(file, `${name}\n`);
  };
}

/** gRPC writes its methods with a slash before them. */
function plain(what: string): string {
  return what.startsWith("/") ? what.slice(1) : what;
}

function allNames(): readonly string[] {
  return JSON.parse(readFileSync(new URL("failpoints.json", import.meta.url), "utf8"));
}

/** Those that share most with it, letter pairs counted. */
function nearest(name: string, known: readonly string[]): string[] {
  const wanted = pairsOf(name);
  const scored = known.map((other) => {
    const pairs = pairsOf(other);
    const shared = [...pairs].filter((pair) => wanted.has(pair)).length;
    return { other, likeness: (2 * shared) / (pairs.size + wanted.size) };
  });
  return scored
    .sort((one, other) => other.likeness - one.likeness)
    .slice(0, 3)
    .map(({ other }) => other);
}

function pairsOf(name: string): ReadonlySet<string> {
  return new Set(Array.from({ length: name.length - 1 }, (_, at) => name.slice(at, at + 2)));
}
