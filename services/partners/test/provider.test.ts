import assert from "node:assert/strict";
import {
  PaymentServiceService,
  ProviderRefundState as State,
} from "#gen/backhaul/partner/payment/v1/payment_service.js";
import {
  ProviderMove as Move,
  type MoveProviderRequest,
  SandboxServiceService,
} from "#gen/backhaul/sandbox/v1/sandbox_service.js";
import { Twist } from "#gen/backhaul/sandbox/v1/scenario_service.js";
import type { ClientOf } from "#kit/client.js";
import { newId } from "#kit/ids.js";
import { until } from "#kit/testing/peers.js";
import { openStage, type Stage } from "#kit/testing/stage.js";
import { gbp, hour, reason, type Sandbox, sandbox } from "./builders.js";
import { type RefundDesk, refundDesk } from "./outside.js";

const { PROVIDER_REFUND_STATE_SUCCEEDED: succeeded, PROVIDER_REFUND_STATE_FAILED: failed } = State;

describe("partners: the payment provider's book, moved by hand", () => {
  let stage: Stage;
  let box: Sandbox;
  let desk: RefundDesk;
  let payments: ClientOf<typeof PaymentServiceService>;

  before(async () => {
    stage = await openStage();
    [desk, box] = await Promise.all([refundDesk(stage), sandbox(stage)]);
    box.running.pointAt({ refundAddress: desk.address });
    payments = box.as(PaymentServiceService);
  });
  afterEach(() => box.scenarios.clearScenarios({}));
  after(async () => {
    await box?.stop();
    await desk?.stop();
    await stage?.close();
  });

  const refund = async (orderId: string, minor = 1000n) => {
    const request = { key: newId("key"), paymentId: `pay-${orderId}`, amount: gbp(minor), accountToken: "" };
    return (await payments.refundPayment(request)).refund!;
  };
  const pendingRefund = async (orderId: string, minor = 1000n) => {
    await box.play(Twist.TWIST_REFUND_PENDING, { orderId, times: 1 });
    return refund(orderId, minor);
  };
  const move = (move: Move, change: Partial<MoveProviderRequest>) =>
    box.operator.moveProvider({ move, paymentId: "", key: "", silently: false, ...change });
  const standing = async (key: string) => (await payments.findRefund({ key, paymentId: "" })).refund!;
  const paymentOf = async (orderId: string) => (await payments.getPayment({ paymentId: `pay-${orderId}` })).payment!;
  const lines = async (name: string) => {
    const { lines } = await payments.listStatementLines({
      fromTime: undefined,
      toTime: undefined,
      pageSize: 2000,
      pageToken: "",
    });
    return lines.filter((line) => line.key === name || line.paymentId === name);
  };
  const told = (name: string, times = 1) =>
    until(`${times} news of ${name}`, async () => desk.of(name).length >= times && desk.of(name));

  it("settles a pending refund, puts it on the statement, and tells the refund service", async () => {
    const orderId = await box.sold();
    const { key, ...before } = await pendingRefund(orderId);
    await box.go(1);
    await move(Move.PROVIDER_MOVE_SETTLE, { key });
    assert.deepEqual(await standing(key), { key, ...before, state: succeeded });
    const [line, ...others] = await lines(key);
    assert.deepEqual([line?.kind, line?.amount, others.length], ["REFUND", gbp(1000n), 0]);
    assert.ok(line!.bookTime!.getTime() - before.createTime!.getTime() >= hour, "booked when it was paid");
    const [news] = await told(key);
    assert.equal(news?.paymentId, `pay-${orderId}`);
    assert.deepEqual(desk.callers.at(-1), { subject: "partners", role: "SERVICE", via: "partners" });
    await assert.rejects(move(Move.PROVIDER_MOVE_SETTLE, { key }), reason("PARTNER_REFUSED"));
    await assert.rejects(move(Move.PROVIDER_MOVE_SETTLE, { key: "never" }), reason("PARTNER_NOT_FOUND"));
  });

  it("fails a pending refund: nothing on the statement, and the money may be paid back under another key", async () => {
    const orderId = await box.sold();
    const { key } = await pendingRefund(orderId, 3945n);
    await assert.rejects(refund(orderId, 1n), reason("REFUND_EXCEEDS_CAPTURED"));
    await move(Move.PROVIDER_MOVE_FAIL, { key });
    const { state, failure } = await standing(key);
    assert.equal(state, failed);
    assert.notEqual(failure, "");
    const again = { key, paymentId: `pay-${orderId}`, amount: gbp(3945n), accountToken: "" };
    assert.equal((await payments.refundPayment(again)).refund?.state, failed, "never under this key");
    assert.deepEqual(await lines(key), []);
    assert.deepEqual((await box.operator.listProviderRefunds({ orderId })).refunds, []);
    assert.equal((await refund(orderId, 3945n)).state, succeeded);
    await told(key);
  });

  it("brings a paid refund back, as a line of its own", async () => {
    const orderId = await box.sold();
    const { key, providerRefundId } = await refund(orderId, 3945n);
    const { refunded: before } = await box.operator.getBooks({});
    await move(Move.PROVIDER_MOVE_REVERSE, { key });
    assert.equal((await standing(key)).state, State.PROVIDER_REFUND_STATE_REVERSED);
    assert.deepEqual(
      (await lines(key)).map((line) => [line.kind, line.amount, line.providerRefundId]),
      [
        ["REFUND", gbp(3945n), providerRefundId],
        ["REVERSAL", gbp(3945n), providerRefundId],
      ],
    );
    assert.deepEqual((await paymentOf(orderId)).refunded, gbp(0n));
    const { refunded: after } = await box.operator.getBooks({});
    assert.equal(before[0]!.refunds - after[0]!.refunds, 1n);
    await refund(orderId, 3945n);
    await told(key);
    await assert.rejects(move(Move.PROVIDER_MOVE_FAIL, { key }), reason("PARTNER_REFUSED"));
  });

  it("moves once, however many move at once", async () => {
    const orderId = await box.sold();
    const { key } = await pendingRefund(orderId);
    const moves = [Move.PROVIDER_MOVE_SETTLE, Move.PROVIDER_MOVE_FAIL, Move.PROVIDER_MOVE_SETTLE];
    const answers = await Promise.allSettled(moves.map((one) => move(one, { key })));
    assert.equal(answers.filter((answer) => answer.status === "fulfilled").length, 1);
    assert.ok((await lines(key)).length <= 1);
  });

  it("opens a dispute that is won: nothing was taken", async () => {
    const orderId = await box.sold();
    const paymentId = `pay-${orderId}`;
    await move(Move.PROVIDER_MOVE_OPEN_DISPUTE, { paymentId });
    assert.equal((await paymentOf(orderId)).disputeOpen, true);
    await assert.rejects(move(Move.PROVIDER_MOVE_OPEN_DISPUTE, { paymentId }), reason("PARTNER_REFUSED"));
    await move(Move.PROVIDER_MOVE_WIN_DISPUTE, { paymentId });
    const { disputeOpen, chargedBack } = await paymentOf(orderId);
    assert.deepEqual([disputeOpen, chargedBack], [false, gbp(0n)]);
    assert.deepEqual(await lines(paymentId), []);
    const news = await told(paymentId, 2);
    assert.deepEqual([news.map((n) => n.key), new Set(news.map((n) => n.requestId)).size], [["", ""], 2]);
    await assert.rejects(move(Move.PROVIDER_MOVE_WIN_DISPUTE, { paymentId }), reason("PARTNER_REFUSED"));
    await assert.rejects(move(Move.PROVIDER_MOVE_OPEN_DISPUTE, { paymentId: "p" }), reason("PARTNER_NOT_FOUND"));
  });

  it("loses a dispute: what was not paid back yet is charged back, and nothing is left", async () => {
    const orderId = await box.sold();
    const paymentId = `pay-${orderId}`;
    await refund(orderId, 1000n);
    await move(Move.PROVIDER_MOVE_OPEN_DISPUTE, { paymentId });
    const lose = () => move(Move.PROVIDER_MOVE_LOSE_DISPUTE, { paymentId });
    const answers = await Promise.allSettled([lose(), lose(), lose()]);
    const refused = answers.filter((answer) => answer.status === "rejected");
    assert.equal(refused.length, 2);
    for (const answer of refused) reason("PARTNER_REFUSED")(answer.reason);
    const payment = await paymentOf(orderId);
    assert.deepEqual(
      [payment.method, payment.captured, payment.refunded, payment.chargedBack, payment.disputeOpen],
      ["CARD", gbp(3945n), gbp(1000n), gbp(2945n), false],
    );
    const [, line] = await lines(paymentId);
    assert.deepEqual([line?.kind, line?.amount, line?.providerRefundId], ["CHARGEBACK", gbp(2945n), ""]);
    await assert.rejects(refund(orderId, 1n), reason("REFUND_EXCEEDS_CAPTURED"));
    await told(paymentId, 2);
  });

  it("tells nobody when it moves silently, and when it spoils the book", async () => {
    const { key } = await pendingRefund(await box.sold());
    await move(Move.PROVIDER_MOVE_SETTLE, { key, silently: true });
    await move(Move.PROVIDER_MOVE_WRONG_AMOUNT, { key });
    await box.go(1);
    assert.equal((await standing(key)).state, succeeded);
    assert.deepEqual(desk.of(key), []);
  });

  it("tells again until the refund service hears it, and always under the same name", async () => {
    const { key } = await pendingRefund(await box.sold());
    desk.state.away = true;
    const before = desk.state.asked;
    await move(Move.PROVIDER_MOVE_SETTLE, { key });
    await until("more tries than one call makes", async () => desk.state.asked - before > 4);
    desk.state.away = false;
    await told(key);
    await box.go(1);
    assert.equal(desk.of(key).length, 1);
  });

  it("spoils a line of the statement, and nothing else", async () => {
    const before = await refund(await box.sold());
    const { key } = before;
    await move(Move.PROVIDER_MOVE_WRONG_AMOUNT, { key });
    assert.deepEqual((await lines(key))[0]?.amount, gbp(1001n));
    await move(Move.PROVIDER_MOVE_WRONG_CURRENCY, { key });
    assert.equal((await lines(key))[0]?.amount?.currencyCode, "USD");
    await move(Move.PROVIDER_MOVE_DROP_LINE, { key });
    assert.deepEqual(await lines(key), []);
    assert.deepEqual(await standing(key), before);
    await assert.rejects(move(Move.PROVIDER_MOVE_DROP_LINE, { key }), reason("PARTNER_NOT_FOUND"));
  });

  it("puts a line on the statement that nobody asked for", async () => {
    const orderId = await box.sold();
    const paymentId = `pay-${orderId}`;
    await move(Move.PROVIDER_MOVE_ADD_ORPHAN, { paymentId });
    const [line] = await lines(paymentId);
    assert.deepEqual([line?.kind, line?.amount], ["REFUND", gbp(100n)]);
    assert.equal((await payments.findRefund({ key: line!.key, paymentId: "" })).found, false);
    const { key } = await refund(orderId);
    await move(Move.PROVIDER_MOVE_ADD_ORPHAN, { key });
    assert.equal((await lines(paymentId)).length, 3);
    await assert.rejects(move(Move.PROVIDER_MOVE_ADD_ORPHAN, { key: "never" }), reason("PARTNER_NOT_FOUND"));
  });

  it("pays a refund twice, beyond what was captured, and the books show it", async () => {
    const orderId = await box.sold();
    const { key, providerRefundId } = await refund(orderId, 3945n);
    await move(Move.PROVIDER_MOVE_PAY_TWICE, { key });
    const second = await standing(`${key}.again`);
    assert.notEqual(second.providerRefundId, providerRefundId);
    assert.deepEqual((await lines(`${key}.again`))[0]?.amount, gbp(3945n));
    assert.equal((await box.operator.listProviderRefunds({ orderId })).refunds.length, 2);
    assert.deepEqual((await paymentOf(orderId)).refunded, gbp(7890n));
    assert.equal((await box.operator.getBooks({})).overRefundedPayments, 1n);
    await move(Move.PROVIDER_MOVE_REVERSE, { key: `${key}.again`, silently: true });
    assert.equal((await box.operator.getBooks({})).overRefundedPayments, 0n);
    await assert.rejects(refund(orderId, 1n), reason("REFUND_EXCEEDS_CAPTURED"));
  });

  it("is the operator's to move", async () => {
    const asService = box.as(SandboxServiceService);
    const request = { move: Move.PROVIDER_MOVE_SETTLE, key: "k", paymentId: "", silently: false };
    await assert.rejects(asService.moveProvider(request), reason("ROLE_NOT_ALLOWED"));
  });
});

describe("partners: the payment provider after a restart", () => {
  it("knows its keys, its statement, its accounts, and what it has still to tell", async () => {
    const stage = await openStage();
    const desk = await refundDesk(stage);
    desk.state.away = true;
    let box = await sandbox(stage, { REFUND_ADDRESS: desk.address });
    let payments = box.as(PaymentServiceService);
    const orderId = await box.sold();
    const request = { key: newId("key"), paymentId: `pay-${orderId}`, amount: gbp(1000n), accountToken: "" };
    const { refund } = await payments.refundPayment(request);
    const holder = { customerId: "c-1", bankCode: "088", accountNumber: "110123456789", holderName: "KIM" };
    const account = await payments.registerAccount({ requestId: newId("req"), ...holder });
    const { key } = request;
    await box.operator.moveProvider({ move: Move.PROVIDER_MOVE_REVERSE, key, paymentId: "", silently: false });
    await until("a telling in vain", async () => desk.state.asked > 0);
    await box.stop();

    desk.state.away = false;
    box = await sandbox(stage, { REFUND_ADDRESS: desk.address });
    payments = box.as(PaymentServiceService);
    await until("the news", async () => desk.of(key).length === 1);
    const { refund: same } = await payments.refundPayment(request);
    assert.equal(same?.providerRefundId, refund?.providerRefundId);
    const page = { fromTime: undefined, toTime: undefined, pageSize: 0, pageToken: "" };
    assert.equal((await payments.listStatementLines(page)).lines.length, 2);
    const amount = gbp(1n);
    await payments.payOut({ key: newId("key"), accountToken: account.accountToken, amount });
    assert.deepEqual(await payments.registerAccount({ requestId: newId("req"), ...holder }), account);
    await box.stop();
    await desk.stop();
    await stage.close();
  });
});
