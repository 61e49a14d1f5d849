// Customers and agents, so many requests a second whatever the mesh is doing: one in ten begins a return, the others look
// at one. Whatever is not answered 200 failed.
import { ImportedOrder, type SandboxServiceService } from "#gen/backhaul/sandbox/v1/sandbox_service.js";
import type { ClientOf } from "#kit/client.js";
import { newId } from "#kit/ids.js";
import { money, toProto } from "#kit/pure/money.js";
import type { Desk } from "../desk.js";
import { Tally } from "../proof.js";
import { type Balancer, openBalancer } from "./balancer.js";

const day = 86_400_000;

type Bought = { readonly orderId: string; readonly customerId: string };

export type Load = {
  readonly sent: number;
  readonly seconds: number;
  /** By what came instead of 200. */
  readonly failed: Tally;
  /** The returns that were accepted. */
  readonly resolutions: readonly string[];
  /** The longest that anybody waited, and the 99th of a hundred. */
  readonly p99Ms: number;
  readonly longestMs: number;
};

/** What is put under load. */
export type Loaded = {
  readonly gatewayUrls: readonly string[];
  readonly sandbox: Pick<ClientOf<typeof SandboxServiceService>, "importOrders">;
  token(role: "AGENT" | "CUSTOMER", subject: string): Promise<string>;
  /** Business time. */
  now(): Promise<Date>;
};

/** A mesh in processes of its own. */
export const loaded = ({ mesh, sandbox, now }: Desk): Loaded => ({
  gatewayUrls: mesh.gatewayUrls,
  sandbox,
  token: mesh.issuer.token,
  now,
});

/** How much is offered. */
export type Offered = {
  readonly perSecond: number;
  /** With so many unanswered none is sent: where others use the machine, too, what is offered must be what it can do. */
  readonly atOnceMax?: number;
};

/** Offers it until `whileBusy` has ended. */
export async function underLoad(
  on: Loaded,
  { perSecond, atOnceMax = Number.POSITIVE_INFINITY }: Offered,
  whileBusy: () => Promise<void>,
): Promise<Load> {
  const balancer = openBalancer(on.gatewayUrls);
  const agent = await on.token("AGENT", "alice");
  const failed = new Tally();
  const tookMs: number[] = [];
  const resolutions: string[] = [];
  const orders: Bought[] = [];
  const open = new Set<Promise<void>>();
  let sent = 0;

  async function once(number: number): Promise<void> {
    const startedAt = performance.now();
    const begins = number % 10 === 0;
    const seen = resolutions[Math.floor(Math.random() * resolutions.length)] as string;
    const answer = begins ? await begin() : await look(seen, number);
    tookMs.push(performance.now() - startedAt);
    if (answer.status === 200) return;
    failed.add(`${begins ? "create" : "read"} ${answer.status} ${reasonOf(answer.text)}`);
  }
  async function begin() {
    const { orderId, customerId } = orders.pop() as Bought;
    const headers = {
      authorization: `Bearer ${await on.token("CUSTOMER", customerId)}`,
      "content-type": "application/json",
      "idempotency-key": newId("key"),
    };
    const lines = [{ lineId: "l-1", quantity: 1, reason: "NO_LONGER_NEEDED" }];
    const answer = await balancer.send(
      "POST",
      "/v1/resolutions",
      headers,
      JSON.stringify({ orderId, kind: "KIND_RETURN", lines }),
    );
    if (answer.status === 200) resolutions.push(JSON.parse(answer.text).resolutionId);
    return answer;
  }
  const look = (resolutionId: string, number: number): ReturnType<Balancer["send"]> => {
    const path = `/v1/resolutions/${resolutionId}${number % 2 === 0 ? "" : "/timeline"}`;
    return balancer.send("GET", path, { authorization: `Bearer ${agent}` });
  };

  const stock = async () => void orders.push(...(await buy(on, 400)));
  let busy = true;
  await stock();
  while (resolutions.length < 10) await begin();
  const beganAt = performance.now();
  const offering = (async () => {
    for (let due = performance.now(); busy; due += 1000 / perSecond) {
      const early = due - performance.now();
      if (early > 0) await new Promise((resolve) => setTimeout(resolve, early));
      if (open.size >= atOnceMax) continue;
      // Bought while the load goes on, so that a long run does not begin with an hour of orders.
      if (orders.length < 200) await stock();
      const done = once(sent++).finally(() => open.delete(done));
      open.add(done);
    }
  })();
  try {
    await whileBusy();
  } finally {
    busy = false;
    await offering;
    await Promise.all(open);
    balancer.close();
  }
  tookMs.sort((a, b) => a - b);
  const p99Ms = tookMs[Math.floor(tookMs.length * 0.99)] ?? 0;
  const seconds = (performance.now() - beganAt) / 1000;
  return { sent, seconds, failed, resolutions, p99Ms, longestMs: tookMs.at(-1) ?? 0 };
}

async function buy({ sandbox, now }: Loaded, count: number): Promise<Bought[]> {
  const bought = Array.from({ length: count }, () => ({ orderId: newId("ord"), customerId: newId("cus") }));
  const time = (await now()).getTime();
  const paid = toProto(money(50_000n, "KRW"));
  const orders = bought.map(({ orderId, customerId }) =>
    ImportedOrder.fromPartial({
      order: {
        orderId,
        customerId,
        market: "KR",
        currencyCode: "KRW",
        orderTime: new Date(time - 4 * day),
        lines: [
          { lineId: "l-1", sku: "mug", title: "Mug", quantity: 2, paid, category: "homeware", sellerType: "SHOP" },
        ],
        shipping: toProto(money(0n, "KRW")),
        payments: [{ paymentId: `pay-${orderId}`, method: "CARD", captured: paid }],
      },
      shipTime: new Date(time - 3 * day),
      deliverTime: new Date(time - 2 * day),
    }),
  );
  await sandbox.importOrders({ orders });
  return bought;
}

function reasonOf(text: string): string {
  try {
    return JSON.parse(text).reason;
  } catch {
    return text.slice(0, 60);
  }
}
