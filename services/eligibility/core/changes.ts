// What changed for one line between what was decided and what another policy says, and the same in words.
import { type Calendar, dayNumber, lastDayOf, localDate } from "#kit/pure/calendar.js";
import { format, money } from "#kit/pure/money.js";
import type { Carried, Given, GivenLine, OtherAnswer } from "./again.js";
import { daysSince } from "./judge.js";

/** What may change, by the contract's words. */
export const whats = ["verdict", "refund_trigger", "fee", "collection", "window_days", "rule"] as const;
export type What = (typeof whats)[number];

/** A line answered twice. */
export type Twice = {
  readonly given: Given;
  readonly line: GivenLine;
  readonly other: OtherAnswer;
  readonly calendar: Calendar;
};
export type Change = { readonly what: What; readonly from: string; readonly to: string };

/** All that changed for a line, what matters most first; the rule that decided comes last. */
export function changesOf({ given, line, other, calendar }: Twice): Change[] {
  const changes: Change[] = [];
  const compared = (what: What, from: string, to: string) => {
    if (from !== to) changes.push({ what, from, to });
  };
  compared("verdict", line.verdict, other.verdict);
  if (line.carried && other.carried) {
    const [from, to] = [line.carried, other.carried];
    compared("refund_trigger", from.trigger, to.trigger);
    if (from.fee?.minor !== to.fee?.minor || from.fee?.code !== to.fee?.code) {
      compared("fee", feeText(from.fee, given.currency), feeText(to.fee, given.currency));
    }
    compared("collection", from.methods.join(", "), to.methods.join(", "));
  }
  // A declined line was told until when a person would have looked at it.
  const end = line.verdict === "DECLINE" && !line.separated ? other.answer.last : other.answer.end;
  const { start } = line.seen.times;
  if (line.end?.getTime() !== end?.time.getTime()) {
    compared("window_days", daysText(calendar, start, line.end), daysText(calendar, start, end?.time));
  }
  compared("rule", line.rule, other.rule);
  return changes;
}

/** "RETURN_SHIPPING £2.95". */
export function feeText(fee: Carried["fee"], currency: string): string {
  return fee ? `${fee.code} ${format(money(BigInt(fee.minor), currency), "en-GB")}` : "none";
}

/** Of a window that has none, or has not begun. */
const noEnd = "no end";

/** Days from the day on which the window started to its last one. */
function daysText(calendar: Calendar, start: Date | undefined, end: Date | undefined): string {
  if (start === undefined || end === undefined) return noEnd;
  const last = lastDayOf({ time: end, provisional: false, calendarVersion: calendar.version }, calendar.timeZone);
  return String(dayNumber(last) - dayNumber(localDate(start, calendar.timeZone)));
}

/** "RETURN for SIZE_TOO_SMALL, 2 units, 12 days after delivery". */
export function askedOf({ given, line, calendar }: Twice): string {
  const { view, times, quantity } = line.seen;
  const days = daysSince(calendar, times.start, given.time);
  const when = view.delivered ? `${days} day${days === 1 ? "" : "s"} after delivery` : "before delivery";
  return `${view.kind} for ${view.reason}, ${quantity} unit${quantity === 1 ? "" : "s"}, ${when}`;
}

/** Changes as a sentence about what was asked. The rule is named with the verdict, and alone only where the verdict stays. */
export function sentenceOf(twice: Twice, changes: readonly Change[]): string {
  const verdictToo = changes.some(({ what }) => what === "verdict");
  const told = changes.filter(({ what }) => what !== "rule" || !verdictToo);
  return `${askedOf(twice)}: ${told.map((change) => clauseOf(twice, change)).join("; ")}.`;
}

function clauseOf({ line, other }: Twice, { what, from, to }: Change): string {
  switch (what) {
    case "verdict":
      return `${to} by ${other.rule} instead of ${from} by ${line.rule}`;
    case "rule":
      return `by ${to} instead of ${from}`;
    case "refund_trigger":
      return `refund ${to} instead of ${from}`;
    case "fee":
      return `fee ${to} instead of ${from}`;
    case "collection":
      return `collection by ${to} instead of ${from}`;
    case "window_days":
      return `a window of ${inDays(to)} instead of ${inDays(from)}`;
  }
}

const inDays = (count: string): string => (count === noEnd ? count : `${count} days`);
