// What one policy changes against what was decided: counted line by line into a comparison, which stays small however
// many decisions go in. It is plain data but for the bigint, so that it can be kept half-way and added to later.
//
// Lines are compared each for itself, as if they had been asked for alone: a request has one fee for all its lines, and
// nobody could say which of them changed it. What it costs is counted by that one fee. What is carried out is compared only
// where neither declines. Ends of windows are told apart by days, so a calendar that has changed since shows there, too.
import type { Calendar } from "#kit/pure/calendar.js";
import { type Again, again, type Given } from "./again.js";
import { askedOf, changesOf, feeText, sentenceOf, type Twice, type What, whats } from "./changes.js";
import type { Policy } from "./engine.js";
import { chargeOf } from "./judge.js";
import type { Verdict } from "./words.js";

/** A line that two policies answer differently. */
export type Difference = {
  readonly decisionId: string;
  readonly orderId: string;
  readonly lineId: string;
  readonly verdict: Verdict;
  readonly rule: string;
  readonly otherVerdict: Verdict;
  readonly otherRule: string;
  /** In an English sentence. */
  readonly text: string;
};

/** Changed in place by `compare` and `merge`: a million decisions go into one. */
export type Comparison = {
  readonly currency: string;
  decisions: number;
  lines: number;
  changedLines: number;
  /** Lines by what changed and "from|to". */
  readonly shifts: Record<What, Record<string, number>>;
  /** What more would be paid back, less what more is charged; negative for less. In minor units. */
  costMinor: bigint;
  /** The first few of each kind of change. */
  readonly samples: Record<string, Difference[]>;
  violations: number;
  readonly violationSamples: Difference[];
  unknownLines: number;
};

/** Different pairs of words that are told apart for each thing; what is beyond them is counted as others. */
const pairs = 50;
const others = "(others)|(others)";
/** Samples of each kind of change. */
const few = 5;

/** A comparison of nothing yet. */
export function noComparison(currency: string): Comparison {
  const shifts = Object.fromEntries(whats.map((what) => [what, {}])) as Comparison["shifts"];
  const none = { decisions: 0, lines: 0, changedLines: 0, costMinor: 0n, violations: 0, unknownLines: 0 };
  return { currency, ...none, shifts, samples: {}, violationSamples: [] };
}

/** A comparison as it was kept as JSON, where the bigint is a text. */
export function revived(kept: Comparison): Comparison {
  return { ...kept, costMinor: BigInt(kept.costMinor) };
}

/**
 * Judges a decision again and adds what is different. Whatever the other policy does, this does not throw: lines that it
 * cannot judge are counted as unknown, all of them where there is no policy.
 */
export function compare(sum: Comparison, policy: Policy | undefined, calendar: Calendar, given: Given): void {
  sum.decisions += 1;
  sum.lines += given.lines.length;
  const { lines, charged } = (policy && judgedAgain(policy, calendar, given)) ?? { lines: [], charged: undefined };
  if (charged !== undefined) sum.costMinor -= BigInt(charged - given.charged);
  given.lines.forEach((line, nth) => {
    const other = lines[nth];
    if (!policy || !other) {
      sum.unknownLines += 1;
      return;
    }
    const twice = { given, line, other, calendar };
    countChanges(sum, twice);
    countViolation(sum, policy, twice);
  });
}

function judgedAgain(policy: Policy, calendar: Calendar, given: Given): Again | undefined {
  try {
    return again(policy, calendar, given);
  } catch {
    return undefined;
  }
}

/** Adds another comparison; of samples the first ones stay. */
export function merge(sum: Comparison, other: Comparison): void {
  sum.decisions += other.decisions;
  sum.lines += other.lines;
  sum.changedLines += other.changedLines;
  sum.costMinor += other.costMinor;
  sum.violations += other.violations;
  sum.unknownLines += other.unknownLines;
  for (const what of whats) {
    for (const [pair, lines] of Object.entries(other.shifts[what])) countShift(sum.shifts[what], pair, lines);
  }
  for (const [kind, samples] of Object.entries(other.samples)) {
    for (const sample of samples) if (hasRoom(sum, kind)) keep(sum, kind, sample);
  }
  sum.violationSamples.push(...other.violationSamples.slice(0, few - sum.violationSamples.length));
}

function countChanges(sum: Comparison, twice: Twice): void {
  sum.costMinor += worthOf(twice);
  const changes = changesOf(twice);
  const [first] = changes;
  if (!first) return;
  sum.changedLines += 1;
  for (const { what, from, to } of changes) countShift(sum.shifts[what], `${from}|${to}`, 1);
  const kind = first.what === "verdict" ? `verdict ${first.from} ${first.to}` : first.what;
  if (!hasRoom(sum, kind)) return;
  const { verdict, rule } = twice.other;
  keep(sum, kind, differenceOf(twice, verdict, rule, sentenceOf(twice, changes)));
}

function countShift(shifts: Record<string, number>, pair: string, lines: number): void {
  const known = pair in shifts || Object.keys(shifts).length < pairs;
  const key = known ? pair : others;
  shifts[key] = (shifts[key] ?? 0) + lines;
}

const hasRoom = ({ samples }: Comparison, kind: string): boolean => (samples[kind]?.length ?? 0) < few;

function keep({ samples }: Comparison, kind: string, sample: Difference): void {
  const kept = samples[kind] ?? [];
  kept.push(sample);
  samples[kind] = kept;
}

/** What is paid back for the line by the other policy and was not, before fees. */
function worthOf({ line, other }: Twice): bigint {
  const { view, askedMinor } = line.seen;
  const [was, is] = [line.verdict !== "DECLINE", other.verdict !== "DECLINE"];
  if (was === is || view.replacement) return 0n; // for a replacement goods go out, no money
  return BigInt(is ? askedMinor : -askedMinor);
}

/** Where the law overrules the document, the document takes a right away; the law makes good for it in the answer. */
function countViolation(sum: Comparison, { tables }: Policy, twice: Twice): void {
  const { answer } = twice.other;
  const { view, right, dropped } = answer;
  if (right) {
    const { verdict, rule } = tables.verdict.answer(view);
    const text = `${askedOf(twice)}: ${rule} would decline it, and ${right.article} does not allow that.`;
    violated(sum, twice, verdict, rule, text);
  } else if (dropped !== undefined && answer.verdict !== "DECLINE") {
    const charge = chargeOf({ view, terms: tables.terms.answer(view) });
    if (!charge) return;
    const fee = feeText(charge, twice.given.currency);
    const text = `${askedOf(twice)}: ${charge.rule} would charge ${fee}, and ${dropped} does not allow that.`;
    violated(sum, twice, answer.verdict, charge.rule, text);
  }
}

function violated(sum: Comparison, twice: Twice, verdict: Verdict, rule: string, text: string): void {
  sum.violations += 1;
  if (sum.violationSamples.length < few) sum.violationSamples.push(differenceOf(twice, verdict, rule, text));
}

function differenceOf({ given, line }: Twice, otherVerdict: Verdict, otherRule: string, text: string): Difference {
  const { decisionId, orderId } = given;
  const { verdict, rule, seen } = line;
  return { decisionId, orderId, lineId: seen.lineId, verdict, rule, otherVerdict, otherRule, text };
}
