// Random walks of a resolution: whatever its chart takes where it stands, and whatever it does not. Facts of the goods
// may be heard in any order; the money follows what was known when it went, and what went too early is asked back.

import type { ChartEvent } from "../../services/resolution/core/chart.js";
import { contextOf, termsContext } from "../../services/resolution/core/context.js";
import { atRest, begin, stateOf, take, tracksOf } from "../../services/resolution/core/machine.js";
import * as core from "../../services/resolution/core/resolution.js";
import type { Chart, Kind, Outcome, Resolution, Terms, Trigger } from "../../services/resolution/core/types.js";
import { requested, scene } from "../../services/resolution/test/builders.js";
import type { Chance } from "../chance.js";
import { edgesOfChart, type Version, versions, wayOf } from "./chart.js";
import { Edges, type WalkReport } from "./ledger.js";

const kinds: readonly Kind[] = ["CANCELLATION", "RETURN", "RETURN", "EXCHANGE", "CLAIM"];
const triggers: readonly Trigger[] = ["ON_APPROVAL", "ON_PICKUP_SCAN", "ON_RECEIPT", "ON_INSPECTION", "ON_DEADLINE"];
/** Events that say nothing more than their name. */
const bare = [
  ...(["APPROVE", "DECLINE", "WITHDRAW", "CANCEL", "REOPEN", "HANDOVER_DUE", "GUARANTEE_DUE"] as const),
  ...(["STOPPED", "ALREADY_SHIPPED", "RETURN_DECLINED", "INTERCEPTED", "INTERCEPT_REFUSED", "COMES_BACK"] as const),
  ...(["SOLD_OUT", "RESHIPPED", "PAID", "UNPAID", "BOOKED", "CONFIRMED", "UNVERIFIED", "RECEIVED", "LOST"] as const),
  ...(["GUARANTEED", "GUARANTEE_REFUSED"] as const),
  ...(["REFUNDED", "REFUND_FAILED", "REFUND_REVERSED", "RECOVERED", "WRITTEN_OFF"] as const),
] as const;
/** What staff hold back, for a while. */
const held = { by: "alice", reason: "to be sure", until: "2026-12-01T00:00:00.000Z" };
const modes = ["STANDARD", "CROSS_SHIP", "ADVANCE"] as const;

export function walkResolutions(walks: number, chance: Chance): WalkReport {
  const tables = versions.map((version) => ({ version, edges: new Edges(edgesOfChart(version)) }));
  const unequal: string[] = [];
  const refused = new Set<string>();
  for (let nth = 0; nth < walks; nth++) {
    for (const { version, edges } of tables)
      for (let times = 0; times < 4; times++) journey(version, chance, edges, refused);
    const difference = retold(chance);
    if (difference) unequal.push(`walk ${nth}: ${difference}`);
  }
  return {
    walks,
    edges: tables.reduce((sum, { edges }) => sum + edges.size, 0),
    missed: tables.flatMap(({ version, edges }) => edges.missed.map((edge) => `${version} ${edge}`)),
    refused: refused.size,
    allowed: tables.flatMap(({ version, edges }) => [...edges.strays].map((edge) => `${version} ${edge}`)),
    retold: walks,
    unequal,
  };
}

/** Takes what comes; what does not fit where it stands changes nothing. Ends where nothing fits any more. */
function journey(version: Version, chance: Chance, edges: Edges, refused: Set<string>): void {
  const terms = termsOf(chance);
  let chart = chartOf(version, chance.pick(kinds), terms, chance);
  for (let left = chance.between(6, 40); left > 0; left--) {
    const next = step(chart, happenings(chart, chance, terms), refused);
    if (!next) return;
    note(version, chart, next, edges);
    chart = next;
  }
}

/** The first that fits. */
function step(chart: Chart, events: readonly ChartEvent[], refused: Set<string>): Chart | undefined {
  for (const event of events) {
    const taken = take(chart, event);
    if (taken) return taken.chart;
    refused.add(`${chart.machine} ${JSON.stringify(chart.value)} ${event.type}`);
  }
  return undefined;
}

/** New ones begin with the current version; stored ones of earlier versions go on with their own. */
function chartOf(version: Version, kind: Kind, terms: Terms, chance: Chance): Chart {
  if (version === "resolution/1") return { machine: version, value: "REQUESTED", context: contextOf(kind, terms) };
  const onUnpaid = chance.pick(["CANCEL", "REFUND"] as const);
  const chances = { captured: chance.percent(85), gift: chance.percent(15), comesBack: chance.percent(8) };
  return begin(kind, terms, { ...chances, onUnpaid });
}

function note(version: Version, before: Chart, after: Chart, edges: Edges): void {
  edges.go(stateOf(before), stateOf(after));
  const [was, is] = [tracksOf(before), tracksOf(after)];
  if (!is) return;
  for (const track of ["goods", "money", "stock"] as const) {
    const [from, to] = [was?.[track] ?? "DECIDING", is[track]];
    const way = from === to ? [] : wayOf(version, track, from, to);
    way.slice(1).forEach((word, at) => {
      edges.go(`${track} ${way[at]}`, `${track} ${word}`);
    });
  }
}

function termsOf(chance: Chance): Terms {
  const { terms } = requested("RETURN").next;
  const exchange = chance.percent(50);
  return {
    ...terms,
    trigger: chance.pick(triggers),
    collection: chance.percent(80),
    inspection: chance.percent(75),
    // By a driver, or by one who brings the replacement.
    method: chance.pick([1, 7]),
    replacement: exchange,
    exchange: exchange ? chance.pick(modes) : undefined,
    exchangeGuarantee: chance.percent(30),
  };
}

/** Everything that can happen, in any order: what does not fit where it stands is refused, and the next is tried. */
function happenings(chart: Chart, chance: Chance, terms: Terms): readonly ChartEvent[] {
  const tracks = tracksOf(chart);
  // A close is the host's, once all tracks rest.
  if (tracks && atRest(tracks)) return [{ type: "CLOSE" }];
  return chance.shuffled<ChartEvent>([
    ...bare.map((type) => ({ type }) as ChartEvent),
    { type: "PICKED_UP", unverified: chance.percent(30), swapped: chance.percent(30) },
    { type: "DECIDED", verdict: chance.pick(["ACCEPT", "ACCEPT", "ACCEPT", "REVIEW", "DECLINE"]) },
    { type: "HELD", owing: chance.pick(["NOBODY", "CUSTOMER", "SHOP"]) },
    { type: "INSPECTED", accepted: chance.pick(["ALL", "SOME", "NONE"]) },
    { type: "CONVERTED", terms: { replacement: chance.percent(50) } },
    { type: "TAKE_UP", granted: chance.percent(70) },
    ...(chance.percent(20) ? ([{ type: "HOLD", held }, { type: "RELEASE" }] as const) : []),
    { type: "RETURN_GRANTED", terms: termsContext({ ...terms, collection: chance.percent(80) }) },
  ]);
}

/** A return's facts as they happened, and late, doubled and shuffled; says what differs. */
function retold(chance: Chance): string | undefined {
  const trigger = chance.pick(triggers);
  const accepted = chance.pick([2, 2, 1, 0]);
  const unverified = chance.percent(50);
  const proof = unverified
    ? [
        (r: Resolution) => core.handOverUnverified(r, scene()),
        (r: Resolution) => core.handOverConfirmed(r, false, scene()),
      ]
    : [];
  const story = [
    (r: Resolution) => core.pickedUp(r, scene(), { unverified }),
    ...proof.slice(0, chance.between(0, 2)),
    (r: Resolution) => core.received(r, "ins_1", scene()),
    (r: Resolution) =>
      core.inspected(
        r,
        [
          { lineId: "l-1", quantity: accepted, verdict: "ACCEPTED" as const },
          { lineId: "l-1", quantity: 2 - accepted, verdict: "REJECTED" as const },
        ].filter(({ quantity }) => quantity > 0),
        scene(),
      ),
  ];
  const [one, other] = [story, chance.retold(story)].map((facts) => ended(requested("RETURN", { trigger }), facts));
  return one === other ? undefined : `${trigger}, ${accepted} of 2 accepted: ${one} in order, ${other} otherwise`;
}

/** Where it ends, and how much of what was asked for the customer was paid and kept. */
function ended(begin: Outcome, facts: readonly ((r: Resolution) => Outcome)[]): string {
  let current = begin.next;
  let paid = 0;
  for (const fact of facts) {
    paid += settle();
    current = fact(current).next;
  }
  paid += settle();
  const { state, tracks, lines } = current;
  const kept = lines.reduce((sum, line) => sum + line.accepted, 0);
  return `${state} ${tracks?.goods} ${tracks?.stock}, ${kept} units accepted, ${paid} paid for`;

  /** What the money service does as soon as it is asked; what was paid too early comes back. */
  function settle(): number {
    let units = 0;
    if (current.tracks?.money === "REFUNDING") {
      const judged = current.lines.some(({ accepted, rejected, missing }) => accepted + rejected + missing > 0);
      units += current.lines.reduce((sum, line) => sum + (judged ? line.accepted : line.quantity), 0);
      current = core.refunded(current, "rfd_1", { minor: BigInt(units), currency: "KRW" }, scene()).next;
    }
    if (current.tracks?.money === "RECOVERING") {
      units -= current.lines.reduce((sum, line) => sum + line.quantity - line.accepted, 0);
      current = core.recoverySettled(current, true, scene()).next;
    }
    return units;
  }
}
