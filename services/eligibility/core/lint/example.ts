// An order that shows what a finding means, as data and in a sentence.
import { localDate } from "#kit/pure/calendar.js";
import { format, money } from "#kit/pure/money.js";
import type { Kind } from "../words.js";
import type { Counterexample } from "./finding.js";
import type { Moment } from "./moments.js";
import { type Box, type Facts, likeliest } from "./space.js";
import type { Trial } from "./trial.js";

/**
 * The likeliest line of a box, at a moment.
 * @param known facts besides those of the box
 * @param outcome what becomes of it, to end the sentence
 */
export function exampleOf(
  trial: Trial,
  box: Box,
  known: Facts,
  { times, now }: Moment,
  outcome: string,
): Counterexample {
  const facts = likeliest(trial.space, box, known);
  const { kind, reason, ...rest } = facts;
  const delivered = facts.delivered ? times.start : undefined;
  const when = [
    delivered ? `delivered on ${dayOf(trial, delivered)}` : "not yet delivered",
    ...(times.known ? [`found out on ${dayOf(trial, times.known)}`] : []),
    ...(times.notice === "NEVER" ? ["never told of the right"] : []),
    ...(times.notice instanceof Date ? [`told of the right on ${dayOf(trial, times.notice)}`] : []),
  ];
  const asked = `A ${kind} for ${[reason, ...unusual(trial, facts)].join(", ")}`;
  return {
    kind: kind as Kind,
    reason: String(reason),
    facts: Object.fromEntries(Object.entries(rest).map(([field, value]) => [field, String(value)])),
    delivered,
    asked: now,
    text: `${asked}, ${when.join(", ")}, asked for on ${dayOf(trial, now)}: ${outcome}.`,
  };
}

/** An amount in the market's currency, in words. */
export function amountOf({ document }: Trial, minor: number): string {
  return format(money(BigInt(minor), document.currency), "en-GB");
}

export function dayOf({ calendar }: Trial, time: Date): string {
  return localDate(time, calendar.timeZone);
}

/** What is said of a line only where it is not what comes first to mind. */
const spoken = ["tier", "category", "item_class", "temperature", "seller_type", "fulfilment", "listed"];

function unusual(trial: Trial, facts: Facts): string[] {
  const usual = likeliest(trial.space, trial.space.all, {});
  const differs = (field: string) => facts[field] !== usual[field];
  return [
    ...spoken.filter(differs).map((field) => `${field.replace("_", " ")} ${facts[field]}`),
    ...["opened", "told", "final_sale", "replacement"]
      .filter((field) => facts[field] === true)
      .map((f) => f.replace("_", " ")),
    ...(differs("line_minor") ? [`costing ${amountOf(trial, Number(facts.line_minor))}`] : []),
    ...(differs("exchanged") ? [`exchanged ${facts.exchanged} times before`] : []),
    ...(differs("risk_score") ? [`risk ${facts.risk_score}`] : []),
  ];
}
