/**
 * A mesh as the replay sees it, in memory: it sells what is imported, takes back what is left, closes a request three
 * days later and refunds it less a fee. Tests have it fail in one way each.
 */
import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import type { JsonMoney, JsonRefund, JsonResolution } from "../answers.js";
import type { Sandbox } from "../sandbox.js";

export interface Flaws {
  /** Pence that each refund lacks. */
  skim?: bigint;
  /** What the provider pays beside our list. */
  extra?: bigint;
  /** Takes back units that are not there. */
  accepts?: "everything";
  /** Answers every nth request 503 first. */
  busyEvery?: number;
  /** Leaves the first accepted request open, without a word. */
  forgetsOne?: boolean;
}

export interface FakeMesh {
  url: string;
  sandbox: Sandbox;
  /** In the order they came: "17850 C536379-536365", with the business time. */
  heard: { who: string; key: string; at: Date }[];
  /** Each move of the clock. */
  moves: { to: Date; wait: boolean }[];
  close(): void;
}

const feeMinor = 295n;
const closesAfterMs = 3 * 86_400_000;

interface Case {
  resolution: JsonResolution;
  refund: JsonRefund;
  due: number;
}

export async function fakeMesh(flaws: Flaws = {}): Promise<FakeMesh> {
  let now = new Date("2026-11-20T09:00:00Z");
  const left = new Map<string, { orderId: string; units: number; unitMinor: bigint }>();
  const orders = new Set<string>();
  const answers = new Map<string, { status: number; body: unknown }>();
  const cases = new Map<string, Case>();
  const heard: FakeMesh["heard"] = [];
  const moves: FakeMesh["moves"] = [];
  let posts = 0;

  const paid = () => [...cases.values()].filter(({ refund }) => refund.state === "REFUND_STATE_SUCCEEDED");
  const paidMinor = (some: Case[]) => some.reduce((sum, { refund }) => sum + minorOf(refund.quote.amount), 0n);

  function create(who: string, key: string, body: { orderId: string; lines: { lineId: string; quantity: number }[] }) {
    heard.push({ who, key, at: now });
    if (!orders.has(body.orderId)) return refusal("ORDER_NOT_FOUND");
    const enough = body.lines.every(({ lineId, quantity }) => quantity <= (left.get(lineId)?.units ?? 0));
    const known = body.lines.every(({ lineId }) => left.has(lineId));
    if (flaws.accepts !== "everything" && !known) return refusal("LINE_NOT_IN_ORDER");
    if (flaws.accepts !== "everything" && !enough) return refusal("UNITS_UNAVAILABLE");
    const resolutionId = `res_${cases.size + 1}`;
    let worth = -(flaws.skim ?? 0n);
    for (const { lineId, quantity } of body.lines) {
      const line = left.get(lineId);
      if (line) line.units -= quantity;
      worth += (line?.unitMinor ?? 0n) * BigInt(quantity);
    }
    const lines = body.lines.map(({ lineId, quantity }) => ({ lineId, quantity, accepted: 0 }));
    const decided = body.lines.map(({ lineId }) => ({ lineId, verdict: "VERDICT_ACCEPT", ruleId: "r" }));
    const resolution: JsonResolution = {
      resolutionId,
      orderId: body.orderId,
      state: "RESOLUTION_STATE_OPEN",
      goods: "GOODS_STATE_COLLECTING",
      money: "MONEY_STATE_WAITING",
      onHold: false,
      holdReason: "",
      lines,
      decision: { lines: decided, terms: { fees: [{ code: "RETURN_SHIPPING", amount: gbp(feeMinor) }] } },
      deadlines: [],
    };
    const amount = gbp(worth > feeMinor ? worth - feeMinor : 0n);
    const refund: JsonRefund = {
      refundId: `rfd_${cases.size + 1}`,
      resolutionId,
      orderId: body.orderId,
      state: "REFUND_STATE_GRANTED",
      quote: { amount, fees: [], items: [] },
    };
    cases.set(resolutionId, { resolution, refund, due: now.getTime() + closesAfterMs });
    return { status: 200, body: structuredClone(resolution) };
  }

  function moveOn(): void {
    for (const { resolution, refund, due } of cases.values()) {
      if (due > now.getTime() || (flaws.forgetsOne && resolution.resolutionId === "res_1")) continue;
      resolution.state = "RESOLUTION_STATE_CLOSED";
      resolution.money = "MONEY_STATE_REFUNDED";
      for (const line of resolution.lines) line.accepted = line.quantity;
      refund.state = "REFUND_STATE_SUCCEEDED";
    }
  }

  async function answer(request: IncomingMessage): Promise<{ status: number; body: unknown }> {
    const who = request.headers.authorization?.replace("Bearer ", "") ?? "";
    const path = request.url ?? "";
    if (request.method === "GET" && path.startsWith("/v1/refunds")) {
      return { status: 200, body: { refunds: [...cases.values()].map(({ refund }) => refund), nextPageToken: "" } };
    }
    if (request.method === "GET") {
      return { status: 200, body: cases.get(path.replace("/v1/resolutions/", ""))?.resolution };
    }
    posts += 1;
    if (flaws.busyEvery && posts % flaws.busyEvery === 0) return { status: 503, body: {} };
    let text = "";
    for await (const chunk of request) text += chunk;
    const key = String(request.headers["idempotency-key"]);
    const given = answers.get(key) ?? create(who, key, JSON.parse(text));
    answers.set(key, given);
    return given;
  }

  const server = createServer(async (request, reply) => {
    const { status, body } = await answer(request);
    reply.writeHead(status, { "content-type": "application/json", ...(status === 503 ? { "retry-after": "0" } : {}) });
    reply.end(JSON.stringify(body));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));

  const sandbox: Sandbox = {
    now: async () => now,
    advance: async (to, wait) => {
      moves.push({ to, wait });
      if (to > now) now = to;
      if (wait) moveOn();
    },
    setPace: async () => {},
    importOrders: async (given) => {
      const fresh = given.flatMap(({ order }) => (order && !orders.has(order.orderId) ? [order] : []));
      for (const order of fresh) {
        orders.add(order.orderId);
        for (const { lineId, quantity, paid } of order.lines) {
          const minor = (paid?.units ?? 0n) * 100n + BigInt((paid?.nanos ?? 0) / 10_000_000);
          left.set(lineId, { orderId: order.orderId, units: quantity, unitMinor: minor / BigInt(quantity) });
        }
      }
      return fresh.length;
    },
    books: async () => ({
      refundedMinor: paidMinor(paid()) + (paid().length > 0 ? (flaws.extra ?? 0n) : 0n),
      refunds: paid().length,
      overRefunded: 0,
      orders: orders.size,
    }),
    refundedFor: async (orderId) => paidMinor(paid().filter(({ refund }) => refund.orderId === orderId)),
    close: () => {},
  };
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    sandbox,
    heard,
    moves,
    close: () => server.closeAllConnections() ?? server.close(),
  };
}

function refusal(reason: string) {
  return { status: 422, body: { reason, detail: reason } };
}

function gbp(minor: bigint): JsonMoney {
  return { currencyCode: "GBP", units: `${minor / 100n}`, nanos: Number(minor % 100n) * 10_000_000 };
}

function minorOf({ units, nanos }: JsonMoney): bigint {
  return BigInt(units) * 100n + BigInt(nanos / 10_000_000);
}
