// Asks the money invariants of a running mesh: `npm run invariants`.
import { resolve } from "node:path";
import { limitsOfPolicies } from "./invariants/goods.js";
import { type Asked, askInvariants, broken } from "./invariants/invariant.js";
import { moneyInvariants } from "./invariants/money.js";
import { Failure, readArguments, runCommand, UsageError } from "./mesh/arguments.js";
import { runningMesh } from "./mesh/lock.js";
import { localDir } from "./mesh/places.js";

const help = `
Asks the live databases whether the money is as it must be: fifteen queries, each of which must find nothing. They are
asked as of one moment and change nothing. What is under way at that moment may show; ask again when it has come to rest.

  npm run invariants [-- --json] [--url URL] [--prefix PREFIX] [--dir DIR]

  --json    each invariant with the rows that break it, as JSON
  --url     Postgres; that of the mesh that runs from the folder if not given, else DATABASE_URL
  --prefix  stands before each service's schema; that of the running mesh if not given, else none
  --dir     the mesh's folder; .local if not given

Exit code 0 only if all hold.
`;

/** Rows of one invariant that a person is shown. */
const shown = 5;

await runCommand("invariants", async () => {
  const text = { type: "string" } as const;
  const options = { json: { type: "boolean" }, url: text, prefix: text, dir: text } as const;
  const { values, positionals } = readArguments(help, options);
  if (positionals.length > 0) throw new UsageError(`what is "${positionals[0]}"?`);
  const dir = resolve(values.dir ?? localDir);
  const running = runningMesh(dir);
  const url = values.url ?? (running?.databaseUrl || process.env.DATABASE_URL);
  if (!url) throw new Failure(`no mesh runs from ${dir}: npm start starts one; or give --url`);
  const prefix = values.prefix ?? running?.schemaPrefix ?? "";
  if (!/^\w*$/.test(prefix)) throw new UsageError(`--prefix is letters, digits and _, not "${prefix}"`);

  const invariants = moneyInvariants((service) => `${prefix}${service}`, limitsOfPolicies());
  const asked = await askInvariants(url, invariants).catch((error: Error) => {
    throw new Failure(`the database cannot be asked: ${error.message}`);
  });
  console.log(values.json ? JSON.stringify(asked, undefined, 2) : table(asked));
  return broken(asked).length === 0 ? 0 : 1;
});

function table(asked: readonly Asked[]): string {
  const width = Math.max(...asked.map(({ name }) => name.length));
  const lines = asked.flatMap(({ number, name, rows, error }) => [
    `${String(number).padStart(3)}  ${name.padEnd(width)}  ${error ? "cannot be asked" : rows.length}`,
    ...(error ? [`     ${error}`] : []),
    ...rows.slice(0, shown).map((row) => `     ${JSON.stringify(row)}`),
    ...(rows.length > shown ? [`     and ${rows.length - shown} more`] : []),
  ]);
  const bad = broken(asked).length;
  const end = bad === 0 ? `all ${asked.length} hold` : `${bad} of ${asked.length} do not hold`;
  return [`  #  ${"the money".padEnd(width)}  rows`, ...lines, "", end].join("\n");
}
