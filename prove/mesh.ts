// The part of a mesh that moves money, in processes of its own, and the doors the proofs go through.

import { ReconcilerServiceService } from "#gen/backhaul/reconciler/v1/reconciler_service.js";
import { type Refund, RefundState } from "#gen/backhaul/refund/v1/refund.js";
import { IssueRefundRequest, RefundServiceService } from "#gen/backhaul/refund/v1/refund_service.js";
import { ClockServiceService } from "#gen/backhaul/sandbox/v1/clock_service.js";
import { ImportedOrder, SandboxServiceService } from "#gen/backhaul/sandbox/v1/sandbox_service.js";
import { ScenarioServiceService } from "#gen/backhaul/sandbox/v1/scenario_service.js";
import { createMinter } from "#kit/access.js";
import { openAddress } from "#kit/client.js";
import { RpcError } from "#kit/errors.js";
import { newId } from "#kit/ids.js";
import { money, toProto } from "#kit/pure/money.js";
import { launchMesh } from "../scripts/mesh/launch.js";
import { openSecrets } from "../scripts/mesh/settings.js";
import type { Say } from "./proof.js";

export type ProvenMesh = Awaited<ReturnType<typeof openProvenMesh>>;

/** An order to refund. */
export type Bought = { readonly orderId: string; readonly paymentId: string };

const day = 86_400_000;

export async function openProvenMesh(dir: string, say: Say) {
  const mesh = await launchMesh({ dir, ports: "free", services: ["partners", "refund", "reconciler"], say });
  const { meshSecret } = await openSecrets(dir);
  const mint = createMinter("prove", meshSecret);
  const service = { subject: "prove", role: "SERVICE", via: "" } as const;
  const operator = await mesh.issuer.token("OPERATOR", "prove");
  const deadlineMs = 60_000;
  const asService = (address: string) =>
    openAddress(address, { service: "prove", mint: () => mint(service), deadlineMs });
  const opened = {
    refund: asService(mesh.addresses.refund),
    reconciler: asService(mesh.addresses.reconciler),
    sandbox: openAddress(mesh.addresses.partners, { service: "prove", mint: () => operator, deadlineMs }),
  };
  const sandbox = opened.sandbox.connect(SandboxServiceService);
  const clocks = opened.sandbox.connect(ClockServiceService);
  const refund = opened.refund.connect(RefundServiceService);

  /** Orders of four lines of three units, £10.01 each line; some with a tax document. */
  async function buy(count: number, documents = false): Promise<Bought[]> {
    const bought = Array.from({ length: count }, () => {
      const orderId = newId("ord");
      return { orderId, paymentId: `pay-${orderId}` };
    });
    const time = new Date(Date.now() - 3 * day);
    const paid = toProto(money(1001n, "GBP"));
    for (let from = 0; from < count; from += 1000) {
      const orders = bought.slice(from, from + 1000).map(({ orderId, paymentId }) =>
        ImportedOrder.fromPartial({
          order: {
            orderId,
            customerId: "cus-prove",
            market: "GB",
            currencyCode: "GBP",
            orderTime: time,
            lines: [1, 2, 3, 4].map((n) => ({ lineId: `l-${n}`, sku: "mug", title: "Mug", quantity: 3, paid })),
            shipping: toProto(money(0n, "GBP")),
            payments: [{ paymentId, method: "CARD", captured: toProto(money(4004n, "GBP")) }],
            ...(documents ? { taxDocument: { kind: 3, number: `inv-${orderId}`, issueTime: time } } : {}),
          },
          shipTime: time,
          deliverTime: time,
        }),
      );
      await sandbox.importOrders({ orders });
    }
    return bought;
  }

  /** Asks for units of one line; undefined if it was refused for good. Whoever gets no answer asks again. */
  async function issue(orderId: string, lineId: string, quantity: number, requestId = newId("req")) {
    const resolutionId = newId("res");
    const request = IssueRefundRequest.fromPartial({ requestId, resolutionId, orderId, lines: [{ lineId, quantity }] });
    return issueAgain(request);
  }

  async function issueAgain(request: IssueRefundRequest): Promise<Refund | undefined> {
    for (let attempt = 1; attempt <= 200; attempt++) {
      try {
        return (await refund.issueRefund(request)).refund;
      } catch (error) {
        if (!(error instanceof RpcError)) throw error;
        if (!error.retryable) return undefined;
        await new Promise((resolve) => setTimeout(resolve, Math.min(500, 20 * attempt)));
      }
    }
    throw new Error(`request ${request.requestId} got no answer`);
  }

  /** Waits until a refund is done; says what it is when it takes too long. */
  async function settled(refundId: string, timeoutMs = 120_000): Promise<Refund> {
    for (const end = Date.now() + timeoutMs; ; ) {
      const current = await refund.getRefund({ refundId }).catch(() => undefined);
      if (current?.refund?.state === RefundState.REFUND_STATE_SUCCEEDED) return current.refund;
      if (Date.now() > end) throw new Error(`${refundId} is ${RefundState[current?.refund?.state ?? 0]}, not settled`);
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }

  async function advance(ms: number): Promise<void> {
    const now = ((await clocks.getClock({})).now as Date).getTime();
    await clocks.advanceClock({ to: new Date(now + ms), noWait: true });
  }

  return {
    mesh,
    sandbox,
    refund,
    reconciler: opened.reconciler.connect(ReconcilerServiceService),
    scenarios: opened.sandbox.connect(ScenarioServiceService),
    buy,
    issue,
    issueAgain,
    settled,
    advance,
    close: async () => {
      for (const { close } of Object.values(opened)) close();
      await mesh.stop();
    },
  };
}
