import assert from "node:assert/strict";
import { ProviderRefundState as State } from "#gen/backhaul/partner/payment/v1/payment_service.js";
import { money, toProto } from "#kit/pure/money.js";
import { readPaymentAdapterConfig, type StripeConfig } from "../config.js";
import { NoAnswer } from "../http.js";
import { all } from "../stripe/client.js";
import { openStripe } from "../stripe/provider.js";
import { reason } from "./contract.js";
import { apiKey, type FakeStripe, fakeStripe } from "./fake-stripe.js";
import { present, skipped } from "./recorded.js";
import { runAdapter, settings } from "./run.js";

type Adapter = Awaited<ReturnType<typeof runAdapter>>;

describe(`Stripe${skipped}`, () => {
  let stripe: FakeStripe;
  let adapter: Adapter;

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

  const direct = (more = {}) => {
    const env = settings({ PROVIDER: "stripe", STRIPE_API_KEY: apiKey, STRIPE_BASE_URL: stripe.url, ...more });
    return openStripe(readPaymentAdapterConfig(env) as StripeConfig);
  };
  const refund = (paymentId: string, minor: bigint, key: string, currency = "GBP") =>
    adapter.client.refundPayment({ key, paymentId, amount: toProto(money(minor, currency)), accountToken: "" });
  const order = (key: string, minor: bigint) => ({ key, amount: money(minor, "GBP"), accountToken: "" });
  const posts = () => stripe.requests.filter(({ method }) => method === "POST");

  describe("what it sends", () => {
    it("is our key, in the header and in the metadata, and no reason", async () => {
      const { intent } = stripe.pay(5000, "GBP");
      await refund(intent, 1200n, "rfd-1:pay-1");
      const [sent] = posts();
      assert.equal(sent?.headers["idempotency-key"], "rfd-1:pay-1");
      assert.deepEqual(Object.fromEntries(new URLSearchParams(sent.body)), {
        payment_intent: intent,
        amount: "1200",
        "metadata[backhaul_key]": "rfd-1:pay-1",
        "metadata[backhaul_payment]": intent,
      });
    });

    it("is one request, even when the connection breaks: nothing tries again behind the caller's back", async () => {
      const { intent } = stripe.pay(5000, "GBP");
      const provider = direct();
      const payment = await provider.read(intent);
      for (const kind of ["LOSE_ANSWER", "SLOW", "TOO_MANY", "ERROR"] as const) {
        stripe.requests.length = 0;
        stripe.mishap(kind);
        await assert.rejects(provider.payBack(order(`k-${kind}`, 100n), payment));
        assert.equal(posts().length, 1, kind);
      }
    });

    it("goes below the path of the base URL", async () => {
      const provider = direct({ STRIPE_BASE_URL: `${stripe.url}/behind/a/proxy/` });
      await assert.rejects(provider.read("pi_1"), reasonOf("PARTNER_NOT_FOUND"));
      assert.equal(stripe.requests[0]?.path, "/behind/a/proxy/v1/payment_intents/pi_1");
    });

    it("is nothing at all for an id that is no payment of Stripe's", async () => {
      await assert.rejects(refund("../../v1/customers", 1n, "k"), reason("PARTNER_NOT_FOUND"));
      assert.equal(stripe.requests.length, 0);
    });
  });

  describe("a key", () => {
    it("holds after Stripe has forgotten it", async () => {
      const { intent } = stripe.pay(5000, "GBP");
      const first = await refund(intent, 1200n, "old");
      stripe.forgetKeys();
      assert.deepEqual(await refund(intent, 1200n, "old"), first);
      await assert.rejects(refund(intent, 1300n, "old"), reason("REQUEST_ID_REUSED"));
      assert.equal(posts().length, 1);
    });

    it("is refused by Stripe itself for other parameters, where the refund cannot be seen yet", async () => {
      const [one, two] = [stripe.pay(5000, "GBP"), stripe.pay(5000, "GBP")];
      const provider = direct();
      const [before, other] = [await provider.read(one.intent), await provider.read(two.intent)];
      await provider.payBack(order("k", 100n), before);
      await assert.rejects(provider.payBack(order("k", 200n), before), reasonOf("REQUEST_ID_REUSED"));
      await assert.rejects(provider.payBack(order("k", 100n), other), reasonOf("REQUEST_ID_REUSED"));
    });

    it("is found on any page of a payment's refunds", async () => {
      stripe.largestPage = 2;
      const { intent } = stripe.pay(5000, "GBP");
      for (const at of [1, 2, 3, 4, 5]) await refund(intent, 100n, `k${at}`);
      const { refund: found } = await adapter.client.findRefund({ key: "k1", paymentId: intent });
      assert.equal(found?.providerRefundId, stripe.refundsOf(intent)[0]?.id);
      const { payment } = await adapter.client.getPayment({ paymentId: intent });
      assert.deepEqual(payment?.refunded, toProto(money(500n, "GBP")));
    });

    it("is not looked for without its payment: nobody could say that there is none", async () => {
      await assert.rejects(adapter.client.findRefund({ key: "k", paymentId: "" }), reason("INVALID_REQUEST"));
    });
  });

  describe("a refund's state", () => {
    const cases: [status: string | null, back: string | null, state: State][] = [
      ["succeeded", null, State.PROVIDER_REFUND_STATE_SUCCEEDED],
      ["pending", null, State.PROVIDER_REFUND_STATE_PENDING],
      ["requires_action", null, State.PROVIDER_REFUND_STATE_PENDING],
      [null, null, State.PROVIDER_REFUND_STATE_PENDING],
      ["failed", null, State.PROVIDER_REFUND_STATE_FAILED],
      ["canceled", null, State.PROVIDER_REFUND_STATE_FAILED],
      ["failed", "txn_back", State.PROVIDER_REFUND_STATE_REVERSED],
      ["canceled", "txn_back", State.PROVIDER_REFUND_STATE_REVERSED],
    ];
    for (const [status, back, state] of cases) {
      it(`is ${State[state]} for ${status}${back ? " whose money came back" : ""}`, async () => {
        const { charge } = stripe.pay(5000, "GBP");
        await refund(charge, 1000n, "k");
        Object.assign(stripe.refundsOf(charge)[0]!, {
          status,
          failure_balance_transaction: back,
          failure_reason: "expired_or_canceled_card",
        });
        const { refund: found } = await adapter.client.findRefund({ key: "k", paymentId: charge });
        assert.deepEqual([found?.state, found?.failure], [state, "expired_or_canceled_card"]);
        const { payment } = await adapter.client.getPayment({ paymentId: charge });
        const gone = [State.PROVIDER_REFUND_STATE_SUCCEEDED, State.PROVIDER_REFUND_STATE_PENDING].includes(state);
        assert.equal(payment?.refunded?.units, gone ? 10n : 0n);
      });
    }
  });

  describe("a no", () => {
    it("to a disputed charge is a refusal with Stripe's code", async () => {
      const { charge } = stripe.pay(5000, "GBP");
      stripe.dispute(charge, { status: "needs_response", is_charge_refundable: false, amount: 5000, currency: "gbp" });
      await assert.rejects(refund(charge, 100n, "k"), (error) => {
        const { metadata } = error as { metadata: Record<string, string> };
        assert.deepEqual(metadata, { partner: "stripe", code: "charge_disputed" });
        return reason("PARTNER_REFUSED")(error);
      });
    });

    it("to too much says what is left now, when somebody refunded meanwhile", async () => {
      const { intent } = stripe.pay(5000, "GBP");
      const provider = direct();
      const before = await provider.read(intent);
      await refund(intent, 4000n, "somebody-else");
      const error = await provider.payBack(order("k", 2000n), before).catch((it) => it);
      assert.deepEqual([error.reason, error.metadata.left], ["REFUND_EXCEEDS_CAPTURED", "1000"]);
    });

    it("to too much is known before Stripe is asked, so that its no does not stay with the key", async () => {
      const { intent } = stripe.pay(5000, "GBP");
      await assert.rejects(refund(intent, 5001n, "k"), reason("REFUND_EXCEEDS_CAPTURED"));
      assert.equal(posts().length, 0);
      await refund(intent, 5000n, "k");
    });

    it("to our own API key is no refund's failure: UNAVAILABLE until somebody mends it", async () => {
      const { intent } = stripe.pay(5000, "GBP");
      const wrong = await runAdapter({
        PROVIDER: "stripe",
        STRIPE_API_KEY: "sk_test_of_somebody_else",
        STRIPE_BASE_URL: stripe.url,
      });
      const request = { key: "k", paymentId: intent, amount: toProto(money(100n, "GBP")), accountToken: "" };
      await assert.rejects(wrong.client.refundPayment(request), reason("UPSTREAM_UNAVAILABLE"));
      await wrong.stop();
    });

    it("comes to amounts Stripe cannot write, before Stripe is asked", async () => {
      const { intent } = stripe.pay(5000, "KWD");
      await assert.rejects(refund(intent, 1001n, "k", "KWD"), reason("MONEY_INVALID"));
      await refund(intent, 1010n, "k", "KWD");
      assert.equal(posts().length, 1);
    });

    it("comes to payouts and accounts: Stripe has neither for us", async () => {
      const amount = toProto(money(100n, "GBP"));
      await assert.rejects(adapter.client.payOut({ key: "k", accountToken: "t", amount }), reason("PARTNER_REFUSED"));
      const account = { requestId: "r", customerId: "c", bankCode: "088", accountNumber: "1234", holderName: "h" };
      await assert.rejects(adapter.client.registerAccount(account), reason("PARTNER_REFUSED"));
    });
  });

  it("reads disputes: which are open, and what was lost", async () => {
    const { intent, charge } = stripe.pay(9000, "GBP");
    const read = async () => (await adapter.client.getPayment({ paymentId: intent })).payment;
    for (const status of ["won", "warning_closed", "prevented"])
      stripe.dispute(charge, { status, amount: 100, currency: "gbp" });
    assert.deepEqual([(await read())?.disputeOpen, (await read())?.chargedBack?.units], [false, 0n]);
    stripe.dispute(charge, { status: "lost", amount: 4000, currency: "gbp" });
    assert.deepEqual([(await read())?.disputeOpen, (await read())?.chargedBack?.units], [false, 40n]);
    stripe.dispute(charge, { status: "warning_under_review", amount: 100, currency: "gbp" });
    assert.deepEqual([(await read())?.disputeOpen, (await read())?.method], [true, "CARD"]);
  });

  it("says so when a list is refused, and does not fall over it", async () => {
    const { intent } = stripe.pay(5000, "GBP");
    stripe.refuseLists = true;
    const time = { fromTime: new Date(), toTime: undefined, pageSize: 0, pageToken: "" };
    await assert.rejects(adapter.client.getPayment({ paymentId: intent }), reason("PARTNER_REFUSED"));
    await assert.rejects(adapter.client.listStatementLines(time), reason("PARTNER_REFUSED"));
  });

  it("takes a list that makes no sense for no answer, never for an empty one", async () => {
    for (const list of [{}, { data: {} }, { data: [5] }, { data: [], has_more: true }])
      await assert.rejects(
        all(async () => list),
        NoAnswer,
      );
    assert.deepEqual(await all(async () => ({ data: [], has_more: false })), []);
  });
});

function reasonOf(expected: string) {
  return (error: unknown) => {
    assert.equal((error as { reason?: string }).reason, expected, String(error));
    return true;
  };
}
