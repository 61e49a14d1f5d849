// npm run planted [-- --only NAME[,NAME]] [-- --json]: plants each bug in its turn and runs the tests that are to catch it.
import { rmSync } from "node:fs";
import { passingFolder } from "#kit/local/folder.js";
import { startPostgres } from "#kit/local/postgres.js";
import { columns } from "../prove/proof.js";
import { readArguments, runCommand, UsageError } from "../scripts/mesh/arguments.js";
import type { Bug, Catcher } from "./bug.js";
import { bugs } from "./bugs.js";
import { runTrial, type Trial } from "./trial.js";

const help = `
Plants one bug after the other in the source as it is loaded, and runs the tests that are to catch it: each of them must go
red. Then all of those tests run without any bug, and must be green.

  npm run planted [-- --only NAME[,NAME]] [-- --json]

  --only  these bugs alone
  --json  what was found as JSON

Exit code 0 only if every bug is caught and the tests are green without one.
`;

type Found = { readonly bug: Bug; readonly caught: boolean; readonly trial: Trial };

await runCommand("planted", async () => {
  const { values } = readArguments(help, { only: { type: "string" }, json: { type: "boolean" } });
  const chosen = choose(values.only?.split(","));
  const dir = passingFolder("planted");
  // One server for all: each run has schemas of its own.
  const postgres = await startPostgres({ dir, settings: { max_connections: "400" } });
  const env = { DATABASE_URL: postgres.url };
  try {
    const found: Found[] = [];
    for (const bug of chosen) {
      const trial = await runTrial(bug.caughtBy, bug, env);
      const caught = trial.red.length === bug.caughtBy.length;
      if (!caught) console.error(complaint(bug, trial));
      else console.error(`${bug.name}: caught, ${trial.seconds.toFixed(1)} s`);
      found.push({ bug, caught, trial });
    }
    const plain = await runTrial(distinct(chosen.flatMap(({ caughtBy }) => caughtBy)), undefined, env);
    const sound = plain.red.length + plain.absent.length === 0;
    if (!sound) console.error(`not green without a bug:\n${listed([...plain.red, ...plain.absent])}\n${plain.output}`);
    console.log(values.json ? asJson(found, plain) : table(found, plain));
    return sound && found.every(({ caught }) => caught) ? 0 : 1;
  } finally {
    await postgres.stop("fast");
    rmSync(dir, { recursive: true, force: true });
  }
});

/** @throws UsageError */
function choose(names: readonly string[] | undefined): readonly Bug[] {
  const unknown = names?.find((name) => !bugs.some((bug) => bug.name === name));
  if (unknown !== undefined) throw new UsageError(`no bug is called "${unknown}": ${bugs.map(({ name }) => name)}`);
  return names ? bugs.filter(({ name }) => names.includes(name)) : bugs;
}

function distinct(catchers: readonly Catcher[]): Catcher[] {
  return [...new Map(catchers.map((one) => [`${one.file} ${one.title}`, one])).values()];
}

function listed(catchers: readonly Catcher[]): string {
  return catchers.map(({ file, title }) => `  ${file}: ${title}`).join("\n");
}

function complaint(bug: Bug, { green, absent, output }: Trial): string {
  const parts = [
    ...(green.length > 0 ? [`stayed green:\n${listed(green)}`] : []),
    ...(absent.length > 0 ? [`did not run:\n${listed(absent)}\n${output}`] : []),
  ];
  return `${bug.name}: NOT caught; ${parts.join("\n")}`;
}

function table(found: readonly Found[], plain: Trial): string {
  const rows = found.map(({ bug, caught, trial }) => [
    caught ? bug.name : `${bug.name} NOT CAUGHT`,
    bug.caughtBy.map(({ file, title }) => `${file}: ${title}`).join("; "),
    trial.seconds.toFixed(1),
  ]);
  const caught = found.filter((one) => one.caught).length;
  return [
    columns([["bug", "caught by", "s"], ...rows]),
    "",
    `${caught} of ${found.length} caught; without a bug ${plain.green.length} of these tests are green, ${plain.red.length + plain.absent.length} are not`,
  ].join("\n");
}

function asJson(found: readonly Found[], plain: Trial): string {
  const rows = found.map(({ bug: { name, file, why, caughtBy }, caught, trial }) => {
    return { name, file, why, caughtBy, caught, seconds: Number(trial.seconds.toFixed(1)) };
  });
  return JSON.stringify({ bugs: rows, withoutBug: { green: plain.green.length, red: plain.red.length } }, null, 2);
}
