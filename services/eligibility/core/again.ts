// Decisions that were given, judged again by another policy: for the replay lab and for the shadow. What was known then
// is taken as it stood, also when each unit's window started; what the document says of a reason, of tiers, of classes
// and of what customers are told is the other document's.
import type { Calendar } from "#kit/pure/calendar.js";
import { type Seen, toldOf } from "./decide.js";
import type { Policy } from "./engine.js";
import type { LineView } from "./facts.js";
import { type Answer, judge } from "./judge.js";
import { aloneOf } from "./line.js";
import { type Fee, feesOf } from "./terms.js";
import type { CollectionMethod, Trigger, Verdict } from "./words.js";

/** What carrying it out alone comes to, as far as policies are held against each other by it. */
export type Carried = {
  readonly trigger: Trigger;
  readonly fee: { readonly code: string; readonly minor: number } | undefined;
  readonly methods: readonly CollectionMethod[];
};

/** What was answered about some units of a line. */
export type GivenAnswer = {
  readonly verdict: Verdict;
  readonly rule: string;
  /** As it was told: until when it is granted, or when declined, until when a person would have looked at it. */
  readonly end: Date | undefined;
  /** Declined only for the company it was asked in; see `separate` in decide.ts. */
  readonly separated: boolean;
  /** Undefined when declined, and where only the terms of the whole request were kept. */
  readonly carried: Carried | undefined;
};

export type GivenLine = GivenAnswer & { readonly seen: Seen };

/** A decision as it was given. */
export type Given = {
  readonly decisionId: string;
  readonly orderId: string;
  readonly time: Date;
  readonly currency: string;
  /** What the customer was to bear for all lines together, in minor units. */
  readonly charged: number;
  readonly lines: readonly GivenLine[];
};

/** The answer to a line by another policy. */
export type OtherAnswer = Pick<GivenAnswer, "verdict" | "rule" | "carried"> & { readonly answer: Answer };

/** A decision by another policy. */
export type Again = {
  /** Undefined for a line that the policy cannot judge: it does not know the reason, or not for what was asked. */
  readonly lines: readonly (OtherAnswer | undefined)[];
  /** Undefined where lines are missing: nobody knows what they would have borne together. */
  readonly charged: number | undefined;
};

/**
 * Judges a decision again, at the time when it was made. None of its lines can be judged if the order was paid in another
 * currency than the policy's.
 * @throws Error if no rule of a table fits or a cell cannot be applied; a linted document has none
 */
export function again(policy: Policy, calendar: Calendar, { lines, time, currency }: Given): Again {
  if (currency !== policy.document.currency) return { lines: lines.map(() => undefined), charged: undefined };
  const answers = lines.map(({ seen }) => {
    const view = viewIn(policy, seen);
    return view && judge(policy, calendar, view, seen.times, time);
  });
  const somethingComesBack = answers.some((answer) => answer && answer.verdict !== "DECLINE" && answer.terms.collect);
  const others = answers.map((answer) => answer && otherAnswer(policy, answer, somethingComesBack));
  const known = others.flatMap((other) => other ?? []);
  const kept = known.filter(({ verdict }) => verdict !== "DECLINE").map(({ answer }) => answer);
  const [fee] = feesOf(kept, currency);
  return { lines: others, charged: known.length === lines.length ? minorOf(fee) : undefined };
}

const minorOf = (fee: Fee | undefined): number => Number(fee?.amount.minor ?? 0);

function otherAnswer(policy: Policy, answer: Answer, somethingComesBack: boolean): OtherAnswer {
  const { view, verdict, rule } = answer;
  if (verdict === "DECLINE") return { answer, verdict, rule, carried: undefined };
  if (view.never_came && somethingComesBack) {
    return { answer, verdict: "DECLINE", rule: policy.document.separate_rule, carried: undefined };
  }
  const { trigger, methods, fees } = aloneOf(policy, answer);
  const [fee] = fees;
  const borne = fee && { code: fee.code, minor: minorOf(fee) };
  return { answer, verdict, rule, carried: { trigger, fee: borne, methods } };
}

/** The facts of then in the words of the other document; undefined if it has no such reason for what was asked. */
function viewIn({ document, reasons }: Policy, { view, told }: Seen): LineView | undefined {
  const reason = reasons.get(view.reason);
  if (!reason?.kinds.includes(view.kind)) return undefined;
  const { group, fault, nonconforming, never_came } = reason;
  const { category, temperature, final_sale } = view;
  return {
    ...view,
    group,
    fault,
    nonconforming,
    never_came,
    tier: document.tiers.includes(told.tier) ? told.tier : "NONE",
    item_class: document.item_classes.includes(told.itemClass) ? told.itemClass : "NONE",
    told: toldOf(document, category, temperature, final_sale),
  };
}
