// What the linter says of a document, each with its place and what to do about it.
import type { Kind } from "../words.js";

/** An ERROR keeps a document from becoming active; of a WARNING somebody should know, for it may be meant. */
export type Severity = "ERROR" | "WARNING";

/** What kind of fault it is. */
export const findingCodes = [
  /** The text is no JSON, or has not the shape of the schema. */
  "DOCUMENT_BROKEN",
  /** Two of something that may be there once. */
  "STANDS_TWICE",
  /** The market's law is said nowhere, in two places, or in words nobody knows. */
  "LAW_MISSING",
  "LAW_NOT_YOURS",
  "LAW_BROKEN",
  /** Six days of rest a week are the most. */
  "WEEKEND_BROKEN",
  "TIERS_BROKEN",
  "REMINDERS_BROKEN",
  /** A leaf of the reason tree contradicts itself. */
  "REASON_BROKEN",
  /** A text is missing in a language, is there in one nobody speaks here, or has a gap that nothing fills. */
  "TEXT_MISSING",
  "LANGUAGE_UNKNOWN",
  "PLACEHOLDER_UNKNOWN",
  /** A rule's id is another market's, has no article and text, or stands in no table. */
  "RULE_ID_FOREIGN",
  "RULE_UNEXPLAINED",
  "RULE_UNUSED",
  "COLUMN_UNKNOWN",
  "COLUMN_MISSING",
  "CELL_MISSING",
  /** A condition does not parse, says something that cannot be checked, or is of another type than its column. */
  "CELL_BROKEN",
  "CELL_UNCHECKABLE",
  "CELL_TYPE",
  "CELL_NEVER_FITS",
  "CELL_ALWAYS_FITS",
  "WORD_UNKNOWN",
  /** An answer is no plain value, is outside what the table may answer, or contradicts the row's other answers. */
  "ANSWER_BROKEN",
  "ANSWER_INVALID",
  "ANSWER_CONTRADICTS",
  "FEE_UNPAYABLE",
  "NO_CATCH_ALL",
  "RULE_UNREACHABLE",
  "OVERLAP_CONTRADICTS",
  /** The tables tell so much apart that they cannot be held against the law. */
  "TOO_COMPLEX",
  /** Less than the law gives. */
  "BELOW_FLOOR",
  /** A risk score, or a place on a list, decides whether a statutory right is granted, or what it costs. */
  "RISK_DECIDES",
  "LISTING_DECIDES",
  "TIER_GETS_LESS",
  "LATER_GETS_MORE",
] as const;
export type FindingCode = (typeof findingCodes)[number];

/** An order that shows what is wrong. */
export type Counterexample = {
  readonly kind: Kind;
  readonly reason: string;
  /** By the columns' names. */
  readonly facts: Readonly<Record<string, string>>;
  /** Undefined where it was not. */
  readonly delivered: Date | undefined;
  readonly asked: Date;
  /** All of it in a sentence. */
  readonly text: string;
};

export type Finding = {
  readonly severity: Severity;
  readonly code: FindingCode;
  /** A place in the document, such as "tables.window.nodes[1].content.rules[0].days". */
  readonly path: string;
  readonly message: string;
  /** The article of the law that is at stake; empty if none. */
  readonly article: string;
  readonly counterexample?: Counterexample;
};

export function fault(code: FindingCode, path: string, message: string, counterexample?: Counterexample): Finding {
  return { severity: "ERROR", code, path, message, article: "", ...(counterexample && { counterexample }) };
}

/** As fault, where the document gives less than the law. */
export function belowLaw(
  code: FindingCode,
  article: string,
  path: string,
  message: string,
  counterexample: Counterexample | undefined,
): Finding {
  return { ...fault(code, path, message, counterexample), article };
}

/** Names whatever stands among the values a second time. */
export function* repeated(values: readonly string[], pathOf: (at: number) => string): Generator<Finding> {
  for (const [at, value] of values.entries()) {
    if (values.indexOf(value) < at)
      yield fault("STANDS_TWICE", pathOf(at), `${value} stands there twice: take one out`);
  }
}
