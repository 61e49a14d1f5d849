// What the tables of a policy may ask about a line, and what they must answer. A column that is not listed here cannot
// stand in a table: so risk has no say in the window, and time has none but through the window.

import type { ExchangeMode } from "./words.js";
import {
  exchangeModes,
  type Fault,
  faults,
  type Kind,
  kinds,
  type Trigger,
  triggers,
  type Verdict,
  verdicts,
} from "./words.js";

/** One asked line as the tables see it. Every field is always set: a missing one would silently fit nothing. */
export type LineView = {
  readonly kind: Kind;
  /** A leaf of the reason tree, and its group. */
  readonly reason: string;
  readonly group: string;
  readonly fault: Fault;
  /** The leaf says: the goods are not as agreed (KR art. 17(3), Consumer Rights Act 2015, TW Civil Code 354). */
  readonly nonconforming: boolean;
  /** The leaf says: they never reached the customer, so nothing can be sent back. */
  readonly never_came: boolean;
  /** "NONE" or the membership programme's name. */
  readonly tier: string;
  readonly category: string;
  /** "AMBIENT", "CHILLED" or "FROZEN". */
  readonly temperature: string;
  /** "SHOP" or "MARKETPLACE". */
  readonly seller_type: string;
  /** The customer says so. */
  readonly opened: boolean;
  /** The shop had told the customer of the exception: a notice in the document, or a final sale. */
  readonly told: boolean;
  /** Sold as final, with separate notice and the customer's consent. */
  readonly final_sale: boolean;
  /** The asked units, or some of them, are with the customer. */
  readonly delivered: boolean;
  /** What the whole line cost, not only the asked units: else asking unit by unit would stay under any limit. */
  readonly line_minor: number;
  /** 0, trusted, to 100. */
  readonly risk_score: number;
  /** A replacement is wanted, not money. */
  readonly replacement: boolean;
};

/** What the verdict may ask besides. */
export type TimedView = LineView & {
  /** Within the days or months of the window rule, or not delivered, or a rule without an end. */
  readonly in_window: boolean;
  /** Within its review months; the same as in_window where the rule has none. */
  readonly in_review: boolean;
};

export type WindowRow = {
  /** Days or months from delivery; neither: no end. */
  readonly days: number | null;
  readonly months: number | null;
  /** Months from delivery in which a person still looks at it. */
  readonly review_months: number | null;
};
export type VerdictRow = { readonly verdict: Verdict };
export type TermsRow = {
  readonly refund_trigger: Trigger;
  readonly collect: boolean;
  readonly inspect: boolean;
  readonly exchange_mode: ExchangeMode;
  /** Null where there is no fee. */
  readonly fee_code: string | null;
  /** In the market's currency. */
  readonly fee_minor: number;
};

/** What a column may hold; words is null for open vocabularies, which the tables themselves define. */
export type Column =
  | { readonly type: "word"; readonly words: readonly string[] | null }
  | { readonly type: "flag" | "number" };

const line = {
  kind: { type: "word", words: kinds },
  reason: { type: "word", words: null },
  group: { type: "word", words: null },
  fault: { type: "word", words: faults },
  nonconforming: { type: "flag" },
  never_came: { type: "flag" },
  tier: { type: "word", words: null },
  category: { type: "word", words: null },
  temperature: { type: "word", words: ["AMBIENT", "CHILLED", "FROZEN"] },
  seller_type: { type: "word", words: ["SHOP", "MARKETPLACE"] },
  opened: { type: "flag" },
  told: { type: "flag" },
  final_sale: { type: "flag" },
  delivered: { type: "flag" },
} as const satisfies Record<string, Column>;

const weighed = {
  ...line,
  line_minor: { type: "number" },
  risk_score: { type: "number" },
  replacement: { type: "flag" },
} as const satisfies Record<string, Column>;

/** The tables of a document, and the columns each may read. */
export const inputs = {
  window: line,
  verdict: { ...weighed, in_window: { type: "flag" }, in_review: { type: "flag" } },
  terms: weighed,
} as const satisfies Record<string, Record<string, Column>>;

export type TableName = keyof typeof inputs;
export const tableNames = Object.keys(inputs) as TableName[];

/** Says what is wrong with an answer of a table, or undefined. */
type Judge = (value: unknown) => string | undefined;

const oneOf =
  (words: readonly string[]): Judge =>
  (value) =>
    words.includes(value as string) ? undefined : `must be one of ${words.join(", ")}`;
const bool: Judge = (value) => (typeof value === "boolean" ? undefined : "must be true or false");
const count =
  (max: number): Judge =>
  (value) =>
    Number.isInteger(value) && (value as number) >= 0 && (value as number) <= max
      ? undefined
      : `must be a whole number from 0 to ${max}`;
const orNull =
  (judge: Judge): Judge =>
  (value) =>
    value === null ? undefined : judge(value) && `${judge(value)}, or null`;

/** The columns each table must answer with. */
export const outputs = {
  window: { days: orNull(count(3660)), months: orNull(count(120)), review_months: orNull(count(120)) },
  verdict: { verdict: oneOf(verdicts) },
  terms: {
    refund_trigger: oneOf(triggers),
    collect: bool,
    inspect: bool,
    exchange_mode: oneOf(exchangeModes),
    fee_code: orNull((value) =>
      /^[A-Z][A-Z0-9_]*$/.test(String(value)) ? undefined : "must be a word such as RETURN_SHIPPING",
    ),
    fee_minor: count(Number.MAX_SAFE_INTEGER),
  },
} as const satisfies Record<TableName, Record<string, Judge>>;
