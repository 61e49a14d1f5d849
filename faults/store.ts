// The bus loses its whole store while many resolutions are open and parcels are being picked up: what was said and not
// heard is said again, and all comes to the end it would have come to.
import { setTimeout as wait } from "node:timers/promises";
import { atOnce, counter, number } from "../prove/proof.js";
import { natsOf } from "./bus.js";
import { drained } from "./drain.js";
import { type House, openHouse } from "./house.js";
import { type Begun, begun, bought, pace, probes } from "./journeys.js";
import { seconds } from "./report.js";
import { rested, settled, verdict } from "./verdict.js";

const convergedWithinMs = 60_000;
const patienceMs = 1_800_000;
const width = 16;

export async function store({ open }: { readonly open: number }, say: (line: string) => void): Promise<number> {
  const house = await openHouse();
  try {
    const told = counter(say, "resolutions open", open);
    let done = 0;
    const promised = await atOnce(Array.from({ length: open }), width, async () => {
      const made = await begun(house.customers, probes.pickup, await bought(house.customers, probes.pickup));
      told(++done);
      return made;
    });
    // All are booked, or their drivers would come later.
    await rested(house, 0, patienceMs);
    await house.customers.move((pace.pickup + 60) * 1000);
    // In the midst of it: a third of the drivers have reported.
    await pickedUp(house, promised, Math.floor(open / 3));
    const lostAt = Date.now();
    await natsOf(house).wipe();
    await pickedUp(house, promised, open);
    await drained(house, patienceMs, say);
    const convergedMs = Date.now() - lostAt;
    say(`  converged after ${seconds(convergedMs)}; the journeys go on to their end`);
    await settled(house, promised, patienceMs);
    const complaints = await verdict(house, promised, false);

    console.log(
      `the JetStream store deleted with ${number(open)} open resolutions: converged ${seconds(convergedMs)} later`,
    );
    for (const complaint of complaints) console.log(`✘ ${complaint}`);
    const ok = complaints.length === 0 && convergedMs <= convergedWithinMs;
    console.log(ok ? "✔ none lost, none paid twice, every invariant holds" : "✘ not as it should be");
    return ok ? 0 : 1;
  } finally {
    await house.close(false);
  }
}

/** Waits until so many are known to be on their way. */
async function pickedUp({ mesh, books }: House, all: readonly Begun[], count: number): Promise<void> {
  for (const end = Date.now() + patienceMs; Date.now() < end; await wait(50)) {
    const { rows } = await books.query(
      `SELECT count(*)::int AS n FROM ${mesh.schemaOf("resolution")}.resolution
       WHERE resolution_id = ANY($1) AND goods NOT IN ('NOT_REQUIRED', 'COLLECTING')`,
      [all.map(({ resolutionId }) => resolutionId)],
    );
    if (rows[0]?.n >= count) return;
  }
  throw new Error(`${count} parcels were not picked up within ${patienceMs / 1000} s`);
}
