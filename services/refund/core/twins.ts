// What other systems must do with a refund: the tax document's correction, coupons and points, the seller's settlement.
// Each has one key for ever, as tenders have; the refund does not close before all of them are matched.
import { check } from "#kit/pure/check.js";
import { type Money, negate, sum, zero } from "#kit/pure/money.js";
import { ofLine } from "./deductions.js";
import { correctionOf, samePeriod } from "./taxdocument.js";
import type { Fault, Quote, Refund, SoldOrder, Step, Twin } from "./types.js";

/** Who bears a return of a seller's goods: where the shop or a carrier erred, the seller keeps what was sold. */
const sellerBears: Readonly<Record<Fault, boolean>> = {
  CUSTOMER: true,
  SELLER: true,
  GENERAL: true,
  PLATFORM: false,
  LOGISTICS: false,
};

type TwinScene = {
  readonly fault: Fault;
  /** Whether nothing of the order is left after this refund, and nothing was refunded before. */
  readonly whole: boolean;
  readonly newKey: () => string;
  readonly now: Date;
};

/** The twins of a refund of this order. */
export function twinsOf(order: SoldOrder, quote: Quote, { fault, whole, newKey, now }: TwinScene): Twin[] {
  const open = (kind: Twin["kind"], reference: string, more: Partial<Twin> = {}): Twin => ({
    kind,
    state: "OPEN",
    reference,
    amount: undefined,
    tax: undefined,
    points: 0,
    correction: "",
    documentTime: undefined,
    key: newKey(),
    counterpartId: "",
    failure: "",
    ...more,
  });
  const twins: Twin[] = [];
  const correction = quote.amount.minor > 0n ? correctionOf(order, quote.amount, whole, now) : undefined;
  if (correction && order.taxDocument) {
    const { number, issueTime: documentTime } = order.taxDocument;
    const { amount, tax } = quote;
    twins.push(open("TAX_DOCUMENT", number, { amount, tax, correction, documentTime }));
  }
  for (const { kind, reference, points } of quote.restored) {
    twins.push(open(kind, reference, { points: Math.abs(points) }));
  }
  if (sellerBears[fault]) {
    for (const [seller, amount] of bySeller(order, quote)) {
      if (amount.minor > 0n) twins.push(open("SETTLEMENT", seller, { amount: negate(amount) }));
    }
  }
  return twins;
}

function bySeller(order: SoldOrder, quote: Quote): Map<string, Money> {
  const sellers = new Map<string, Money>();
  const { currency } = order;
  const shares = new Map(quote.items.map(({ lineId, amount }) => [lineId, amount]));
  for (const { lineId, sellerId: seller } of order.lines) {
    // What is kept of the customer's money for a unit's lost value is the seller's, who gets the unit.
    const amount = sum([shares.get(lineId) ?? zero(currency), ofLine(quote.adjustments, lineId, currency)], currency);
    if (seller && amount.minor !== 0n)
      sellers.set(seller, sum([sellers.get(seller) ?? zero(currency), amount], currency));
  }
  return sellers;
}

/** The payload of a `twin` step. */
export type TwinAsking = {
  readonly kind: Twin["kind"];
  readonly key: string;
  readonly reference: string;
  readonly points: number;
  readonly correction: Twin["correction"];
  readonly currency: string;
  readonly minor: string;
  /** Empty where the tax is not known. */
  readonly taxMinor: string;
  readonly orderId: string;
  readonly customerId: string;
  /** How often nobody answered for minutes. */
  readonly tries: number;
};

/** As they are to be asked for now: an e-invoice whose two months are over is no longer voided but allowed for. */
export function inTime(twins: readonly Twin[], now: Date): Twin[] {
  return twins.map((t) => {
    const late = t.correction === "VOID" && t.documentTime && !samePeriod(t.documentTime, now);
    return late && t.state !== "MATCHED" ? { ...t, correction: "ALLOWANCE" } : t;
  });
}

/** Has the other systems do their part, once the money is settled. */
export function twinSteps(refund: Refund, now: Date): Step[] {
  return refund.twins
    .filter(({ state }) => state === "OPEN")
    .map(({ kind, key, reference, points, correction, amount, tax }) => {
      const payload: TwinAsking = {
        kind,
        key,
        reference,
        points,
        correction,
        currency: refund.quote.amount.currency,
        minor: amount?.minor.toString() ?? "0",
        taxMinor: tax?.minor.toString() ?? "",
        orderId: refund.orderId,
        customerId: refund.customerId,
        tries: 0,
      };
      return { step: "twin", due: now, payload };
    });
}

/** The twin of this key. @throws DomainError REFUND_STATE */
export function twinOf(refund: Refund, key: string): Twin {
  const twin = refund.twins.find((t) => t.key === key);
  check(twin !== undefined, "REFUND_STATE", `nothing to match under ${key}`, {
    refund_id: refund.refundId,
    state: refund.state,
    verb: "match",
  });
  return twin;
}
