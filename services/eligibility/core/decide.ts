// Judges a request by a policy. Pure: the order's facts, the calendar and the time come in.
//
// Per line: the reason leaf gives the fault, the window table how long it may be asked for, the calendar when that ends,
// the verdict table the answer, the terms table how it would be carried out. For the request: DECLINE if every line is
// declined, REVIEW if any line needs one, else ACCEPT. A declined line inside a request that is not declined is simply not
// carried out.
import { type Calendar, type Deadline, windowEnd, windowEndMonths } from "#kit/pure/calendar.js";
import { check } from "#kit/pure/check.js";
import type { PolicyDocument, Reason } from "./document.js";
import type { Policy } from "./engine.js";
import type { LineView, TableName, WindowRow } from "./facts.js";
import { type Asked, type AskedLine, type Line, lastDelivery, type Order, unitsDelivered } from "./order.js";
import { joinTerms, type KeptLine, type Terms } from "./terms.js";
import type { Fault, Kind, Verdict } from "./words.js";

export type FiredRule = { readonly rule: string; readonly article: string; readonly table: TableName };

export type LineJudgement = {
  readonly lineId: string;
  readonly quantity: number;
  readonly reason: string;
  readonly fault: Fault;
  readonly verdict: Verdict;
  /** The rule that decided, where it comes from, and what the customer may read in the market's first language. */
  readonly rule: string;
  readonly article: string;
  readonly text: string;
  /**
   * Until when it is granted at once, or, when declined, until when a person would have looked at it. Undefined while not
   * delivered or where there is no end. Hand-over deadlines lean on it, so a review of years is not in it.
   */
  readonly windowEnd: Deadline | undefined;
  readonly fired: readonly FiredRule[];
};

export type LineFacts = Pick<Line, "lineId" | "sku" | "title" | "purchased"> & { readonly delivered: Date | undefined };

export type Judgement = {
  readonly kind: Kind;
  readonly verdict: Verdict;
  /** In the order they were asked for. */
  readonly lines: readonly LineJudgement[];
  /** Undefined when declined. */
  readonly terms: Terms | undefined;
  /** Each line once. */
  readonly facts: readonly LineFacts[];
  /** What the tables saw of each asked line, and when its window started: enough to judge it again by another policy. */
  readonly seen: readonly { readonly view: LineView; readonly start: Date | undefined }[];
};

/**
 * @throws DomainError LINE_NOT_IN_ORDER; UNITS_EXCEED_PURCHASED, all asked lines of one order line taken together;
 * REASON_UNKNOWN if the market has no such reason, or not for what is asked; CURRENCY_MISMATCH
 */
export function decide(policy: Policy, calendar: Calendar, order: Order, asked: Asked, now: Date): Judgement {
  const { currency } = policy.document;
  check(
    order.currency === currency,
    "CURRENCY_MISMATCH",
    `${order.market} is judged in ${currency}, not ${order.currency}`,
    {
      currency: order.currency,
      expected: currency,
    },
  );
  const lines = askedLines(order, asked);
  const orderEnd = lastDelivery(order);
  const judged = asked.lines.map((askedLine) => {
    const line = lines.get(askedLine.lineId) as Line;
    const view = viewOf(policy, order, asked.kind, askedLine, line);
    const start = policy.document.window.starts === "LAST_OF_ORDER" ? orderEnd : lastDelivery(order, line.lineId);
    return judgeLine(policy, calendar, view, askedLine, start, now);
  });
  const separated = separate(policy, judged);
  const kept = separated.filter(({ judgement }) => judgement.verdict !== "DECLINE");
  return {
    kind: asked.kind,
    verdict: verdictOf(separated.map(({ judgement }) => judgement.verdict)),
    lines: separated.map(({ judgement }) => judgement),
    terms: kept.length > 0 ? joinTerms(policy.document, kept) : undefined,
    facts: [...lines.values()].map(({ lineId, sku, title, purchased }) => {
      return { lineId, sku, title, purchased, delivered: lastDelivery(order, lineId) };
    }),
    seen: separated.map(({ view, start }) => ({ view, start })),
  };
}

/**
 * The asked lines of an order, each once.
 * @throws DomainError LINE_NOT_IN_ORDER, UNITS_EXCEED_PURCHASED
 */
export function askedLines<L extends Pick<Line, "lineId" | "purchased">>(
  { orderId, lines }: { readonly orderId: string; readonly lines: readonly L[] },
  asked: Asked,
): Map<string, L> {
  const found = new Map<string, L>();
  const units = new Map<string, number>();
  for (const { lineId, quantity } of asked.lines) {
    const line = found.get(lineId) ?? lines.find((l) => l.lineId === lineId);
    check(line !== undefined, "LINE_NOT_IN_ORDER", `order ${orderId} has no line ${lineId}`, {
      order_id: orderId,
      line_id: lineId,
    });
    const requested = (units.get(lineId) ?? 0) + quantity;
    check(
      requested <= line.purchased,
      "UNITS_EXCEED_PURCHASED",
      `line ${lineId}: ${requested} units asked for, ${line.purchased} were bought`,
      { line_id: lineId, requested: String(requested), purchased: String(line.purchased) },
    );
    found.set(lineId, line);
    units.set(lineId, requested);
  }
  return found;
}

function reasonOf({ document, reasons }: Policy, kind: Kind, code: string): Reason {
  const { market } = document;
  const reason = reasons.get(code);
  const metadata = { reason: code, market };
  check(
    reason !== undefined,
    "REASON_UNKNOWN",
    `${market} knows no reason ${code}: choose a leaf of its reason tree`,
    metadata,
  );
  check(
    reason.kinds.includes(kind),
    "REASON_UNKNOWN",
    `in ${market} ${code} is a reason for ${reason.kinds.join(", ")}, not for a ${kind}`,
    { ...metadata, kind },
  );
  return reason;
}

function viewOf(policy: Policy, order: Order, kind: Kind, asked: AskedLine, line: Line): LineView {
  const { group, fault, nonconforming, never_came } = reasonOf(policy, kind, asked.reason);
  const { category, temperature, finalSale, paid } = line;
  const most = BigInt(Number.MAX_SAFE_INTEGER);
  return {
    kind,
    reason: asked.reason,
    group,
    fault,
    nonconforming,
    never_came,
    tier: order.tier,
    category,
    temperature,
    seller_type: line.sellerType,
    opened: asked.opened,
    told: toldOf(policy.document, category, temperature, finalSale),
    final_sale: finalSale,
    // Units are not told apart: those that are still under way are taken to be the asked ones as far as they go.
    delivered: unitsDelivered(order, line.lineId) > line.purchased - asked.quantity,
    line_minor: Number(paid.minor > most ? most : paid.minor),
    risk_score: order.riskScore,
    replacement: kind === "EXCHANGE" || (kind === "CLAIM" && asked.replacementSku !== ""),
  };
}

/** Exceptions to the right to change one's mind hold only for customers who were told of them before they bought. */
export function toldOf(
  { notices }: PolicyDocument,
  category: string,
  temperature: string,
  finalSale: boolean,
): boolean {
  return finalSale || Object.hasOwn(notices, category) || Object.hasOwn(notices, temperature);
}

type Judged = KeptLine & { readonly judgement: LineJudgement; readonly start: Date | undefined };

function judgeLine(
  policy: Policy,
  calendar: Calendar,
  view: LineView,
  asked: AskedLine,
  start: Date | undefined,
  now: Date,
): Judged {
  const { window, rule, verdict, end, last } = judge(policy, calendar, view, start, now);
  const row = policy.terms(view);
  const fired = [firedRule(policy, "window", window), firedRule(policy, "verdict", rule)];
  if (verdict !== "DECLINE") fired.push(firedRule(policy, "terms", row.rule));
  const { lineId, quantity, reason } = asked;
  const windowEnd = verdict === "DECLINE" ? last : end;
  const judgement = {
    lineId,
    quantity,
    reason,
    fault: view.fault,
    verdict,
    windowEnd,
    fired,
    ...wordsOf(policy, rule),
  };
  return { view, row, judgement, start };
}

/**
 * The answer to one line.
 * @param start when the line's window started; undefined while it has not
 * @returns the rules that fired, the end of the window, and its end with the review
 */
export function judge(policy: Policy, calendar: Calendar, view: LineView, start: Date | undefined, now: Date) {
  const window = policy.window(view);
  const { end, last } = endsOf(policy, calendar, window, start);
  const before = (deadline: Deadline | undefined) => deadline === undefined || now < deadline.time;
  const { rule, verdict } = policy.verdict({ ...view, in_window: before(end), in_review: before(last) });
  return { window: window.rule, rule, verdict, end, last };
}

/** When it may no longer be granted at once (`end`), and when no longer at all (`last`). */
function endsOf(
  { document }: Policy,
  calendar: Calendar,
  { days, months, review_months }: WindowRow,
  start: Date | undefined,
) {
  if (start === undefined) return { end: undefined, last: undefined };
  const options = { lastDayMoves: document.window.last_day_moves, favour: "later" } as const;
  const ofMonths = (count: number) => windowEndMonths(calendar, start, count, options);
  let end: Deadline | undefined;
  if (days !== null) end = windowEnd(calendar, start, days, options);
  if (months !== null) end = ofMonths(months);
  if (end === undefined || review_months === null) return { end, last: end };
  const review = ofMonths(review_months);
  return { end, last: review.time > end.time ? review : end };
}

function firedRule({ document }: Policy, table: TableName, rule: string): FiredRule {
  return { rule, article: document.rules[rule]?.article ?? "", table };
}

function wordsOf({ document }: Policy, rule: string) {
  const found = document.rules[rule];
  return { rule, article: found?.article ?? "", text: found?.texts[document.languages[0] ?? ""] ?? "" };
}

/**
 * Goods that never came cannot be in the parcel that the other lines are sent back in, and the inspection would find them
 * missing. Beside such lines they are declined, with the advice to ask for them on their own.
 */
function separate(policy: Policy, judged: readonly Judged[]): readonly Judged[] {
  const comesBack = ({ judgement, row }: Judged) => judgement.verdict !== "DECLINE" && row.collect;
  if (!judged.some(comesBack)) return judged;
  const rule = policy.document.separate_rule;
  return judged.map((line) => {
    if (!line.view.never_came || line.judgement.verdict === "DECLINE") return line;
    const fired = line.judgement.fired.filter(({ table }) => table !== "terms");
    const judgement = { ...line.judgement, verdict: "DECLINE" as const, ...wordsOf(policy, rule) };
    return { ...line, judgement: { ...judgement, fired: [...fired, firedRule(policy, "verdict", rule)] } };
  });
}

function verdictOf(verdicts: readonly Verdict[]): Verdict {
  if (verdicts.every((verdict) => verdict === "DECLINE")) return "DECLINE";
  return verdicts.includes("REVIEW") ? "REVIEW" : "ACCEPT";
}
