// What no policy of a market may take away, whatever its tables say. The numbers and articles stand in
// policies/floors.json; here they are held against a document by trying every kind of line that its tables tell apart, at
// the last moment of the statutory period.
import { addDays, calendarOf, endOfLocalDay, weekdayOf } from "#kit/pure/calendar.js";
import { DomainError } from "#kit/pure/check.js";
import { toldOf } from "./decide.js";
import type { PolicyDocument, Reason } from "./document.js";
import { domainOf, otherWord, reads } from "./domains.js";
import { compileAlone, type Policy } from "./engine.js";
import type { LineView, TableName } from "./facts.js";
import { chargeOf, judge } from "./judge.js";
import { type Clock, type Condition, covers, endOfRight, fitsAll, type Law, lawOf, type Right } from "./law.js";
import type { Times } from "./periods.js";
import { type Kind, kinds } from "./words.js";

function below(article: string, path: string, problem: string): DomainError {
  const message = `the document takes away a statutory right at ${path}: ${problem} (${article})`;
  return new DomainError("POLICY_BELOW_FLOOR", message, { article, path });
}

/**
 * @throws DomainError POLICY_BELOW_FLOOR with article and path of the first right that is taken away
 * @throws RangeError for a market without a floor, or tables that tell more than 300,000 kinds of lines apart
 */
export function checkFloor(document: PolicyDocument): void {
  const own = lawOf(document);
  if (!own) throw new RangeError(`no floor for ${document.market}`);
  checkNumbers(document, own);
  const policy = compileAlone(document);
  for (const each of own.rights) checkRight(policy, own, each);
  for (const each of own.free) checkFree(policy, each);
}

function checkNumbers({ window, handover, clocks, tables, notices }: PolicyDocument, own: Law): void {
  if (own.window.last_day_moves && !window.last_day_moves) {
    throw below(own.window.article, "window.last_day_moves", "a last day that is a day of rest has to give way");
  }
  if (own.window.starts === "LAST_OF_ORDER" && window.starts !== "LAST_OF_ORDER") {
    throw below(own.window.article, "window.starts", "the period starts with the last parcel of the order");
  }
  checkClock("refund", clocks.refund, own.refund_clock);
  if (own.collection_clock) checkClock("collection", clocks.collection, own.collection_clock);
  if (handover.auto_withdrawal && own.auto_withdrawal) {
    throw below(own.auto_withdrawal, "handover.auto_withdrawal", "a request may not withdraw itself");
  }
  const fee = tables.terms.outputs.find(({ field }) => field === "fee_code")?.id ?? "";
  const charged = tables.terms.rules.findIndex((cells) => cells[fee] !== "null");
  if (own.fee_notice && charged >= 0 && !Object.hasOwn(notices, "return_fee")) {
    const problem = "customers bear a fee only if they were told: say where, in notices.return_fee";
    throw below(own.fee_notice, `${tables.terms.path}.rules[${charged}]`, problem);
  }
}

function checkClock(name: "refund" | "collection", given: Clock | null, most: Clock): void {
  const unit = (c: Clock) => `${c.days} ${c.business_days ? "business" : "calendar"} days`;
  const path = `clocks.${name}`;
  if (!given) throw below(most.article, path, `the law gives ${unit(most)}, the document none`);
  // As many business days may last longer than calendar days, never shorter.
  if (given.days > most.days || (given.business_days && !most.business_days)) {
    throw below(most.article, path, `${unit(given)} are more than ${unit(most)}`);
  }
}

const weekends = {
  version: "floors",
  from: "2000-01-01",
  to: "2099-12-31",
  weekend: [0, 6],
  holidays: {},
  workdays: {},
};
const calendar = calendarOf({ ...weekends, market: "floors", timeZone: "Etc/UTC" });

/** A delivery whose statutory period ends on a Saturday if it can. */
function deliveryOf({ days = 0 }: Right): Date {
  let day = "2030-01-01";
  while ((weekdayOf(day) + days) % 7 !== 6) day = addDays(day, 1);
  return new Date(endOfLocalDay(day, "Etc/UTC").getTime() - 3_600_000);
}

function checkRight(policy: Policy, own: Law, right: Right): void {
  const arrived: Times = { start: deliveryOf(right), known: undefined, notice: "WITH_ORDER" };
  const lastMoment = new Date((endOfRight(own, right, calendar, arrived)?.time.getTime() ?? 0) - 1);
  eachView(policy, ["fault", "window", "verdict"], right.kinds, right.when, right.unless ?? [], (view) => {
    if (!covers(right, view)) return;
    const { rule, verdict } = judge(
      policy,
      calendar,
      view,
      view.delivered ? arrived : { ...arrived, start: undefined },
      lastMoment,
    );
    if (verdict !== "DECLINE") return;
    throw below(right.article, pathOf(policy, "verdict", rule), `${right.about}: ${rule} declines ${described(view)}`);
  });
}

function checkFree(policy: Policy, { article, when }: Law["free"][number]): void {
  const never: Times = { start: undefined, known: undefined, notice: "WITH_ORDER" };
  eachView(policy, ["fault", "terms"], kinds, {}, [], (view) => {
    const answer = judge(policy, calendar, view, never, new Date(0));
    const charge = fitsAll(answer.view, when) && chargeOf(answer);
    if (charge) throw below(article, pathOf(policy, "terms", charge.rule), `${charge.rule} charges ${described(view)}`);
  });
}

function pathOf({ document }: Policy, table: TableName, rule: string): string {
  const { path, rules } = document.tables[table];
  return `${path}.rules[${rules.findIndex((cells) => cells._id === rule)}]`;
}

function described({
  kind,
  reason,
  tier,
  category,
  temperature,
  opened,
  line_minor,
  risk_score,
  delivered,
}: LineView): string {
  const where = delivered ? "delivered" : "not delivered";
  return `a ${kind} for ${reason}, tier ${tier}, ${category}, ${temperature}${opened ? ", opened" : ""}, ${where}, ${line_minor} minor units, risk ${risk_score}`;
}

const mostViews = 300_000;

/**
 * Shows `visit` every kind of line that the tables and the exceptions tell apart, as far as it meets the condition. They
 * are tens of thousands, so it is one object, changed from visit to visit.
 */
function eachView(
  { document, reasons }: Policy,
  tables: readonly TableName[],
  asked: readonly Kind[],
  condition: Condition,
  exceptions: readonly Condition[],
  visit: (view: LineView) => void,
): void {
  const valuesOf = (field: Varied): readonly unknown[] => {
    if (condition[field] !== undefined) return [condition[field]];
    const named = exceptions.flatMap((exception) => exception[field] ?? []);
    // Whether a customer was told, and whether the goods have arrived, matters beyond the tables.
    const varies =
      field === "final_sale" || field === "delivered" || reads(document, tables, field) || named.length > 0;
    return varies ? [...new Set([...domainOf(document, tables, field), ...named])] : [usual[field]];
  };
  const causes = distinct(document, [...reasons.values()], tables).filter(({ fault, nonconforming, never_came }) =>
    fitsAll({ ...condition, fault, nonconforming, never_came }, condition),
  );
  const asks = causes.flatMap(({ code, kinds: own, group, fault, nonconforming, never_came }) =>
    own
      .filter((kind) => asked.includes(kind))
      .map((kind) => ({ kind, reason: code, group, fault, nonconforming, never_came })),
  );
  const fields = (Object.keys(usual) as Varied[]).map((field) => ({ field, values: valuesOf(field) }));
  const count = fields.reduce((product, { values }) => product * values.length, asks.length);
  if (count > mostViews) throw new RangeError(`the tables tell ${count} kinds of lines apart, too many to check`);

  for (const ask of asks) {
    const view: { -readonly [F in keyof LineView]: LineView[F] } = { ...usual, ...ask, told: false };
    const vary = (at: number): void => {
      const dimension = fields[at];
      if (!dimension) {
        view.told = toldOf(document, view.category, view.temperature, view.final_sale);
        visit(view);
        return;
      }
      for (const value of dimension.values) {
        Object.assign(view, { [dimension.field]: value });
        vary(at + 1);
      }
    };
    vary(0);
  }
}

type Varied = keyof typeof usual;

/** A line as far as its reason does not say. */
const usual = {
  tier: otherWord,
  category: otherWord,
  item_class: "NONE",
  temperature: "AMBIENT",
  seller_type: "SHOP",
  fulfilment: "OWN",
  opened: false,
  final_sale: false,
  listed: "NONE" as const,
  delivered: false,
  line_minor: 1,
  risk_score: 0,
  replacement: false,
};

/** One leaf of those that no cell tells apart. */
function distinct(document: PolicyDocument, reasons: readonly Reason[], tables: readonly TableName[]): Reason[] {
  const cells = tables.flatMap((name) => document.tables[name].rules.flatMap((row) => Object.values(row)));
  const named = (code: string) => cells.some((cell) => cell.includes(code));
  const key = ({ code, texts: _, ...rest }: Reason) => JSON.stringify([rest, named(code) && code]);
  return [...new Map(reasons.map((reason) => [key(reason), reason])).values()];
}
