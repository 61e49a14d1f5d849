// How a request is carried out once granted. Each line gets its own row of the terms table; a request has one parcel and
// one refund, so the rows are joined here:
// - money goes back, and a replacement goes out, at the most careful moment of any line;
// - goods are collected and inspected if any line's are: what could be kept alone comes along in the parcel;
// - a fee is charged only if every line is the customer's own cause and every row sets one, and then the smallest, once;
// - a claim is for a replacement only if every line asks for one.
// Declined lines take no part.
import { type Money, money } from "#kit/pure/money.js";
import type { Clock, PolicyDocument } from "./document.js";
import type { Fired } from "./engine.js";
import type { LineView, TermsRow } from "./facts.js";
import { type CollectionMethod, type ExchangeMode, exchangeModes, type Trigger, triggers } from "./words.js";

export type Fee = { readonly code: string; readonly amount: Money; readonly rule: string };

export type Terms = {
  readonly trigger: Trigger;
  readonly collect: boolean;
  readonly methods: readonly CollectionMethod[];
  readonly inspect: boolean;
  /** Undefined when nothing is exchanged. */
  readonly exchangeMode: ExchangeMode | undefined;
  readonly replacement: boolean;
  readonly fees: readonly Fee[];
  readonly handoverDays: number;
  readonly reminderDays: readonly number[];
  readonly autoWithdrawal: boolean;
  readonly maxPickupAttempts: number;
  readonly refundClock: Clock;
  /** Undefined where the law sets none, or nothing is collected. */
  readonly collectionClock: Clock | undefined;
};

/** A line that is not declined. */
export type KeptLine = { readonly view: LineView; readonly row: Fired<TermsRow> };

const mostCareful = <W>(order: readonly W[], words: readonly W[]): W =>
  order[Math.max(...words.map((word) => order.indexOf(word)))] as W;

/** @param lines at least one */
export function joinTerms({ fulfilment, currency }: PolicyDocument, lines: readonly KeptLine[]): Terms {
  const rows = lines.map(({ row }) => row);
  const collect = rows.some((row) => row.collect);
  const replacement = lines.every(({ view }) => view.replacement);
  return {
    trigger: mostCareful(
      triggers,
      rows.map((row) => row.refund_trigger),
    ),
    collect,
    methods: collect ? fulfilment.collection_methods : ["NONE"],
    inspect: rows.some((row) => row.inspect),
    exchangeMode: replacement
      ? mostCareful(
          exchangeModes,
          rows.map((row) => row.exchange_mode),
        )
      : undefined,
    replacement,
    fees: feeOf(lines, currency),
    handoverDays: fulfilment.handover_days,
    reminderDays: fulfilment.reminder_days,
    autoWithdrawal: fulfilment.auto_withdrawal,
    maxPickupAttempts: fulfilment.max_pickup_attempts,
    refundClock: fulfilment.refund_clock,
    collectionClock: (collect && fulfilment.collection_clock) || undefined,
  };
}

function feeOf(lines: readonly KeptLine[], currency: string): Fee[] {
  if (lines.some(({ view, row }) => view.fault !== "CUSTOMER" || row.fee_code === null)) return [];
  const least = lines.map(({ row }) => row).reduce((a, b) => (b.fee_minor < a.fee_minor ? b : a));
  if (least.fee_code === null || least.fee_minor === 0) return [];
  return [{ code: least.fee_code, amount: money(BigInt(least.fee_minor), currency), rule: least.rule }];
}
