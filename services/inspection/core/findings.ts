// What may be found: which words go together, how findings add up, and what each of them makes stock and dock do.
import { check } from "#kit/pure/check.js";
import { byCause, unsaid } from "./holding.js";
import type { Condition, Disposition, ExpectedLine, Finding, StockLine, Verdict } from "./types.js";
import { numbered } from "./units.js";

const ours = ["RESTOCKED", "RESALE_GRADED", "REFURBISH", "RETURN_TO_VENDOR", "DONATE", "DISPOSE"] as const;

/**
 * What a verdict allows to become of the goods: rejected ones stay the customer's, missing ones are nowhere. An escalated
 * one only proposes.
 */
export const dispositionsOf = {
  ACCEPTED: ours,
  REJECTED: ["RETURN_TO_CUSTOMER"],
  MISSING: ["MISSING"],
  ESCALATED: [...ours, "RETURN_TO_CUSTOMER", "MISSING"],
} as const satisfies Readonly<Record<Verdict, readonly Disposition[]>>;

/** Ways on which somebody else gets the article. */
const passedOn: ReadonlySet<Disposition> = new Set(["RESTOCKED", "RESALE_GRADED", "DONATE"]);

/** Conditions under which the article that stock counts is not in the house. */
const notTheArticle: ReadonlySet<Condition | undefined> = new Set(["WRONG_ITEM", "EMPTY_BOX", "MISSING"]);

/** Conditions under which nobody else may get it. */
const kept: ReadonlySet<Condition | undefined> = new Set([...notTheArticle, "COUNTERFEIT_SUSPECT", "HAZMAT"]);

/** Words of one finding that cannot both be true, by field; none when it makes sense. */
export function contradictions(finding: Finding): { field: string; description: string }[] {
  const { verdict, grade, condition, disposition } = finding;
  const faults: { field: string; description: string }[] = [];
  const allowed: readonly Disposition[] = dispositionsOf[verdict];
  if (!allowed.includes(disposition)) {
    faults.push({
      field: "disposition",
      description: `${verdict} units are ${allowed.join(" or ")}, not ${disposition}`,
    });
  }
  if (disposition === "REFURBISH" && (notTheArticle.has(condition) || condition === "HAZMAT")) {
    faults.push({ field: "condition", description: `${condition} units cannot be ${disposition}` });
  }
  if (!passedOn.has(disposition)) return faults;
  if (grade === "UNSELLABLE" && disposition !== "DONATE") {
    faults.push({ field: "grade", description: `UNSELLABLE units cannot be ${disposition}` });
  }
  if (disposition === "RESALE_GRADED" && grade === undefined) {
    faults.push({ field: "grade", description: "RESALE_GRADED units are sold by their grade: say which" });
  }
  if (kept.has(condition)) {
    faults.push({ field: "condition", description: `${condition} units cannot be ${disposition}` });
  }
  return faults;
}

/** Units of the same line are one line. */
export function mergeLines(lines: readonly ExpectedLine[]): ExpectedLine[] {
  return merge(lines, ({ lineId, sku }) => [lineId, sku]);
}

/** Equal findings are one finding, unless something is known of the units themselves. */
export function mergeFindings(findings: readonly Finding[]): Finding[] {
  return merge(findings, (f, at) => [f.lineId, f.verdict, f.grade, f.condition, f.disposition, f.note, f.detail && at]);
}

/** The findings of a line and a verdict as one, with their deductions added up by cause: what the money hangs on. */
export function abridged(findings: readonly Finding[]): Finding[] {
  const parts = new Map<string, Finding[]>();
  for (const finding of findings) {
    const key = JSON.stringify([finding.lineId, finding.verdict]);
    parts.set(key, [...(parts.get(key) ?? []), finding]);
  }
  return [...parts.values()].map((part): Finding => {
    const { lineId, verdict, disposition } = part[0] as Finding;
    const quantity = part.reduce((units, finding) => units + finding.quantity, 0);
    const deductions = byCause(part).map((deduction) => ({ ...deduction, note: "" }));
    const detail = deductions.length > 0 ? { detail: { ...unsaid, deductions } } : {};
    return { lineId, quantity, verdict, disposition, note: "", ...detail };
  });
}

/**
 * Sees that every expected unit has exactly one verdict.
 * @throws DomainError FINDINGS_UNBALANCED naming the first line that does not add up, or was never expected
 */
export function assertBalanced(expected: readonly ExpectedLine[], findings: readonly Finding[]): void {
  const wanted = unitsOf(expected);
  const seen = unitsOf(findings);
  for (const lineId of new Set([...wanted.keys(), ...seen.keys()])) {
    const received = wanted.get(lineId) ?? 0;
    const found = seen.get(lineId) ?? 0;
    check(
      found === received,
      "FINDINGS_UNBALANCED",
      `findings of ${lineId} are for ${found} units, but ${received} are expected`,
      {
        line_id: lineId,
        received: String(received),
        found: String(found),
      },
    );
  }
}

/** Units of each line. */
export function unitsOf(lines: readonly { readonly lineId: string; readonly quantity: number }[]): Map<string, number> {
  const units = new Map<string, number>();
  for (const { lineId, quantity } of lines) units.set(lineId, (units.get(lineId) ?? 0) + quantity);
  return units;
}

/** What stock has to book: accepted units, by product and way, each of them named. */
export function stockLines(expected: readonly ExpectedLine[], findings: readonly Finding[]): StockLine[] {
  const lines = numbered(findings)
    .filter(({ finding }) => finding.verdict === "ACCEPTED")
    .map(({ finding: { lineId, quantity, disposition, grade }, units }) => {
      return { sku: skuOf(expected, lineId), quantity, disposition, grade, units };
    });
  const merged = new Map<string, StockLine>();
  for (const line of lines) {
    const key = JSON.stringify([line.sku, line.disposition, line.grade]);
    const before = merged.get(key);
    const both = before && { quantity: before.quantity + line.quantity, units: [...before.units, ...line.units] };
    merged.set(key, { ...line, ...both });
  }
  return [...merged.values()];
}

/** What the dock has to send back: rejected units, by line. */
export function sendBackLines(expected: readonly ExpectedLine[], findings: readonly Finding[]): ExpectedLine[] {
  const lines = findings
    .filter((f) => f.verdict === "REJECTED")
    .map(({ lineId, quantity }) => ({ lineId, sku: skuOf(expected, lineId), quantity }));
  return mergeLines(lines);
}

function skuOf(expected: readonly ExpectedLine[], lineId: string): string {
  return expected.find((line) => line.lineId === lineId)?.sku ?? "";
}

/** Adds up what has the same key, in the order of first appearance. */
function merge<T extends { readonly quantity: number }>(
  items: readonly T[],
  key: (item: T, at: number) => unknown[],
): T[] {
  const merged = new Map<string, T>();
  for (const [at, item] of items.entries()) {
    const name = JSON.stringify(key(item, at));
    const before = merged.get(name);
    merged.set(name, before ? { ...before, quantity: before.quantity + item.quantity } : item);
  }
  return [...merged.values()];
}
