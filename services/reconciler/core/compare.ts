// All books against each other. The statement and the corrections are taken in first and kept by key; then our refunds
// pass by, page after page, each taking out what is its own; what is left belongs to nobody. Linear in what is read, and
// it holds the other side's books and one page of ours.
import type { Money } from "#kit/pure/money.js";
import { againstCorrections, strayCorrection } from "./documents.js";
import { againstLedger, keyOf } from "./ledger.js";
import { againstStatement, isPaidByProvider, lateness, sides } from "./statement.js";
import { type Settled, strayLines } from "./strays.js";
import type { Correction, Finding, OurRefund, OurTender, Patience, StatementLine } from "./types.js";

/** One comparison under way. */
export type Comparison = {
  /** Theirs, all of it before the first refund: what they have by then, we have asked for before. */
  statement(lines: Iterable<StatementLine>): void;
  corrections(rows: Iterable<Correction>): void;
  /** What does not fit about these refunds. */
  refunds(page: Iterable<OurRefund>): Finding[];
  /** What no refund has taken out. */
  rest(): Finding[];
};

export function openComparison(patience: Patience): Comparison {
  const lines = new Map<string, StatementLine[]>();
  const corrections = new Map<string, Correction[]>();
  const settled: Settled[] = [];

  function tenderFindings(tender: OurTender, refund: OurRefund): (Finding | undefined)[] {
    const { refundId } = refund;
    const own = takeOut(lines, tender.providerKey);
    const paid = isPaidByProvider(tender);
    if (paid || own.length > 0)
      settled.push({
        tender,
        refundId,
        oursMinor: paid ? tender.amount.minor : 0n,
        theirsMinor: netMinor(own),
      });
    const last = refund.journals.filter((journal) => keyOf(journal) === tender.providerKey).at(-1)?.createTime;
    return [againstStatement(tender, refundId, own, patience), lateness(tender, refund, last, patience)];
  }

  return {
    statement: (read) => {
      for (const line of read) {
        // A chargeback is the bank's doing, not a refund of ours; it has no key.
        if (line.kind !== "CHARGEBACK") put(lines, line.key || line.lineId, line);
      }
    },
    corrections: (read) => {
      for (const correction of read) put(corrections, correction.key || correction.correctionNumber, correction);
    },
    refunds: (page) => {
      const findings: (Finding | undefined)[] = [];
      for (const refund of page) {
        for (const tender of refund.tenders) findings.push(...tenderFindings(tender, refund));
        findings.push(...againstLedger(refund));
        for (const twin of refund.taxTwins) {
          findings.push(againstCorrections(twin, refund, takeOut(corrections, twin.key), patience));
        }
      }
      return findings.filter((finding) => finding !== undefined);
    },
    rest: () => [...strayLines(lines, settled), ...[...corrections.values()].flat().map(strayCorrection)],
  };
}

function put<V>(map: Map<string, V[]>, key: string, value: V): void {
  const there = map.get(key);
  if (there) there.push(value);
  else map.set(key, [value]);
}

function takeOut<V>(map: Map<string, V[]>, key: string): V[] {
  const there = map.get(key) ?? [];
  map.delete(key);
  return there;
}

function netMinor(lines: readonly StatementLine[]): bigint {
  const { payments, reversals } = sides(lines);
  const total = (some: readonly { readonly amount: Money | undefined }[]) =>
    some.reduce((sum, { amount }) => sum + (amount?.minor ?? 0n), 0n);
  return total(payments) - total(reversals);
}
