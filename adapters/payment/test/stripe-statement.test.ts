import assert from "node:assert/strict";
import type { StatementLine } from "#gen/backhaul/partner/payment/v1/payment_service.js";
import { fromProto, money, toProto } from "#kit/pure/money.js";
import { reason } from "./contract.js";
import { apiKey, type FakeStripe, fakeStripe } from "./fake-stripe.js";
import { present, skipped, stripeShape } from "./recorded.js";
import { runAdapter } from "./run.js";

const day = 24 * 3600;
const start = Date.UTC(2026, 9, 1) / 1000;
const at = (seconds: number) => new Date((start + seconds) * 1000);

describe(`Stripe's statement${skipped}`, () => {
  let stripe: FakeStripe;
  let adapter: Awaited<ReturnType<typeof runAdapter>>;

  before(function () {
    if (!present) this.skip();
  });
  beforeEach(async () => {
    stripe = await fakeStripe();
    adapter = await runAdapter({ PROVIDER: "stripe", STRIPE_API_KEY: apiKey, STRIPE_BASE_URL: stripe.url });
  });
  afterEach(async () => {
    await adapter?.stop();
    await stripe?.close();
  });

  /** A refund of 12,000 KRW that Stripe settled as 8.11 USD. */
  const refundMoved = (seconds: number, key: string, more: object = {}) =>
    stripe.move({
      type: "refund",
      reporting_category: "refund",
      amount: -811,
      currency: "usd",
      created: start + seconds,
      source: {
        ...stripeShape("refund"),
        id: `re_${key}`,
        amount: 12_000,
        currency: "krw",
        charge: "ch_1",
        payment_intent: "pi_1",
        metadata: { backhaul_key: key, backhaul_payment: "ch_1" },
      },
      ...more,
    });

  async function readAll(pageSize: number, from = at(0), to = at(400 * day)) {
    const pages: StatementLine[][] = [];
    let pageToken = "";
    do {
      const page = await adapter.client.listStatementLines({ fromTime: from, toTime: to, pageSize, pageToken });
      pages.push(page.lines);
      pageToken = page.nextPageToken;
    } while (pageToken !== "");
    return { pages, lines: pages.flat() };
  }

  it("tells of refunds in the customer's currency, with our key and the payment as we name it", async () => {
    refundMoved(60, "k1");
    const { lines } = await readAll(0);
    assert.deepEqual(lines, [
      {
        lineId: "txn_000001",
        kind: "REFUND",
        paymentId: "ch_1",
        providerRefundId: "re_k1",
        key: "k1",
        amount: toProto(money(12_000n, "KRW")),
        bookTime: at(60),
      },
    ]);
  });

  it("tells of money that came back, of chargebacks, and of none of the fees and adjustments between", async () => {
    const dispute = { ...stripeShape("dispute"), amount: 5000, currency: "gbp", charge: "ch_9", payment_intent: null };
    const disputed = { type: "adjustment", amount: 1, currency: "usd", source: dispute };
    refundMoved(1, "k1");
    refundMoved(2, "k1", { type: "refund_failure", reporting_category: "refund_failure", amount: 811 });
    stripe.move({ ...disputed, reporting_category: "dispute", created: start + 3 });
    stripe.move({ ...disputed, reporting_category: "dispute_reversal", created: start + 4 });
    stripe.move({ type: "adjustment", reporting_category: "fee", created: start + 5, source: null });
    stripe.move({ type: "charge", reporting_category: "charge", created: start + 6 });
    const { lines } = await readAll(0);
    const told = lines.map(({ kind, paymentId, providerRefundId, key }) => [kind, paymentId, providerRefundId, key]);
    assert.deepEqual(told, [
      ["REFUND", "ch_1", "re_k1", "k1"],
      ["REVERSAL", "ch_1", "re_k1", "k1"],
      ["CHARGEBACK", "ch_9", "", ""],
      ["REVERSAL", "ch_9", "", ""],
    ]);
    assert.deepEqual(fromProto(lines[2]!.amount!), money(5000n, "GBP"));
  });

  it("gives every line once, oldest first, whatever the page size and however Stripe pages", async () => {
    stripe.largestPage = 3;
    // Some in one second, some weeks apart, and written in no order.
    const seconds = [5, 5, 5, 5, 9 * day, 40 * day, 40 * day, 41 * day, 300 * day, 0, 12 * day];
    for (const [index, second] of seconds.entries())
      refundMoved(second, `k${index}`, index % 2 ? { type: "payment_refund" } : {});
    const sorted = [...seconds].sort((a, b) => a - b).map((second) => at(second));
    for (const pageSize of [1, 2, 3, 100]) {
      const { pages, lines } = await readAll(pageSize);
      assert.deepEqual(
        lines.map(({ bookTime }) => bookTime),
        sorted,
        `pages of ${pageSize}`,
      );
      assert.equal(new Set(lines.map(({ lineId }) => lineId)).size, seconds.length);
      assert.ok(pages.every((page) => page.length <= pageSize));
    }
  });

  it("begins with its first second and ends before its last", async () => {
    for (const second of [10, 20, 30]) refundMoved(second, `k${second}`);
    const { lines } = await readAll(0, at(10), at(30));
    assert.deepEqual(
      lines.map(({ key }) => key),
      ["k10", "k20"],
    );
  });

  it("takes no token but its own", async () => {
    for (const pageToken of ["x", "1.2.3", "1e9.txn_1", "-1.txn_1"]) {
      const request = { fromTime: at(0), toTime: at(day), pageSize: 0, pageToken };
      await assert.rejects(adapter.client.listStatementLines(request), reason("PAGE_TOKEN_INVALID"));
    }
  });

  it("reaches as far back as its setting says, when no beginning is asked for", async () => {
    const now = Math.floor(Date.now() / 1000) - start;
    refundMoved(now - 401 * day, "too-old");
    refundMoved(now - 399 * day, "old");
    refundMoved(now, "new");
    const lines: StatementLine[] = [];
    for (let pageToken = "", first = true; first || pageToken !== ""; first = false) {
      const page = await adapter.client.listStatementLines({
        fromTime: undefined,
        toTime: undefined,
        pageSize: 0,
        pageToken,
      });
      lines.push(...page.lines);
      pageToken = page.nextPageToken;
    }
    assert.deepEqual(
      lines.map(({ key }) => key),
      ["old", "new"],
    );
  });
});
