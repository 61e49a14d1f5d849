// A refund's tenders against its own ledger: what is paid is booked once, and what is booked is paid.
import type { Money } from "#kit/pure/money.js";
import { said } from "./patience.js";
import type { Finding, OurJournal, OurRefund, OurTender } from "./types.js";

/** One finding at most for each tender, and one for each key that is booked and no tender's. */
export function againstLedger({ refundId, tenders, journals }: OurRefund): Finding[] {
  const booked = new Map<string, OurJournal[]>();
  for (const journal of journals) {
    const key = keyOf(journal);
    booked.set(key, [...(booked.get(key) ?? []), journal]);
  }
  const findings = tenders.flatMap((tender) => {
    const own = booked.get(tender.providerKey) ?? [];
    booked.delete(tender.providerKey);
    const text = fault(tender, own);
    if (!text) return [];
    const theirs = netOf(own, tender.amount.currency);
    return [{ kind: "LEDGER", reference: tender.providerKey, refundId, ours: tender.amount, theirs, text } as const];
  });
  const strays = [...booked].map(([key, own]) => {
    const text = `the ledger books ${said(own[0]?.amount)} under a key that no tender has`;
    return { kind: "LEDGER", reference: key, refundId, ours: undefined, theirs: own[0]?.amount, text } as const;
  });
  return [...findings, ...strays];
}

/** The tender's key: a later payment under it carries "#2", "#3" behind it. */
export function keyOf({ source }: OurJournal): string {
  return source.replace(/#\d+$/, "");
}

function fault({ state, amount }: OurTender, journals: readonly OurJournal[]): string | undefined {
  const pays = journals.filter(({ kind }) => kind === "PAY").length;
  const standing = pays - (journals.length - pays);
  if (state === "SUCCEEDED" && standing < 1) return "paid, and the ledger does not book it";
  if (state !== "SUCCEEDED" && standing > 0) return `the ledger books it as paid; the refund says ${state}`;
  if (standing > 1) return `the ledger books ${standing} payments of it`;
  if (standing < 0) return "the ledger books more reversals than payments of it";
  const wrong = journals.find((j) => j.amount?.minor !== amount.minor || j.amount.currency !== amount.currency);
  return wrong && `the ledger books ${said(wrong.amount)} where the refund says ${said(amount)}`;
}

function netOf(journals: readonly OurJournal[], currency: string): Money | undefined {
  if (journals.length === 0 || journals.some(({ amount }) => amount?.currency !== currency)) return undefined;
  const minor = journals.reduce((sum, { kind, amount }) => {
    const moved = amount?.minor ?? 0n;
    return kind === "PAY" ? sum + moved : sum - moved;
  }, 0n);
  return { minor, currency };
}
