// Orders made of the values that the documents tell apart, asked about on the days around their limits; and what must hold
// for each of them under any policy that the linter lets in.
import assert from "node:assert/strict";
import fc from "fast-check";
import { decide, type Judgement } from "../core/decide.js";
import { domainOf } from "../core/domains.js";
import type { Policy } from "../core/engine.js";
import { tableNames } from "../core/facts.js";
import { judge } from "../core/judge.js";
import { chargeForbidden, lawOf, rightOf } from "../core/law.js";
import type { LineJudgement } from "../core/line.js";
import type { Notice } from "../core/periods.js";
import { type Listing, listings, triggers, verdicts } from "../core/words.js";
import { asked, calendars, line, type Market, markets, order, policies } from "./builders.js";

const delivered = Date.parse("2026-03-03T05:00:00Z"); // a Tuesday, everywhere
const day = 86_400_000;
const at = (days: number) => new Date(delivered + days * day);

/** The days on which some window, its review, or what is added to it may end. */
function limitsOf(market: Market): number[] {
  const { window } = policies[market].document.tables;
  const cells = window.rules.flatMap((row) =>
    window.outputs.map(({ id, field }) => ({ field, value: Number(row[id]) })),
  );
  const named = cells.filter(({ value }) => value > 0);
  return named.map(({ field, value }) => (field.endsWith("days") ? value : Math.round(value * 30.44)));
}

/** Any order of the shipped markets, and a day. */
export const anything = fc.constantFrom(...markets).chain((market) => {
  const { document, reasons } = policies[market];
  const one = (field: string) => fc.constantFrom(...domainOf(document, tableNames, field).map(String));
  const number = (field: string) => fc.constantFrom(...domainOf(document, tableNames, field).map(Number));
  const asks = [...reasons.values()].flatMap(({ code, kinds }) => kinds.map((kind) => ({ kind, reason: code })));
  const limits = limitsOf(market);
  const days = fc.oneof(
    fc.nat(2700),
    fc.nat(60),
    fc
      .tuple(fc.constantFrom(...limits), fc.integer({ min: -3, max: 6 }))
      .map(([limit, off]) => Math.max(0, limit + off)),
  );
  return fc.record({
    market: fc.constant(market),
    ask: fc.constantFrom(...asks),
    category: one("category"),
    itemClass: one("item_class"),
    temperature: one("temperature"),
    sellerType: one("seller_type"),
    fulfilment: one("fulfilment"),
    tier: one("tier"),
    paid: number("line_minor"),
    riskScore: number("risk_score"),
    exchanged: number("exchanged"),
    listed: fc.constantFrom<Listing>(...listings),
    finalSale: fc.boolean(),
    opened: fc.boolean(),
    replacementSku: fc.constantFrom("", "sku-2"),
    // One parcel, two on different days, or one that is still under way.
    parcels: fc.constantFrom<readonly (number | undefined)[]>([0], [0, 5], [0, undefined], [undefined]),
    notice: fc.oneof(
      fc.constantFrom<Notice>("WITH_ORDER", "NEVER"),
      fc.nat(400).map((days): Notice => at(days)),
    ),
    known: fc.option(fc.nat(120), { nil: undefined }),
    day: days,
    later: days,
  });
});
export type Anything = typeof anything extends fc.Arbitrary<infer T> ? T : never;

/** What a policy says of it so many days later, for a member of that tier. */
function answerTo(a: Anything, days: number, tier: string, policy: Policy = policies[a.market]): Judgement {
  const { market, ask, parcels, riskScore, notice, opened, replacementSku, known, exchanged, ...goods } = a;
  const bought = line({ ...goods, purchased: parcels.length }, market);
  const shipments = parcels.map((came) => ({
    delivered: came === undefined ? undefined : at(came),
    units: [{ lineId: bought.lineId, quantity: 1 }],
  }));
  const from = order(market, [bought], "", { tier, riskScore, notice, shipments });
  const discovered = known === undefined ? undefined : at(known);
  const units = { ...ask, quantity: parcels.length, opened, replacementSku, discovered };
  return decide(policy, calendars[market], from, { ...asked(ask.kind, units), exchanged }, at(days + 5));
}

const rank = ({ verdict }: { readonly verdict: LineJudgement["verdict"] }) => verdicts.indexOf(verdict);
const accepted = ({ lines }: Judgement) =>
  lines.reduce((sum, { verdict, quantity }) => sum + (verdict === "DECLINE" ? 0 : quantity), 0);
const paid = ({ terms }: Judgement) => terms?.fees.reduce((sum, { amount }) => sum + amount.minor, 0n) ?? 0n;
const end = ({ windowEnd }: LineJudgement) => windowEnd?.time.getTime() ?? Number.POSITIVE_INFINITY;

/** Asking later never turns a no into a yes, for none of its units. */
export function neverMoreLater(a: Anything): void {
  const [now, later] = [answerTo(a, a.day, a.tier), answerTo(a, a.day + a.later, a.tier)];
  assert.ok(rank(later) >= rank(now), `${now.verdict} became ${later.verdict}`);
  assert.ok(accepted(later) <= accepted(now), `${accepted(now)} units became ${accepted(later)}`);
}

/** A member of a higher tier never gets less. @param one, other any numbers: they choose two tiers */
export function neverLessHigher(a: Anything, one: number, other: number): void {
  const { tiers } = policies[a.market].document;
  const [low, high] = [one % tiers.length, other % tiers.length].sort((x, y) => x - y) as [number, number];
  const [lower, higher] = [low, high].map((tier) => answerTo(a, a.day, tiers[tier] as string)) as [
    Judgement,
    Judgement,
  ];
  assert.ok(rank(higher) <= rank(lower), `${lower.verdict}, and ${higher.verdict} for the higher tier`);
  assert.ok(accepted(higher) >= accepted(lower));
  if (!lower.terms || !higher.terms) return;
  assert.ok(paid(higher) <= paid(lower), `pays ${paid(lower)}, and ${paid(higher)} in the higher tier`);
  assert.ok(triggers.indexOf(higher.terms.trigger) <= triggers.indexOf(lower.terms.trigger));
  assert.ok(higher.terms.handoverDays >= lower.terms.handoverDays);
  const ends = (of: Judgement) => Math.min(...of.lines.filter(({ verdict }) => verdict !== "DECLINE").map(end));
  assert.ok(ends(higher) >= ends(lower), `until ${ends(lower)}, and ${ends(higher)} in the higher tier`);
}

/** A policy that judges by its document alone gives every order at least what the law does. Answers what it denies. */
export function deniedBy(alone: Policy, a: Anything): string | undefined {
  const law = lawOf(alone.document);
  if (!law) throw new RangeError(`no law of ${a.market}`);
  const now = at(a.day + 5);
  for (const { view, times } of answerTo(a, a.day, a.tier, alone).seen) {
    const answer = judge(alone, calendars[a.market], view, times, now);
    const right = answer.verdict === "DECLINE" && rightOf(law, calendars[a.market], answer.view, times, now);
    if (right) return `${answer.rule} declines what ${right.article} grants`;
    const forbidden = answer.view.fault === "CUSTOMER" && chargeForbidden(law, answer.view, answer.terms);
    if (answer.verdict !== "DECLINE" && forbidden)
      return `${answer.terms.rule} charges what ${forbidden.article} forbids`;
  }
  return undefined;
}
