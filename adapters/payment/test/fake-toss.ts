// Plays Toss Payments: payments with their cancels in the documented shape, idempotency by key and address alone (the
// first answer, errors too, whatever the body), and only one cancel of a payment in a while.
import assert from "node:assert/strict";
import { type Answer, type FakeServer, type Request, serveFake } from "./fake-server.js";

export const secretKey = "test_sk_backhaul_0123456789";

type Cancel = Record<string, unknown> & { cancelAmount: number; transactionKey: string; canceledAt: string };
export type TossPayment = Record<string, unknown> & {
  paymentKey: string;
  totalAmount: number;
  balanceAmount: number;
  cancels: Cancel[] | null;
};

export type FakeToss = FakeServer & {
  pay(amount: number, more?: Record<string, unknown>): TossPayment;
  payment(paymentKey: string): TossPayment;
  /** A transaction of the statement besides those of cancels. */
  approve(payment: TossPayment, at: Date): void;
  forgetKeys(): void;
  /** The next cancel fails with this code. */
  refuse(status: number, code: string): void;
};

/** @param windowMs within which a second cancel of the same payment is turned away; a second at Toss itself */
export async function fakeToss(windowMs: number): Promise<FakeToss> {
  const payments = new Map<string, TossPayment>();
  const transactions: Record<string, unknown>[] = [];
  const keys = new Map<string, Answer>();
  const lastCancel = new Map<string, number>();
  let count = 0;
  const next = (prefix: string) => `${prefix}${String(++count).padStart(8, "0")}`;
  let refusal: Answer | undefined;

  function cancel(payment: TossPayment, body: Record<string, unknown>): Answer {
    const { refundReceiveAccount, cancelReason, cancelAmount } = body;
    if (refusal) return refuseOnce();
    assert.equal(typeof cancelReason, "string");
    assert.ok((cancelReason as string).length <= 200);
    assert.equal(typeof cancelAmount, "number", "without an amount Toss cancels all that is left");
    if (Date.now() - (lastCancel.get(payment.paymentKey) ?? 0) < windowMs)
      return error(403, "FORBIDDEN_CONSECUTIVE_REQUEST");
    if (payment.balanceAmount === 0) return error(400, "ALREADY_CANCELED_PAYMENT");
    if ((cancelAmount as number) > payment.balanceAmount) return error(403, "NOT_CANCELABLE_AMOUNT");
    if (payment.method === "가상계좌" && !refundReceiveAccount) return error(400, "INVALID_REQUEST");
    lastCancel.set(payment.paymentKey, Date.now());
    payment.balanceAmount = Math.round((payment.balanceAmount - (cancelAmount as number)) * 100) / 100;
    payment.status = payment.balanceAmount === 0 ? "CANCELED" : "PARTIAL_CANCELED";
    const made: Cancel = {
      cancelReason,
      canceledAt: korean(new Date()),
      cancelAmount: cancelAmount as number,
      taxFreeAmount: 0,
      taxExemptionAmount: 0,
      refundableAmount: payment.balanceAmount,
      transactionKey: next("TX"),
      cancelStatus: "DONE",
      cancelRequestId: null,
    };
    payment.cancels = [...(payment.cancels ?? []), made];
    transactions.push(transaction(payment, made.transactionKey, payment.status as string, made.canceledAt));
    return { status: 200, body: structuredClone({ ...payment, lastTransactionKey: made.transactionKey }) };
  }

  function refuseOnce(): Answer {
    const answer = refusal ?? error(500, "COMMON_ERROR");
    refusal = undefined;
    return answer;
  }

  function keeping({ headers, path }: Request, work: () => Answer): Answer {
    const key = String(headers["idempotency-key"]);
    assert.ok(key.length <= 300);
    const known = keys.get(`${key} ${path}`);
    const answer = known ?? work();
    keys.set(`${key} ${path}`, answer);
    return answer;
  }

  function listed(query: URLSearchParams): Answer {
    const time = (name: string) => new Date(`${query.get(name)}+09:00`).getTime();
    const within = transactions
      .filter(({ transactionAt }) => {
        const at = new Date(transactionAt as string).getTime();
        return time("startDate") <= at && at <= time("endDate");
      })
      .sort((a, b) => String(a.transactionAt).localeCompare(String(b.transactionAt)));
    const after = query.get("startingAfter");
    const start = within.findIndex(({ transactionKey }) => transactionKey === after) + 1;
    if (after && start === 0) return error(400, "INVALID_TRANSACTION_KEY");
    return { status: 200, body: within.slice(start, start + Number(query.get("limit"))) };
  }

  const server = await serveFake({
    isRefund: ({ method, path }) => method === "POST" && path.endsWith("/cancel"),
    fail: (request) => keeping(request, () => error(500, "FAILED_REFUND_PROCESS")),
    answer: (request) => {
      const { method, path, query, headers, body } = request;
      const expected = `Basic ${Buffer.from(`${secretKey}:`).toString("base64")}`;
      if (headers.authorization !== expected) return error(401, "UNAUTHORIZED_KEY");
      if (path === "/v1/transactions") return listed(query);
      const [, paymentKey = "", act] = /^\/v1\/payments\/([^/]+)(\/cancel)?$/.exec(path) ?? [];
      const payment = payments.get(decodeURIComponent(paymentKey));
      if (!payment) return error(404, "NOT_FOUND_PAYMENT");
      if (!act) return { status: 200, body: payment };
      assert.equal(method, "POST");
      assert.ok(headers["idempotency-key"], "a cancel without an idempotency key");
      return keeping(request, () => cancel(payment, JSON.parse(body)));
    },
  });

  return Object.assign(server, {
    pay: (amount: number, more: Record<string, unknown> = {}) => {
      const payment: TossPayment = {
        mId: "tosspayments",
        version: "2022-11-16",
        lastTransactionKey: next("TX"),
        paymentKey: next("tgen_"),
        orderId: next("order-"),
        orderName: "토스 티셔츠 외 2건",
        currency: "KRW",
        method: "카드",
        status: "DONE",
        requestedAt: korean(new Date()),
        approvedAt: korean(new Date()),
        virtualAccount: null,
        cancels: null,
        isPartialCancelable: true,
        totalAmount: amount,
        balanceAmount: amount,
        ...more,
      };
      payments.set(payment.paymentKey, payment);
      return payment;
    },
    payment: (paymentKey: string) => payments.get(paymentKey) as TossPayment,
    approve: (payment: TossPayment, at: Date) => {
      transactions.push(transaction(payment, next("TX"), "DONE", korean(at)));
    },
    forgetKeys: () => keys.clear(),
    refuse: (status: number, code: string) => {
      refusal = error(status, code);
    },
  });
}

function transaction({ paymentKey, orderId, method }: TossPayment, transactionKey: string, status: string, at: string) {
  return { transactionKey, paymentKey, orderId, method, status, transactionAt: at, currency: "KRW", amount: 0 };
}

function error(status: number, code: string): Answer {
  return { status, body: { code, message: "한국어 설명" } };
}

/** yyyy-MM-dd'T'HH:mm:ss+09:00, as Toss writes times. */
function korean(time: Date): string {
  return `${new Date(time.getTime() + 9 * 3600_000).toISOString().slice(0, 19)}+09:00`;
}
