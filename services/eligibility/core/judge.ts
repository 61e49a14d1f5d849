// The answer to one line by one policy, and by the law where that gives more. Everybody asks here: decisions, the linter,
// the replay lab and the shadow.
import { type Calendar, type Deadline, dayNumber, localDate, windowEndMonths } from "#kit/pure/calendar.js";
import type { PolicyDocument } from "./document.js";
import type { Fired, Policy } from "./engine.js";
import type { LineView, TermsRow, TimedView, WindowRow } from "./facts.js";
import { chargeForbidden, type Right, rightOf } from "./law.js";
import { endOfPeriod, isBefore, later, type Times } from "./periods.js";
import type { Verdict } from "./words.js";

export type Answer = {
  /** What the tables saw. */
  readonly view: TimedView;
  readonly verdict: Verdict;
  /** The rules of the fault and window tables, and of the verdict. */
  readonly fault: string;
  readonly window: string;
  readonly rule: string;
  /** The right by which the law granted what the policy declined. */
  readonly right: Right | undefined;
  /** What the terms table says, without a charge that the law forbids. */
  readonly terms: Fired<TermsRow>;
  /** The article by which the policy's charge was dropped. */
  readonly dropped: string | undefined;
  /** When it may no longer be granted at once, and when no longer at all. */
  readonly end: Deadline | undefined;
  readonly last: Deadline | undefined;
};

/** @param given with the fault of the reason's leaf */
export function judge(policy: Policy, calendar: Calendar, given: LineView, times: Times, now: Date): Answer {
  const { tables, law } = policy;
  const fault = tables.fault.answer(given);
  const line = fault.fault === null ? given : { ...given, fault: fault.fault };
  const window = tables.window.answer(line);
  const { end, last, ...time } = timeOf(policy.document, calendar, window, times, now);
  const view: TimedView = { ...line, ...time };
  const answer = tables.verdict.answer(view);
  const right = law && answer.verdict === "DECLINE" ? rightOf(law, calendar, view, times, now) : undefined;
  const terms = tables.terms.answer(view);
  const forbidden = law && chargeForbidden(law, view, terms);
  return {
    view,
    verdict: right ? "ACCEPT" : answer.verdict,
    fault: fault.rule,
    window: window.rule,
    rule: right?.id ?? answer.rule,
    right,
    terms: forbidden ? { ...terms, fee_code: null, fee_minor: 0 } : terms,
    dropped: forbidden?.article,
    end,
    last,
  };
}

/** What a row of the window table makes of a time: when it ends, and what the tables see of that. */
export function timeOf(
  { window }: Pick<PolicyDocument, "window">,
  calendar: Calendar,
  row: WindowRow,
  times: Times,
  now: Date,
) {
  const end = endOfPeriod(calendar, row, times, window.last_day_moves);
  let last = end;
  if (end && row.review_months !== null && times.start !== undefined) {
    const options = { lastDayMoves: window.last_day_moves, favour: "later" } as const;
    last = later(end, windowEndMonths(calendar, times.start, row.review_months, options));
  }
  const days_since = daysSince(calendar, times.start, now);
  return { end, last, in_window: isBefore(now, end), in_review: isBefore(now, last), days_since };
}

/** Local days since the window started; 0 while it has not. */
export function daysSince({ timeZone }: Calendar, start: Date | undefined, now: Date): number {
  if (start === undefined) return 0;
  return Math.max(0, dayNumber(localDate(now, timeZone)) - dayNumber(localDate(start, timeZone)));
}

/** Whether the customer bears a charge: only what they caused, and only if the terms set one. */
export function chargeOf({ view, terms }: { readonly view: LineView; readonly terms: Fired<TermsRow> }) {
  const { fee_code, fee_minor, rule } = terms;
  if (view.fault !== "CUSTOMER" || fee_code === null || fee_minor === 0) return undefined;
  return { code: fee_code, minor: fee_minor, rule };
}
