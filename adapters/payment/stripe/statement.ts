// Stripe's statement: the balance transactions of refunds and disputes. Stripe lists the newest first, callers want the
// oldest first, so the time is walked in slices and each is turned round.
import type Stripe from "stripe";
import type { StatementLine } from "#gen/backhaul/partner/payment/v1/payment_service.js";
import { toProto } from "#kit/pure/money.js";
import { type Fields, idIfAny, objectIfAny, text, textIfAny, whole } from "../fields.js";
import { badToken, type Provider } from "../provider.js";
import { fromStripe } from "./amounts.js";
import { all } from "./client.js";
import { explain } from "./errors.js";
import { amountOf, created, keyField, paymentField } from "./shapes.js";

/**
 * Types that hold movements of our four kinds; a request can name one, and without any it would list every charge.
 * Failed refunds and disputes are "adjustment" on older accounts: the reporting category tells them apart.
 * Source: https://docs.stripe.com/reports/balance-transaction-types and …/reporting-categories.
 */
const types = ["refund", "payment_refund", "refund_failure", "adjustment"] as const;

const sliceSeconds = 7 * 24 * 3600;
/** So many slices a call: a caller's deadline is finite, and an empty page with a token is a page. */
const slicesAtOnce = 8;

export function stripeStatement(stripe: Stripe): Provider["statement"] {
  /** Oldest first; of one second by id. */
  async function slice(from: number, to: number): Promise<Fields[]> {
    const range = { gte: from, lt: to };
    const expand = ["data.source"];
    const listed = types.map((type) =>
      all((page) => stripe.balanceTransactions.list({ ...page, type, created: range, expand })),
    );
    const lists = await Promise.all(listed).catch((error) => Promise.reject(explain(error, "statement")));
    return lists
      .flat()
      .sort((a, b) => whole(a, "created") - whole(b, "created") || (text(a, "id") < text(b, "id") ? -1 : 1));
  }

  return async ({ from, to, size, token }) => {
    const after = readToken(token);
    const end = Math.ceil(to.getTime() / 1000);
    let begin = after?.second ?? Math.ceil(from.getTime() / 1000);
    const lines: StatementLine[] = [];
    for (let slices = 0; begin < end; slices++) {
      if (slices === slicesAtOnce) return { lines, nextPageToken: writeToken(begin, "") };
      const next = Math.min(begin + sliceSeconds, end);
      for (const transaction of await slice(begin, next)) {
        if (after && isUpTo(transaction, after)) continue;
        const line = toLine(transaction);
        if (!line) continue;
        // One more than fits: so the page before it names the last that it gave.
        const last = lines.at(-1);
        if (last && lines.length === size) return { lines, nextPageToken: writeToken(secondOf(last), last.lineId) };
        lines.push(line);
      }
      begin = next;
    }
    return { lines, nextPageToken: "" };
  };
}

/** The last line that was given; without an id, where the next slice begins. */
type Position = { readonly second: number; readonly id: string };

function isUpTo(transaction: Fields, { second, id }: Position): boolean {
  const at = whole(transaction, "created");
  return at < second || (at === second && text(transaction, "id") <= id);
}

function secondOf({ bookTime }: StatementLine): number {
  return (bookTime?.getTime() ?? 0) / 1000;
}

function writeToken(second: number, id: string): string {
  return `${second}.${id}`;
}

function readToken(token: string): Position | undefined {
  if (token === "") return undefined;
  const [, second, id = ""] = /^(\d{1,11})\.(\w{0,100})$/.exec(token) ?? [];
  if (second === undefined) throw badToken();
  return { second: Number(second), id };
}

/** Undefined for what is none of our four kinds: fees and other adjustments. */
function toLine(transaction: Fields): StatementLine | undefined {
  const kind = kindOf(transaction);
  if (!kind) return undefined;
  const source = objectIfAny(transaction, "source");
  const metadata = objectIfAny(source, "metadata");
  const isRefund = textIfAny(source, "object") === "refund";
  return {
    lineId: text(transaction, "id"),
    kind,
    paymentId: textIfAny(metadata, paymentField) || idIfAny(source, "payment_intent") || idIfAny(source, "charge"),
    providerRefundId: isRefund ? text(source, "id") : "",
    key: textIfAny(metadata, keyField),
    amount: toProto(movedBy(transaction, source)),
    bookTime: created(transaction),
  };
}

/** A dispute that was won is a REVERSAL without a refund: what the bank had taken came back. */
function kindOf(transaction: Fields): string | undefined {
  switch (textIfAny(transaction, "reporting_category")) {
    case "refund":
      return "REFUND";
    case "refund_failure":
    case "dispute_reversal":
      return "REVERSAL";
    case "dispute":
      return "CHARGEBACK";
    default:
      return undefined;
  }
}

/**
 * In the customer's currency, as the refund or dispute says: the transaction itself is in the currency that Stripe
 * settles in, at that day's rate.
 */
function movedBy(transaction: Fields, source: Fields) {
  if ("amount" in source && "currency" in source) return amountOf(source);
  return fromStripe(Math.abs(whole(transaction, "amount")), text(transaction, "currency"));
}
