// The shop a benchmark buys and returns in: orders imported in bulk, requests over REST on kept connections.
import { Agent, request } from "node:http";
import { ImportedOrder, type SandboxServiceService } from "#gen/backhaul/sandbox/v1/sandbox_service.js";
import type { ClientOf } from "#kit/client.js";
import { money, toProto } from "#kit/pure/money.js";

export type Bought = { readonly orderId: string; readonly customerId: string };

/** British orders of two mugs for £20.00, delivered two days ago. */
export async function buy(
  sandbox: ClientOf<typeof SandboxServiceService>,
  count: number,
  run: string,
): Promise<Bought[]> {
  const day = 86_400_000;
  const shipTime = new Date(Date.now() - 3 * day);
  const paid = toProto(money(2000n, "GBP"));
  const bought = Array.from({ length: count }, (_, i) => ({
    orderId: `bench-${run}-${i}`,
    customerId: `bench-${i % 500}`,
  }));
  for (let from = 0; from < bought.length; from += 1000) {
    const orders = bought.slice(from, from + 1000).map(({ orderId, customerId }) =>
      ImportedOrder.fromPartial({
        order: {
          orderId,
          customerId,
          market: "GB",
          currencyCode: "GBP",
          orderTime: new Date(shipTime.getTime() - day),
          lines: [
            { lineId: "l-1", sku: "mug", title: "Mug", quantity: 2, paid, category: "homeware", sellerType: "SHOP" },
          ],
          shipping: toProto(money(0n, "GBP")),
          payments: [{ paymentId: `pay-${orderId}`, method: "CARD", captured: paid }],
        },
        shipTime,
        deliverTime: new Date(shipTime.getTime() + day),
      }),
    );
    await sandbox.importOrders({ orders });
  }
  return bought;
}

/** Speaks to the edge; resolves with status and body. */
export type Edge = {
  post(path: string, token: string, key: string, body: object): Promise<{ status: number; text: string }>;
  close(): void;
};

export function openEdge(gatewayUrl: string): Edge {
  const agent = new Agent({ keepAlive: true, maxSockets: 64 });
  const base = new URL(gatewayUrl);
  return {
    post: (path, token, key, body) =>
      new Promise((resolve, reject) => {
        const text = JSON.stringify(body);
        const sent = request(
          {
            agent,
            host: base.hostname,
            port: base.port,
            method: "POST",
            path,
            headers: {
              authorization: `Bearer ${token}`,
              "content-type": "application/json",
              "content-length": Buffer.byteLength(text),
              "idempotency-key": key,
            },
          },
          (answer) => {
            const parts: Buffer[] = [];
            answer.on("data", (part) => parts.push(part));
            answer.on("end", () => resolve({ status: answer.statusCode ?? 0, text: Buffer.concat(parts).toString() }));
          },
        );
        sent.on("error", reject);
        sent.end(text);
      }),
    close: () => agent.destroy(),
  };
}

/** The request every lifecycle begins with. */
export function returnOf({ orderId }: Bought): object {
  return { orderId, kind: "KIND_RETURN", lines: [{ lineId: "l-1", quantity: 2, reason: "NO_LONGER_NEEDED" }] };
}
