// What each act books. Every journal has one source, so none is booked twice; positive is debit, negative is credit.
import { type Money, negate } from "#kit/pure/money.js";
import type { Booking, Interest, Journal, Quote, Refund, Tender, Twin } from "./types.js";

const payable = "refunds_payable";

/**
 * Returned sales against what we now owe the customer, what we keep as fees or for a replacement, and what coupons and
 * goodwill correct.
 */
export function granted({ quote, origin }: Pick<Refund, "quote" | "origin">): Journal[] {
  const bookings = [
    ...(origin === "GOODWILL" ? [book("goodwill", quote.amount)] : quote.items.map(returned)),
    ...quote.adjustments.map(({ code, amount, reference }) => book(`${correctionAccount(code)}:${reference}`, amount)),
    ...quote.fees.map(({ code, amount }) => book(chargeAccount(code), negate(amount))),
    book(payable, negate(quote.amount)),
  ];
  return journal("GRANT", "refund", bookings);
}

function returned({ lineId, amount }: Quote["items"][number]): Booking {
  return book(`sales_returns:${lineId}`, amount);
}

/** What a replacement costs is no fee: it is sold in place of what came back. */
function chargeAccount(code: string): string {
  return code === "REPLACEMENT_PRICE" ? "replacement_sales" : `fee:${code}`;
}

function correctionAccount(code: Quote["adjustments"][number]["code"]): string {
  return code === "PAID_BEFORE" ? "goodwill" : code === "CHARGED_BACK" ? "chargebacks" : "coupon";
}

/** A tender was paid; `count` tells a second payment, after the first came back, from the first. */
export function paid(tender: Tender, count: number): Journal[] {
  return journal("PAY", source(tender, count), [
    book(payable, tender.amount),
    book(cashAccount(tender), negate(tender.amount)),
  ]);
}

/** It came back: we owe it again. */
export function reversed(tender: Tender, count: number): Journal[] {
  return journal("REVERSE", source(tender, count), [
    book(cashAccount(tender), tender.amount),
    book(payable, negate(tender.amount)),
  ]);
}

/** A tender will not be paid any more: declined goodwill, or money the customer's bank took itself. */
export function voided(tender: Tender, because: "VOID" | "CHARGEBACK"): Journal[] {
  const account = because === "VOID" ? "goodwill" : `chargebacks:${tender.paymentId}`;
  return journal(because, tender.providerKey, [book(payable, tender.amount), book(account, negate(tender.amount))]);
}

/** A day of interest. */
export function accrued(interest: Interest, more: Money): Journal[] {
  return journal("INTEREST", `day ${interest.days}`, [book("interest_expense", more), book(payable, negate(more))]);
}

/** What the customer owes us after an early refund, until it is paid or given up. */
export function recoveryOpened(customerId: string, amount: Money): Journal[] {
  return journal("RECOVER", "opened", [
    book(`receivable:${customerId}`, amount),
    book("sales_returns:recovery", negate(amount)),
  ]);
}

export function recoverySettled(customerId: string, amount: Money, recovered: boolean): Journal[] {
  const account = recovered ? "recovered_cash" : "losses";
  return journal(recovered ? "RECOVER" : "WRITE_OFF", "settled", [
    book(account, amount),
    book(`receivable:${customerId}`, negate(amount)),
  ]);
}

/** Another system did its part. */
export function matched(twin: Twin): Journal[] {
  if (twin.kind === "SETTLEMENT" && twin.amount) {
    return journal("SETTLEMENT", twin.key, [
      book(`seller:${twin.reference}`, negate(twin.amount)),
      book("sales_returns:sellers", twin.amount),
    ]);
  }
  if (twin.kind === "TAX_DOCUMENT" && twin.tax) {
    return journal("TAX_DOCUMENT", twin.key, [
      book("tax_payable", twin.tax),
      book("sales_returns:tax", negate(twin.tax)),
    ]);
  }
  return [];
}

function cashAccount({ route, paymentId }: Tender): string {
  if (route === "POINTS" || route === "STORE_CREDIT") return `stored_value:${paymentId}`;
  return route === "MANUAL" ? `manual:${paymentId}` : `psp:${paymentId}`;
}

function source({ providerKey }: Tender, count: number): string {
  return count === 1 ? providerKey : `${providerKey}#${count}`;
}

function book(account: string, amount: Money): Booking {
  return { account, amount };
}

function journal(kind: Journal["kind"], source: string, bookings: readonly Booking[]): Journal[] {
  const moving = bookings.filter(({ amount }) => amount.minor !== 0n);
  return moving.length > 0 ? [{ kind, source, bookings: moving }] : [];
}
