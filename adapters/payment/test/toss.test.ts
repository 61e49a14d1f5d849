import assert from "node:assert/strict";
import { ProviderRefundState as State } from "#gen/backhaul/partner/payment/v1/payment_service.js";
import { RpcError } from "#kit/errors.js";
import { money, toProto } from "#kit/pure/money.js";
import { reason } from "./contract.js";
import { type FakeToss, fakeToss, secretKey } from "./fake-toss.js";
import { present, skipped, tossWords } from "./recorded.js";
import { runAdapter } from "./run.js";

const windowMs = 100;

describe("Toss Payments", () => {
  let toss: FakeToss;
  let adapter: Awaited<ReturnType<typeof runAdapter>>;

  const run = (more = {}) =>
    runAdapter({
      PROVIDER: "toss",
      TOSS_SECRET_KEY: secretKey,
      TOSS_BASE_URL: toss.url,
      TOSS_SPACING_MS: String(windowMs + 20),
      ACCOUNT_SEAL_KEY: Buffer.alloc(32, 1).toString("base64"),
      ...more,
    });
  beforeEach(async () => {
    toss = await fakeToss(windowMs);
    adapter = await run();
  });
  afterEach(async () => {
    await adapter?.stop();
    await toss?.close();
  });

  const refund = (paymentId: string, minor: bigint, key: string, accountToken = "", currency = "KRW") =>
    adapter.client.refundPayment({ key, paymentId, amount: toProto(money(minor, currency)), accountToken });
  const find = async (paymentId: string, key: string) => (await adapter.client.findRefund({ key, paymentId })).refund;
  const posts = () => toss.requests.filter(({ method }) => method === "POST");
  const account = {
    requestId: "r-1",
    customerId: "c-1",
    bankCode: "088",
    accountNumber: "110-1234-5678",
    holderName: "홍길동",
  };

  describe("what it sends", () => {
    it("is the amount, our key in the header and in the reason, and no account for a card", async () => {
      const { paymentKey } = toss.pay(50_000);
      const { accountToken } = await adapter.client.registerAccount(account);
      await refund(paymentKey, 12_000n, "rfd-1:pay-1", accountToken);
      const [sent] = posts();
      assert.equal(sent?.headers["idempotency-key"], "rfd-1:pay-1");
      assert.deepEqual(JSON.parse(sent.body), { cancelReason: "backhaul refund rfd-1:pay-1", cancelAmount: 12_000 });
    });

    it("is exact in a currency with decimals", async () => {
      const { paymentKey } = toss.pay(726.24, { currency: "USD" });
      const { refund: made } = await refund(paymentKey, 18_156n, "k", "", "USD");
      assert.match(posts()[0]?.body ?? "", /"cancelAmount":181\.56\b/);
      assert.deepEqual(made?.amount, toProto(money(18_156n, "USD")));
    });

    it(`is called as the record calls it${skipped}`, async function () {
      if (!present) return this.skip();
      const { request, response } = tossWords();
      const { paymentKey } = toss.pay(50_000, { method: "가상계좌" });
      const { accountToken } = await adapter.client.registerAccount(account);
      await refund(paymentKey, 12_000n, "k", accountToken);
      const [sent] = posts();
      assert.match(request, new RegExp(`POST ${sent?.path.replace(paymentKey, "\\{paymentKey\\}")}`));
      for (const field of Object.keys(JSON.parse(sent?.body ?? ""))) assert.ok(request.includes(field), field);
      // And what the adapter reads of a cancel is what the record has in one.
      for (const field of ["cancelReason", "canceledAt", "cancelAmount"]) assert.ok(response.includes(field), field);
    });
  });

  describe("a key", () => {
    it("with another amount is refused here, though Toss gives its first answer", async () => {
      const { paymentKey } = toss.pay(50_000);
      await refund(paymentKey, 12_000n, "k");
      const cancels = toss.payment(paymentKey).cancels;
      toss.payment(paymentKey).cancels = null; // not to be seen yet: so Toss is asked
      await assert.rejects(refund(paymentKey, 13_000n, "k"), reason("REQUEST_ID_REUSED"));
      assert.equal(posts().length, 2);
      assert.equal(cancels?.length, 1);
    });

    it("holds after Toss has forgotten it", async () => {
      const { paymentKey } = toss.pay(50_000);
      const first = await refund(paymentKey, 12_000n, "k");
      toss.forgetKeys();
      assert.deepEqual(await refund(paymentKey, 12_000n, "k"), first);
      assert.equal(posts().length, 1);
    });

    it("is not read out of a reason that somebody typed", async () => {
      const { paymentKey } = toss.pay(50_000);
      await refund(paymentKey, 100n, "k");
      toss.payment(paymentKey).cancels![0]!.cancelReason = "see backhaul refund k";
      assert.equal(await find(paymentKey, "k"), undefined);
    });
  });

  it("waits between two cancels of one payment, which Toss would not both do", async () => {
    const { paymentKey } = toss.pay(50_000);
    await Promise.all([refund(paymentKey, 100n, "k1"), refund(paymentKey, 200n, "k2"), refund(paymentKey, 300n, "k3")]);
    assert.equal(toss.payment(paymentKey).balanceAmount, 49_400);
    assert.equal(posts().length, 3);
  });

  describe("a virtual account", () => {
    it("is refunded to the account behind the token, and to none that nobody gave", async () => {
      const { paymentKey } = toss.pay(50_000, { method: "가상계좌", virtualAccount: { refundStatus: "NONE" } });
      const { accountToken, masked } = await adapter.client.registerAccount(account);
      assert.equal(masked, "088 *******5678");
      assert.doesNotMatch(accountToken, /5678|홍/);
      await assert.rejects(refund(paymentKey, 100n, "k0"), reason("INVALID_REQUEST"));
      await assert.rejects(refund(paymentKey, 100n, "k0", `${accountToken}x`), reason("PARTNER_NOT_FOUND"));
      await refund(paymentKey, 100n, "k1", accountToken);
      assert.deepEqual(JSON.parse(posts()[0]?.body ?? "").refundReceiveAccount, {
        bank: "88",
        accountNumber: "11012345678",
        holderName: "홍길동",
      });
    });

    it("has its money two days later, as its capabilities say", async () => {
      const { paymentKey } = toss.pay(50_000, { method: "가상계좌", virtualAccount: { refundStatus: "NONE" } });
      const { accountToken } = await adapter.client.registerAccount(account);
      const { capabilities } = await adapter.client.getCapabilities({ method: "VIRTUAL_ACCOUNT" });
      assert.deepEqual([capabilities?.accountNeeded, capabilities?.asynchronous], [true, true]);
      const states: State[] = [(await refund(paymentKey, 100n, "k", accountToken)).refund!.state];
      for (const refundStatus of ["PENDING", "COMPLETED", "FAILED", "PARTIAL_FAILED"]) {
        toss.payment(paymentKey).virtualAccount = { refundStatus };
        states.push((await find(paymentKey, "k"))!.state);
      }
      assert.deepEqual(states, [
        State.PROVIDER_REFUND_STATE_PENDING,
        State.PROVIDER_REFUND_STATE_PENDING,
        State.PROVIDER_REFUND_STATE_SUCCEEDED,
        State.PROVIDER_REFUND_STATE_FAILED,
        State.PROVIDER_REFUND_STATE_PENDING,
      ]);
    });

    it("takes an account that could be one, and says so of no other", async () => {
      const wrong = [
        { bankCode: "999" },
        { accountNumber: "12A4" },
        { accountNumber: "1".repeat(21) },
        { holderName: " " },
      ];
      for (const part of wrong) {
        const error = await adapter.client.registerAccount({ ...account, ...part }).catch((it) => it);
        assert.ok(error instanceof RpcError);
        assert.equal(error.reason, "ACCOUNT_NOT_VERIFIED");
      }
      assert.deepEqual(await adapter.client.registerAccount(account), await adapter.client.registerAccount(account));
    });
  });

  describe("a no", () => {
    const cases: [status: number, code: string, reason: string][] = [
      [400, "INVALID_REFUND_ACCOUNT_INFO", "PARTNER_REFUSED"],
      [403, "EXCEED_MAX_REFUND_DUE", "PARTNER_REFUSED"],
      [400, "A_CODE_OF_TOMORROW", "PARTNER_REFUSED"],
      [404, "NOT_FOUND_PAYMENT", "PARTNER_NOT_FOUND"],
      [400, "ALREADY_CANCELED_PAYMENT", "REFUND_EXCEEDS_CAPTURED"],
      [403, "NOT_CANCELABLE_AMOUNT", "REFUND_EXCEEDS_CAPTURED"],
      [400, "PROVIDER_ERROR", "UPSTREAM_UNAVAILABLE"],
      [403, "FORBIDDEN_CONSECUTIVE_REQUEST", "UPSTREAM_UNAVAILABLE"],
      [409, "IDEMPOTENT_REQUEST_PROCESSING", "UPSTREAM_UNAVAILABLE"],
      [401, "UNAUTHORIZED_KEY", "UPSTREAM_UNAVAILABLE"],
      [500, "FAILED_REFUND_PROCESS", "UPSTREAM_UNAVAILABLE"],
    ];
    for (const [status, code, expected] of cases) {
      it(`${status} ${code} is ${expected}`, async () => {
        const { paymentKey } = toss.pay(50_000);
        toss.refuse(status, code);
        const error = await refund(paymentKey, 100n, "k").catch((it) => it);
        assert.ok(error instanceof RpcError);
        assert.equal(error.reason, expected);
        if (expected === "PARTNER_REFUSED") assert.deepEqual(error.metadata, { partner: "toss", code });
        assert.equal(toss.payment(paymentKey).balanceAmount, 50_000);
      });
    }

    it("to a part is known before Toss is asked, so that its no does not stay with the key", async () => {
      const { paymentKey } = toss.pay(50_000, { isPartialCancelable: false });
      await assert.rejects(refund(paymentKey, 100n, "k"), reason("PARTNER_REFUSED"));
      assert.equal(posts().length, 0);
      await refund(paymentKey, 50_000n, "k");
    });

    it("is given to an unpaid payment", async () => {
      const { paymentKey } = toss.pay(50_000, { status: "WAITING_FOR_DEPOSIT", method: "가상계좌" });
      await assert.rejects(refund(paymentKey, 100n, "k"), reason("REFUND_EXCEEDS_CAPTURED"));
    });
  });

  it("believes no amount that is none", async () => {
    for (const balanceAmount of ["50000", -1, 0.5, null, 1e30]) {
      const { paymentKey } = toss.pay(50_000, { balanceAmount });
      await assert.rejects(adapter.client.getPayment({ paymentId: paymentKey }), reason("UPSTREAM_UNAVAILABLE"));
    }
  });
});
