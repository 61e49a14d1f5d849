// The tables of states, walked at random: every edge is gone by some story, every other pair is refused, and a story that
// is heard late, doubled and shuffled ends where it ends in order. Pure cores: no database, no clock.
import { type Chance, chanceOf } from "./chance.js";
import type { Draw } from "./options.js";
import { number, type Proof, type Say } from "./proof.js";
import { walkCollections } from "./walks/collection.js";
import { walkInspections } from "./walks/inspection.js";
import type { WalkReport } from "./walks/ledger.js";
import { walkRefunds } from "./walks/refund.js";
import { walkResolutions } from "./walks/resolution.js";

const walks = 1_000;

/** By aggregate: how it is walked, and what of its stories may come in any order. */
export const walkers: Readonly<
  Record<string, { readonly walk: (walks: number, chance: Chance) => WalkReport; readonly orderFree: string }>
> = {
  resolution: {
    walk: walkResolutions,
    orderFree: "pick-up, receipt and verdict of the goods, with the money they bring",
  },
  collection: { walk: walkCollections, orderFree: "every report of a carrier" },
  inspection: { walk: walkInspections, orderFree: "scans of its parcels, records of its units" },
  refund: { walk: walkRefunds, orderFree: "PENDING, SUCCEEDED and REVERSED of each share; its twins' matches" },
};

export async function provenWalks(say: Say, { count = walks, seed }: Draw): Promise<Proof[]> {
  const reports = Object.entries(walkers).map(([aggregate, { walk, orderFree }]) => {
    const report = { aggregate, orderFree, ...walk(count, chanceOf(seed)) };
    say(`  walked ${aggregate}`);
    return report;
  });
  const sum = (of: (report: WalkReport) => number) => reports.reduce((total, report) => total + of(report), 0);
  const examples = (all: readonly string[]) => (all.length > 0 ? `, e.g. ${all.slice(0, 3).join("; ")}` : "");
  const missed = reports.flatMap((report) => report.missed.map((edge) => `${report.aggregate}: ${edge}`));
  const allowed = reports.flatMap((report) => report.allowed.map((edge) => `${report.aggregate}: ${edge}`));
  const unequal = reports.flatMap((report) => report.unequal.map((what) => `${report.aggregate} ${what}`));
  return [
    {
      asked: `${number(count)} random walks per aggregate (seed ${seed}): every edge of its table is gone, everything else is refused`,
      counted: `${number(sum(({ edges }) => edges))} edges, ${missed.length} never gone${examples(missed)}; ${number(sum(({ refused }) => refused))} refused, ${allowed.length} that should have been${examples(allowed)}`,
      ok: missed.length === 0 && allowed.length === 0,
      rows: [
        ["aggregate", "edges", "gone", "refused", "in any order"],
        ...reports.map(({ aggregate, edges, missed: left, refused, orderFree }) => [
          aggregate,
          number(edges),
          number(edges - left.length),
          number(refused),
          orderFree,
        ]),
      ],
    },
    {
      asked: `${number(count)} stories per aggregate, heard in order and then late, doubled and shuffled: the same end`,
      counted: `${number(sum(({ retold }) => retold))} stories, ${unequal.length} with another end${examples(unequal)}`,
      ok: unequal.length === 0,
    },
  ];
}
