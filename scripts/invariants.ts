// Asks the invariants of a running mesh: `npm run invariants`.
import { resolve } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { type Asked, type Books, broken, checkInvariants } from "./invariants/check.js";
import { Failure, readArguments, runCommand, secondsOf, UsageError } from "./mesh/arguments.js";
import { commandIdentity } from "./mesh/certificates.js";
import { runningMesh } from "./mesh/lock.js";
import { localDir } from "./mesh/places.js";

const help = `
Asks the live databases, the streams and the sandbox's own books whether all is as it must be: forty invariants of money,
requests, facts and security, each of which must find nothing. They are asked as of one moment and change nothing.

  npm run invariants [-- --json] [--only 1-15,27] [--watch 30s] [--grace 60s] [--url URL] [--prefix PREFIX] [--nats URL]
    [--tls DIR] [--dir DIR]

  --json    each invariant with the rows that break it, as JSON; with --watch a line each time
  --only    these numbers
  --watch   asks again and again, with so much between two times, until it is stopped; only then epochs that went back show
  --grace   what is younger may still be under way; 60s if not given
  --url     Postgres; that of the mesh that runs from the folder if not given, else DATABASE_URL
  --prefix  stands before each service's schema; that of the running mesh if not given, else none
  --nats    that of the running mesh if not given, else NATS_URL; without one the streams are left out
  --tls     certificates such as npm run ca makes, where the servers ask for one; the mesh's own if not given
  --dir     the mesh's folder; .local if not given

Exit code 0 only if all hold, each time. What each of them reads, and what to look at: docs/invariants.md
`;

/** Rows of one invariant that a person is shown. */
const shown = 5;

await runCommand("invariants", async () => {
  const text = { type: "string" } as const;
  const places = { url: text, prefix: text, nats: text, tls: text, dir: text };
  const options = { json: { type: "boolean" }, only: text, watch: text, grace: text, ...places } as const;
  const { values, positionals } = readArguments(help, options);
  if (positionals.length > 0) throw new UsageError(`what is "${positionals[0]}"?`);
  const books = booksOf(values);
  const everyMs = values.watch === undefined ? undefined : secondsOf(values.watch) * 1000;
  const asking = () =>
    checkInvariants(books).catch((error: Error) => {
      throw new Failure(`the database cannot be asked: ${error.message}`);
    });

  const first = await asking();
  if (everyMs === undefined) {
    console.log(values.json ? JSON.stringify(first, undefined, 2) : table(first));
    return broken(first).length === 0 ? 0 : 1;
  }
  let held = true;
  const stopped = stopSignal();
  for (let asked = first; ; asked = await asking()) {
    held &&= broken(asked).length === 0;
    console.log(values.json ? JSON.stringify(asked) : line(asked));
    if (await pause(everyMs, stopped)) return held ? 0 : 1;
  }
});

function booksOf(values: Readonly<Record<string, string | boolean | undefined>>): Books {
  const given = (name: string) => values[name] as string | undefined;
  const dir = resolve(given("dir") ?? localDir);
  const running = runningMesh(dir);
  const databaseUrl = given("url") ?? (running?.databaseUrl || process.env.DATABASE_URL);
  if (!databaseUrl) throw new Failure(`no mesh runs from ${dir}: npm start starts one; or give --url`);
  const prefix = given("prefix") ?? running?.schemaPrefix ?? "";
  if (!/^\w*$/.test(prefix)) throw new UsageError(`--prefix is letters, digits and _, not "${prefix}"`);
  return {
    databaseUrl,
    schemaOf: (service) => `${prefix}${service}`,
    natsUrl: given("nats") ?? (running?.natsUrl || process.env.NATS_URL || undefined),
    identity: commandIdentity(given("tls"), dir, running?.tls),
    graceMs: secondsOf(given("grace") ?? "60s") * 1000,
    only: given("only") === undefined ? undefined : numbersOf(given("only") as string),
    memory: new Map(),
  };
}

/** "1-15,27" @throws UsageError */
function numbersOf(text: string): number[] {
  return text.split(",").flatMap((part) => {
    const [, from = "", to = from] = /^(\d{1,2})(?:-(\d{1,2}))?$/.exec(part.trim()) ?? [];
    const [first, last] = [Number(from), Number(to)];
    if (from === "" || first < 1 || last > 40 || first > last) throw new UsageError(`--only is 1-15,27, not "${text}"`);
    return Array.from({ length: last - first + 1 }, (_, i) => first + i);
  });
}

function table(asked: readonly Asked[]): string {
  const width = Math.max(...asked.map(({ name }) => name.length));
  const lines = asked.flatMap((one) => [
    `${String(one.number).padStart(3)}  ${one.name.padEnd(width)}  ${one.error ? "cannot be asked" : one.rows.length}`,
    ...details(one),
  ]);
  return [`  #  ${"what holds".padEnd(width)}  rows`, ...lines, "", ...endOf(asked)].join("\n");
}

function details(one: Asked): string[] {
  const { rows, error, look } = one;
  if (broken([one]).length === 0) return [];
  return [
    ...(error ? [`     ${error}`] : []),
    ...rows.slice(0, shown).map((row) => `     ${JSON.stringify(row)}`),
    ...(rows.length > shown ? [`     and ${rows.length - shown} more`] : []),
    `     look at ${look}`,
  ];
}

function endOf(asked: readonly Asked[]): string[] {
  const bad = broken(asked).length;
  const unread = new Set(asked.flatMap((one) => one.unread ?? []));
  return [
    ...(unread.has("partners") ? ["there is no sandbox here: what its books would show was left out"] : []),
    ...(unread.has("streams") ? ["no --nats: what the streams would show was left out"] : []),
    bad === 0 ? `all ${asked.length} hold` : `${bad} of ${asked.length} do not hold`,
  ];
}

/** One time of many. */
function line(asked: readonly Asked[]): string {
  const found = broken(asked).flatMap((one) => [`${String(one.number).padStart(3)}  ${one.name}`, ...details(one)]);
  return [`${new Date().toISOString()}  ${endOf(asked).at(-1)}`, ...found].join("\n");
}

function stopSignal(): AbortSignal {
  const stop = new AbortController();
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => stop.abort());
  return stop.signal;
}

/** True if it was stopped meanwhile. */
async function pause(ms: number, signal: AbortSignal): Promise<boolean> {
  await sleep(ms, undefined, { signal }).catch(() => {});
  return signal.aborted;
}
