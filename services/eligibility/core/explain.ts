// Why an answer is what it is, for people: the facts that the rules looked at, and the nearest facts that would have
// changed it. Reasons and faults are never among those: nobody is told which one to give.
import { addDays, type Calendar, dayNumber, endOfLocalDay, lastDayOf, localDate } from "#kit/pure/calendar.js";
import type { Policy } from "./engine.js";
import type { LineView, TableName } from "./facts.js";
import { type Answer, chargeOf, judge } from "./judge.js";
import type { Times } from "./periods.js";
import { type Verdict, verdicts } from "./words.js";

export type Texts = Readonly<Record<string, string>>;

/** A fact that would have changed the answer. */
export type Counterfactual = {
  readonly fact: "ask_time" | "opened" | "tier" | "delivered" | "listed";
  readonly actual: string;
  readonly needed: string;
  readonly verdict: Verdict;
  readonly charge: { readonly code: string; readonly minor: number; readonly rule: string } | undefined;
  readonly rule: string;
  readonly texts: Texts;
  /** In the market's first language. */
  readonly text: string;
};

/** What is for staff alone: risk and lists are no news for whoever they are about. */
const confidential: ReadonlySet<string> = new Set(["risk_score", "listed"]);

/** The facts that the rules looked at on their way, by the columns' names; those for staff alone apart. */
export function inputsOf({ tables }: Policy, { view, verdict }: Answer) {
  const asked: TableName[] =
    verdict === "DECLINE" ? ["fault", "window", "verdict"] : ["fault", "window", "verdict", "terms"];
  const looked = new Set(asked.flatMap((name) => tables[name].looked(view)));
  const said = [...looked].map((field): [string, string] => [field, String(view[field as keyof typeof view])]);
  return {
    inputs: Object.fromEntries(said.filter(([field]) => !confidential.has(field))),
    confidential: Object.fromEntries(said.filter(([field]) => confidential.has(field))),
  };
}

/** What would have given more, nearest first: a better answer, or the same for a smaller charge. */
export function counterfactualsOf(
  policy: Policy,
  calendar: Calendar,
  answer: Answer,
  given: LineView,
  times: Times,
  now: Date,
): Counterfactual[] {
  if (answer.verdict === "ACCEPT" && chargeOf(answer) === undefined) return [];
  const found: Counterfactual[] = [];
  const attempt = (
    fact: Counterfactual["fact"],
    actual: string,
    needed: string,
    change: { view?: Partial<LineView>; now?: Date },
    phrase: { name: PhraseName; values?: Readonly<Record<string, string>> },
  ) => {
    const other = judge(policy, calendar, { ...given, ...change.view }, times, change.now ?? now);
    if (!isBetter(other, answer)) return false;
    const texts = sentence(policy, phrase.name, phrase.values ?? {}, gainOf(other, answer));
    const text = texts[policy.document.languages[0] ?? ""] ?? "";
    const { verdict, rule } = other;
    found.push({ fact, actual, needed, verdict, charge: chargeOf(other), rule, texts, text });
    return true;
  };

  for (const { days, at } of earlierTimes(policy, calendar, answer, times, now)) {
    const late = String(days);
    if (attempt("ask_time", late, "0", { now: at }, { name: "earlier", values: { days: late } })) break;
  }
  if (given.opened) attempt("opened", "true", "false", { view: { opened: false } }, { name: "unopened" });
  const { tiers } = policy.document;
  for (const tier of tiers.slice(tiers.indexOf(given.tier) + 1)) {
    if (attempt("tier", given.tier, tier, { view: { tier } }, { name: "tier", values: { tier } })) break;
  }
  if (given.delivered && given.kind === "CANCELLATION") {
    attempt("delivered", "true", "false", { view: { delivered: false } }, { name: "undelivered" });
  }
  if (given.listed === "BLOCKED") {
    attempt("listed", "BLOCKED", "NONE", { view: { listed: "NONE" } }, { name: "unlisted" });
  }
  return found;
}

/** Times in the past at which the answer may have been another, nearest first. */
function* earlierTimes(policy: Policy, calendar: Calendar, answer: Answer, { start }: Times, now: Date) {
  if (start === undefined) return;
  const today = localDate(now, calendar.timeZone);
  // The last moment of that day, for clocks may have been changed since.
  const before = (days: number) => new Date(endOfLocalDay(addDays(today, -days), calendar.timeZone).getTime() - 1);
  const at = (day: number) => ({ days: dayNumber(today) - day, at: before(dayNumber(today) - day) });
  const begin = dayNumber(localDate(start, calendar.timeZone));
  const ends = [answer.last, answer.end].flatMap((end) =>
    end && end.time <= now ? [dayNumber(lastDayOf(end, calendar.timeZone))] : [],
  );
  // The terms may tell days apart that the window does not.
  const told = policy.document.tables.terms.inputs.some(({ field }) => field === "days_since");
  const days = told ? range(begin, dayNumber(today) - 1) : ends;
  for (const day of [...new Set(days)].sort((a, b) => b - a)) if (day >= begin && day < dayNumber(today)) yield at(day);
}

/** At most the last 60: whoever is later than that is not helped by knowing. */
const range = (from: number, to: number) =>
  Array.from({ length: Math.min(60, Math.max(0, to - from + 1)) }, (_, at) => to - at);

const rank = (verdict: Verdict) => verdicts.indexOf(verdict);
const minor = (answer: Answer) => chargeOf(answer)?.minor ?? 0;

function isBetter(other: Answer, answer: Answer): boolean {
  if (other.verdict !== answer.verdict) return rank(other.verdict) < rank(answer.verdict);
  return other.verdict !== "DECLINE" && minor(other) < minor(answer);
}

type PhraseName = "earlier" | "unopened" | "tier" | "undelivered" | "unlisted";

function gainOf(other: Answer, answer: Answer): "accepted" | "reviewed" | "free" | "cheaper" {
  if (other.verdict !== answer.verdict) return other.verdict === "ACCEPT" ? "accepted" : "reviewed";
  return minor(other) === 0 ? "free" : "cheaper";
}

/** The sentence in each language of the document. */
function sentence(
  { document }: Policy,
  name: PhraseName,
  values: Readonly<Record<string, string>>,
  gain: ReturnType<typeof gainOf>,
): Texts {
  const { phrases, languages } = document;
  return Object.fromEntries(
    languages.map((language) => {
      const filled = { ...values, gain: phrases[gain][language] ?? "" };
      return [language, fill(phrases[name][language] ?? "", filled)];
    }),
  );
}

/** `{days}` is the number of days, `{day/days}` the first word for one of them and the second for more. */
function fill(phrase: string, values: Readonly<Record<string, string>>): string {
  return phrase
    .replace(/\{(\w+)\/(\w+)\}/g, (_, one: string, many: string) => (values.days === "1" ? one : many))
    .replace(/\{(\w+)\}/g, (_, name: string) => values[name] ?? "");
}
