// What every implementation of the payment contract must do, run against each of them: `contract(...)` in a test file
// registers the suite. What is left to a provider's choice is held against its capabilities.
import assert from "node:assert/strict";
import {
  type Capabilities,
  KeyMismatch,
  type PaymentServiceService,
  RefundLookup,
  ProviderRefundState as State,
  type StatementLine,
} from "#gen/backhaul/partner/payment/v1/payment_service.js";
import type { ClientOf } from "#kit/client.js";
import { RpcError } from "#kit/errors.js";
import { newId } from "#kit/ids.js";
import { fromProto, money, toProto } from "#kit/pure/money.js";
import type { Mishap } from "./fake-server.js";

/** One implementation, with a way to look behind it. */
export type Bench = {
  readonly client: ClientOf<typeof PaymentServiceService>;
  readonly currency: string;
  /** A currency that no payment of the bench has. */
  readonly foreign: string;
  /** Nanos that are finer than the currency has decimals. */
  readonly tooFine: number;
  readonly method: string;
  /** Captures a payment of so many minor units, in the provider's book; gives its id. */
  pay(minor: bigint): Promise<string>;
  /** An id of the right form that no payment has. */
  readonly nobody: string;
  /** What the provider itself booked as paid back. */
  booked(paymentId: string): Promise<{ count: number; minor: bigint }>;
  mishap(kind: Mishap, times?: number): Promise<void>;
  calm(): Promise<void>;
  /** How long one call may take when the provider does not answer. */
  readonly patienceMs: number;
  close(): Promise<void>;
};

/**
 * @param mishaps how this provider can be made to fail
 * @param open none to skip the suite; the title says why
 */
export function contract(title: string, mishaps: readonly Mishap[], open: (() => Promise<Bench>) | undefined): void {
  const some = (...kinds: Mishap[]) => kinds.filter((kind) => mishaps.includes(kind));
  describe(`payment contract: ${title}`, () => {
    let bench: Bench;
    let can: Capabilities;

    before(async function () {
      if (!open) return this.skip();
      bench = await open();
      const { capabilities } = await bench.client.getCapabilities({ method: bench.method });
      assert.ok(capabilities);
      can = capabilities;
    });
    afterEach(() => bench?.calm());
    after(() => bench?.close());

    const amount = (minor: bigint) => toProto(money(minor, bench.currency));
    const refund = (paymentId: string, minor: bigint, key = newId("tst")) =>
      bench.client.refundPayment({ key, paymentId, amount: amount(minor), accountToken: "" });
    const found = async (paymentId: string, key: string) => (await bench.client.findRefund({ key, paymentId })).refund;

    it("names itself, the key's header and how a lost answer is found", () => {
      assert.match(can.provider, /^[a-z]+$/);
      assert.match(can.keyHeader, /^[A-Za-z-]+$/);
      assert.notEqual(can.lookup, RefundLookup.REFUND_LOOKUP_UNSPECIFIED);
      assert.notEqual(can.keyMismatch, KeyMismatch.KEY_MISMATCH_UNSPECIFIED);
      assert.ok(can.keyLifetimeSeconds === 0n || can.keyLifetimeSeconds >= 3600n);
    });

    it("pays back a part, and says so in its book", async () => {
      const paymentId = await bench.pay(1000n);
      const key = newId("tst");
      const { refund: made } = await refund(paymentId, 300n, key);
      assert.ok(made?.createTime);
      assert.deepEqual([made.key, made.paymentId, fromProto(made.amount!).minor], [key, paymentId, 300n]);
      assert.ok([State.PROVIDER_REFUND_STATE_SUCCEEDED, State.PROVIDER_REFUND_STATE_PENDING].includes(made.state));
      assert.ok(made.state === State.PROVIDER_REFUND_STATE_SUCCEEDED || can.asynchronous);
      const { payment } = await bench.client.getPayment({ paymentId });
      assert.deepEqual([payment?.captured, payment?.refunded], [amount(1000n), amount(300n)]);
      assert.deepEqual([payment?.chargedBack, payment?.disputeOpen], [amount(0n), false]);
      assert.deepEqual(await bench.booked(paymentId), { count: 1, minor: 300n });
    });

    it("gives the first answer to the same key, also when both come at once", async () => {
      const paymentId = await bench.pay(1000n);
      const key = newId("tst");
      const [one, two] = await Promise.all([refund(paymentId, 400n, key), refund(paymentId, 400n, key)]);
      const three = await refund(paymentId, 400n, key);
      assert.equal(new Set([one, two, three].map((it) => it.refund?.providerRefundId)).size, 1);
      assert.deepEqual(await bench.booked(paymentId), { count: 1, minor: 400n });
    });

    it("does with a key and another amount as its capabilities say, and pays nothing", async () => {
      const paymentId = await bench.pay(1000n);
      const key = newId("tst");
      const first = await refund(paymentId, 400n, key);
      if (can.keyMismatch === KeyMismatch.KEY_MISMATCH_REFUSED)
        await assert.rejects(refund(paymentId, 300n, key), reason("REQUEST_ID_REUSED"));
      else assert.deepEqual(await refund(paymentId, 300n, key), first);
      assert.deepEqual(await bench.booked(paymentId), { count: 1, minor: 400n });
    });

    it("pays the last of a payment, and not a minor unit more", async () => {
      const paymentId = await bench.pay(1000n);
      await refund(paymentId, 600n);
      const refusal = await refund(paymentId, 401n).catch((error) => error);
      assert.ok(refusal instanceof RpcError);
      const { reason: word, metadata } = refusal;
      assert.equal(word, "REFUND_EXCEEDS_CAPTURED");
      assert.deepEqual([metadata.payment_id, metadata.requested, metadata.left], [paymentId, "401", "400"]);
      await refund(paymentId, 400n);
      await assert.rejects(refund(paymentId, 1n), reason("REFUND_EXCEEDS_CAPTURED"));
      assert.deepEqual(await bench.booked(paymentId), { count: 2, minor: 1000n });
    });

    it("pays no more than was captured to two that ask at once", async () => {
      const paymentId = await bench.pay(1000n);
      const results = await Promise.allSettled([refund(paymentId, 700n), refund(paymentId, 700n)]);
      const refusals = results.flatMap((it) => (it.status === "rejected" ? [it.reason] : []));
      assert.equal(refusals.length, 1);
      assert.equal(refusals[0].reason, "REFUND_EXCEEDS_CAPTURED");
      assert.deepEqual(await bench.booked(paymentId), { count: 1, minor: 700n });
    });

    it("knows no payment of a made-up id", async () => {
      const missing = reason("PARTNER_NOT_FOUND");
      await assert.rejects(refund(bench.nobody, 1n), missing);
      await assert.rejects(bench.client.getPayment({ paymentId: bench.nobody }), missing);
    });

    it("refuses another currency, an amount finer than the currency, and nothing at all", async () => {
      const paymentId = await bench.pay(1000n);
      const ask = (more: { currencyCode?: string; units?: bigint; nanos?: number }) =>
        bench.client.refundPayment({
          key: newId("tst"),
          paymentId,
          amount: { ...amount(100n), ...more },
          accountToken: "",
        });
      const mismatch = await ask({ currencyCode: bench.foreign }).catch((error) => error);
      assert.equal(mismatch.reason, "CURRENCY_MISMATCH");
      assert.deepEqual(mismatch.metadata, { currency: bench.foreign, expected: bench.currency });
      await assert.rejects(ask({ nanos: bench.tooFine }), reason("MONEY_INVALID"));
      await assert.rejects(ask({ units: 0n, nanos: 0 }), reason("INVALID_REQUEST"));
      assert.deepEqual(await bench.booked(paymentId), { count: 0, minor: 0n });
    });

    it("finds a refund by its key, and none where there is none", async () => {
      const paymentId = await bench.pay(1000n);
      const key = newId("tst");
      assert.deepEqual(await bench.client.findRefund({ key, paymentId }), { found: false, refund: undefined });
      await refund(paymentId, 100n);
      const { refund: made } = await refund(paymentId, 200n, key);
      assert.deepEqual(await found(paymentId, key), made);
    });

    it("tells of a refund in its statement, once and with its key", async () => {
      const paymentId = await bench.pay(1000n);
      const key = newId("tst");
      const { refund: made } = await refund(paymentId, 200n, key);
      const fromTime = new Date(Date.now() - 3600_000);
      const lines: StatementLine[] = [];
      for (let pageToken = "", first = true; first || pageToken !== ""; first = false) {
        const page = await bench.client.listStatementLines({ fromTime, toTime: undefined, pageSize: 2, pageToken });
        lines.push(...page.lines);
        pageToken = page.nextPageToken;
      }
      const told = lines.filter((line) => line.key === key);
      assert.deepEqual(
        told.map(({ kind, providerRefundId, amount }) => [kind, providerRefundId, amount]),
        [["REFUND", made?.providerRefundId, made?.amount]],
      );
      assert.equal(told[0]?.paymentId, paymentId);
      const times = lines.map(({ bookTime }) => Number(bookTime));
      assert.deepEqual(
        times,
        [...times].sort((a, b) => a - b),
      );
    });

    for (const kind of some("LOSE_ANSWER", "SLOW", "ENDLESS")) {
      it(`finds what was done when the answer did not come: ${kind}`, async () => {
        const paymentId = await bench.pay(1000n);
        const key = newId("tst");
        await bench.mishap(kind);
        // The client tries again by itself: the second try may have found it already.
        const answered = await within(bench, refund(paymentId, 250n, key)).catch(isAway);
        await bench.calm();
        const lookup = await found(paymentId, key);
        assert.equal(lookup?.key, key);
        if (answered) assert.equal(answered.refund?.providerRefundId, lookup.providerRefundId);
        assert.equal((await refund(paymentId, 250n, key)).refund?.providerRefundId, lookup.providerRefundId);
        assert.deepEqual(await bench.booked(paymentId), { count: 1, minor: 250n });
      });
    }

    for (const kind of some("TOO_MANY", "GARBAGE", "STRANGE", "HUGE", "REDIRECT")) {
      it(`says UNAVAILABLE to no clear answer, pays nothing, and works again after it: ${kind}`, async () => {
        const paymentId = await bench.pay(1000n);
        const key = newId("tst");
        await bench.mishap(kind);
        await assert.rejects(within(bench, refund(paymentId, 250n, key)), (error) => !isAway(error));
        assert.equal(await found(paymentId, key), undefined);
        await bench.calm();
        await refund(paymentId, 250n, key);
        assert.deepEqual(await bench.booked(paymentId), { count: 1, minor: 250n });
      });
    }

    it("keeps a provider's error under the key, or not, as its capabilities say", async () => {
      const paymentId = await bench.pay(1000n);
      const key = newId("tst");
      await bench.mishap("ERROR", can.errorsKept ? 1 : Number.POSITIVE_INFINITY);
      await assert.rejects(within(bench, refund(paymentId, 250n, key)), (error) => !isAway(error));
      await bench.calm();
      assert.equal(await found(paymentId, key), undefined);
      if (can.errorsKept) {
        // Trying again brings the same failure; what is known not to be there may be asked for under another key.
        await assert.rejects(refund(paymentId, 250n, key), (error) => !isAway(error));
        await refund(paymentId, 250n, newId("tst"));
      } else await refund(paymentId, 250n, key);
      assert.deepEqual(await bench.booked(paymentId), { count: 1, minor: 250n });
    });
  });
}

/** Fails if the call outlasts the provider's silence by much: three tries of the client, and the pauses between. */
async function within<T>(bench: Bench, call: Promise<T>): Promise<T> {
  const startedAt = performance.now();
  try {
    return await call;
  } finally {
    const ms = performance.now() - startedAt;
    assert.ok(ms < 3 * bench.patienceMs + 2_000, `the call took ${Math.round(ms)} ms`);
  }
}

/** Passes for an error that says "no answer now, and you may repeat it"; throws any other. */
function isAway(error: unknown): undefined {
  assert.ok(error instanceof RpcError, String(error));
  assert.ok(["UPSTREAM_UNAVAILABLE", "DEADLINE_EXCEEDED"].includes(error.reason), error.reason);
  assert.ok(error.retryable);
  return undefined;
}

export function reason(expected: string) {
  return (error: unknown) => {
    assert.ok(error instanceof RpcError, String(error));
    assert.equal(error.reason, expected, error.message);
    return true;
  };
}
