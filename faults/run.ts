// npm run faults: harm done to a whole mesh, trial by trial. Exit code 1 if one trial found anything wrong.
import { readArguments, runCommand, UsageError } from "../scripts/mesh/arguments.js";
import { away } from "./away.js";
import { kinds } from "./kinds.js";
import { playAll } from "./lanes.js";
import { recordPoints } from "./record.js";
import { report, seconds } from "./report.js";
import { store } from "./store.js";
import { drawTrial } from "./trial.js";

const help = `
Starts a mesh of nine processes on ports of its own and does it harm while customers are under way: one fault in each
trial. A trial ends when all is at rest: then every request that was accepted is held against the books, the provider's
own book is counted, and every invariant is asked.

  npm run faults -- [--trials N] [--seed S] [--from K] [--only KINDS] [--lanes N] [--fresh N] [--keep] [--json]
  npm run faults -- --only away [--minutes M] [--rate R]     the bus is away for so long, while R requests a second come
  npm run faults -- --only store [--open N]                  the bus loses its store while N resolutions are open
  npm run faults -- --record                                 which boundaries the journeys pass: faults/points.json
  npm run faults -- --list                                   the kinds of faults

  --trials   how many; 100 if not given
  --seed     the same seed draws the same journeys and faults, at the same places
  --from     the number of the first trial; a trial's story hangs on the seed and its number alone
  --only     kinds, with commas between
  --lanes    meshes side by side; 1 if not given: trials wait for leases more than they work
  --fresh    trials in one mesh before it is replaced; 40 if not given
  --keep     leaves the folder of a mesh in which a trial failed
  --json     every trial as JSON

What is told again is what was drawn. How the threads of nine processes meet at that moment is not: where a trial fails
once in many, tell it again until it does.
`;

// Ended from outside, it takes its processes along: they are ended by "exit".
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.once(signal, () => process.exit(130));

await runCommand("faults", async () => {
  const text = { type: "string" } as const;
  const flag = { type: "boolean" } as const;
  const { values, positionals } = readArguments(help, {
    trials: text,
    seed: text,
    from: text,
    only: text,
    lanes: text,
    fresh: text,
    minutes: text,
    rate: text,
    open: text,
    keep: flag,
    json: flag,
    list: flag,
    record: flag,
  });
  if (positionals.length > 0) throw new UsageError(`what is "${positionals[0]}"?`);
  const whole = (name: "trials" | "seed" | "from" | "lanes" | "fresh" | "rate" | "open", otherwise: number) => {
    const given = values[name];
    if (given !== undefined && !/^\d{1,9}$/.test(given))
      throw new UsageError(`--${name} is a whole number, not "${given}"`);
    return given === undefined ? otherwise : Number(given);
  };
  process.env.LOG_LEVEL ??= "warn";
  const say = (line: string) => console.error(line);
  if (values.list) {
    for (const { name, share, about } of kinds)
      console.log(`${name.padEnd(14)} ${String(share).padStart(2)}  ${about}`);
    return 0;
  }
  if (values.record) return recordPoints(say);
  if (values.only === "away") return away({ minutes: Number(values.minutes ?? 10), rate: whole("rate", 20) }, say);
  if (values.only === "store") return store({ open: whole("open", 1_000) }, say);

  const wanted = values.only?.split(",");
  const unknown = wanted?.find((name) => !kinds.some((kind) => kind.name === name));
  if (unknown) throw new UsageError(`no fault is called ${unknown}: see --list`);
  const drawnFrom = wanted ? kinds.filter(({ name }) => wanted.includes(name)) : kinds;
  const [seed, from, count] = [whole("seed", 20_261_126), whole("from", 0), whole("trials", 100)];
  const startedAt = Date.now();
  const trials = Array.from({ length: count }, (_, at) => drawTrial(from + at, seed, drawnFrom));
  const lanes = { lanes: whole("lanes", 1), fresh: whole("fresh", 40), keep: values.keep ?? false };
  const outcomes = await playAll(trials, lanes, say);

  const failed = outcomes.filter(({ complaints }) => complaints.length > 0);
  if (values.json) console.log(JSON.stringify({ seed, outcomes }, null, 2));
  else {
    console.log(`seed ${seed}, trials ${from} to ${from + count - 1}, ${seconds(Date.now() - startedAt)}\n`);
    console.log(report(outcomes));
    const promises = outcomes.reduce((sum, outcome) => sum + outcome.promises, 0);
    console.log(`\n${promises} requests accepted and settled; ${failed.length} of ${count} trials failed`);
    const only = values.only ? ` --only ${values.only}` : "";
    for (const { number, what, complaints } of failed) {
      console.log(`\n✘ ${number}: ${what}\n  ${complaints.join("\n  ")}`);
      console.log(`  again: npm run faults -- --seed ${seed} --trials 1 --from ${number}${only} --keep`);
    }
  }
  return failed.length > 0 ? 1 : 0;
});
