import assert from "node:assert/strict";
import { status } from "@grpc/grpc-js";
import { OrderServiceService } from "#gen/backhaul/partner/order/v1/order_service.js";
import {
  Capabilities,
  PartialRefunds,
  PaymentServiceService,
  ProviderRefund,
  RefundLookup,
} from "#gen/backhaul/partner/payment/v1/payment_service.js";
import { RefundState } from "#gen/backhaul/refund/v1/refund.js";
import { IssueRefundRequest, RefundServiceService } from "#gen/backhaul/refund/v1/refund_service.js";
import { RpcError } from "#kit/errors.js";
import { newId } from "#kit/ids.js";
import { DomainError } from "#kit/pure/check.js";
import { fromProto } from "#kit/pure/money.js";
import { implement } from "#kit/server.js";
import { clientAs, playPartners, until } from "#kit/testing/peers.js";
import { openStage, type Stage } from "#kit/testing/stage.js";
import { readRefundConfig } from "../config.js";
import { start } from "../service.js";
import { orderMessage, soldOrder } from "./builders.js";

async function notAsked(): Promise<never> {
  throw new DomainError("INTERNAL", "nobody should ask this");
}

/** A provider with a book of its own, and moods. */
function provider() {
  const book = new Map<string, ProviderRefund>();
  const moods: ("timeout-after-success" | "refuse")[] = [];
  const contract = implement(PaymentServiceService, {
    async refundPayment({ key, paymentId, amount }) {
      const mood = moods.shift();
      if (mood === "refuse")
        throw new DomainError("PARTNER_REFUSED", "account closed", { partner: "payment", code: "closed" });
      const next = { providerRefundId: `pr-${book.size + 1}`, key, paymentId, amount, createTime: new Date() };
      const refund = book.get(key) ?? ProviderRefund.fromPartial(next);
      book.set(key, refund);
      if (mood === "timeout-after-success")
        throw new RpcError(status.DEADLINE_EXCEEDED, "", "too late", {}, "RefundPayment");
      return { refund };
    },
    async findRefund({ key }) {
      return { found: book.has(key), refund: book.get(key) };
    },
    async getCapabilities() {
      return {
        capabilities: Capabilities.fromPartial({
          partial: PartialRefunds.PARTIAL_REFUNDS_ANY,
          lookup: RefundLookup.REFUND_LOOKUP_BY_KEY,
        }),
      };
    },
    payOut: notAsked,
    getPayment: notAsked,
    registerAccount: notAsked,
    listStatementLines: notAsked,
    requestPayment: notAsked,
    getDemand: notAsked,
    cancelDemand: notAsked,
    authorize: notAsked,
    captureAuthorization: notAsked,
    voidAuthorization: notAsked,
  });
  return { book, moods, contract };
}

describe("refund: rpc", () => {
  let stage: Stage;
  let running: Awaited<ReturnType<typeof start>>;
  let partners: Awaited<ReturnType<typeof playPartners>>;
  let client: ReturnType<typeof clientAs<typeof RefundServiceService>>;
  const psp = provider();
  const orders = new Map([["o-1", orderMessage()]]);

  before(async () => {
    stage = await openStage();
    const order = implement(OrderServiceService, {
      async getOrder({ orderId }) {
        const found = orders.get(orderId);
        if (!found) throw new DomainError("ORDER_NOT_FOUND", `no order ${orderId}`, { order_id: orderId });
        return { order: found };
      },
    });
    partners = await playPartners(stage, [order, psp.contract]);
    const { address } = partners;
    running = await start(readRefundConfig(stage.env("refund", { ORDER_ADDRESS: address, PAYMENT_ADDRESS: address })));
    client = clientAs(RefundServiceService, running.port);
  });
  after(async () => {
    client?.close();
    await running?.stop();
    await partners?.stop();
    await stage?.close();
  });

  /** An order of its own for each test. */
  function order(): string {
    const orderId = newId("ord");
    const sold = soldOrder({ orderId });
    orders.set(orderId, orderMessage({ ...sold, payments: [{ ...sold.payments[0]!, paymentId: `pay-${orderId}` }] }));
    return orderId;
  }
  const issue = (orderId: string, change: Partial<IssueRefundRequest> = {}) =>
    client.issueRefund(
      IssueRefundRequest.fromPartial({
        requestId: newId("req"),
        resolutionId: newId("res"),
        orderId,
        lines: [{ lineId: "lamp", quantity: 1 }],
        ...change,
      }),
    );
  const settled = (refundId: string) =>
    until("the refund settled", async () => {
      const { refund } = await client.getRefund({ refundId });
      return refund?.state === RefundState.REFUND_STATE_SUCCEEDED && refund;
    });
  const reason = (expected: string) => (error: unknown) => {
    assert.ok(error instanceof RpcError, String(error));
    assert.equal(error.reason, expected);
    return true;
  };

  it("pays an accepted unit back once, and books it", async () => {
    const orderId = order();
    const { refund } = await issue(orderId);
    const done = await settled(refund!.refundId);
    assert.equal(fromProto(done.quote!.amount!).minor, 2550n);
    const { entries } = await client.listLedgerEntries({ refundId: done.refundId });
    assert.deepEqual(
      entries.map((e) => [e.account, fromProto(e.amount!).minor]),
      [
        ["sales_returns:lamp", 2550n],
        ["refunds_payable", -2550n],
        ["refunds_payable", 2550n],
        [`psp:pay-${orderId}`, -2550n],
      ],
    );
  });

  it("gives the same answer to the same request, and refuses its id for another", async () => {
    const request = { requestId: newId("req"), resolutionId: newId("res") };
    const orderId = order();
    const first = await issue(orderId, request);
    assert.deepEqual(await issue(orderId, request), first);
    await assert.rejects(
      issue(orderId, { ...request, lines: [{ lineId: "mugs", quantity: 1 }] }),
      reason("REQUEST_ID_REUSED"),
    );
  });

  it("asks the provider under one key when its answer is lost", async () => {
    psp.moods.push("timeout-after-success");
    const { refund } = await issue(order());
    const done = await settled(refund!.refundId);
    const key = done.quote!.tenders[0]!.providerKey;
    assert.equal([...psp.book.values()].filter((r) => r.paymentId === done.quote!.tenders[0]!.paymentId).length, 1);
    assert.equal(psp.book.get(key)?.providerRefundId, done.quote!.tenders[0]!.providerRefundId);
  });

  it("shows a refusal, and finance can try again under the same key", async () => {
    psp.moods.push("refuse");
    const { refund } = await issue(order());
    const refundId = refund!.refundId;
    const failed = await until("the refund failed", async () => {
      const current = (await client.getRefund({ refundId })).refund;
      return current?.state === RefundState.REFUND_STATE_FAILED && current;
    });
    assert.match(failed.quote!.tenders[0]!.failure, /^PARTNER_REFUSED closed$/);
    const finance = clientAs(RefundServiceService, running.port, "FINANCE", "fiona");
    await finance.retryRefund({ requestId: newId("req"), refundId });
    const done = await settled(refundId);
    assert.equal(done.quote!.tenders[0]!.providerKey, failed.quote!.tenders[0]!.providerKey);
    finance.close();
  });

  it("never refunds a unit twice, however many ask at once", async () => {
    const orderId = order();
    const results = await Promise.allSettled(
      Array.from({ length: 8 }, () => issue(orderId, { lines: [{ lineId: "mugs", quantity: 1 }] })),
    );
    const granted = results.filter((r) => r.status === "fulfilled");
    assert.equal(granted.length, 3);
    const amounts = granted.map((r) => fromProto(r.value.refund!.quote!.amount!).minor);
    assert.equal(
      amounts.reduce((a, b) => a + b),
      1000n,
    );
    for (const r of results) if (r.status === "rejected") reason("UNITS_EXCEED_PURCHASED")(r.reason);
  });

  it("keeps customers to their own, and roles to their rights", async () => {
    const { refund } = await issue(order());
    const stranger = clientAs(RefundServiceService, running.port, "CUSTOMER", "c-2");
    await assert.rejects(stranger.getRefund({ refundId: refund!.refundId }), reason("REFUND_NOT_FOUND"));
    await assert.rejects(
      stranger.retryRefund({ requestId: "r", refundId: refund!.refundId }),
      reason("ROLE_NOT_ALLOWED"),
    );
    stranger.close();
  });

  it("lists each broken rule of a request, and writes nothing", async () => {
    await assert.rejects(issue("no such order!", { lines: [{ lineId: "lamp", quantity: -1 }] }), (error) => {
      reason("INVALID_REQUEST")(error);
      assert.match((error as Error).message, /order_id.*lines\[0\]\.quantity/);
      return true;
    });
  });
});
