// npm run simulate [-- --seeds 1000 --seed 1] [-- --steps 1000000] [-- --json]: the cores in one process, in virtual time:
// each seed is a story of weeks, told in a fraction of a second, in which anything may go wrong. A story that fails is made
// small, and printed with the command that tells it again: `-- --seed 7 --orders 3 --without crash --story`.
import { number } from "../prove/proof.js";
import { Coverage } from "./coverage.js";
import { type Options, readOptions } from "./options.js";
import { shrink } from "./shrink.js";
import { type Report, type Scenario, simulate } from "./simulate.js";

/** Every so many stories one is told twice, and must be the same. */
const again = 25;
const lines = 60;

const options = readOptions(process.argv.slice(2));
const covered = new Coverage();
const failed: Report[] = [];
const startedAt = process.cpuUsage();
let toldTwice = 0;
let different = 0;
let repeated = 0;

for (const scenario of scenarios(options)) {
  const report = await simulate(scenario, { whole: options.story });
  covered.add(report);
  if (options.story) console.log(report.story.join("\n"));
  if (report.breaches.length > 0) failed.push(report);
  if (covered.stories % again === 1) {
    toldTwice++;
    const twin = await simulate(scenario);
    repeated += twin.steps;
    if (twin.digest !== report.digest) different++;
  }
  if (failed.length >= 10) break;
}
/** Of one core: how many others share the machine says nothing of the simulation. */
const seconds = cpuSeconds(startedAt);
const smallest = options.story ? failed : await Promise.all(failed.slice(0, 1).map(shrink));
if (options.json) sayJson();
else say();
process.exitCode = failed.length > 0 || different > 0 ? 1 : 0;

function cpuSeconds(since: NodeJS.CpuUsage): number {
  const { user, system } = process.cpuUsage(since);
  return (user + system) / 1e6;
}

function* scenarios({ seed, seeds, steps = 0, orders, without }: Options): Iterable<Scenario> {
  for (let at = seed; at < seed + seeds || covered.steps < steps; at++) yield { seed: at, orders, without };
}

function command({ seed, orders, without }: Scenario): string {
  const less = [orders.length < 12 ? `--orders ${orders}` : "", without.length > 0 ? `--without "${without}"` : ""];
  return ["npm run simulate --", `--seed ${seed}`, ...less.filter(Boolean), "--story"].join(" ");
}

/** Steps a second, those of what was told twice among them. */
function rate(): number {
  return Math.round((covered.steps + repeated) / seconds);
}

function say(): void {
  const { stories, steps, days, struck, refusals, gone } = covered;
  const counts = (of: ReadonlyMap<string, number>) => [...of].map(([name, n]) => `${name} ${number(n)}`).join(", ");
  console.log(`${number(stories)} stories from seed ${options.seed}: ${number(failed.length)} failed
  steps    ${number(steps)} in ${seconds.toFixed(1)} s of a core, of ${number(Math.round(days))} virtual days: ${number(rate())} steps/s
  replay   ${toldTwice} stories told twice, ${different} different
  faults   ${counts(struck)}
  refusals ${counts(refusals)}`);
  for (const { table, edges, gone: went, missed } of gone) {
    console.log(`  edges    ${table}: ${went} of ${edges}${missed.length > 0 ? `; not ${missed.join(", ")}` : ""}`);
  }
  for (const { scenario, breaches } of failed)
    console.log(`\nseed ${scenario.seed}: ${breaches.slice(0, 3).join("\n  ")}`);
  for (const { scenario, breaches, story } of smallest) {
    console.log(`\nthe smallest story in which it goes wrong:\n${story.slice(-lines).join("\n")}`);
    console.log(`\n${breaches.join("\n")}\n\nagain: ${command(scenario)}`);
  }
}

function sayJson(): void {
  const { stories, steps, days, struck, refusals, edges, gone } = covered;
  const maps = Object.fromEntries(
    Object.entries({ struck, refusals, edges }).map(([name, counts]) => [name, Object.fromEntries(counts)]),
  );
  const failures = failed.map(({ scenario, breaches }) => ({ ...scenario, breaches }));
  const replay = { toldTwice, different };
  console.log(
    JSON.stringify({
      seed: options.seed,
      stories,
      steps,
      days,
      seconds,
      rate: rate(),
      replay,
      ...maps,
      gone,
      failures,
    }),
  );
}
