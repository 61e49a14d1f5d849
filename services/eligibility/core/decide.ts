// Judges a request by a policy. Pure: the order's facts, the calendar and the time come in.
//
// Per line: its units are pooled by what became of them, each pool is judged (judge.ts), and the asked units are divided
// among the pools, best answer first. For the request: DECLINE if every line is declined, REVIEW if any line needs one,
// else ACCEPT. A declined line inside a request that is not declined is simply not carried out.
import type { Calendar } from "#kit/pure/calendar.js";
import { check } from "#kit/pure/check.js";
import { type Money, portion } from "#kit/pure/money.js";
import type { PolicyDocument, Reason } from "./document.js";
import type { Policy } from "./engine.js";
import type { LineView } from "./facts.js";
import { judge } from "./judge.js";
import { type Answered, firedRule, judgementOf, type LineJudgement, rowsOf, wordsOf } from "./line.js";
import { type Asked, type AskedLine, type Line, lastDelivery, type Order } from "./order.js";
import type { Times } from "./periods.js";
import { divide, type Pool, poolsOf } from "./portions.js";
import { joinTerms, type KeptLine, type Terms } from "./terms.js";
import { type Kind, type Verdict, verdicts } from "./words.js";

export type LineFacts = Pick<Line, "lineId" | "sku" | "title" | "purchased" | "category"> & {
  readonly delivered: Date | undefined;
  /** What was paid for one unit, rounded down. */
  readonly unitValue: Money;
  readonly sellerId: string;
};

/** What was known of some asked units: enough to judge them again by another policy. */
export type Seen = {
  readonly view: LineView;
  readonly times: Times;
  /** As they were told, whether the document knew them or not: another one may. */
  readonly told: { readonly tier: string; readonly itemClass: string };
  /** When it was asked; a decision of staff on it is of another time. */
  readonly at: Date;
  readonly lineId: string;
  readonly quantity: number;
  /** What these units cost, in minor units, rounded down. */
  readonly askedMinor: number;
};

export type Judgement = {
  readonly kind: Kind;
  readonly verdict: Verdict;
  /** In the order they were asked for; those of one line next to each other. */
  readonly lines: readonly LineJudgement[];
  /** Undefined when declined. */
  readonly terms: Terms | undefined;
  /** Each line once. */
  readonly facts: readonly LineFacts[];
  readonly seen: readonly Seen[];
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
  const judgeAsked = judgeIn(policy, calendar, order, asked, now);
  const judged = separate(
    policy,
    asked.lines.flatMap((askedLine) => judgeAsked(askedLine, lines.get(askedLine.lineId) as Line)),
  );
  const kept = judged.filter(({ judgement }) => judgement.verdict !== "DECLINE");
  return {
    kind: asked.kind,
    verdict: verdictOf(judged.map(({ judgement }) => judgement.verdict)),
    lines: judged.map(({ judgement }) => judgement),
    terms: kept.length > 0 ? joinTerms(policy.document, kept) : undefined,
    facts: [...lines.values()].map(({ lineId, sku, title, purchased, category, paid, sellerId = "" }) => {
      const unitValue = portion(paid, 1n, BigInt(Math.max(1, purchased)), "down");
      return { lineId, sku, title, purchased, category, unitValue, sellerId, delivered: lastDelivery(order, lineId) };
    }),
    seen: judged.map(({ seen }) => seen),
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

/**
 * Whether what a reason demands came along.
 * @throws DomainError EVIDENCE_MISSING for a line whose reason demands some words, and has none
 */
export function checkEvidence({ reasons }: Policy, lines: readonly AskedLine[]): void {
  for (const { lineId, reason, note } of lines) {
    const demanded = reasons.get(reason)?.evidence.note === true;
    check(
      !demanded || note.trim() !== "",
      "EVIDENCE_MISSING",
      `line ${lineId}: say in a few words what ${reason} is about`,
      {
        line_id: lineId,
        reason,
      },
    );
  }
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

function viewOf(
  policy: Policy,
  order: Order,
  { kind, exchanged = 0 }: Pick<Asked, "kind" | "exchanged">,
  asked: AskedLine,
  line: Line,
  delivered: boolean,
): LineView {
  const { document } = policy;
  const { code, group, fault, nonconforming, never_came } = reasonOf(policy, kind, asked.reason);
  const { category, temperature, finalSale, paid, itemClass } = line;
  const most = BigInt(Number.MAX_SAFE_INTEGER);
  return {
    kind,
    reason: code,
    group,
    fault,
    nonconforming,
    never_came,
    tier: document.tiers.includes(order.tier) ? order.tier : "NONE",
    category,
    item_class: document.item_classes.includes(itemClass) ? itemClass : "NONE",
    temperature,
    seller_type: line.sellerType,
    fulfilment: line.fulfilment,
    opened: asked.opened,
    told: toldOf(document, category, temperature, finalSale),
    final_sale: finalSale,
    listed: line.listed,
    delivered,
    line_minor: Number(paid.minor > most ? most : paid.minor),
    risk_score: order.riskScore,
    replacement: kind === "EXCHANGE" || (kind === "CLAIM" && asked.replacementSku !== ""),
    exchanged,
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

type Judged = KeptLine & { readonly judgement: LineJudgement; readonly seen: Seen };
type PoolAnswer = Answered & { readonly pool: Pool };

/** Judges asked lines one after the other; units that an earlier one took are no longer there for a later one. */
function judgeIn(policy: Policy, calendar: Calendar, order: Order, request: Asked, now: Date) {
  const { document } = policy;
  const poolsByLine = new Map<string, Pool[]>();
  const left = new Map<Pool, number>();

  return (asked: AskedLine, line: Line): Judged[] => {
    const pools = poolsByLine.get(line.lineId) ?? poolsOf(order, line, document.window.starts);
    poolsByLine.set(line.lineId, pools);
    const answers = pools.map((pool): PoolAnswer => {
      const given = viewOf(policy, order, request, asked, line, pool.delivered);
      const times = { start: pool.start, known: knownAt(asked, now), notice: order.notice };
      return { pool, given, times, answer: judge(policy, calendar, given, times, now) };
    });
    return divide(asked, answers, rankOf, left).map((portion) => {
      const { given, times, answer } = portion.answer;
      const { quantity } = portion;
      const askedMinor = Math.floor((given.line_minor * quantity) / line.purchased);
      const judgement = judgementOf(policy, calendar, portion.answer, { ...asked, quantity }, now);
      const { methods, deadlines } = rowsOf(policy, answer);
      const told = { tier: order.tier, itemClass: line.itemClass };
      const seen = { view: given, times, told, at: now, lineId: line.lineId, quantity, askedMinor };
      return { view: answer.view, terms: answer.terms, methods, deadlines, judgement, seen };
    });
  };
}

/** Nobody can have known later than now. */
function knownAt({ discovered }: AskedLine, now: Date): Date | undefined {
  return discovered !== undefined && discovered > now ? now : discovered;
}

const rankOf = ({ answer }: PoolAnswer): number => verdicts.indexOf(answer.verdict);

/**
 * Goods that never came cannot be in the parcel that the other lines are sent back in, and the inspection would find them
 * missing. Beside such lines they are declined, with the advice to ask for them on their own.
 */
function separate(policy: Policy, judged: readonly Judged[]): readonly Judged[] {
  const comesBack = ({ judgement, terms }: Judged) => judgement.verdict !== "DECLINE" && terms.collect;
  if (!judged.some(comesBack)) return judged;
  const rule = policy.document.separate_rule;
  return judged.map((line) => {
    if (!line.view.never_came || line.judgement.verdict === "DECLINE") return line;
    const fired = line.judgement.fired.filter(({ table }) => ["fault", "window", "verdict", "law"].includes(table));
    const judgement = {
      ...line.judgement,
      verdict: "DECLINE" as const,
      ...wordsOf(policy, rule),
      statutory: false,
      alone: undefined,
      counterfactuals: [],
      fired: [...fired, firedRule(policy, "verdict", rule)],
    };
    return { ...line, judgement };
  });
}

/** The answer for the request. */
export function verdictOf(verdicts: readonly Verdict[]): Verdict {
  if (verdicts.every((verdict) => verdict === "DECLINE")) return "DECLINE";
  return verdicts.includes("REVIEW") ? "REVIEW" : "ACCEPT";
}
