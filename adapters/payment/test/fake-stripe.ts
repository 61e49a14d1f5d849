// Plays Stripe: recorded shapes, idempotency as documented, lists in pages, newest first.
import assert from "node:assert/strict";
import { type Answer, type FakeServer, type Request, serveFake } from "./fake-server.js";
import { stripeShape } from "./recorded.js";

export const apiKey = "sk_test_backhaul_0123456789";
const apiVersion = "2026-10-28.endive";

type Shape = Record<string, unknown>;
type Refund = Shape & { id: string; amount: number; charge: string; payment_intent: string; created: number };
type Kept = { readonly params: string; readonly answer: Answer };

export type FakeStripe = FakeServer & {
  /** Captures a payment; amounts in Stripe's minor units. Gives the ids of its intent and its charge. */
  pay(amount: number, currency: string): { intent: string; charge: string };
  /** The refunds of a payment, oldest first: to look at, and to change. */
  refundsOf(id: string): Refund[];
  dispute(charge: string, more: Shape): void;
  /** A movement of the balance. */
  move(more: Shape): void;
  /** As if more than a day had passed: idempotency keys are forgotten. */
  forgetKeys(): void;
  /** Items a page, however many were asked for. */
  largestPage: number;
  /** Disputes and movements may not be listed. */
  refuseLists: boolean;
  /** What the next refunds are. */
  status: string;
};

export async function fakeStripe(): Promise<FakeStripe> {
  const shapes = {
    intent: stripeShape("payment_intent"),
    charge: stripeShape("charge"),
    refund: stripeShape("refund") as Refund,
    dispute: stripeShape("dispute"),
    transaction: stripeShape("balance_transaction"),
  };
  const payments = new Map<string, { intent: Shape; charge: Shape & { id: string; amount_captured: number } }>();
  const refunds: Refund[] = [];
  const disputes: Shape[] = [];
  const transactions: Shape[] = [];
  const keys = new Map<string, Kept>();
  let count = 0;
  const next = (prefix: string) => `${prefix}_${String(++count).padStart(6, "0")}`;

  function move(more: Shape): void {
    transactions.push({ ...structuredClone(shapes.transaction), id: next("txn"), ...more });
  }

  function payBack(params: URLSearchParams): Answer {
    const id = params.get("payment_intent") ?? params.get("charge") ?? "";
    const payment = payments.get(id);
    if (!payment) return missing(id);
    const { charge, intent } = payment;
    if (disputes.some((it) => it.charge === charge.id && it.is_charge_refundable === false))
      return error(400, "invalid_request_error", { code: "charge_disputed" });
    const left = charge.amount_captured - sumOf(refunds.filter((it) => it.charge === charge.id && counts(it)));
    const amount = Number(params.get("amount"));
    if (left === 0) return error(400, "invalid_request_error", { code: "charge_already_refunded" });
    if (amount > left) return error(400, "invalid_request_error", { param: "amount", message: "is greater than" });
    const metadata = Object.fromEntries(
      [...params].flatMap(([name, value]) => {
        const field = /^metadata\[(.+)\]$/.exec(name)?.[1];
        return field ? [[field, value]] : [];
      }),
    );
    const refund = {
      ...structuredClone(shapes.refund),
      id: next("re"),
      amount,
      currency: charge.currency,
      charge: charge.id,
      payment_intent: intent.id as string,
      created: Math.floor(Date.now() / 1000),
      status: fake.status,
      metadata,
    };
    refunds.push(refund);
    move({ type: "refund", reporting_category: "refund", amount: -amount, created: refund.created, source: refund });
    return { status: 200, body: refund };
  }

  /** Stripe's idempotency: what failed validation is not kept, all else is, a 500 too; other parameters are refused. */
  function keeping(request: Request, work: () => Answer): Answer {
    const key = String(request.headers["idempotency-key"]);
    const known = keys.get(key);
    if (known && known.params !== request.body) return error(400, "idempotency_error", { message: "other parameters" });
    if (known) return known.answer;
    const answer = work();
    if (answer.status !== 404) keys.set(key, { params: request.body, answer });
    return answer;
  }

  function listOf(items: readonly Shape[], query: URLSearchParams): Answer {
    const newestFirst = [...items].reverse();
    const start = newestFirst.findIndex(({ id }) => id === query.get("starting_after")) + 1;
    const size = Math.min(Number(query.get("limit") ?? 10), fake.largestPage);
    const data = newestFirst.slice(start, start + size);
    return { status: 200, body: { object: "list", url: "/", data, has_more: start + size < newestFirst.length } };
  }

  function ofPayment(items: readonly Shape[], query: URLSearchParams): Answer {
    const id = query.get("payment_intent") ?? query.get("charge") ?? "";
    const charge = payments.get(id)?.charge.id;
    return charge
      ? listOf(
          items.filter((it) => it.charge === charge),
          query,
        )
      : missing(id);
  }

  function movements(query: URLSearchParams): Answer {
    assert.equal(query.get("expand[0]"), "data.source");
    const [from, to] = [Number(query.get("created[gte]")), Number(query.get("created[lt]"))];
    const fits = ({ type, created }: Shape) =>
      type === query.get("type") && from <= Number(created) && Number(created) < to;
    return listOf(
      transactions.filter(fits).sort((a, b) => Number(a.created) - Number(b.created)),
      query,
    );
  }

  const server = await serveFake({
    isRefund: ({ method, path }) => method === "POST" && path === "/v1/refunds",
    fail: (request) => keeping(request, () => error(500, "api_error", { message: "we are sorry" })),
    answer: (request) => {
      const { method, path, query, headers } = request;
      if (headers.authorization !== `Bearer ${apiKey}`) return error(401, "invalid_request_error", {});
      assert.equal(headers["stripe-version"], apiVersion);
      if (method === "POST" && path === "/v1/refunds") {
        assert.ok(headers["idempotency-key"], "a refund without an idempotency key");
        return keeping(request, () => payBack(new URLSearchParams(request.body)));
      }
      assert.equal(method, "GET");
      if (path === "/v1/refunds") return ofPayment(refunds, query);
      if (fake.refuseLists) return error(400, "invalid_request_error", { code: "testmode_charges_only" });
      if (path === "/v1/disputes") return ofPayment(disputes, query);
      if (path === "/v1/balance_transactions") return movements(query);
      const id = path.split("/")[3] ?? "";
      const payment = payments.get(id);
      if (!payment) return missing(id);
      return { status: 200, body: path.startsWith("/v1/charges/") ? payment.charge : payment.intent };
    },
  });

  const fake: FakeStripe = Object.assign(server, {
    largestPage: 100,
    refuseLists: false,
    status: "succeeded",
    pay: (amount: number, currency: string) => {
      const ids = { intent: next("pi"), charge: next("ch") };
      const money = { amount, currency: currency.toLowerCase() };
      const charge = {
        ...structuredClone(shapes.charge),
        ...money,
        id: ids.charge,
        amount_captured: amount,
        payment_intent: ids.intent,
      };
      const intent = {
        ...structuredClone(shapes.intent),
        ...money,
        id: ids.intent,
        amount_received: amount,
        latest_charge: charge,
      };
      for (const id of [ids.intent, ids.charge]) payments.set(id, { intent, charge });
      return ids;
    },
    refundsOf: (id: string) => refunds.filter((it) => it.charge === id || it.payment_intent === id),
    dispute: (charge: string, more: Shape) => {
      disputes.push({ ...structuredClone(shapes.dispute), id: next("dp"), charge, ...more });
    },
    move,
    forgetKeys: () => keys.clear(),
  });
  return fake;
}

function counts({ status }: Shape): boolean {
  return status !== "failed" && status !== "canceled";
}

function sumOf(refunds: readonly Refund[]): number {
  return refunds.reduce((sum, { amount }) => sum + amount, 0);
}

function missing(id: string): Answer {
  return error(404, "invalid_request_error", { code: "resource_missing", message: `No such payment: '${id}'` });
}

function error(status: number, type: string, more: Shape): Answer {
  return { status, body: { error: { type, ...more } } };
}
