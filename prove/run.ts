// npm run prove [-- --only carts,once] [-- --count 200 --seed 7] [-- --json]: the long proofs: that money is exact and paid
// once, that policies keep to the law, that no unit gets lost or counted twice on its way home, that nobody may call what the
// contracts do not let them, that no input breaks anything, that nothing people write lies about, that no act is taken back unseen, that the bus loses and doubles nothing, with real servers and real
// processes on this machine. Each says what it asks for and shows what was counted; it fails if one does not hold.
import { rmSync } from "node:fs";
import { passingFolder } from "#kit/local/folder.js";
import { provenAudit } from "./audit.js";
import { provenBreaks } from "./breaks.js";
import { provenBus } from "./bus.js";
import { openOverheard, provenCanaries } from "./canaries.js";
import { provenCarts } from "./carts.js";
import { provenCluster } from "./cluster.js";
import { type Desk, openDesk } from "./desk.js";
import { openWatched, provenFuzz } from "./fuzz.js";
import { provenGoods } from "./goods.js";
import { provenHeld } from "./held.js";
import { provenInputs } from "./inputs.js";
import { provenInvariants } from "./invariants.js";
import { provenKills } from "./kills.js";
import { openDoors, provenMatrix } from "./matrix.js";
import { openProvenMesh } from "./mesh.js";
import { provenOnce } from "./once.js";
import { type Draw, readOptions } from "./options.js";
import { provenPolicies } from "./policies.js";
import { columns, type Proof, type Say } from "./proof.js";
import { provenRaces } from "./races.js";
import { provenRolling } from "./rolling.js";
import { provenStarts } from "./starts.js";
import { provenSteady } from "./steady.js";
import { provenWalks } from "./walks.js";

/** What a proof needs to run in: opened once for all that stand together in `parts`, and closed before the next. */
const houses = {
  none: async () => ({ close: async () => {} }),
  money: async (say: Say) => {
    const dir = passingFolder("prove");
    const mesh = await openProvenMesh(dir, say);
    const close = async () => {
      await mesh.close();
      rmSync(dir, { recursive: true, force: true });
    };
    return { ...mesh, close };
  },
  dock: (say: Say) => openDesk({ services: ["partners", "inspection"] }, say),
  whole: (say: Say) => openDesk({}, say),
  pairs: (say: Say) => openDesk({ replicas: 2 }, say),
  doors: openDoors,
  watched: openWatched,
  overheard: openOverheard,
};
type HouseName = keyof typeof houses;
type House<N extends HouseName> = Awaited<ReturnType<(typeof houses)[N]>>;

type Part = { readonly house: HouseName; readonly prove: (house: never, say: Say, draw: Draw) => Promise<Proof[]> };
const inside = <N extends HouseName>(
  house: N,
  prove: (house: House<N>, say: Say, draw: Draw) => Promise<Proof[]>,
): Part => ({ house, prove });

const parts: Readonly<Record<string, Part>> = {
  carts: inside("none", (_, say) => provenCarts(say)),
  policies: inside("none", (_, say) => provenPolicies(say)),
  walks: inside("none", (_, say, draw) => provenWalks(say, draw)),
  audit: inside("none", (_, say, draw) => provenAudit(say, draw)),
  bus: inside("none", (_, say, draw) => provenBus(say, draw)),
  cluster: inside("none", (_, say, draw) => provenCluster(say, draw)),
  once: inside("money", provenOnce),
  kills: inside("money", provenKills),
  breaks: inside("money", provenBreaks),
  goods: inside("dock", provenGoods),
  races: inside("whole", provenRaces),
  held: inside("whole", provenHeld),
  inputs: inside("whole", provenInputs),
  starts: inside("whole", provenStarts),
  steady: inside("whole", provenSteady),
  rolling: inside("pairs", provenRolling),
  matrix: inside("doors", provenMatrix),
  fuzz: inside("watched", provenFuzz),
  canaries: inside("overheard", provenCanaries),
};

const { only = Object.keys(parts), json, ...draw } = readOptions(process.argv.slice(2));
const unknown = only.filter((name) => !(name in parts));
if (unknown.length > 0) {
  console.error(`no proof is called ${unknown.join(", ")}; there are ${Object.keys(parts).join(", ")}`);
  process.exit(2);
}

process.env.LOG_LEVEL ??= "warn";
const say: Say = (line) => console.error(line);
const startedAt = Date.now();
const proofs: Proof[] = [];
for (const name of Object.keys(houses) as HouseName[]) {
  const here = Object.entries(parts).filter(([part, { house }]) => house === name && only.includes(part));
  if (here.length === 0) continue;
  const house = await houses[name](say);
  try {
    for (const [part, { prove }] of here) {
      say(`proving ${part}`);
      proofs.push(...(await prove(house as never, say, draw)));
    }
    if (name === "whole" || name === "pairs") proofs.push(await provenInvariants(house as Desk, say));
  } finally {
    await house.close();
  }
}
const failed = proofs.filter(({ ok }) => !ok).length;
const seconds = Math.round((Date.now() - startedAt) / 1000);
if (json) console.log(JSON.stringify({ proofs, seconds }, null, 2));
else {
  for (const { asked, counted, ok, rows } of proofs) {
    console.log(`${ok ? "✔" : "✘"} ${asked}\n  ${counted}`);
    if (rows) console.log(columns(rows));
  }
  console.log(`\n${proofs.length - failed} of ${proofs.length} proofs hold, ${seconds} s`);
}
process.exitCode = failed > 0 ? 1 : 0;
