// The refund process is killed as by kill -9 at each step of a refund, again and again; in the end every refund that was
// asked for is paid, once.

import { IssueRefundRequest } from "#gen/backhaul/refund/v1/refund_service.js";
import { newId } from "#kit/ids.js";
import type { ProvenMesh } from "./mesh.js";
import { atOnce, type Proof, type Say } from "./proof.js";

/** Where it dies; docs/failpoints.md lists them all. */
const places = [
  "refund.commit.refund.insert.before",
  "refund.commit.refund.insert.after",
  "refund.call.backhaul.partner.payment.v1.PaymentService/RefundPayment.before",
  "refund.call.backhaul.partner.payment.v1.PaymentService/RefundPayment.after",
  "refund.step.pay.done",
] as const;
const times = 20;

export async function provenKills(mesh: ProvenMesh, say: Say): Promise<Proof[]> {
  const proofs: Proof[] = [];
  for (const place of places) proofs.push(await killedAt(place, mesh, say));
  await mesh.mesh.restart("refund");
  return proofs;
}

async function killedAt(place: string, mesh: ProvenMesh, say: Say): Promise<Proof> {
  const orders = await mesh.buy(times);
  let kills = 0;
  const asks = orders.map(({ orderId }) => {
    const [requestId, resolutionId] = [newId("req"), newId("res")];
    return IssueRefundRequest.fromPartial({
      requestId,
      resolutionId,
      orderId,
      lines: [{ lineId: "l-1", quantity: 3 }],
    });
  });
  for (const ask of asks) {
    // One that finds an earlier refund to go on with may die before it answers at all.
    await mesh.mesh.restart("refund", undefined, { FAILPOINT: `${place}:1` }).catch(() => {});
    if (await diedOver(mesh, ask)) kills++;
    say(`  ${place}: killed ${kills} times`);
  }
  await mesh.mesh.restart("refund");
  const refunds = await atOnce(asks, 8, (ask) => mesh.issueAgain(ask));
  const lost = refunds.filter((refund) => !refund).length;
  await atOnce(refunds, 8, async (refund) => refund && mesh.settled(refund.refundId));
  const paid = await atOnce(orders, 8, async ({ orderId }) => {
    return (await mesh.sandbox.listProviderRefunds({ orderId })).refunds.length;
  });
  const double = paid.filter((n) => n > 1).length;
  const unpaid = paid.filter((n) => n === 0).length;
  return {
    asked: `kill -9 at ${place}, ${times} times: 0 double, 0 lost`,
    counted: `${kills} kills, ${double} double, ${lost + unpaid} lost`,
    ok: kills === times && double === 0 && lost === 0 && unpaid === 0,
  };
}

/** Asks until the process dies of it; whether anybody is answered depends on where that is. */
async function diedOver({ mesh, refund }: ProvenMesh, ask: IssueRefundRequest): Promise<boolean> {
  const running = () => mesh.pids().refund.length > 0;
  const end = Date.now() + 30_000;
  let answered = false;
  while (running() && Date.now() < end) {
    if (!answered) answered = await refund.issueRefund(ask).then(Boolean, () => false);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  return !running();
}
