// What carriers tell, from the signed webhook at the edge to the resolution's timeline: how many events a second, what one
// costs, and who is at the limit. Korean, Taiwanese and British parcels, in the formats of their carriers.
import { chanceOf } from "../prove/chance.js";
import type { Desk } from "../prove/desk.js";
import { openRest, type Rest } from "../prove/rest.js";
import { carriers } from "../scripts/mesh/settings.js";
import { type Cost, costOf, renderCost } from "./cost.js";
import { percentile, rounded, table } from "./numbers.js";
import { openParcels, type Tracked } from "./tracking/parcels.js";
import { entriesOf, formats, wayOf } from "./tracking/ways.js";

export type TrackingFigures = {
  readonly tracking: {
    readonly eventsPerSecond: number;
    readonly webhookP50Ms: number;
    readonly webhookP99Ms: number;
    /** From the last webhook's answer to the last entry on a timeline. */
    readonly lagMs: number;
    readonly statementsPerEvent: number;
    readonly perFormat: Readonly<Record<string, number>>;
    readonly cost: Cost;
  };
};

const parcels = Number(process.env.BENCH_PARCELS ?? 2_000);
const inFlight = Number(process.env.BENCH_IN_FLIGHT ?? 64);
const seed = 20_261_126;

/** The secrets of everybody who reports in this benchmark; what else the edge is told stays as it is. */
export const trackingSettings = (secret: string) => ({
  gateway: { WEBHOOK_SECRETS: [...carriers, "family", "easypost"].map((name) => `${name}:${secret}`).join() },
});

export async function measureTracking(
  desk: Desk,
  say: (line: string) => void,
): Promise<{ figures: TrackingFigures; text: string }> {
  const rest = openRest(desk.mesh, inFlight);
  const database = await desk.connection();
  const chance = chanceOf(seed);
  const warmUp = Math.max(20, Math.ceil(parcels / 10));
  say(`asking for ${parcels + warmUp} returns, and waiting until carriers have them`);
  const tracked = await openParcels(desk, rest, parcels + warmUp, chance);
  say("warming up");
  await tell(desk, rest, tracked.slice(0, warmUp));
  say(`measuring ${parcels} parcels, ${inFlight} messages at a time`);
  const measured = tracked.slice(warmUp);
  let run: Run | undefined;
  const cost = await costOf(desk.mesh, database, async () => (run = await tell(desk, rest, measured)));
  rest.close();
  const { latencies, lagMs } = run as Run;
  const perFormat = Object.fromEntries(
    formats.map((format) => [format, measured.filter((parcel) => parcel.format === format).length]),
  );
  const figures = {
    eventsPerSecond: cost.done / cost.seconds,
    webhookP50Ms: percentile(latencies, 0.5),
    webhookP99Ms: percentile(latencies, 0.99),
    lagMs,
    statementsPerEvent: cost.statements / cost.done,
    perFormat,
    cost,
  };
  return { figures: { tracking: figures }, text: render(figures) };
}

type Run = { readonly done: number; readonly polls: number; readonly latencies: number[]; readonly lagMs: number };

/** Every parcel's messages one after the other, many parcels at a time; ends when the last stands on a timeline. */
async function tell(desk: Desk, rest: Rest, tracked: readonly Tracked[]): Promise<Run> {
  const entries = tracked.reduce((sum, { format }) => sum + entriesOf[format], 0);
  const shown = async () => {
    const [row] = await desk.books<{ n: number }>(
      "resolution",
      `SELECT count(*)::int AS n FROM "{}".timeline
       WHERE name IN ('ParcelPickedUp', 'PickupAttemptFailed') AND resolution_id = ANY($1)`,
      [tracked.map(({ resolutionId }) => resolutionId)],
    );
    return row?.n ?? 0;
  };
  const ways = tracked.map((parcel) => wayOf(parcel.format, parcel));
  const latencies: number[] = [];
  let next = 0;
  const lane = async () => {
    for (let nth = next++; nth < ways.length; nth = next++) {
      for (const { reporter, path, body } of ways[nth] ?? []) {
        const begin = performance.now();
        const { status, text } = await rest.carrier(reporter, path, body, { secret: desk.webhookSecret });
        latencies.push(performance.now() - begin);
        if (status >= 300) throw new Error(`${reporter}'s webhook was answered ${status}: ${text}`);
      }
    }
  };
  await Promise.all(Array.from({ length: inFlight }, lane));
  const told = performance.now();
  for (let polls = 1; ; polls++) {
    if ((await shown()) >= entries)
      return { done: latencies.length, polls, latencies, lagMs: performance.now() - told };
    if (performance.now() - told > 120_000) throw new Error(`only ${await shown()} of ${entries} entries were seen`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

function render(f: TrackingFigures["tracking"]): string {
  const mix = Object.entries(f.perFormat).map(([format, n]) => `${n} ${format}`);
  return [
    table(`what carriers tell, from the signed webhook to the resolution's timeline: ${mix.join(", ")} parcels`, [
      ["tracking events per second", rounded(f.eventsPerSecond, 0), "goal 500"],
      ["webhook p50", `${rounded(f.webhookP50Ms)} ms`, `${inFlight} at a time; answered when it is committed`],
      ["webhook p99", `${rounded(f.webhookP99Ms)} ms`],
      ["last entry on a timeline", `${rounded(f.lagMs, 0)} ms`, "after the last answer"],
      ["SQL statements per event", rounded(f.statementsPerEvent, 2)],
    ]),
    renderCost("CPU of a tracking event, by process", f.cost),
  ].join("\n\n");
}
