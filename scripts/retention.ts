// What of a running mesh's data is past its time: `npm run retention -- --dry-run` counts, without it the rows go.
import { resolve } from "node:path";
import { openDatabase } from "#kit/postgres.js";
import { countPast, kitRules, periods, prune, type Rule } from "#kit/retention.js";
import { retention as collection } from "../services/collection/retention.js";
import { retention as inspection } from "../services/inspection/retention.js";
import { retention as refund } from "../services/refund/retention.js";
import { retention as resolution } from "../services/resolution/retention.js";
import { Failure, readArguments, runCommand, UsageError } from "./mesh/arguments.js";
import { runningMesh } from "./mesh/lock.js";
import { localDir } from "./mesh/places.js";

const help = `
Removes what is past its time, as the services do by themselves every hour: answers kept for repeated calls, announced
facts, settled dead letters, and the words of people about purchases of which nobody can dispute any more. What is open
is never touched; amounts and ids stay.

  npm run retention [-- --dry-run] [--json] [--now TIME] [--url URL] [--prefix PREFIX] [--dir DIR]

  --dry-run  only counts
  --json     for machines
  --now      the business time that counts, e.g. 2031-01-01T00:00:00Z; now if not given
  --url      Postgres; that of the mesh that runs from the folder if not given, else DATABASE_URL
  --prefix   stands before each service's schema; that of the running mesh if not given, else none
  --dir      the mesh's folder; .local if not given
`;

const own: Readonly<Record<string, readonly Rule[]>> = {
  collection,
  eligibility: [],
  inspection,
  reconciler: [],
  refund,
  resolution,
};

type Swept = { readonly service: string; readonly rule: string; readonly rows: number };

await runCommand("retention", async () => {
  const [text, flag] = [{ type: "string" }, { type: "boolean" }] as const;
  const options = { "dry-run": flag, json: flag, now: text, url: text, prefix: text, dir: text } as const;
  const { values, positionals } = readArguments(help, options);
  if (positionals.length > 0) throw new UsageError(`what is "${positionals[0]}"?`);
  const running = runningMesh(resolve(values.dir ?? localDir));
  const url = values.url ?? (running?.databaseUrl || process.env.DATABASE_URL);
  if (!url) throw new Failure("no mesh runs here: npm start starts one; or give --url");
  const prefix = values.prefix ?? running?.schemaPrefix ?? "";
  if (!/^\w*$/.test(prefix)) throw new UsageError(`--prefix is letters, digits and _, not "${prefix}"`);
  const business = values.now === undefined ? new Date() : new Date(values.now);
  if (Number.isNaN(business.getTime())) throw new UsageError(`--now is a time, not "${values.now}"`);

  const swept: Swept[] = [];
  for (const [service, rules] of Object.entries(own)) {
    const db = openDatabase({ url, schema: `${prefix}${service}`, poolSize: 1 });
    try {
      for (const rule of [...kitRules, ...rules]) {
        const now = rule.clock === "business" ? business : new Date();
        const rows = await (values["dry-run"] ? countPast(db, rule, now) : prune(db, rule, now));
        swept.push({ service, rule: rule.name, rows });
      }
    } catch (error) {
      throw new Failure(`${service}: the database cannot be asked: ${(error as Error).message}`);
    } finally {
      await db.close();
    }
  }
  console.log(values.json ? JSON.stringify(swept, undefined, 2) : table(swept, values["dry-run"] === true));
  return 0;
});

function table(swept: readonly Swept[], dryRun: boolean): string {
  const found = swept.filter(({ rows }) => rows > 0);
  const lines = found.map(({ service, rule, rows }) => `${service.padEnd(12)}  ${rule.padEnd(18)}  ${rows}`);
  const kept = periods.map(({ market, days, source }) => `  ${market}  ${days} days  ${source}`);
  const end = found.length === 0 ? "nothing is past its time" : dryRun ? "would go; nothing was changed" : "gone";
  return ["Words of people are kept, by market:", ...kept, "", ...lines, end].join("\n");
}
