// Statement lines whose key we do not know: money that nobody asked for, or a payment made a second time under another
// key. The second is told by its payment: there the provider has paid more than we booked, by that very amount.
import { said } from "./patience.js";
import { sides } from "./statement.js";
import type { Finding, OurTender, StatementLine } from "./types.js";

/** A tender that our books or the statement have as paid, with what the statement says of it. */
export type Settled = {
  readonly tender: OurTender;
  readonly refundId: string;
  /** What we booked as paid by the provider; 0 if we did not. */
  readonly oursMinor: bigint;
  /** What the statement has under its key. */
  readonly theirsMinor: bigint;
};

/** DOUBLE or ORPHAN for each line that stands. What was paid and came back as often is nobody's loss. */
export function strayLines(
  byKey: ReadonlyMap<string, readonly StatementLine[]>,
  settled: readonly Settled[],
): Finding[] {
  const standing = [...byKey.values()].filter((lines) => sides(lines).net !== 0).flat();
  if (standing.length === 0) return [];
  const accounts = accountsOf(new Set(standing.map(({ paymentId }) => paymentId)), settled);
  for (const line of standing) accounts.get(line.paymentId)?.take(line);
  return standing.map((line) => {
    const twin = accounts.get(line.paymentId)?.repeated(line);
    const { lineId: reference, amount: theirs } = line;
    if (!twin) {
      const text = `${line.kind} of ${said(theirs)} under "${line.key}", a key that no refund of ours has`;
      return { kind: "ORPHAN", reference, refundId: "", ours: undefined, theirs, text };
    }
    const { refundId, tender } = twin;
    const text = `${said(theirs)} was paid under ${tender.providerKey}, and again under "${line.key}"`;
    return { kind: "DOUBLE", reference, refundId, ours: tender.amount, theirs, text };
  });
}

/** What was paid over some payments, both as we and as they see it. A payout's line names none, so it is in no account. */
function accountsOf(payments: ReadonlySet<string>, settled: readonly Settled[]) {
  const accounts = new Map<string, ReturnType<typeof account>>();
  for (const paymentId of payments) if (paymentId !== "") accounts.set(paymentId, account());
  for (const one of settled) {
    if (one.tender.route !== "BANK_TRANSFER") accounts.get(one.tender.paymentId)?.add(one);
  }
  return accounts;
}

function account() {
  const known: Settled[] = [];
  let excess = 0n;
  return {
    add(one: Settled): void {
      known.push(one);
      excess += one.theirsMinor - one.oursMinor;
    },
    take({ kind, amount }: StatementLine): void {
      if (amount) excess += kind === "REVERSAL" ? -amount.minor : amount.minor;
    },
    /** The tender that the line pays again; it takes its part of what was paid too much. */
    repeated({ kind, amount }: StatementLine): Settled | undefined {
      if (kind === "REVERSAL" || !amount || amount.minor > excess) return undefined;
      const twin = known.find(
        ({ tender, theirsMinor }) =>
          theirsMinor > 0n && tender.amount.minor === amount.minor && tender.amount.currency === amount.currency,
      );
      if (twin) excess -= amount.minor;
      return twin;
    },
  };
}
