// What the tables of a policy may ask about a line, and what they must answer. A column that is not listed here cannot
// stand in a table: so risk has no say in the window, and time has none in the verdict but through the window.

import {
  type CollectionMethod,
  collectionMethods,
  type ExchangeMode,
  exchangeModes,
  type Fault,
  faults,
  fulfilments,
  type Kind,
  kinds,
  type Listing,
  listings,
  type Outcome,
  outcomes,
  type Trigger,
  triggers,
  type Verdict,
  type Verification,
  verdicts,
  verifications,
} from "./words.js";

/** One asked line as the tables see it. Every field is always set: a missing one would silently fit nothing. */
export type LineView = {
  readonly kind: Kind;
  /** A leaf of the reason tree, and its group. */
  readonly reason: string;
  readonly group: string;
  /** The leaf's, or what the fault table says instead. */
  readonly fault: Fault;
  /** The leaf says: the goods are not as agreed (KR art. 17(3), Consumer Rights Act 2015, TW Civil Code 354). */
  readonly nonconforming: boolean;
  /** The leaf says: they never reached the customer, so nothing can be sent back. */
  readonly never_came: boolean;
  /** "NONE" or another tier of the document. */
  readonly tier: string;
  readonly category: string;
  /** The product's own class, which the document declares, or "NONE". */
  readonly item_class: string;
  /** "AMBIENT", "CHILLED" or "FROZEN". */
  readonly temperature: string;
  /** "SHOP" or "MARKETPLACE". */
  readonly seller_type: string;
  /** Who sends it: "OWN", "SELLER" or "DIRECT", from abroad. */
  readonly fulfilment: string;
  /** The customer says so. */
  readonly opened: boolean;
  /** The shop had told the customer of the exception: a notice in the document, or a final sale. */
  readonly told: boolean;
  /** Sold as final, with separate notice and the customer's consent. */
  readonly final_sale: boolean;
  /** Whether customer, order or product stand on a list. */
  readonly listed: Listing;
  /** The units are with the customer. */
  readonly delivered: boolean;
  /** What the whole line cost, not only the asked units: else asking unit by unit would stay under any limit. */
  readonly line_minor: number;
  /** 0, trusted, to 100. */
  readonly risk_score: number;
  /** A replacement is wanted, not money. */
  readonly replacement: boolean;
  /** How often the goods were exchanged before, one exchange after the other. */
  readonly exchanged: number;
};

/** What may be asked besides, once it is known when the window ends. */
export type TimedView = LineView & {
  /** Within the days or months of the window rule, or not delivered, or a rule without an end. */
  readonly in_window: boolean;
  /** Within its review months; the same as in_window where the rule has none. */
  readonly in_review: boolean;
  /** Days since the window started, the day of the start being 0; 0 while it has not. */
  readonly days_since: number;
};

/** Null: what the reason leaf says. */
export type FaultRow = { readonly fault: Fault | null };
export type WindowRow = {
  /** Days or months from delivery; neither: no end. */
  readonly days: number | null;
  readonly months: number | null;
  /** Months from delivery in which a person still looks at it. */
  readonly review_months: number | null;
  /** Days from when the customer came to know, where that ends it earlier. */
  readonly known_days: number | null;
  /** Months that are added while the customer was not told of the right. */
  readonly uninformed_months: number | null;
};
export type VerdictRow = { readonly verdict: Verdict };
export type OutcomesRow = { readonly outcomes: readonly Outcome[] };
export type TermsRow = {
  readonly refund_trigger: Trigger;
  readonly collect: boolean;
  readonly inspect: boolean;
  readonly exchange_mode: ExchangeMode;
  /** How sure the carrier must be of who hands over. */
  readonly verification: Verification;
  /** Null where there is no fee. */
  readonly fee_code: string | null;
  /** In the market's currency. */
  readonly fee_minor: number;
};
export type MethodsRow = { readonly methods: readonly CollectionMethod[] };
export type DeadlinesRow = {
  /** Days the customer has to hand over before the request withdraws itself. */
  readonly handover_days: number;
  /** Failed pickups by the carrier after which a person takes over. */
  readonly max_pickup_attempts: number;
};

/** What each table answers. */
export type Rows = {
  readonly fault: FaultRow;
  readonly window: WindowRow;
  readonly verdict: VerdictRow;
  readonly outcomes: OutcomesRow;
  readonly terms: TermsRow;
  readonly methods: MethodsRow;
  readonly deadlines: DeadlinesRow;
};

/** What a column may hold; words is null for open vocabularies, which the tables themselves define. */
export type Column =
  | { readonly type: "word"; readonly words: readonly string[] | null }
  | { readonly type: "flag" | "number" };

const goods = {
  kind: { type: "word", words: kinds },
  reason: { type: "word", words: null },
  group: { type: "word", words: null },
  fault: { type: "word", words: faults },
  nonconforming: { type: "flag" },
  never_came: { type: "flag" },
  category: { type: "word", words: null },
  item_class: { type: "word", words: null },
  temperature: { type: "word", words: ["AMBIENT", "CHILLED", "FROZEN"] },
  seller_type: { type: "word", words: ["SHOP", "MARKETPLACE"] },
  fulfilment: { type: "word", words: fulfilments },
  delivered: { type: "flag" },
} as const satisfies Record<string, Column>;

const line = {
  ...goods,
  tier: { type: "word", words: null },
  opened: { type: "flag" },
  told: { type: "flag" },
  final_sale: { type: "flag" },
  listed: { type: "word", words: listings },
} as const satisfies Record<string, Column>;

const weighed = {
  ...line,
  line_minor: { type: "number" },
  risk_score: { type: "number" },
  replacement: { type: "flag" },
  exchanged: { type: "number" },
} as const satisfies Record<string, Column>;

const timed = {
  ...weighed,
  in_window: { type: "flag" },
  in_review: { type: "flag" },
  days_since: { type: "number" },
} as const satisfies Record<string, Column>;

/** The tables of a document, in the order they are asked, and the columns each may read. */
export const inputs = {
  fault: goods,
  window: line,
  // Not the days: else a yes could follow a no.
  verdict: { ...weighed, in_window: { type: "flag" }, in_review: { type: "flag" } },
  outcomes: timed,
  terms: timed,
  methods: timed,
  deadlines: timed,
} as const satisfies Record<keyof Rows, Record<string, Column>>;

export type TableName = keyof typeof inputs;
export const tableNames = Object.keys(inputs) as TableName[];

/** Every column of any table. */
export const columns: Readonly<Record<string, Column>> = timed;

/** Says what is wrong with an answer of a table, or undefined. */
type Judge = (value: unknown) => string | undefined;

const oneOf =
  (words: readonly string[]): Judge =>
  (value) =>
    words.includes(value as string) ? undefined : `must be one of ${words.join(", ")}`;
const someOf =
  (words: readonly string[]): Judge =>
  (value) =>
    Array.isArray(value) &&
    value.length > 0 &&
    new Set(value).size === value.length &&
    value.every((w) => words.includes(w))
      ? undefined
      : `must be a list of some of ${words.join(", ")}, each once`;
const bool: Judge = (value) => (typeof value === "boolean" ? undefined : "must be true or false");
const count =
  (max: number, min = 0): Judge =>
  (value) =>
    Number.isInteger(value) && (value as number) >= min && (value as number) <= max
      ? undefined
      : `must be a whole number from ${min} to ${max}`;
const orNull =
  (judge: Judge): Judge =>
  (value) =>
    value === null ? undefined : judge(value) && `${judge(value)}, or null`;

/** The columns each table must answer with. */
export const outputs = {
  fault: { fault: orNull(oneOf(faults)) },
  window: {
    days: orNull(count(3660)),
    months: orNull(count(120)),
    review_months: orNull(count(120)),
    known_days: orNull(count(3660)),
    uninformed_months: orNull(count(120)),
  },
  verdict: { verdict: oneOf(verdicts) },
  outcomes: { outcomes: someOf(outcomes) },
  terms: {
    refund_trigger: oneOf(triggers),
    collect: bool,
    inspect: bool,
    exchange_mode: oneOf(exchangeModes),
    verification: oneOf(verifications),
    fee_code: orNull((value) =>
      /^[A-Z][A-Z0-9_]*$/.test(String(value)) ? undefined : "must be a word such as RETURN_SHIPPING",
    ),
    fee_minor: count(Number.MAX_SAFE_INTEGER),
  },
  // NONE is said by the terms table, which collects or does not.
  methods: { methods: someOf(collectionMethods.filter((method) => method !== "NONE")) },
  deadlines: { handover_days: count(366, 1), max_pickup_attempts: count(20, 1) },
} as const satisfies { readonly [T in TableName]: Readonly<Record<keyof Rows[T], Judge>> };
