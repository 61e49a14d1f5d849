// What holds of an inspection's findings now that disputes were decided, and what a decision changes: no dispute about the
// same units gives the same money back twice.
import { add, type Money, portion, subtract, sum } from "#kit/pure/money.js";
import type { Change, Deduction, Dispute, Finding, FindingDetail } from "./types.js";

/** The findings with every upheld correction in the place of what it corrected, in the order of the decisions. */
export function holding(findings: readonly Finding[], disputes: readonly Dispute[]): readonly Finding[] {
  return disputes
    .filter(({ outcome, corrected }) => outcome === "UPHELD" && corrected)
    .sort((a, b) => (a.decideTime?.getTime() ?? 0) - (b.decideTime?.getTime() ?? 0))
    .reduce<readonly Finding[]>((held, dispute) => {
      const { kept } = parted(held, dispute);
      const { lineId, unitNumber, corrected } = dispute;
      const detail = unitNumber > 0 ? { detail: { ...unsaid, ...corrected?.detail, unitNumber } } : {};
      return [...kept, { ...(corrected as Finding), lineId, ...detail }];
    }, findings);
}

/** What a correction of these units changes. */
export function changed(
  held: readonly Finding[],
  dispute: Pick<Dispute, "lineId" | "unitNumber">,
  to: Finding,
): Change {
  const { taken } = parted(held, dispute);
  const accepted = (found: readonly Finding[]) =>
    found.reduce((units, { verdict, quantity }) => units + (verdict === "ACCEPTED" ? quantity : 0), 0);
  const before = byCause(taken);
  const after = byCause([to]);
  return {
    moreAccepted: accepted([to]) - accepted(taken),
    returned: over(before, after),
    added: over(after, before),
  };
}

/** Nothing is known beyond the words. */
export const unsaid: FindingDetail = {
  unitNumber: 0,
  serial: "",
  missingParts: [],
  weightGrams: 0,
  expectedWeightGrams: 0,
  photos: [],
  deductions: [],
  serialMismatch: false,
  recorder: "",
  recordTime: undefined,
};

/**
 * Parts findings into those of the disputed units and the rest. A unit that was only counted takes its share out of a
 * finding of its line: one that was not accepted, where there is one, for else there is nothing to dispute but money.
 */
function parted(
  findings: readonly Finding[],
  { lineId, unitNumber }: Pick<Dispute, "lineId" | "unitNumber">,
): { taken: Finding[]; kept: Finding[] } {
  const ofLine = findings.filter((f) => f.lineId === lineId);
  const others = findings.filter((f) => f.lineId !== lineId);
  if (unitNumber === 0) return { taken: ofLine, kept: others };
  const own = ofLine.find((f) => f.detail?.unitNumber === unitNumber);
  if (own) return { taken: [own], kept: findings.filter((f) => f !== own) };
  const counted = ofLine.filter((f) => !f.detail?.unitNumber);
  const of = counted.find((f) => f.verdict !== "ACCEPTED") ?? counted.find((f) => f.detail) ?? counted[0];
  if (!of) return { taken: [], kept: [...findings] };
  const [one, rest] = split(of);
  return { taken: [one], kept: findings.flatMap((f) => (f === of ? rest : [f])) };
}

/** One unit of a finding, with its share of the deductions, and what is left. */
function split(finding: Finding): [Finding, Finding[]] {
  const { quantity, detail } = finding;
  if (quantity === 1) return [finding, []];
  const share = (amount: Money) => portion(amount, 1n, BigInt(quantity), "down");
  const one = detail && {
    detail: { ...detail, deductions: detail.deductions.map((d) => ({ ...d, amount: share(d.amount) })) },
  };
  const rest = detail && {
    detail: {
      ...detail,
      deductions: detail.deductions.map((d) => ({ ...d, amount: subtract(d.amount, share(d.amount)) })),
    },
  };
  return [{ ...finding, quantity: 1, ...one }, [{ ...finding, quantity: quantity - 1, ...rest }]];
}

/** What is deducted of some findings, added up by cause. */
export function byCause(findings: readonly Finding[]): Deduction[] {
  const all = new Map<string, Deduction>();
  for (const { cause, amount, note } of findings.flatMap(({ detail }) => detail?.deductions ?? [])) {
    const before = all.get(cause);
    all.set(cause, before ? { ...before, amount: add(before.amount, amount) } : { cause, amount, note });
  }
  return [...all.values()].filter(({ amount }) => amount.minor > 0n);
}

/** By how much each of the first exceeds the second. */
function over(first: readonly Deduction[], second: readonly Deduction[]): Deduction[] {
  return first.flatMap((deduction) => {
    const same = second.filter(({ cause }) => cause === deduction.cause).map(({ amount }) => amount);
    const amount = subtract(deduction.amount, sum(same, deduction.amount.currency));
    return amount.minor > 0n ? [{ ...deduction, amount }] : [];
  });
}
