// However many ask, and however often an answer is lost: nothing is paid twice, and nothing beyond what was captured.
import { Scenario, Twist } from "#gen/backhaul/sandbox/v1/scenario_service.js";
import { fromProto } from "#kit/pure/money.js";
import type { ProvenMesh } from "./mesh.js";
import { atOnce, counter, number, type Proof, type Say } from "./proof.js";

const payments = 2_000;
const clients = 16;
const lost = 2_000;

export async function provenOnce(mesh: ProvenMesh, say: Say): Promise<Proof[]> {
  return [await contended(mesh, say), await timeouts(mesh, say)];
}

/** Sixteen ask for one of twelve units, all of one payment, all at once. */
async function contended(mesh: ProvenMesh, say: Say): Promise<Proof> {
  const orders = await mesh.buy(payments);
  const told = counter(say, `payments with ${clients} clients each`, payments);
  let granted = 0;
  let done = 0;
  const ids: string[] = [];
  await atOnce(orders, 4, async ({ orderId }) => {
    const asks = Array.from({ length: clients }, (_, i) => mesh.issue(orderId, `l-${(i % 4) + 1}`, 1));
    const given = (await Promise.all(asks)).flatMap((refund) => refund ?? []);
    granted += given.length;
    ids.push(...given.map(({ refundId }) => refundId));
    told(++done);
  });
  await atOnce(ids, 16, (id) => mesh.settled(id));
  let over = 0;
  let wrong = 0;
  await atOnce(orders, 16, async ({ orderId }) => {
    const { refunds } = await mesh.sandbox.listProviderRefunds({ orderId });
    const back = refunds.reduce((sum, { amount }) => sum + (amount ? fromProto(amount).minor : 0n), 0n);
    if (back > 4004n) over++;
    if (back !== 4004n) wrong++;
  });
  const { overRefundedPayments } = await mesh.sandbox.getBooks({});
  return {
    asked: `${clients} clients refunding one payment at once, ${number(payments)} payments: 0 over-refunded`,
    counted: `${number(granted)} of ${number(payments * clients)} granted (12 units each), ${over} over-refunded, ${wrong} not exactly what was paid; the provider counts ${overRefundedPayments}`,
    ok: over === 0 && wrong === 0 && overRefundedPayments === 0n && granted === payments * 12,
  };
}

/** The provider pays, and its answer is lost, every time. */
async function timeouts(mesh: ProvenMesh, say: Say): Promise<Proof> {
  const orders = await mesh.buy(lost);
  await mesh.scenarios.addScenario({
    scenario: Scenario.fromPartial({ twist: Twist.TWIST_TIMEOUT_AFTER_SUCCESS, method: "RefundPayment" }),
  });
  const told = counter(say, "refunds whose answer is lost", lost);
  let done = 0;
  const ids = await atOnce(orders, 16, async ({ orderId }) => {
    const refund = await mesh.issue(orderId, "l-1", 3);
    told(++done);
    return refund?.refundId ?? "";
  });
  await atOnce(ids, 16, (id) => mesh.settled(id));
  await mesh.scenarios.clearScenarios({});
  const counts = await atOnce(orders, 16, async ({ orderId }) => {
    return (await mesh.sandbox.listProviderRefunds({ orderId })).refunds.length;
  });
  const double = counts.filter((n) => n > 1).length;
  const none = counts.filter((n) => n === 0).length;
  return {
    asked: `${number(lost)} provider timeouts after success: 0 double in the provider's own book, all resolved`,
    counted: `${number(ids.length)} settled, ${double} double, ${none} not paid`,
    ok: double === 0 && none === 0,
  };
}
