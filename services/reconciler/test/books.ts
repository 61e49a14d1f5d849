// Books that fit each other, made refund by refund from what may befall a tender.
import fc from "fast-check";
import type { Correction, OurJournal, OurRefund, OurTender, StatementLine } from "../core/types.js";

const hourMs = 3_600_000;
export const now = new Date("2026-03-02T12:00:00.000Z");
export const patience = { now, missingAfterMs: hourMs, lateAfterMs: 72 * hourMs };
export const ago = (hours: number): Date => new Date(now.getTime() - hours * hourMs);

type Mutable<T> = { -readonly [K in keyof T]: T[K] };
export type Refund = Omit<OurRefund, "tenders" | "journals" | "taxTwins"> & {
  tenders: Mutable<OurTender>[];
  journals: Mutable<OurJournal>[];
  taxTwins: { key: string; amount: { minor: bigint; currency: string } }[];
};
export type Books = { refunds: Refund[]; lines: Mutable<StatementLine>[]; corrections: Mutable<Correction>[] };

/** What a tender has been through: its state, route and hours, the lines under its key, and its journals. */
type Story = {
  readonly state: string;
  readonly route?: string;
  readonly requested?: number;
  readonly settled?: number;
  /** Kinds of lines with the hours since. */
  readonly lines?: Readonly<Record<string, number>>;
  /** Kinds of journals, with what follows the key in their source, and the hours since. */
  readonly journals?: Readonly<Record<string, number>>;
};

const paid = { state: "SUCCEEDED", requested: 50, settled: 49, journals: { PAY: 49 } } as const;

/** None of these is a break. */
export const stories = {
  paid: { ...paid, lines: { REFUND: 49 } },
  paidOut: { ...paid, route: "BANK_TRANSFER", lines: { PAYOUT: 48 } },
  paidInPoints: { ...paid, route: "POINTS" },
  paidByHand: { ...paid, route: "MANUAL" },
  justPaid: { state: "SUCCEEDED", requested: 1, settled: 0.5, journals: { PAY: 0.5 } },
  justReversed: { ...paid, lines: { REFUND: 49, REVERSAL: 0.5 } },
  granted: { state: "GRANTED" },
  requested: { state: "REQUESTED", requested: 2 },
  answerLost: { state: "REQUESTED", requested: 2, lines: { REFUND: 2 } },
  pending: { state: "PENDING", requested: 30 },
  failed: { state: "FAILED", requested: 30 },
  failedAndBooked: { state: "FAILED", requested: 30, lines: { REFUND: 30, REVERSAL: 29 } },
  manual: { state: "MANUAL_REQUIRED", requested: 70 },
  heldForWeeks: { state: "HELD", requested: 900 },
  voided: { state: "VOIDED", requested: 900 },
  reversed: {
    state: "REVERSED",
    requested: 900,
    settled: 890,
    lines: { REFUND: 890, REVERSAL: 40 },
    journals: { PAY: 890, REVERSE: 40 },
  },
  replacedAfterReversal: {
    state: "VOIDED",
    requested: 900,
    lines: { REFUND: 890, REVERSAL: 40 },
    journals: { PAY: 890, REVERSE: 40 },
  },
  reversedAndPaidByHand: {
    state: "SUCCEEDED",
    route: "MANUAL",
    requested: 900,
    settled: 30,
    lines: { REFUND: 890, REVERSAL: 40 },
    journals: { PAY: 890, REVERSE: 40, "PAY#2": 30 },
  },
} as const satisfies Record<string, Story>;
export type StoryName = keyof typeof stories;

export type Plot = { readonly tenders: readonly StoryName[]; readonly minor: bigint; readonly taxed: boolean };

export function booksOf(plots: readonly Plot[], currency = "GBP"): Books {
  const books: Books = { refunds: [], lines: [], corrections: [] };
  plots.forEach((plot, i) => {
    const refundId = `rfd_${String(i).padStart(6, "0")}`;
    const amount = { minor: plot.minor, currency };
    const isPaid = plot.tenders.every((name) => stories[name].state === "SUCCEEDED");
    const refund: Refund = {
      refundId,
      state: isPaid ? "SUCCEEDED" : "REQUESTED",
      createTime: ago(60),
      settleTime: isPaid ? ago(30) : undefined,
      tenders: [],
      journals: [],
      taxTwins: plot.taxed ? [{ key: `${refundId}.tax`, amount }] : [],
    };
    // A twin is matched before the refund closes, so the correction may be there first; it is there with a closed one.
    if (plot.taxed && isPaid)
      books.corrections.push({ correctionNumber: `cor_${i}`, key: `${refundId}.tax`, amount: { ...amount } });
    plot.tenders.forEach((name, n) => {
      const story: Story = stories[name];
      const key = `${refundId}.${n}`;
      const paymentId = `pay_${i}`;
      refund.tenders.push({
        providerKey: key,
        paymentId,
        route: story.route ?? "ORIGINAL",
        amount: { ...amount },
        state: story.state,
        requestTime: story.requested === undefined ? undefined : ago(story.requested),
        settleTime: story.settled === undefined ? undefined : ago(story.settled),
      });
      Object.entries(story.lines ?? {}).forEach(([kind, hours], l) => {
        const ofPayment = kind === "PAYOUT" ? "" : paymentId;
        const lineId = `sln_${i}_${n}_${l}`;
        books.lines.push({ lineId, kind, paymentId: ofPayment, key, amount: { ...amount }, bookTime: ago(hours) });
      });
      for (const [name, hours] of Object.entries(story.journals ?? {})) {
        const [kind, count] = name.split("#") as [OurJournal["kind"], string | undefined];
        const source = count ? `${key}#${count}` : key;
        refund.journals.push({ kind, source, amount: { ...amount }, createTime: ago(hours) });
      }
    });
    books.refunds.push(refund);
  });
  return books;
}

/** A refund that any spoiler can spoil. */
export const spoilable: Plot = { tenders: ["paid"], minor: 1_250n, taxed: true };

const names = Object.keys(stories) as StoryName[];
const plot: fc.Arbitrary<Plot> = fc.record({
  tenders: fc.array(fc.constantFrom(...names), { minLength: 1, maxLength: 3 }),
  minor: fc.bigInt(2n, 9_999_999n),
  taxed: fc.boolean(),
});
/** Refunds with anything that may befall them. */
export const plots = fc.array(plot, { maxLength: 40 });
