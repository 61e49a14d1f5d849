// Cancel against ship: whoever asks to hold units back races the moment at which they leave. Against the shipment partner
// alone, many at a time, and then through the whole mesh, where money hangs on the answer.
import {
  ShipmentServiceService,
  ShipmentState,
  StopOutcome,
} from "#gen/backhaul/partner/shipment/v1/shipment_service.js";
import type { ClientOf } from "#kit/client.js";
import { newId } from "#kit/ids.js";
import { type Chance, chanceOf } from "./chance.js";
import type { Desk } from "./desk.js";
import type { Draw } from "./options.js";
import { number, type Proof, type Say, Tally } from "./proof.js";
import { provenCancellations } from "./races/cancellations.js";
import { moments, type Race } from "./races/moments.js";

const races = 10_000;
const batch = 250;

type Shipments = ClientOf<typeof ShipmentServiceService>;

/** What whoever looked saw, in the order of looking: units of the line, and whether they had left. */
type Sight = { readonly shipped: boolean; readonly units: number };

/** `unshipped`: orders whose units were seen leaving, and stopped all the same. */
type Verdict = { readonly ends: Tally; readonly faults: string[]; readonly unshipped: string[] };
const ends = ["stopped", "shipped", "both in part", "tight"] as const;

export async function provenRaces(desk: Desk, say: Say, { count = races, seed }: Draw): Promise<Proof[]> {
  const chance = chanceOf(seed);
  const shipments = desk.as("partners", ShipmentServiceService, "SERVICE");
  const verdicts = new Map<string, Verdict>();
  const size = Math.min(batch, Math.ceil(count / moments.length));
  for (let left = count, nth = 0; left > 0; left -= size, nth++) {
    say(`  races: ${number(count - left)} of ${number(count)}`);
    const [how, moment] = moments[nth % moments.length] as (typeof moments)[number];
    const verdict = verdicts.get(how) ?? { ends: new Tally(), faults: [], unshipped: [] };
    verdicts.set(how, verdict);
    const racing = await moment(desk, Math.min(size, left), chance);
    await Promise.all(racing.map((race) => raced(race, shipments, chance, verdict)));
  }
  const all = [...verdicts.values()];
  const of = (name: string) => all.reduce((sum, verdict) => sum + verdict.ends.of(name), 0);
  const faults = all.flatMap((verdict) => verdict.faults);
  const unshipped = all.flatMap((verdict) => verdict.unshipped);
  const examples = (of: readonly string[]) => (of.length > 0 ? `, e.g. ${of.slice(0, 3).join("; ")}` : "");
  return [
    {
      asked: `${number(count)} races of cancel against ship (seed ${seed}): exactly one wins each, shipped + stopped = purchased`,
      counted: `${number(of("stopped"))} stopped, ${number(of("shipped"))} shipped, ${number(of("both in part"))} some of each as asked; ${number(of("tight"))} answered within 5 ms of the turn; ${faults.length} faults${examples(faults)}`,
      // A race that always ends alike is none.
      ok: faults.length === 0 && of("stopped") > 0 && of("shipped") > 0,
      rows: [
        ["they leave", ...ends, "unshipped"],
        ...[...verdicts].map(([how, { ends: tally, unshipped: back }]) => [
          how,
          ...ends.map((end) => number(tally.of(end))),
          number(back.length),
        ]),
      ],
    },
    {
      asked: "whoever saw units leave sees them gone for good: no stop takes back what was told",
      counted: `${unshipped.length} stopped after they were seen leaving${examples(unshipped)}`,
      ok: unshipped.length === 0,
    },
    ...(await provenCancellations(desk, say, { count: Math.ceil(count / 40), seed })),
  ];
}

/** One or two stop some or all of the units, each asking twice under its id, while somebody looks on. */
async function raced(
  { orderId, purchased, start, turn, left }: Race,
  shipments: Shipments,
  chance: Chance,
  verdict: Verdict,
) {
  const first = chance.between(1, purchased);
  const rest = purchased - first;
  const asks = [first, ...(rest > 0 ? [chance.between(1, rest)] : [])].map((quantity) => ({
    requestId: newId("req"),
    orderId,
    lines: [{ lineId: "l-1", quantity }],
  }));
  const sights: Sight[] = [];
  let turnedAt = Number.POSITIVE_INFINITY;
  void turn.then(() => {
    turnedAt = Date.now();
  });
  let gone = false;
  void left.then(() => {
    gone = true;
  });
  await start;
  const onlooker = async () => {
    do sights.push(await seen(shipments, orderId));
    while (!gone);
  };
  const looking = onlooker();
  const answers = await Promise.all(
    asks.map(async (ask) => {
      const [one, twin] = await Promise.all([shipments.stopRelease(ask), shipments.stopRelease(ask)]);
      if (one.outcome !== twin.outcome) verdict.faults.push(`${orderId}: one request was answered in two ways`);
      return { quantity: ask.lines[0]?.quantity ?? 0, outcome: one.outcome };
    }),
  );
  const answeredAt = Date.now();
  await Promise.all([left, looking]);
  if (Math.abs(answeredAt - turnedAt) <= 5) verdict.ends.add("tight");
  const end = await seen(shipments, orderId);
  const stopped = answers
    .filter(({ outcome }) => outcome === StopOutcome.STOP_OUTCOME_STOPPED)
    .reduce((sum, { quantity }) => sum + quantity, 0);
  if (!end.shipped && end.units > 0) verdict.faults.push(`${orderId}: ${end.units} units should have left`);
  if (end.units + stopped !== purchased)
    verdict.faults.push(`${orderId}: ${end.units} shipped and ${stopped} stopped of ${purchased}`);
  const leaving = sights.find(({ shipped }) => shipped);
  if (leaving && leaving.units !== end.units)
    verdict.unshipped.push(`${orderId}: ${leaving.units} units were seen leaving, in the end ${end.units} had`);
  verdict.ends.add(stopped === 0 ? "shipped" : end.units === 0 ? "stopped" : "both in part");
}

async function seen(shipments: Shipments, orderId: string): Promise<Sight> {
  const [own] = (await shipments.listShipments({ orderId })).shipments;
  // With every unit stopped there is no parcel left to send.
  if (!own) return { shipped: false, units: 0 };
  const units = own.lines.reduce((sum, { quantity }) => sum + quantity, 0);
  return { shipped: own.state !== ShipmentState.SHIPMENT_STATE_PLANNED, units };
}
