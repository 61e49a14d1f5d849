// How a request is carried out once granted. Each line has its own rows of the tables; a request has one parcel and one
// refund, so they are joined here:
// - money goes back, and a replacement goes out, at the most careful moment of any line;
// - goods are collected and inspected if any line's are: what could be kept alone comes along in the parcel;
// - they go the ways that every collected line may go, or those of the line with the fewest;
// - whoever collects is as careful as the most careful line asks for, the customer has the longest of their times;
// - a fee is charged only if every line is the customer's own cause and every row sets one, and then the smallest, once;
// - a claim is for a replacement only if every line asks for one.
// Declined lines take no part.
import { type Money, money } from "#kit/pure/money.js";
import type { PolicyDocument } from "./document.js";
import type { DeadlinesRow, LineView, MethodsRow, TermsRow } from "./facts.js";
import { chargeOf } from "./judge.js";
import type { Clock } from "./law.js";
import {
  type CollectionMethod,
  type ExchangeMode,
  exchangeModes,
  type Trigger,
  triggers,
  type Verification,
  verifications,
} from "./words.js";

export type Fee = { readonly code: string; readonly amount: Money; readonly rule: string };

export type Terms = {
  readonly trigger: Trigger;
  readonly collect: boolean;
  readonly methods: readonly CollectionMethod[];
  readonly inspect: boolean;
  /** Undefined when nothing is exchanged. */
  readonly exchangeMode: ExchangeMode | undefined;
  /** A replacement that goes out before its goods are looked at needs an amount set aside on the customer's card. */
  readonly exchangeGuarantee: boolean;
  readonly replacement: boolean;
  readonly fees: readonly Fee[];
  readonly handoverDays: number;
  readonly reminderDays: readonly number[];
  readonly autoWithdrawal: boolean;
  readonly maxPickupAttempts: number;
  readonly verification: Verification;
  readonly deductionCauses: readonly string[];
  /** A unit that cost more is looked at by two people; undefined: none is. */
  readonly secondOpinionOver: Money | undefined;
  /** In which time after receipt the refund is promised though nobody has looked; undefined: the policy promises none. */
  readonly guaranteeClock: Clock | undefined;
  readonly refundClock: Clock;
  /** Undefined where the law sets none, or nothing is collected. */
  readonly collectionClock: Clock | undefined;
};

/** A line that is not declined, with what its tables said. */
export type KeptLine = {
  readonly view: LineView;
  readonly terms: TermsRow & { readonly rule: string };
  readonly methods: MethodsRow;
  readonly deadlines: DeadlinesRow;
};

const mostCareful = <W>(order: readonly W[], words: readonly W[]): W =>
  order[Math.max(...words.map((word) => order.indexOf(word)))] as W;

/** @param lines at least one */
export function joinTerms(document: PolicyDocument, lines: readonly KeptLine[]): Terms {
  const { handover, clocks, deductions, inspection, currency } = document;
  const rows = lines.map(({ terms }) => terms);
  const collect = rows.some((row) => row.collect);
  const replacement = lines.every(({ view }) => view.replacement);
  const exchangeMode = mostCareful(
    exchangeModes,
    rows.map((row) => row.exchange_mode),
  );
  return {
    trigger: mostCareful(
      triggers,
      rows.map((row) => row.refund_trigger),
    ),
    collect,
    methods: collect ? methodsOf(lines) : ["NONE"],
    inspect: rows.some((row) => row.inspect),
    exchangeMode: replacement ? exchangeMode : undefined,
    exchangeGuarantee: replacement && collect && exchangeMode !== "STANDARD" && guarded(document, lines),
    replacement,
    fees: feesOf(lines, currency),
    handoverDays: Math.max(...lines.map(({ deadlines }) => deadlines.handover_days)),
    reminderDays: handover.reminder_days,
    autoWithdrawal: handover.auto_withdrawal,
    maxPickupAttempts: Math.max(...lines.map(({ deadlines }) => deadlines.max_pickup_attempts)),
    verification: mostCareful(
      verifications,
      rows.map((row) => row.verification),
    ),
    deductionCauses: deductions.causes,
    secondOpinionOver: inspection && money(BigInt(inspection.second_opinion_over), currency),
    guaranteeClock: clocks.guarantee,
    refundClock: clocks.refund,
    collectionClock: (collect && clocks.collection) || undefined,
  };
}

/** Whoever was sent the wrong thing is not asked for a security. */
function guarded({ exchange }: PolicyDocument, lines: readonly KeptLine[]): boolean {
  return exchange?.guarantee === true && lines.some(({ view }) => view.fault === "CUSTOMER");
}

function methodsOf(lines: readonly KeptLine[]): readonly CollectionMethod[] {
  const offered = lines.filter(({ terms }) => terms.collect).map(({ methods }) => methods.methods);
  const [first = [], ...others] = offered;
  const common = first.filter((method) => others.every((methods) => methods.includes(method)));
  if (common.length > 0) return common;
  return offered.reduce((fewest, methods) => (methods.length < fewest.length ? methods : fewest));
}

/** What the customer bears for these lines together. */
export function feesOf(lines: readonly Pick<KeptLine, "view" | "terms">[], currency: string): Fee[] {
  const charges = lines.flatMap((line) => chargeOf(line) ?? []);
  const [first, ...others] = charges;
  if (!first || charges.length < lines.length) return [];
  const least = others.reduce((a, b) => (b.minor < a.minor ? b : a), first);
  return [{ code: least.code, amount: money(BigInt(least.minor), currency), rule: least.rule }];
}
