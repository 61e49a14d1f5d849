// Between the contracts' messages and the core's words.
import {
  CollectionMethod,
  type Counterfactual as CounterfactualMessage,
  Decision as DecisionMessage,
  ExchangeMode,
  type Fee as FeeMessage,
  type LineDecision,
  Outcome,
  type QuoteReference,
  RefundTrigger,
  type Terms as TermsMessage,
  Verdict,
  Verification,
} from "#gen/backhaul/eligibility/v1/decision.js";
import type { CheckEligibilityRequest } from "#gen/backhaul/eligibility/v1/eligibility_service.js";
import type { Calendar as CalendarMessage } from "#gen/backhaul/partner/calendar/v1/calendar_service.js";
import type { Product } from "#gen/backhaul/partner/catalog/v1/catalog_service.js";
import type { OrderLine, Order as OrderMessage } from "#gen/backhaul/partner/order/v1/order_service.js";
import { type Shipment as ShipmentMessage, ShipmentState } from "#gen/backhaul/partner/shipment/v1/shipment_service.js";
import { Fault, Kind } from "#gen/backhaul/type/v1/kind.js";
import { type Calendar, calendarOf } from "#kit/pure/calendar.js";
import { fromProto, money, toProto, zero } from "#kit/pure/money.js";
import { words } from "#kit/words.js";
import type { PolicyEntry } from "./core/book.js";
import type { Judgement } from "./core/decide.js";
import type { Counterfactual } from "./core/explain.js";
import type { Clock } from "./core/law.js";
import type { Alone, LineJudgement } from "./core/line.js";
import type { Asked, Line, Order, Shipment } from "./core/order.js";
import type { Fee, Terms } from "./core/terms.js";
import type { Listing } from "./core/words.js";
import type { Listed } from "./store/lists.js";

const kinds = words(Kind, "KIND_");
const faults = words(Fault, "FAULT_");
export const verdicts = words(Verdict, "VERDICT_");
const triggers = words(RefundTrigger, "REFUND_TRIGGER_");
const methods = words(CollectionMethod, "COLLECTION_METHOD_");
const outcomes = words(Outcome, "OUTCOME_");
const verifications = words(Verification, "VERIFICATION_");
const exchangeModes = words(ExchangeMode, "EXCHANGE_MODE_");

/** A request as the core reads it. Its kind was checked at the door. */
export function toAsked({ kind, lines, exchanged }: AskedFor): Asked {
  return {
    kind: kinds.word(kind) as Asked["kind"],
    exchanged,
    lines: lines.map(({ discoverTime: discovered, ...line }) => ({ ...line, discovered })),
  };
}

type AskedFor = Pick<CheckEligibilityRequest, "kind" | "lines" | "exchanged">;

/** What the outside systems told of an order. */
export type Told = {
  readonly order: OrderMessage;
  /** The asked lines of it. */
  readonly lines: readonly OrderLine[];
  readonly shipments: readonly ShipmentMessage[];
  readonly products: readonly Product[];
  readonly tier: string;
  readonly score: number;
  /** The entries of lists that count. */
  readonly listed: readonly Listed[];
};

export function toOrder({ order, lines, shipments, products, tier, score, listed }: Told): Order {
  const { orderId, customerId, market, currencyCode, orderTime } = order;
  const bySku = new Map(products.map((product) => [product.sku, product]));
  return {
    orderId,
    customerId,
    market,
    currency: currencyCode,
    orderTime: orderTime ?? new Date(0),
    lines: lines.map((line) => ({
      ...toLine(line, currencyCode, bySku.get(line.sku)),
      listed: listingOf(listed, line.sku),
    })),
    shipments: shipments.map(toShipment),
    tier: tier || "NONE",
    riskScore: score,
    listEntryIds: listed.map(({ entryId }) => entryId),
    notice: order.rightsNoticeMissing ? "NEVER" : (order.rightsNoticeTime ?? "WITH_ORDER"),
  };
}

/** Of the order's, its customer's and the product's own entries; BLOCKED outweighs ALLOWED. */
function listingOf(listed: readonly Listed[], sku: string): Listing {
  const mine = listed.filter(({ subject, value }) => subject !== "SKU" || value === sku);
  if (mine.some(({ kind }) => kind === "BLOCK")) return "BLOCKED";
  return mine.length > 0 ? "ALLOWED" : "NONE";
}

/** A product that the catalogue does not know is what the order says of it, and no exception holds for it. */
function toLine(line: OrderLine, currency: string, product: Product | undefined): Omit<Line, "listed"> {
  const { lineId, sku, title, quantity, paid, category, sellerType, sellerId, fulfilment } = line;
  return {
    lineId,
    sku,
    title,
    purchased: quantity,
    paid: paid ? fromProto(paid) : zero(currency),
    category: product?.category || category,
    temperature: product?.temperature || "AMBIENT",
    sellerType: sellerType || "SHOP",
    sellerId,
    fulfilment: fulfilment || (sellerType === "MARKETPLACE" ? "SELLER" : "OWN"),
    itemClass: product?.returnClass ?? "",
    finalSale: product?.finalSale ?? false,
  };
}

function toShipment({ state, lines, deliverTime }: ShipmentMessage): Shipment {
  return { delivered: state === ShipmentState.SHIPMENT_STATE_DELIVERED ? deliverTime : undefined, units: lines };
}

/** @throws DomainError CALENDAR_INVALID, DATE_INVALID */
export function toCalendar(message: CalendarMessage): Calendar {
  const { market, version, timeZone, fromDate: from, toDate: to, weekend, holidays, workdays } = message;
  const worked = Object.fromEntries(workdays.map((day) => [day, ""]));
  return calendarOf({ market, version, timeZone, from, to, weekend, holidays, workdays: worked });
}

/** By which version and calendar it was judged, and when. */
export type JudgedBy = { readonly policy: PolicyEntry; readonly calendar: string; readonly now: Date };

/** Tables whose rules may rest on risk and lists, and are named after them. */
const confidentialTables: ReadonlySet<string> = new Set(["outcomes", "terms", "methods", "deadlines"]);

/** As customers see it: without what is for staff alone. */
export function forCustomers(decision: DecisionMessage): DecisionMessage {
  const unnamed = (fees: readonly FeeMessage[]) => fees.map((fee) => ({ ...fee, ruleId: "" }));
  const { terms, quote, override } = decision;
  const lines = decision.lines.map((line) => ({
    ...line,
    confidentialInputs: {},
    fees: unnamed(line.fees),
    firedRules: line.firedRules.filter(({ table }) => !confidentialTables.has(table)),
    counterfactuals: line.counterfactuals
      .filter(({ fact }) => fact !== "listed")
      .map((each) => ({ ...each, fees: unnamed(each.fees) })),
  }));
  return {
    ...decision,
    lines,
    listEntryIds: [],
    terms: terms && { ...terms, fees: unnamed(terms.fees) },
    quote: quote && { ...quote, fees: unnamed(quote.fees) },
    override: override && { ...override, subject: "", reason: "" },
  };
}

/** A judgement as a decision; without an id it is one that is not stored. */
export function toDecision(
  order: Order,
  judgement: Judgement,
  { policy, calendar, now }: JudgedBy,
  decisionId = "",
): DecisionMessage {
  const { orderId, customerId, market, currency, orderTime } = order;
  return DecisionMessage.fromPartial({
    decisionId,
    orderId,
    customerId,
    market,
    currencyCode: currency,
    kind: kinds.value(judgement.kind),
    verdict: verdicts.value(judgement.verdict),
    lines: judgement.lines.map((line) => toLineDecision(line, currency)),
    terms: judgement.terms && toTerms(judgement.terms),
    policyId: policy.policyId,
    policyVersion: policy.version,
    orderTime,
    createTime: now,
    facts: judgement.facts.map(({ delivered, unitValue, ...facts }) => {
      return { ...facts, unitValue: toProto(unitValue), deliverTime: delivered };
    }),
    calendarVersion: calendar,
    quote: toQuote(orderId, judgement.lines, judgement.terms),
    listEntryIds: [...order.listEntryIds],
  });
}

/** Some units, and whether they are declined. */
type JudgedUnits = { readonly lineId: string; readonly quantity: number; readonly verdict: string };

/** What the units that are carried out would be refunded: the refund service computes it from the same shares. */
export function toQuote(
  orderId: string,
  lines: readonly JudgedUnits[],
  terms: Terms | undefined,
): QuoteReference | undefined {
  if (!terms) return undefined;
  const units = new Map<string, number>();
  for (const { lineId, quantity, verdict } of lines) {
    if (verdict !== "DECLINE") units.set(lineId, (units.get(lineId) ?? 0) + quantity);
  }
  return {
    orderId,
    lines: [...units].map(([lineId, quantity]) => ({ lineId, quantity })),
    fees: terms.fees.map(toFee),
  };
}

function toLineDecision(line: LineJudgement, currency: string): LineDecision {
  const { lineId, quantity, reason, rule, article, text, texts, windowEnd, fired, alone, statutory, inputs } = line;
  return {
    lineId,
    quantity,
    verdict: verdicts.value(line.verdict),
    reason,
    fault: faults.value(line.fault),
    ruleId: rule,
    article,
    text,
    texts: { ...texts },
    windowStartTime: line.windowStart,
    windowEndTime: windowEnd?.time,
    windowEndProvisional: windowEnd?.provisional ?? false,
    firedRules: fired.map((each) => ({ ruleId: each.rule, article: each.article, table: each.table })),
    ...toAlone(alone),
    evidence: line.evidence.photos > 0 || line.evidence.note ? line.evidence : undefined,
    inputs: { ...inputs },
    counterfactuals: line.counterfactuals.map((each) => toCounterfactual(each, currency)),
    statutory,
    confidentialInputs: { ...line.confidential },
  };
}

/** How a line would be carried out alone; nothing of it when declined. */
export function toAlone(alone: Alone | undefined) {
  return {
    outcomes: (alone?.outcomes ?? []).map(outcomes.value),
    returnCostPayer: alone?.payer ? faults.value(alone.payer) : Fault.FAULT_UNSPECIFIED,
    refundTrigger: alone ? triggers.value(alone.trigger) : RefundTrigger.REFUND_TRIGGER_UNSPECIFIED,
    collectionMethods: (alone?.methods ?? []).map(methods.value),
    fees: (alone?.fees ?? []).map(toFee),
  };
}

function toCounterfactual(found: Counterfactual, currency: string): CounterfactualMessage {
  const { fact, actual, needed, verdict, charge, rule, texts, text } = found;
  const fees = charge ? [{ code: charge.code, amount: money(BigInt(charge.minor), currency), rule: charge.rule }] : [];
  return {
    fact,
    actual,
    needed,
    verdict: verdicts.value(verdict),
    fees: fees.map(toFee),
    ruleId: rule,
    texts: { ...texts },
    text,
  };
}

const toFee = ({ code, amount, rule }: Fee) => ({ code, amount: toProto(amount), ruleId: rule });

export function toTerms(terms: Terms): TermsMessage {
  const { trigger, collect, inspect, exchangeMode, fees, refundClock, collectionClock, replacement } = terms;
  return {
    refundTrigger: triggers.value(trigger),
    collectionRequired: collect,
    collectionMethods: terms.methods.map(methods.value),
    inspectionRequired: inspect,
    exchangeMode: exchangeMode ? exchangeModes.value(exchangeMode) : ExchangeMode.EXCHANGE_MODE_UNSPECIFIED,
    fees: fees.map(toFee),
    handoverDays: terms.handoverDays,
    reminderDays: [...terms.reminderDays],
    autoWithdrawal: terms.autoWithdrawal,
    maxPickupAttempts: terms.maxPickupAttempts,
    refundClock: toClock(refundClock),
    collectionClock: collectionClock && toClock(collectionClock),
    replacement,
    verification: verifications.value(terms.verification),
    deductionCauses: [...terms.deductionCauses],
    secondOpinionOver: terms.secondOpinionOver && toProto(terms.secondOpinionOver),
    guaranteeClock: terms.guaranteeClock && toClock(terms.guaranteeClock),
    exchangeGuarantee: terms.exchangeGuarantee,
  };
}

const toClock = ({ days, business_days, article }: Clock) => ({ days, businessDays: business_days, article });
