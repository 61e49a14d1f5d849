// The answer to some units of a line as it is given: with its rule and words, how it would be carried out alone, and what
// explains it.
import type { Calendar, Deadline } from "#kit/pure/calendar.js";
import type { Reason } from "./document.js";
import type { Policy } from "./engine.js";
import { type Counterfactual, counterfactualsOf, inputsOf, type Texts } from "./explain.js";
import type { LineView, TableName } from "./facts.js";
import type { Answer } from "./judge.js";
import type { Right } from "./law.js";
import type { AskedLine } from "./order.js";
import type { Times } from "./periods.js";
import { type Fee, feesOf } from "./terms.js";
import type { CollectionMethod, Fault, Outcome, Trigger, Verdict } from "./words.js";

export type FiredRule = { readonly rule: string; readonly article: string; readonly table: TableName | "law" };

export type LineJudgement = {
  readonly lineId: string;
  readonly quantity: number;
  readonly reason: string;
  readonly fault: Fault;
  readonly verdict: Verdict;
  /** The rule that decided, where it comes from, and what the customer may read: in the market's language, and in all. */
  readonly rule: string;
  readonly article: string;
  readonly text: string;
  readonly texts: Texts;
  /** Granted by the law itself, or without a charge that it forbids. */
  readonly statutory: boolean;
  /** When the window started; undefined while not delivered. */
  readonly windowStart: Date | undefined;
  /**
   * Until when it is granted at once, or, when declined, until when a person would have looked at it. Undefined while not
   * delivered or where there is no end. Hand-over deadlines lean on it, so a review of years is not in it.
   */
  readonly windowEnd: Deadline | undefined;
  readonly fired: readonly FiredRule[];
  /** What has to come along with the reason. */
  readonly evidence: Reason["evidence"];
  /** How it would be carried out alone; undefined when declined. */
  readonly alone: Alone | undefined;
  readonly inputs: Readonly<Record<string, string>>;
  /** The same, of what is for staff alone. */
  readonly confidential: Readonly<Record<string, string>>;
  readonly counterfactuals: readonly Counterfactual[];
};

export type Alone = {
  readonly outcomes: readonly Outcome[];
  readonly trigger: Trigger;
  readonly methods: readonly CollectionMethod[];
  readonly fees: readonly Fee[];
  /** Who bears the cost of sending back; undefined when nothing is. */
  readonly payer: Fault | undefined;
};

/** An answer with what it was asked about. */
export type Answered = { readonly given: LineView; readonly times: Times; readonly answer: Answer };

/** What the tables say that are asked only of what is not declined. */
export function rowsOf({ tables }: Policy, { view }: Answer) {
  return {
    outcomes: tables.outcomes.answer(view),
    methods: tables.methods.answer(view),
    deadlines: tables.deadlines.answer(view),
  };
}

/** @param asked the units this answer is for */
export function judgementOf(
  policy: Policy,
  calendar: Calendar,
  { given, times, answer }: Answered,
  { lineId, quantity, reason }: AskedLine,
  now: Date,
): LineJudgement {
  const { view, verdict, right, end, last } = answer;
  return {
    lineId,
    quantity,
    reason,
    fault: view.fault,
    verdict,
    ...(right ? wordsOfRight(policy, right) : wordsOf(policy, answer.rule)),
    statutory: right !== undefined || (verdict !== "DECLINE" && answer.dropped !== undefined),
    windowStart: times.start,
    windowEnd: verdict === "DECLINE" ? last : end,
    fired: firedOf(policy, answer),
    evidence: policy.reasons.get(reason)?.evidence ?? { photos: 0, note: false },
    alone: verdict === "DECLINE" ? undefined : aloneOf(policy, answer),
    ...inputsOf(policy, answer),
    counterfactuals: counterfactualsOf(policy, calendar, answer, given, times, now),
  };
}

/** How units would be carried out that are asked for alone. */
export function aloneOf(policy: Policy, answer: Answer): Alone {
  const { outcomes, methods } = rowsOf(policy, answer);
  const { view, terms } = answer;
  const fees = feesOf([{ view, terms }], policy.document.currency);
  const payer = fees.length === 0 && view.fault === "CUSTOMER" ? "PLATFORM" : view.fault;
  return {
    outcomes: outcomes.outcomes,
    trigger: terms.refund_trigger,
    methods: terms.collect ? methods.methods : ["NONE"],
    fees,
    payer: terms.collect ? payer : undefined,
  };
}

function firedOf(policy: Policy, answer: Answer): FiredRule[] {
  const { fault, window, right, terms, verdict, rule } = answer;
  const fired = [
    firedRule(policy, "fault", fault),
    firedRule(policy, "window", window),
    right ? { rule: right.id, article: right.article, table: "law" as const } : firedRule(policy, "verdict", rule),
  ];
  if (verdict === "DECLINE") return fired;
  const { outcomes, methods, deadlines } = rowsOf(policy, answer);
  fired.push(firedRule(policy, "outcomes", outcomes.rule), firedRule(policy, "terms", terms.rule));
  if (!terms.collect) return fired;
  return [...fired, firedRule(policy, "methods", methods.rule), firedRule(policy, "deadlines", deadlines.rule)];
}

export function firedRule({ document }: Policy, table: TableName, rule: string): FiredRule {
  return { rule, article: document.rules[rule]?.article ?? "", table };
}

/** What is told of a rule. */
export function wordsOf({ document }: Policy, rule: string) {
  const { article = "", texts = {} } = document.rules[rule] ?? {};
  return { rule, article, text: texts[document.languages[0] ?? ""] ?? "", texts };
}

function wordsOfRight({ document }: Policy, { id, article, texts }: Right) {
  return { rule: id, article, text: texts[document.languages[0] ?? ""] ?? texts["en-GB"] ?? "", texts };
}
