// A higher tier never gets less than a lower one, all else equal: no worse verdict, no window that ends earlier, no higher
// fee, no later refund, no fewer days to hand over. Tiers next to each other are compared; then it holds for all.
import type { Rows, TableName, TermsRow, WindowRow } from "../facts.js";
import { timeOf } from "../judge.js";
import { triggers, verdicts } from "../words.js";
import { onePerKey } from "./collect.js";
import { amountOf, dayOf, exampleOf } from "./example.js";
import { type Finding, fault } from "./finding.js";
import { beforeDelivery, distinct, factsAt, type Moment, momentsOf } from "./moments.js";
import { type Box, constraintOf, type Facts, meet, without } from "./space.js";
import type { Rule } from "./split.js";
import { causesOf, once, pathOf, type Trial } from "./trial.js";

/** The same lines at the same moment, as the tables see them for a lower and for a higher tier. */
type Pair = { readonly low: Facts; readonly high: Facts; readonly moment: Moment; readonly box: Box };
type Rules<T extends TableName> = { readonly low: Rule<Rows[T]>; readonly high: Rule<Rows[T]> };

/** What the lower and the higher tier get, in words, where that is less for the higher. */
type Less = { readonly low: string; readonly high: string } | undefined;

type Compared = "verdict" | "terms" | "deadlines";
const compared: readonly Compared[] = ["verdict", "terms", "deadlines"];

/** @throws TooComplex */
export function lintTiers(trial: Trial): Finding[] {
  const { document, tables } = trial;
  if (!(["window", ...compared] as const).some((name) => tables.reads(name, "tier"))) return [];
  const found = onePerKey();
  for (const [at, high] of document.tiers.slice(1).entries()) {
    for (const windows of windowsOf(trial, document.tiers[at] as string, high)) {
      for (const pair of pairsOf(trial, windows)) {
        const less = lessTime(trial, windows, pair.moment);
        if (less) tell(trial, found, "window", pair, windows, less);
        for (const name of compared) compare(trial, found, name, pair);
      }
    }
  }
  return found.findings();
}

function compare<T extends Compared>(trial: Trial, found: ReturnType<typeof onePerKey>, name: T, pair: Pair): void {
  for (const { box, ...rules } of answersOf(trial, name, pair)) {
    const less = lessBy[name](rules.low.answer, rules.high.answer, pair.high.fault === "CUSTOMER", trial);
    if (!less) continue;
    const kept = name === "verdict" ? box : keptOf(trial, { ...pair, box });
    if (kept) tell(trial, found, name, { ...pair, box: kept }, rules, less);
  }
}

function tell<T extends TableName>(
  trial: Trial,
  found: ReturnType<typeof onePerKey>,
  name: T,
  { box, moment, ...facts }: Pair,
  { low, high }: Rules<T>,
  less: NonNullable<Less>,
): void {
  found.add(high.id, box, () => {
    const [lower, higher] = [facts.low.tier, facts.high.tier];
    const outcome = `${higher} ${less.high} by ${high.id}, where ${lower} ${less.low} by ${low.id}`;
    const example = exampleOf(trial, box, facts.high, moment, outcome);
    const problem = `a higher tier gets less: ${outcome}; give ${higher} as much`;
    return fault("TIER_GETS_LESS", pathOf(trial, name, high.at), problem, example);
  });
}

const lessBy: {
  readonly [T in Compared]: (low: Rows[T], high: Rows[T], pays: boolean, trial: Trial) => Less;
} = {
  verdict: (low, high) =>
    verdicts.indexOf(high.verdict) > verdicts.indexOf(low.verdict)
      ? { low: `gets ${low.verdict}`, high: `gets ${high.verdict}` }
      : undefined,
  terms: (low, high, pays, trial) => {
    const feeOf = ({ fee_code, fee_minor }: TermsRow) => (pays && fee_code !== null ? fee_minor : 0);
    const paid = (row: TermsRow) => `pays ${amountOf(trial, feeOf(row))}`;
    if (feeOf(high) > feeOf(low)) return { low: paid(low), high: paid(high) };
    const refunded = ({ refund_trigger }: TermsRow) => `has the money back ${refund_trigger}`;
    const later = triggers.indexOf(high.refund_trigger) > triggers.indexOf(low.refund_trigger);
    return later ? { low: refunded(low), high: refunded(high) } : undefined;
  },
  deadlines: (low, high) =>
    high.handover_days < low.handover_days
      ? { low: `has ${low.handover_days} days to hand over`, high: `has ${high.handover_days} days` }
      : undefined,
};

type Windows = Rules<"window"> & { readonly lowTier: Facts; readonly highTier: Facts; readonly box: Box };

/** All lines by the windows that they have for two tiers. */
function* windowsOf({ tables, ...trial }: Trial, low: string, high: string): Generator<Windows> {
  for (const { fault, box } of causesOf({ tables, ...trial })) {
    const [lowTier, highTier] = [
      { fault, tier: low },
      { fault, tier: high },
    ];
    for (const lower of tables.split("window", box, lowTier)) {
      for (const higher of tables.split("window", lower.box, highTier)) {
        yield { low: lower.rule, high: higher.rule, lowTier, highTier, box: higher.box };
      }
    }
  }
}

/** The same lines at each moment that their windows tell apart. */
function* pairsOf(trial: Trial, { low, high, lowTier, highTier, box }: Windows): Generator<Pair> {
  const delivered = constraintOf(trial.space, "delivered", (value) => value === true);
  for (const waiting of without(box, [delivered])) {
    const { moment, facts } = beforeDelivery(trial);
    yield { moment, box: waiting, low: { ...lowTier, ...facts }, high: { ...highTier, ...facts } };
  }
  const here = meet(box, [delivered]);
  if (!here) return;
  const factsOf = (moment: Moment) => ({
    low: factsAt(trial, low.answer, moment),
    high: factsAt(trial, high.answer, moment),
    shorter: lessTime(trial, { low, high }, moment) !== undefined,
  });
  const moments = once(trial, JSON.stringify(["tiers", low.at, high.at]), () =>
    distinct(trial, momentsOf(trial, [low.answer, high.answer], compared), compared, factsOf),
  );
  for (const { moment, facts } of moments) {
    yield { moment, box: here, low: { ...lowTier, ...facts.low }, high: { ...highTier, ...facts.high } };
  }
}

function lessTime(trial: Trial, { low, high }: Rules<"window">, { times, now }: Moment): Less {
  if (low.id === high.id) return undefined;
  const endsOf = (row: WindowRow) => timeOf(trial.counting, trial.calendar, row, times, now);
  const [lower, higher] = [endsOf(low.answer), endsOf(high.answer)];
  for (const name of ["end", "last"] as const) {
    const [before, after] = [higher[name], lower[name]];
    if (!before || (after && after.time <= before.time)) continue;
    const until = after ? `has until ${dayOf(trial, new Date(after.time.getTime() - 1))}` : "has no end";
    return { low: until, high: `has until ${dayOf(trial, new Date(before.time.getTime() - 1))} only` };
  }
  return undefined;
}

/** How a table answers the same lines for two tiers, where by different rules. */
function* answersOf<T extends TableName>({ tables }: Trial, name: T, pair: Pair): Generator<Rules<T> & { box: Box }> {
  if (tables.rules(name, pair.low) === tables.rules(name, pair.high)) return;
  for (const lower of tables.split(name, pair.box, pair.low)) {
    for (const higher of tables.split(name, lower.box, pair.high)) {
      if (lower.rule.id !== higher.rule.id) yield { low: lower.rule, high: higher.rule, box: higher.box };
    }
  }
}

/** Those of the lines that neither tier is declined for. */
function keptOf({ tables }: Trial, { box, low, high }: Pair): Box | undefined {
  for (const lower of tables.split("verdict", box, low)) {
    if (lower.rule.answer.verdict === "DECLINE") continue;
    const higher = tables.split("verdict", lower.box, high).find(({ rule }) => rule.answer.verdict !== "DECLINE");
    if (higher) return higher.box;
  }
  return undefined;
}
