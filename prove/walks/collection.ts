// Random walks of a collection: carriers report, customers move visits and call off, in any order. The state follows from
// what was reported and not from when we hear of it; verbs of people are taken in their own order.
import { moved } from "../../services/collection/core/change.js";
import { booked, cancel, refused, reschedule } from "../../services/collection/core/collection.js";
import { report } from "../../services/collection/core/tracking.js";
import {
  type Collection,
  type CollectionState,
  collectionMoves,
  notices,
  type Outcome,
  type Report,
  scans,
} from "../../services/collection/core/types.js";
import { at, booking, collection, said } from "../../services/collection/test/builders.js";
import type { Chance } from "../chance.js";
import { Edges, edgesOf, refusals, type WalkReport } from "./ledger.js";

const now = at(1000);
const kinds = [...notices, ...notices, ...scans];
const faults = ["CUSTOMER", "SELLER", "PLATFORM", "LOGISTICS", "GENERAL", undefined] as const;

export function walkCollections(walks: number, chance: Chance): WalkReport {
  const edges = new Edges(edgesOf(collectionMoves));
  const unequal: string[] = [];
  for (let nth = 0; nth < walks; nth++) {
    for (let times = 0; times < 10; times++) journey(chance, edges);
    const difference = retold(chance);
    if (difference) unequal.push(`walk ${nth}: ${difference}`);
  }
  const { refused, allowed } = refusals<CollectionState>(collectionMoves, (from, to) =>
    moved(collection({ state: from }), to, now),
  );
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

/** From the request to wherever it goes. */
function journey(chance: Chance, edges: Edges): void {
  let current = collection({
    state: "CREATED",
    booking: undefined,
    slot: undefined,
    maxAttempts: chance.between(1, 4),
  });
  for (
    let minute = chance.between(1, 20), left = chance.between(2, 14);
    left > 0;
    left--, minute += chance.between(1, 30)
  ) {
    // Now and then something is heard late.
    const { next } = happening(current, chance, chance.percent(75) ? minute : chance.below(minute));
    edges.go(current.state, next.state);
    current = next;
  }
}

/** What can happen to it where it stands. */
function happening(current: Collection, chance: Chance, minute: number): Outcome {
  const time = at(minute);
  if (chance.percent(6)) return cancel(current, time);
  if (!current.booking) {
    if (current.state !== "CREATED" && current.state !== "CANCELED") return report(current, news(chance, minute), now);
    // A refused booking may be followed by a driver who comes all the same.
    return chance.percent(70) ? booked(current, booking, undefined, time) : refused(current, "nobody comes", time);
  }
  const visit = !["CREATED", "DIRECTION_FAILED", "CANCELED", ...scans].includes(current.state);
  if (visit && chance.percent(20)) return reschedule(current, { from: current.slot, to: current.slot }, time);
  return report(current, news(chance, minute), now);
}

function news(chance: Chance, minute: number): Report {
  return said(chance.pick(kinds), { fault: chance.pick(faults), time: at(minute) });
}

/** The same reports as they happened, and late, doubled and shuffled; says what differs. */
function retold(chance: Chance): string | undefined {
  const begin = chance.pick([
    collection({ maxAttempts: chance.between(1, 4) }),
    cancel(collection(), at(1)).next,
    reschedule(collection({ slot: undefined }), { from: undefined, to: undefined }, at(3)).next,
  ]);
  const reports = Array.from({ length: chance.between(1, 9) }, () => news(chance, chance.below(400)));
  const inOrder = reports.toSorted((one, other) => (one.time?.getTime() ?? 0) - (other.time?.getTime() ?? 0));
  const [one, other] = [told(begin, inOrder), told(begin, chance.retold(reports))];
  const same = one.state === other.state && !!one.handOverTime === !!other.handOverTime;
  return same ? undefined : `${one.state} in order, ${other.state} otherwise`;
}

/** Each report once, as the store sees to. */
function told(begin: Collection, reports: readonly Report[]): Collection {
  const known = new Set<string>();
  return reports.reduce((current, one) => {
    if (known.has(one.eventId)) return current;
    known.add(one.eventId);
    return report(current, one, now).next;
  }, begin);
}
