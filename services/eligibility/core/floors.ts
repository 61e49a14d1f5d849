// What no policy of a market may take away, whatever its tables say. The numbers and articles stand in
// policies/floors.json; here they are held against a document by trying every kind of line that its tables tell apart, at
// the last moment of the statutory period.
import { addDays, calendarOf, endOfLocalDay, weekdayOf, windowEnd, windowEndMonths } from "#kit/pure/calendar.js";
import { DomainError } from "#kit/pure/check.js";
import data from "../policies/floors.json" with { type: "json" };
import { judge, toldOf } from "./decide.js";
import type { Clock, PolicyDocument, Reason } from "./document.js";
import { domainOf, otherWord, reads } from "./domains.js";
import { compile, type Policy } from "./engine.js";
import type { LineView, TableName } from "./facts.js";
import { flag, list, nullable, openShape, type Reader, record, type Shape, shape, text, whole, word } from "./shape.js";
import { joinTerms } from "./terms.js";
import { type Kind, kinds } from "./words.js";

const scalar: Reader<string | boolean> = (value, path) => (typeof value === "boolean" ? value : text()(value, path));
const clock = shape({ days: whole(0, 366), business_days: flag, article: text() });
const when = record(scalar);

/** May not be declined: before delivery, and until the days or months after it have passed. */
const right = openShape({
  article: text(),
  about: text(),
  kinds: list(word(kinds), 1),
  when,
  unless: (value, path) => (value === undefined ? [] : list(when)(value, path)),
  days: (value, path) => (value === undefined ? undefined : whole(1, 366)(value, path)),
  months: (value, path) => (value === undefined ? undefined : whole(1, 120)(value, path)),
});
type Right = Shape<typeof right>;

const floor = shape({
  window: shape({ starts: word(["LAST_OF_LINE", "LAST_OF_ORDER"]), last_day_moves: flag, article: text() }),
  rights: list(right, 1),
  /** Lines that may bear no fee. */
  free: list(shape({ article: text(), when })),
  /** The article by which a fee needs a notice, if any. */
  fee_notice: nullable(text()),
  /** Days a customer has for handing over before anything may lapse. */
  handover: shape({ days: whole(1, 366), article: text() }),
  refund_clock: clock,
  collection_clock: nullable(clock),
  /** The article that forbids a request to withdraw itself, if any. */
  auto_withdrawal: nullable(text()),
});
type Floor = Shape<typeof floor>;

const floors = record(floor)(data, "");

/** The markets whose law is known here. */
export const marketsWithFloor = Object.keys(floors);

function below(article: string, path: string, problem: string): DomainError {
  const message = `the document takes away a statutory right at ${path}: ${problem} (${article})`;
  return new DomainError("POLICY_BELOW_FLOOR", message, { article, path });
}

/**
 * @throws DomainError POLICY_BELOW_FLOOR with article and path of the first right that is taken away
 * @throws RangeError for a market without a floor, or tables that tell more than 300,000 kinds of lines apart
 */
export function checkFloor(document: PolicyDocument): void {
  const own = floors[document.market];
  if (!own) throw new RangeError(`no floor for ${document.market}`);
  checkNumbers(document, own);
  const policy = compile(document);
  for (const each of own.rights) checkRight(policy, own, each);
  for (const each of own.free) checkFree(policy, each);
}

function checkNumbers({ window, fulfilment, tables, notices }: PolicyDocument, own: Floor): void {
  if (own.window.last_day_moves && !window.last_day_moves) {
    throw below(own.window.article, "window.last_day_moves", "a last day that is a day of rest has to give way");
  }
  if (own.window.starts === "LAST_OF_ORDER" && window.starts !== "LAST_OF_ORDER") {
    throw below(own.window.article, "window.starts", "the period starts with the last parcel of the order");
  }
  checkClock("refund_clock", fulfilment.refund_clock, own.refund_clock);
  if (own.collection_clock) checkClock("collection_clock", fulfilment.collection_clock, own.collection_clock);
  if (fulfilment.auto_withdrawal && own.auto_withdrawal) {
    throw below(own.auto_withdrawal, "fulfilment.auto_withdrawal", "a request may not withdraw itself");
  }
  if (fulfilment.handover_days < own.handover.days) {
    const problem = `customers have ${own.handover.days} days to hand over, not ${fulfilment.handover_days}`;
    throw below(own.handover.article, "fulfilment.handover_days", problem);
  }
  const fee = tables.terms.outputs.find(({ field }) => field === "fee_code")?.id ?? "";
  const charged = tables.terms.rules.findIndex((cells) => cells[fee] !== "null");
  if (own.fee_notice && charged >= 0 && !Object.hasOwn(notices, "return_fee")) {
    const problem = "customers bear a fee only if they were told: say where, in notices.return_fee";
    throw below(own.fee_notice, `${tables.terms.path}.rules[${charged}]`, problem);
  }
}

function checkClock(name: "refund_clock" | "collection_clock", given: Clock | null, most: Clock): void {
  const unit = (c: Clock) => `${c.days} ${c.business_days ? "business" : "calendar"} days`;
  const path = `fulfilment.${name}`;
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

/** The end of the statutory period, on a Saturday if it can be, and the delivery that started it. */
function periodOf({ days, months }: Right, lastDayMoves: boolean): { start: Date; end: Date } | undefined {
  if (days === undefined && months === undefined) return undefined;
  let day = "2030-01-01";
  while ((weekdayOf(day) + (days ?? 0)) % 7 !== 6) day = addDays(day, 1);
  const start = new Date(endOfLocalDay(day, "Etc/UTC").getTime() - 3_600_000);
  const options = { lastDayMoves, favour: "later" } as const;
  const period =
    days === undefined
      ? windowEndMonths(calendar, start, months ?? 0, options)
      : windowEnd(calendar, start, days, options);
  return { start, end: period.time };
}

function checkRight(policy: Policy, own: Floor, right: Right): void {
  const period = periodOf(right, own.window.last_day_moves);
  const lastMoment = new Date((period?.end.getTime() ?? 0) - 1);
  eachView(policy, ["window", "verdict"], right.kinds, right.when, right.unless, (view) => {
    if (right.unless.some((condition) => fitsAll(view, condition))) return;
    const start = view.delivered ? period?.start : undefined;
    const { rule, verdict } = judge(policy, calendar, view, start, lastMoment);
    if (verdict !== "DECLINE") return;
    throw below(right.article, pathOf(policy, "verdict", rule), `${right.about}: ${rule} declines ${described(view)}`);
  });
}

function checkFree(policy: Policy, { article, when }: Floor["free"][number]): void {
  eachView(policy, ["terms"], kinds, when, [], (view) => {
    const row = policy.terms(view);
    const [fee] = joinTerms(policy.document, [{ view, row }]).fees;
    if (fee) throw below(article, pathOf(policy, "terms", fee.rule), `${fee.rule} charges ${described(view)}`);
  });
}

/** Fields of a line with the value each must have. */
type Condition = Readonly<Record<string, string | boolean>>;

function fitsAll(fields: object, condition: Condition): boolean {
  for (const field in condition) if ((fields as Condition)[field] !== condition[field]) return false;
  return true;
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
  temperature: "AMBIENT",
  seller_type: "SHOP",
  opened: false,
  final_sale: false,
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
