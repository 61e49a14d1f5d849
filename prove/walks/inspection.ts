// Random walks of an inspection: announced, called off, taken up again, its parcels scanned in any order, its units
// recorded in any order, judged. Goods of nobody go through the quarantine beside it.
import { DomainError } from "#kit/pure/check.js";
import { takeIn } from "../../services/inspection/core/dock.js";
import { cancel, complete, expect, expectAgain, receive } from "../../services/inspection/core/inspection.js";
import { assign, dispose } from "../../services/inspection/core/quarantine.js";
import { discrepancies } from "../../services/inspection/core/receipts.js";
import type { Scan } from "../../services/inspection/core/scan.js";
import {
  type Finding,
  type Inspection,
  inspectionMoves,
  type Quarantined,
  type QuarantineState,
  quarantineMoves,
} from "../../services/inspection/core/types.js";
import { record } from "../../services/inspection/core/units.js";
import {
  broken,
  fine,
  inspection,
  missing,
  mugsAndLamp,
  noon,
  nothing,
  onePm,
} from "../../services/inspection/test/builders.js";
import type { Chance } from "../chance.js";
import { Edges, edgeOf, edgesOf, refusals, type WalkReport } from "./ledger.js";

const expectation = {
  inspectionId: "ins_01KAAAAAAAAAAAAAAAAAAAAAAA",
  resolutionId: "res_01KAAAAAAAAAAAAAAAAAAAAAAA",
  orderId: "o-1",
  market: "GB",
  lines: mugsAndLamp,
  now: noon,
};
const verdicts = [fine("mugs", 3), fine("lamp", 1)];

/** Every verb, also where it does not fit. */
const verbs: Readonly<Record<string, (current: Inspection) => Inspection>> = {
  expect: (current) => expectAgain(current, expectation).next,
  cancel: (current) => cancel(current).next,
  receive: (current) => receive(current, onePm).next,
  scan: (current) => takeIn(current, scan(`T-${current.version}`, []), () => "qrn-1").next,
  complete: (current) => complete(current, verdicts, "bella", onePm).next,
};

export function walkInspections(walks: number, chance: Chance): WalkReport {
  const edges = new Edges([...edgesOf(inspectionMoves), ...edgesOf(quarantineMoves)]);
  const unequal: string[] = [];
  for (let nth = 0; nth < walks; nth++) {
    journey(chance, edges);
    kept(chance, edges);
    const difference = retold(chance);
    if (difference) unequal.push(`walk ${nth}: ${difference}`);
  }
  const { refused, allowed } = unfit();
  return {
    walks,
    edges: edges.size,
    missed: edges.missed,
    refused,
    allowed: [...allowed, ...edges.strays],
    retold: walks,
    unequal,
  };
}

function journey(chance: Chance, edges: Edges): void {
  let current = expect(expectation).next;
  for (let left = chance.between(2, 10); left > 0; left--) {
    const verb = verbs[chance.pick(Object.keys(verbs))] as (typeof verbs)[string];
    const next = attempt(() => verb(current)) ?? current;
    edges.go(current.state, next.state);
    current = next;
  }
}

/** Goods that belong to nobody. */
function kept(chance: Chance, edges: Edges): void {
  let goods = quarantined("HELD");
  for (let left = chance.between(1, 3); left > 0; left--) {
    const decision = { decider: "dora", note: "", now: onePm };
    const next = attempt(() =>
      chance.percent(50)
        ? assign(goods, expectation.inspectionId, decision).next
        : dispose(goods, "DISPOSE", decision).next,
    );
    if (next) edges.go(goods.state, next.state);
    goods = next ?? goods;
  }
}

/** From each state, whatever a verb makes of it stands in the table; the quarantine's pairs are tried one by one. */
function unfit(): { refused: number; allowed: string[] } {
  const table = new Set(edgesOf(inspectionMoves));
  const allowed: string[] = [];
  let refused = 0;
  for (const state of Object.keys(inspectionMoves) as Inspection["state"][]) {
    for (const verb of Object.values(verbs)) {
      const next = attempt(() => verb(inspection({ state })));
      if (!next || next.state === state) refused++;
      else if (!table.has(edgeOf(state, next.state))) allowed.push(edgeOf(state, next.state));
    }
  }
  const quarantine = refusals<QuarantineState>(quarantineMoves, (from, to) => {
    const decision = { decider: "dora", note: "", now: onePm };
    if (to === "HELD") throw new RangeError("no verb brings goods back into quarantine");
    return to === "ASSIGNED"
      ? assign(quarantined(from), "ins-1", decision)
      : dispose(quarantined(from), "DISPOSE", decision);
  });
  return { refused: refused + quarantine.refused, allowed: [...allowed, ...quarantine.allowed] };
}

/** The same parcels and the same looks at the units, in two orders; says what differs. */
function retold(chance: Chance): string | undefined {
  const fates = mugsAndLamp.flatMap(({ lineId, quantity }) =>
    Array.from({ length: quantity }, (_, at) => findingOf(lineId, at + 1, chance)),
  );
  const here = fates.filter(({ verdict }) => verdict !== "MISSING");
  const items = here.map(({ lineId }) => skuOf(lineId));
  const extra = chance.percent(30) ? [chance.pick([skuOf("mugs"), "WRONG-1"])] : [];
  const count = chance.between(1, 3);
  const scans = Array.from({ length: count }, (_, nth) =>
    scan(
      `T-${nth}`,
      [...items, ...extra].filter((_, at) => at % count === nth),
    ),
  );
  const [one, other] = [ended(scans, fates), ended(chance.retold(scans), chance.retold(fates))];
  return one === other ? undefined : `${one} in order, ${other} otherwise`;
}

/** State, verdicts and differences, without what tells the order. */
function ended(scans: readonly Scan[], fates: readonly Finding[]): string {
  let current = inspection();
  for (const one of scans) current = attempt(() => takeIn(current, one, () => "qrn-1").next) ?? current;
  const opinions = new Set<string>();
  for (const fate of fates) {
    const unit = `${fate.lineId} ${fate.detail?.unitNumber}`;
    // A request that is repeated gets its first answer at the door.
    if (opinions.has(unit)) continue;
    opinions.add(unit);
    current = record(current, fate, "bella", onePm).next;
  }
  current = complete(current, [], "bella", onePm).next;
  const findings = current.findings.map(({ lineId, verdict, detail }) => `${lineId}/${detail?.unitNumber} ${verdict}`);
  // Which of two parcels held the unit too many is a matter of which came first.
  const differences = discrepancies(current).map(({ kind, sku }) => `${kind} ${sku}`);
  return [current.state, ...findings.sort(), ...differences.sort()].join(", ");
}

function findingOf(lineId: string, unitNumber: number, chance: Chance): Finding {
  const word = chance.pick([fine, fine, broken, missing] as const);
  return { ...word(lineId, 1), detail: { ...nothing, unitNumber } };
}

function skuOf(lineId: string): string {
  return mugsAndLamp.find((line) => line.lineId === lineId)?.sku ?? "";
}

function scan(trackingNumber: string, skus: readonly string[]): Scan {
  const items = skus.map((sku) => ({ sku, quantity: 1, serial: "" }));
  const where = { centre: "LDN-1", weightGrams: 0, note: "", scanner: "dora", time: onePm };
  return { trackingNumber, items, empty: items.length === 0, ...where };
}

function quarantined(state: QuarantineState): Quarantined {
  const of = { reason: "BLIND", inspectionId: "", trackingNumber: "", centre: "LDN-1", items: [], note: "" } as const;
  return { quarantineId: "qrn-1", state, ...of, scanner: "dora", receiveTime: onePm, decider: "", version: 1 };
}

/** Undefined if it was refused with a reason; anything else is a fault of ours. */
function attempt<T>(verb: () => T): T | undefined {
  try {
    return verb();
  } catch (error) {
    if (error instanceof DomainError) return undefined;
    throw error;
  }
}
