// Pairs of rules whose order alone decides whether a customer gets something, until when, at whose fault and what it
// costs: both fit some line, they say different things, and neither is a special case of the other. That may be meant,
// but an author should know of it; one who does says so in the _description of one of the rows, by naming the other.
import type { Rows, TableName } from "../facts.js";
import { exampleOf } from "./example.js";
import { type Finding, fault } from "./finding.js";
import { allLines, type Lines } from "./lines.js";
import { askAxis, type Box, rarity } from "./space.js";
import type { Rule } from "./split.js";
import { pathOf, type Trial } from "./trial.js";

/** A rule, one behind it that would answer if it were not there, and lines that both fit. */
type Pair = { readonly first: Rule<object>; readonly second: Rule<object>; readonly box: Box; readonly lines: Lines };

/** What two rows say differently; how and in which way something is carried out may differ as it likes. */
const said: { readonly [T in TableName]?: (row: Rows[T]) => unknown } = {
  fault: ({ fault }) => fault,
  window: (row) => [row.days, row.months, row.review_months, row.known_days, row.uninformed_months],
  verdict: ({ verdict }) => verdict,
  terms: ({ fee_code, fee_minor }) => [fee_code, fee_minor],
};

/** @throws TooComplex */
export function lintOverlaps(trial: Trial): Finding[] {
  return (["fault", "window", "verdict", "terms"] as const).flatMap((name) => {
    const findings: Finding[] = [];
    let pairs = pairsOf(trial, name);
    while (pairs.length > 0) {
      const group = largestGroup(pairs);
      findings.push(told(trial, name, group));
      pairs = pairs.filter((pair) => !group.pairs.includes(pair));
    }
    return findings;
  });
}

function pairsOf<T extends TableName>(trial: Trial, name: T): Pair[] {
  const { document, tables } = trial;
  const whatOf = said[name] as (row: Rows[T]) => unknown;
  const found = new Map<string, Pair>();
  for (const lines of allLines(trial, name)) {
    if (name === "terms" && lines.fixed.fault !== "CUSTOMER") continue; // nobody else pays
    for (const { rule: first, box } of tables.split(name, lines.box, lines.fixed)) {
      if (isChapter(first)) continue;
      for (const { rule: second, box: both } of tables.split(name, box, lines.fixed, first.at)) {
        const key = `${first.id} ${second.id}`;
        const known = found.get(key);
        if (known && rarity(known.box) <= rarity(both)) continue;
        if (isWithin(first, second) || isWithin(second, first)) continue;
        if (JSON.stringify(whatOf(first.answer)) === JSON.stringify(whatOf(second.answer))) continue;
        found.set(key, { first, second, box: both, lines });
      }
    }
  }
  const { rules } = document.tables[name];
  const names = (at: number, id: string) => rules[at]?._description?.split(/[^a-z0-9-]+/).includes(id) ?? false;
  return [...found.values()].filter(({ first, second }) => !names(first.at, second.id) && !names(second.at, first.id));
}

/** A rule about nothing but what is asked for is put first on purpose: what follows is about the rest. */
function isChapter({ constraints }: Rule<object>): boolean {
  return constraints.every(({ axis }) => axis === askAxis);
}

/** Whether a rule fits only what another one fits as well. */
function isWithin(rule: Rule<object>, other: Rule<object>): boolean {
  return other.constraints.every(({ axis, points }) => {
    const own = rule.constraints.find((constraint) => constraint.axis === axis);
    return own !== undefined && (own.points & ~points) === 0n;
  });
}

/** Pairs that have one rule in common, on the same side. */
type Group = { readonly side: "first" | "second"; readonly pairs: readonly Pair[] };

/** One rule among many others is told of once, not once for each of them. */
function largestGroup(pairs: readonly Pair[]): Group {
  const groups = (["first", "second"] as const).flatMap((side) => {
    const ids = new Set(pairs.map((pair) => pair[side].id));
    return [...ids].map((id) => ({ side, pairs: pairs.filter((pair) => pair[side].id === id) }));
  });
  return groups.reduce((largest, group) => (group.pairs.length > largest.pairs.length ? group : largest));
}

function told(trial: Trial, name: TableName, { side, pairs }: Group): Finding {
  const [{ first, second, box, lines }] = pairs as [Pair, ...Pair[]];
  const rule = side === "first" ? first : second;
  const others = pairs.map((pair) => (side === "first" ? pair.second.id : pair.first.id)).join(", ");
  const problem = `${rule.id} stands ${side === "first" ? "before" : "after"} ${others}, and they say different things`;
  const why = "where both fit, their order alone decides";
  const advice = `narrow one of them, or name ${others} in the _description of ${rule.id} if this is meant`;
  const example = exampleOf(
    trial,
    box,
    lines.fixed,
    lines.moment,
    `${first.id} answers, and ${second.id} fits as well`,
  );
  const path = pathOf(trial, name, rule.at);
  return { ...fault("OVERLAP_CONTRADICTS", path, `${problem}: ${why}; ${advice}`, example), severity: "WARNING" };
}
