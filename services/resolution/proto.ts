// Between the contract's messages and the core's words.
import {
  type StatutoryClock as ClockMessage,
  CollectionMethod,
  Decision,
  ExchangeMode,
  type Fee as FeeMessage,
  type LineFacts,
  RefundTrigger,
  Verdict,
} from "#gen/backhaul/eligibility/v1/decision.js";
import {
  type Deduction,
  DisputeOutcome,
  type Finding as FindingMessage,
  UnitVerdict,
} from "#gen/backhaul/inspection/v1/inspection.js";
import type { DisputeDecided } from "#gen/backhaul/inspection/v1/inspection_events.js";
import {
  CancelCode,
  GoodsState,
  GuaranteeState,
  MoneyState,
  OnUnpaid,
  Resolution as ResolutionMessage,
  ResolutionState,
  StockState,
  TimelineEntry,
  UnaskedReason,
} from "#gen/backhaul/resolution/v1/resolution.js";
import type * as events from "#gen/backhaul/resolution/v1/resolution_events.js";
import { Progress } from "#gen/backhaul/resolution/v1/resolution_events.js";
import { Channel, Fault, Kind } from "#gen/backhaul/type/v1/kind.js";
import { type RoleWord, roles } from "#kit/contracts.js";
import type { FactOf } from "#kit/facts.js";
import { fromProto, toProto } from "#kit/pure/money.js";
import { words } from "#kit/words.js";
import { itemsOf } from "./core/attention.js";
import type { Decided, Finding } from "./core/resolution.js";
import type {
  Deducted,
  Entry,
  Exchange,
  Fault as FaultWord,
  Fee,
  Guarantee,
  Line,
  LineGoods,
  Origin,
  Resolution,
  ResolutionFact,
  StatutoryClock,
  Terms,
  Tracks,
} from "./core/types.js";
import { textsOf } from "./history.js";

export const states = words(ResolutionState, "RESOLUTION_STATE_");
export const kinds = words(Kind, "KIND_");
export const channels = words(Channel, "CHANNEL_");
export const faults = words(Fault, "FAULT_");
export const cancelCodes = words(CancelCode, "CANCEL_CODE_");
export const unaskedReasons = words(UnaskedReason, "UNASKED_REASON_");
export const onUnpaids = words(OnUnpaid, "ON_UNPAID_");
export const verdicts = words(Verdict, "VERDICT_");
const unitVerdicts = words(UnitVerdict, "UNIT_VERDICT_");
const goods = words(GoodsState, "GOODS_STATE_");
const money = words(MoneyState, "MONEY_STATE_");
const stock = words(StockState, "STOCK_STATE_");
const triggers = words(RefundTrigger, "REFUND_TRIGGER_");
const guarantees = words(GuaranteeState, "GUARANTEE_STATE_");
const exchanges = words(ExchangeMode, "EXCHANGE_MODE_");

/** What the customer chose besides the units. */
export type Choice = { readonly method: CollectionMethod; readonly slotId: string };

/** The decision's terms, as far as the core needs them. A method that is not offered gives way to the first that is. */
export function toTerms(decision: Decision, choice: Choice): Terms {
  const terms = decision.terms;
  const offered = terms?.collectionMethods ?? [];
  return {
    trigger: triggers.word(terms?.refundTrigger ?? 0) ?? "ON_INSPECTION",
    collection: terms?.collectionRequired ?? false,
    method: offered.includes(choice.method)
      ? choice.method
      : (offered[0] ?? CollectionMethod.COLLECTION_METHOD_PICKUP_CONTACTLESS),
    slotId: choice.slotId,
    inspection: terms?.inspectionRequired ?? false,
    replacement: terms?.replacement ?? false,
    exchange: exchanges.word(terms?.exchangeMode ?? 0),
    fees: (terms?.fees ?? []).flatMap(toFee),
    fault: worstFault(decision.lines.flatMap(({ fault }) => faults.word(fault) ?? [])),
    handoverDays: terms?.handoverDays ?? 14,
    reminderDays: terms?.reminderDays ?? [],
    autoWithdrawal: terms?.autoWithdrawal ?? false,
    maxPickupAttempts: terms?.maxPickupAttempts || 3,
    verification: terms?.verification ?? 0,
    refundClock: toClock(terms?.refundClock),
    collectionClock: toClock(terms?.collectionClock),
    windowEnd: latestOf(decision.lines.map(({ windowEndTime }) => windowEndTime)),
    deductionCauses: terms?.deductionCauses ?? [],
    secondOpinionOver: terms?.secondOpinionOver && fromProto(terms.secondOpinionOver),
    goods: decision.facts.map(toGoods),
    guaranteeClock: toClock(terms?.guaranteeClock),
    exchangeGuarantee: terms?.exchangeGuarantee ?? false,
  };
}

/** The last of some times; undefined if there is none among them. */
export function latestOf(times: readonly (Date | undefined)[]): Date | undefined {
  const known = times.flatMap((time) => (time ? [time.getTime()] : []));
  return known.length > 0 ? new Date(Math.max(...known)) : undefined;
}

/** Of several, the one that takes most from whoever bears it: a customer pays only where nobody else erred. */
function worstFault(found: readonly FaultWord[]): FaultWord {
  const order: readonly FaultWord[] = ["SELLER", "PLATFORM", "LOGISTICS", "GENERAL", "CUSTOMER"];
  return order.find((fault) => found.includes(fault)) ?? "GENERAL";
}

function toFee({ code, amount, ruleId }: FeeMessage): Fee[] {
  return amount ? [{ code, amount: fromProto(amount), ruleId }] : [];
}

/** A category that no checklist can have, and a value that nobody told, are left out. */
function toGoods({ lineId, category, unitValue, sellerId }: LineFacts): LineGoods {
  return {
    lineId,
    category: /^[a-z0-9_]{1,64}$/.test(category) ? category : "",
    unitValue: unitValue && fromProto(unitValue),
    sellerId,
  };
}

function toClock(clock: ClockMessage | undefined): StatutoryClock | undefined {
  return clock && clock.days > 0
    ? { days: clock.days, businessDays: clock.businessDays, article: clock.article }
    : undefined;
}

/** The lines that will be carried out: those the policy did not decline, or all of them when it declined the request. */
export function toLines(
  decision: Decision,
  asked: readonly { lineId: string; note: string; replacementSku: string }[],
): Line[] {
  const declinedWhole = decision.verdict === Verdict.VERDICT_DECLINE;
  const kept = decision.lines.filter((line) => declinedWhole || line.verdict !== Verdict.VERDICT_DECLINE);
  const merged = new Map<string, Line>();
  for (const { lineId, quantity, reason } of kept) {
    const facts = decision.facts.find((f) => f.lineId === lineId);
    const words = asked.find((line) => line.lineId === lineId);
    const before = merged.get(lineId);
    merged.set(lineId, {
      lineId,
      sku: facts?.sku ?? "",
      title: facts?.title ?? "",
      quantity: (before?.quantity ?? 0) + quantity,
      purchased: facts?.purchased ?? 0,
      reason,
      note: words?.note ?? "",
      replacementSku: words?.replacementSku ?? "",
      accepted: 0,
      rejected: 0,
      missing: 0,
    });
  }
  return [...merged.values()];
}

/** Tables whose rules may rest on risk and lists, and are named after them. */
const confidentialTables: ReadonlySet<string> = new Set(["outcomes", "terms", "methods", "deadlines"]);

/**
 * A decision as it is frozen into the resolution, where its customer reads it: without what is for staff alone, and for
 * what is granted without the why. The eligibility service keeps both with the decision, under its id; here every read of
 * a resolution would carry them.
 */
export function freeze(decision: Decision): Uint8Array {
  const unnamed = (fees: readonly FeeMessage[]) => fees.map((fee) => ({ ...fee, ruleId: "" }));
  const { terms, quote, override } = decision;
  const lines = decision.lines.map((line) => ({
    ...line,
    confidentialInputs: {},
    inputs: line.verdict === Verdict.VERDICT_ACCEPT ? {} : line.inputs,
    fees: unnamed(line.fees),
    firedRules: line.firedRules.filter(({ table }) => !confidentialTables.has(table)),
    counterfactuals: (line.verdict === Verdict.VERDICT_ACCEPT ? [] : line.counterfactuals)
      .filter(({ fact }) => fact !== "listed")
      .map((each) => ({ ...each, fees: unnamed(each.fees) })),
  }));
  return Decision.encode({
    ...decision,
    lines,
    listEntryIds: [],
    terms: terms && { ...terms, fees: unnamed(terms.fees) },
    quote: quote && { ...quote, fees: unnamed(quote.fees) },
    override: override && { ...override, subject: "", reason: "" },
  }).finish();
}

/** Why a decision cannot stand for a request; undefined if it can. Only one of staff is given along. */
export function mismatch(
  decision: Decision,
  overriddenBy: string,
  asked: { orderId: string; kind: Kind; lines: readonly { lineId: string; quantity: number }[] },
): string | undefined {
  const units = (lines: readonly { lineId: string; quantity: number }[]) => {
    const sums = new Map<string, number>();
    for (const { lineId, quantity } of lines) sums.set(lineId, (sums.get(lineId) ?? 0) + quantity);
    return JSON.stringify([...sums].sort());
  };
  if (!decision.override) return "it is the policy's own; leave decision_id empty to be judged";
  if (overriddenBy !== "") return `staff decided again: ${overriddenBy}`;
  if (decision.orderId !== asked.orderId) return `it is about order ${decision.orderId}`;
  if (decision.kind !== asked.kind) return `it is about a ${kinds.word(decision.kind)}`;
  if (units(decision.lines) !== units(asked.lines)) return "it is about other units";
  return undefined;
}

/** A finding in the core's words; one without a verdict says nothing. */
export function toFinding({ lineId, quantity, verdict, detail }: FindingMessage): Finding[] {
  const word = unitVerdicts.word(verdict);
  const deductions = (detail?.deductions ?? []).flatMap(toDeducted);
  // An inspection is complete only when nothing is left that somebody else must decide.
  if (!word || word === "ESCALATED") return [];
  return [{ lineId, quantity, verdict: word, ...(deductions.length > 0 && { deductions }) }];
}

/** A decided dispute in the core's words. */
export function toDecided({ dispute, moreAccepted, returned, added }: DisputeDecided): Decided {
  return {
    disputeId: dispute?.disputeId ?? "",
    lineId: dispute?.lineId ?? "",
    upheld: dispute?.outcome === DisputeOutcome.DISPUTE_OUTCOME_UPHELD,
    note: dispute?.note ?? "",
    moreAccepted,
    returned: returned.flatMap(toDeducted),
    added: added.flatMap(toDeducted),
  };
}

function toDeducted({ cause, amount, note }: Deduction): Deducted[] {
  if (!amount) return [];
  const { minor, currency } = fromProto(amount);
  return [{ cause, currency, minor: minor.toString(), note }];
}

/** A fact of the core as the contract has it: its words become the contract's numbers. */
export function toFact({ name, body }: ResolutionFact): FactOf<typeof events> {
  const numbers = {
    ...("state" in body && { state: states.value(body.state) }),
    ...("kind" in body && { kind: kinds.value(body.kind) }),
  };
  return { name, body: { ...body, ...numbers } } as FactOf<typeof events>;
}

/** What was written into the history, for whoever follows it. */
export function toProgress(r: Resolution, entries: readonly Entry[]): events.ResolutionProgressed {
  const { resolutionId, orderId, market, kind, refunded, terms } = r;
  const sellers = (terms.goods ?? []).map(({ sellerId }) => sellerId).filter((sellerId) => sellerId !== "");
  return {
    resolutionId,
    orderId,
    market,
    kind: kinds.value(kind),
    sellerIds: [...new Set(sellers)],
    refunded: refunded && toProto(refunded),
    entries: entries.map(({ sequence, name, state, tracks, time, applied }) =>
      Progress.fromPartial({
        sequence: BigInt(sequence),
        name,
        state: states.value(state),
        ...trackValues(tracks),
        createTime: time,
        applied,
      }),
    ),
  };
}

/** The sentence that tells the customer how it was decided. */
export function verdictText(decision: Decision): string {
  const decisive = decision.lines.find((line) => line.verdict === decision.verdict) ?? decision.lines[0];
  return decisive?.text || "Requested.";
}

/** Whether words that staff wrote for each other are not for them. */
function isCustomer(role: RoleWord): boolean {
  return role === "CUSTOMER" || role === "GUEST";
}

/** Whether words between the customer and staff are not for them: an outside system's. */
function isOutside(role: RoleWord): boolean {
  return role === "SELLER" || role === "CARRIER";
}

/** A resolution as somebody may read it: why a person must look is for who looks, what a customer wrote not for sellers. */
export function toResolution(r: Resolution, role: RoleWord): ResolutionMessage {
  return ResolutionMessage.fromPartial({
    resolutionId: r.resolutionId,
    orderId: r.orderId,
    customerId: r.customerId,
    market: r.market,
    kind: kinds.value(r.kind),
    channel: channels.value(r.channel),
    state: states.value(r.state),
    ...trackValues(r.tracks),
    onHold: r.hold !== undefined,
    holdReason: isCustomer(role) || isOutside(role) ? "" : reasonsOf(r),
    lines: r.lines.map(({ purchased: _, heldAs: __, deductions: ___, worth: ____, lost = 0, ...line }) => ({
      ...line,
      ...(isOutside(role) && { note: "" }),
      lost,
    })),
    decision: Decision.decode(r.decision),
    collectionId: r.collectionId,
    inspectionId: r.inspectionId,
    refundId: r.refundId,
    refunded: r.refunded && toProto(r.refunded),
    notices: r.terms.notices,
    deadlines: r.deadlines.map(({ step, due, article, provisional, from, calendar = "" }) => {
      return { step, dueTime: due, article, provisional, startTime: from, calendarVersion: calendar };
    }),
    createTime: r.createTime,
    updateTime: r.updateTime,
    closeTime: r.closeTime,
    version: BigInt(r.version),
    fault: faults.value(r.terms.fault ?? "GENERAL"),
    ...toOrigin(r.origin),
    priceDifference: toDifference(r.exchange),
    guarantee: toGuarantee(r.exchange?.guarantee),
  });
}

function toOrigin({ cancelCode, unaskedReason, ...rest }: Origin) {
  return {
    ...rest,
    cancelCode: cancelCode && cancelCodes.value(cancelCode),
    unaskedReason: unaskedReason && unaskedReasons.value(unaskedReason),
  };
}

function toDifference(exchange: Exchange | undefined) {
  if (!exchange?.price || !exchange.paid || exchange.price.minor === exchange.paid.minor) return undefined;
  const { price, paid, demandUrl = "", payBy } = exchange;
  return { price: toProto(price), paid: toProto(paid), paymentUrl: demandUrl, payByTime: payBy };
}

function toGuarantee(guarantee: Guarantee | undefined) {
  if (!guarantee) return undefined;
  const { state, amount, taken } = guarantee;
  return { state: guarantees.value(state), amount: amount && toProto(amount), taken: taken && toProto(taken) };
}

/** @param role whose eyes it is for: staff read the entry's own text */
export function toEntry(entry: Entry, role: RoleWord): TimelineEntry {
  const texts = isCustomer(role) ? textsOf(entry.name) : {};
  return TimelineEntry.fromPartial({
    sequence: BigInt(entry.sequence),
    name: entry.name,
    // What staff wrote of it is theirs; in whatever language it is read.
    text: texts["en-GB"] ?? entry.text,
    state: states.value(entry.state),
    ...trackValues(entry.tracks),
    actor: entry.actor.subject,
    actorRole: roles.value(entry.actor.role as RoleWord),
    createTime: entry.time,
    applied: entry.applied,
    texts,
  });
}

function reasonsOf({ hold }: Resolution): string {
  return itemsOf(hold)
    .map(({ reason }) => reason)
    .join("; ");
}

export function trackValues(tracks: Tracks | undefined) {
  return (
    tracks && { goods: goods.value(tracks.goods), money: money.value(tracks.money), stock: stock.value(tracks.stock) }
  );
}
