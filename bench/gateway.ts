// What the edge costs, and what it does with three times more than it can: reads and creates through the gateway, and the
// same calls by plain gRPC, by turns in the same run, so that whatever else the machine does falls on both.
import { fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { ImportedOrder } from "#gen/backhaul/sandbox/v1/sandbox_service.js";
import { newId } from "#kit/ids.js";
import { money, toProto } from "#kit/pure/money.js";
import type { Desk } from "../prove/desk.js";
import { setApart } from "./cores.js";
import { cpuMs } from "./cpu.js";
import type { Came, Order, Setting, What } from "./gateway/client.js";
import { percentile, rounded, table } from "./numbers.js";

type Door = Order["door"];
/** One round of calls through one door, per call. */
type Round = {
  readonly perSecond: number;
  readonly p50Ms: number;
  /** Of the gateway; 0 where it is not asked. */
  readonly gatewayUs: number;
  /** Of the client and of the services that answer, Postgres left out. */
  readonly callUs: number;
};
type Through = {
  readonly rest: Round;
  readonly grpc: Round;
  /** Of the gateway's CPU to what the call itself costs by gRPC, client and services together. */
  readonly cpuRatio: number;
};
type Overload = {
  readonly peakPerSecond: number;
  readonly offeredPerSecond: number;
  readonly goodPerSecond: number;
  readonly goodputShare: number;
  readonly goodP99Ms: number;
  readonly rejected: number;
  readonly rejectedP50Ms: number;
  readonly rejectedP99Ms: number;
  readonly sentLateP99Ms: number;
};
export type GatewayFigures = {
  readonly gateway: {
    readonly through: Readonly<Record<What, Through>>;
    /** How client and mesh shared the machine meanwhile. */
    readonly cores: string;
    readonly overload: Readonly<Record<"read" | "create", Overload>>;
  };
};

const rounds = Number(process.env.BENCH_ROUNDS ?? 5);
const calls: Readonly<Record<What, number>> = { read: 1_500, list: 600, create: 250 };
const inFlight = 16;
/** More than the edge lets in at once, so that it has to turn some away. */
const sockets = 512;
const atPeak = 64;
const peakSeconds = 3;
const overSeconds = 5;
const overloadRounds = 3;
const times = 3;
/** Creates of which the peak is guessed before it is measured. */
const guessed = 400;

export async function measureGateway(
  desk: Desk,
  say: (line: string) => void,
): Promise<{ figures: GatewayFigures; text: string }> {
  const client = await openClient(desk, say);
  const through = {} as Record<What, Through>;
  for (const what of ["read", "list", "create"] as const) {
    say(`measuring ${what}, ${rounds} rounds through the gateway and by gRPC`);
    through[what] = await byTurns(client, what);
  }
  const { how: cores, close: together } = setApart([client.pid], meshPids(desk));
  say(cores);
  const overload = {
    read: await overloaded(client, "read", say),
    create: await overloaded(client, "create", say),
  };
  together();
  client.close();
  const figures = { through, cores, overload };
  return { figures: { gateway: figures }, text: render(figures) };
}

/** All that works for an answer, Postgres and nats-server among it. */
function meshPids({ mesh: { pids, servers } }: Desk): number[] {
  return [...Object.values(pids()).flat(), ...[servers.postgres, servers.nats].flatMap((one) => one?.pid ?? [])];
}

type Client = Awaited<ReturnType<typeof openClient>>;

async function openClient(desk: Desk, say: (line: string) => void) {
  const { mesh, meshSecret } = desk;
  const customerId = newId("cus");
  const token = await mesh.issuer.token("CUSTOMER", customerId);
  let bought: string[] = [];
  const buy = async (count: number): Promise<string[]> => {
    if (bought.length < count) {
      say(`buying ${count}`);
      bought = await orders(desk, customerId, count);
    }
    return bought.splice(0, count);
  };
  const [first = ""] = await buy(1);
  const answer = await fetch(`${mesh.gatewayUrl}/v1/resolutions`, {
    method: "POST",
    headers: { authorization: `Bearer ${token}`, "content-type": "application/json", "idempotency-key": newId("key") },
    body: JSON.stringify({
      orderId: first,
      kind: "KIND_CLAIM",
      lines: [{ lineId: "l-1", quantity: 2, reason: "NOT_RECEIVED" }],
    }),
  });
  const { resolutionId } = (await answer.json()) as { resolutionId?: string };
  if (!resolutionId) throw new Error(`a return was answered ${answer.status}`);
  const setting: Setting = {
    gatewayUrl: mesh.gatewayUrl,
    resolution: mesh.addresses.resolution,
    meshSecret,
    customer: { customerId, token },
    resolutionId,
    sockets,
  };
  const child = fork(fileURLToPath(new URL("gateway/client.ts", import.meta.url)), [JSON.stringify(setting)], {
    serialization: "advanced", // keeps a NaN
  });
  const cpu = () => {
    const { gateway, ...services } = mesh.pids();
    return { gateway: cpuMs(gateway), services: cpuMs(Object.values(services).flat()) };
  };
  return {
    pid: child.pid as number,
    /** So many calls; what they came to, and what gateway and services spent. */
    run: async (door: Door, what: What, count: number, offered: Order["offered"]) => {
      const orderIds = what === "create" ? await buy(count) : Array.from({ length: count }, () => "");
      const before = cpu();
      const came = once(child, "message");
      child.send({ door, what, orderIds, offered } satisfies Order);
      const [load] = (await came) as [Came];
      const after = cpu();
      const others = Object.entries(load.other);
      if (others.length > 0) throw new Error(`${what} over ${door} was answered ${JSON.stringify(others)}`);
      return { ...load, gatewayMs: after.gateway - before.gateway, servicesMs: after.services - before.services };
    },
    stock: buy,
    close: () => child.disconnect(),
  };
}

/** British orders of two mugs dear enough that somebody looks at it when they did not come. */
async function orders({ sandbox }: Desk, customerId: string, count: number): Promise<string[]> {
  const day = 86_400_000;
  const time = Date.now();
  const paid = toProto(money(40_000n, "GBP"));
  const ids = Array.from({ length: count }, () => newId("ord"));
  for (let from = 0; from < count; from += 1000) {
    const some = ids.slice(from, from + 1000).map((orderId) =>
      ImportedOrder.fromPartial({
        order: {
          orderId,
          customerId,
          market: "GB",
          currencyCode: "GBP",
          orderTime: new Date(time - 4 * day),
          lines: [
            { lineId: "l-1", sku: "mug", title: "Mug", quantity: 2, paid, category: "homeware", sellerType: "SHOP" },
          ],
          shipping: toProto(money(0n, "GBP")),
          payments: [{ paymentId: `pay-${orderId}`, method: "CARD", captured: paid }],
        },
        shipTime: new Date(time - 3 * day),
        deliverTime: new Date(time - 2 * day),
      }),
    );
    await sandbox.importOrders({ orders: some });
  }
  return ids;
}

/** The middle of several rounds of each; the first warms up. */
async function byTurns(client: Client, what: What): Promise<Through> {
  const of: Record<Door, Round[]> = { rest: [], grpc: [] };
  for (let round = 0; round <= rounds; round++) {
    for (const door of ["rest", "grpc"] as const) {
      const { seconds, good, goodP50Ms, cpuMs, gatewayMs, servicesMs } = await client.run(door, what, calls[what], {
        inFlight,
      });
      if (round === 0) continue;
      of[door].push({
        perSecond: good / seconds,
        p50Ms: goodP50Ms,
        gatewayUs: (1000 * gatewayMs) / good,
        callUs: (1000 * (cpuMs + servicesMs)) / good,
      });
    }
  }
  const [rest, grpc] = [middle(of.rest), middle(of.grpc)];
  const ratios = of.rest.map(({ gatewayUs }, i) => gatewayUs / (of.grpc[i]?.callUs ?? Number.NaN));
  return { rest, grpc, cpuRatio: percentile(ratios, 0.5) };
}

function middle(all: readonly Round[]): Round {
  const of = (key: keyof Round) =>
    percentile(
      all.map((round) => round[key]),
      0.5,
    );
  return { perSecond: of("perSecond"), p50Ms: of("p50Ms"), gatewayUs: of("gatewayUs"), callUs: of("callUs") };
}

/** Peak and three times of it, by turns; the middle of the rounds. */
async function overloaded(client: Client, what: "read" | "create", say: (line: string) => void): Promise<Overload> {
  say(`offering ${times} times of the peak of ${what}`);
  const perSecond = async (count: number) => {
    const { good, rejected, seconds } = await client.run("rest", what, count, { inFlight: atPeak });
    if (rejected > 0) throw new Error(`${rejected} were turned away at ${atPeak} at a time`);
    return good / seconds;
  };
  const guess = await perSecond(guessed);
  const all: Overload[] = [];
  for (let round = 0; round < overloadRounds; round++) {
    const peakPerSecond = await perSecond(Math.ceil(guess * peakSeconds));
    const offeredPerSecond = times * peakPerSecond;
    const load = await client.run("rest", what, Math.ceil(offeredPerSecond * overSeconds), {
      perSecond: offeredPerSecond,
    });
    const { good, seconds, rejected, goodP99Ms, rejectedP50Ms, rejectedP99Ms, sentLateP99Ms } = load;
    const goodPerSecond = good / seconds;
    const goodputShare = goodPerSecond / peakPerSecond;
    all.push({
      ...{ peakPerSecond, offeredPerSecond, goodPerSecond, goodputShare, goodP99Ms },
      ...{ rejected, rejectedP50Ms, rejectedP99Ms, sentLateP99Ms },
    });
  }
  const keys = Object.keys(all[0] ?? {}) as (keyof Overload)[];
  const middles = keys.map((key) => [
    key,
    percentile(
      all.map((one) => one[key]),
      0.5,
    ),
  ]);
  return Object.fromEntries(middles);
}

const named = { read: "GetResolution", list: "ListResolutions, ten", create: "CreateResolution" } as const;

function render({ through, cores, overload }: GatewayFigures["gateway"]): string {
  const rows = ({ rest, grpc, cpuRatio }: Through, name: string): [string, string, string?][] => [
    [`${name} per second`, rounded(rest.perSecond, 0), `${rounded(grpc.perSecond, 0)} by gRPC; ${inFlight} at a time`],
    ["  p50", `${rounded(rest.p50Ms)} ms`, `${rounded(grpc.p50Ms)} ms by gRPC`],
    ["  CPU of the gateway", `${rounded(rest.gatewayUs, 0)} µs`, "a call"],
    ["  CPU of the call by gRPC", `${rounded(grpc.callUs, 0)} µs`, "its client and the services, without Postgres"],
    ["  ratio", rounded(cpuRatio, 2), "goal 1 at most"],
  ];
  const shed = (one: Overload, name: string): [string, string, string?][] => [
    [`${name} at the peak`, `${rounded(one.peakPerSecond, 0)}/s`, `${atPeak} at a time`],
    ["  offered", `${rounded(one.offeredPerSecond, 0)}/s`, `${times} times, whatever is answered`],
    ["  done", `${rounded(one.goodPerSecond, 0)}/s`, `${rounded(100 * one.goodputShare)} % of the peak, goal 90 %`],
    ["  done, p99", `${rounded(one.goodP99Ms)} ms`, "from when it was due"],
    ["  turned away", rounded(one.rejected, 0), `p50 ${rounded(one.rejectedP50Ms)} ms`],
    ["  turned away, p99", `${rounded(one.rejectedP99Ms)} ms`, "from when it was due, goal 50 ms"],
    ["  the client's own delay, p99", `${rounded(one.sentLateP99Ms)} ms`, "in each of these"],
  ];
  return [
    table("the same calls through the gateway and by gRPC", [
      ...rows(through.read, named.read),
      ...rows(through.list, named.list),
      ...rows(through.create, named.create),
    ]),
    table(`offered three times what can be done, ${cores}`, [
      ...shed(overload.read, named.read),
      ...shed(overload.create, named.create),
    ]),
  ].join("\n\n");
}
