// Toss's statement: GET /v1/transactions (거래 조회), which lists every approval and cancel of a time, oldest first. It
// names no reason and so no key: those are read from the payments.
import type { StatementLine } from "#gen/backhaul/partner/payment/v1/payment_service.js";
import { toProto } from "#kit/pure/money.js";
import { array, type Fields, moment, object, text } from "../fields.js";
import { type Booked, badToken, type Payment, type Provider } from "../provider.js";
import { type TossClient, TossError } from "./client.js";
import { explain } from "./errors.js";

/** Transactions a request; Toss gives up to 5000, and most are approvals. */
const batch = 1000;
/** Lines a page, at most: each may take a read of its payment. */
const largestPage = 100;
const readsAtOnce = 5;

/** A payment's cancels by their transaction keys. */
type Cancels = ReadonlyMap<string, Booked>;

export function tossStatement(
  client: TossClient,
  read: (paymentId: string) => Promise<Payment>,
): Provider["statement"] {
  async function transactions(from: Date, to: Date, startingAfter: string): Promise<Fields[]> {
    // A second more than asked for, for it is not said whether the last one is whole; what is too much is cut below.
    const end = new Date(to.getTime() + 1000);
    const query = { startDate: koreanTime(from), endDate: koreanTime(end), limit: String(batch) };
    try {
      const answer = await client.get("/v1/transactions", startingAfter ? { ...query, startingAfter } : query);
      return array(answer, "transactions").map((it) => object(it, "transaction"));
    } catch (error) {
      if (error instanceof TossError && error.code === "INVALID_TRANSACTION_KEY") throw badToken();
      throw explain(error, "transactions");
    }
  }

  /** The cancels of these payments, a few at a time. */
  async function cancelsOf(paymentKeys: readonly string[]): Promise<ReadonlyMap<string, Cancels>> {
    const found = new Map<string, Cancels>();
    for (let at = 0; at < paymentKeys.length; at += readsAtOnce) {
      const payments = await Promise.all(paymentKeys.slice(at, at + readsAtOnce).map(read));
      for (const { paymentId, refunds } of payments)
        found.set(paymentId, new Map(refunds.map((refund) => [refund.providerRefundId, refund])));
    }
    return found;
  }

  return async ({ from, to, size, token }) => {
    if (!/^\w{0,64}$/.test(token)) throw badToken();
    const room = Math.min(size, largestPage);
    const listed = await transactions(from, to, token);
    const cancels: Fields[] = [];
    let last: Fields | undefined;
    for (const transaction of listed) {
      if (cancels.length === room) break;
      last = transaction;
      const at = moment(transaction, "transactionAt");
      if (at >= from && at < to && isCancel(transaction)) cancels.push(transaction);
    }
    const books = await cancelsOf([...new Set(cancels.map((it) => text(it, "paymentKey")))]);
    const lines = cancels.flatMap((it) => {
      const booked = books.get(text(it, "paymentKey"))?.get(text(it, "transactionKey"));
      return booked ? [toLine(it, booked)] : [];
    });
    const more = last !== listed.at(-1) || listed.length === batch;
    return { lines, nextPageToken: more && last ? text(last, "transactionKey") : "" };
  };
}

/** The approval of a payment that was canceled later keeps DONE; from Toss's own examples, not tried. */
function isCancel(transaction: Fields): boolean {
  return ["CANCELED", "PARTIAL_CANCELED"].includes(text(transaction, "status"));
}

/** Amount and key as the payment tells them: whether a cancel's own `amount` has a sign, the documents do not say. */
function toLine(transaction: Fields, { providerRefundId, key, amount }: Booked): StatementLine {
  return {
    lineId: text(transaction, "transactionKey"),
    kind: "REFUND",
    paymentId: text(transaction, "paymentKey"),
    providerRefundId,
    key,
    amount: toProto(amount),
    bookTime: moment(transaction, "transactionAt"),
  };
}

const koreaMs = 9 * 3600_000;

/** yyyy-MM-ddTHH:mm:ss without an offset, as Toss wants it: Korean time; its answers have +09:00. */
function koreanTime(time: Date): string {
  return new Date(time.getTime() + koreaMs).toISOString().slice(0, 19);
}
