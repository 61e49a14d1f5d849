// A client in a process of its own: its CPU and its waits are its own. Told by its parent what to send, it says what came.
import {
  CreateResolutionRequest,
  ListResolutionsRequest,
  ResolutionServiceService,
} from "#gen/backhaul/resolution/v1/resolution_service.js";
import { Kind } from "#gen/backhaul/type/v1/kind.js";
import { createMinter } from "#kit/access.js";
import { openAddress } from "#kit/client.js";
import { RpcError } from "#kit/errors.js";
import { newId } from "#kit/ids.js";
import { type Act, closedLoop, type Load, openLoop } from "./load.js";
import { openWire, requestOf } from "./wire.js";

/** Somebody with an order that has a return already, and others to ask for. */
export type Customer = { readonly customerId: string; readonly token: string };

/** Where to call, and as whom. */
export type Setting = {
  readonly gatewayUrl: string;
  readonly resolution: string;
  readonly meshSecret: string;
  readonly customer: Customer;
  readonly resolutionId: string;
  readonly sockets: number;
};

export type What = "read" | "list" | "create";
export type Order = {
  readonly door: "rest" | "grpc";
  readonly what: What;
  /** Each is asked for once; for reads only their number counts. */
  readonly orderIds: readonly string[];
  /** So many at a time, or so many a second. */
  readonly offered: { readonly inFlight: number } | { readonly perSecond: number };
};
export type Came = Load & { readonly cpuMs: number };

const setting: Setting = JSON.parse(process.argv[2] ?? "");
const doors = { rest: openRest(setting), grpc: openGrpc(setting) };

process.on("message", async ({ door, what, orderIds, offered }: Order) => {
  const act = doors[door][what];
  const acts: Iterator<Act> = orderIds.map((orderId) => () => act(orderId)).values();
  const before = process.cpuUsage();
  const load = await ("inFlight" in offered ? closedLoop(acts, offered.inFlight) : openLoop(acts, offered.perSecond));
  const { user, system } = process.cpuUsage(before);
  process.send?.({ ...load, cpuMs: (user + system) / 1000 } satisfies Came);
});
process.on("disconnect", () => process.exit(0));

type Door = Readonly<Record<What, (orderId: string) => Promise<number>>>;

function openRest({ gatewayUrl, customer, resolutionId, sockets }: Setting): Door {
  const wire = openWire(gatewayUrl, sockets);
  const headers = { authorization: `Bearer ${customer.token}`, accept: "application/json" };
  const sent = (request: Buffer) => new Promise<number>((resolve) => wire.send(request, resolve));
  const read = requestOf("GET", `/v1/resolutions/${resolutionId}`, headers);
  const list = requestOf("GET", "/v1/resolutions?pageSize=10", headers);
  const writing = { ...headers, "content-type": "application/json" };
  return {
    read: () => sent(read),
    list: () => sent(list),
    create: (orderId) =>
      sent(
        requestOf(
          "POST",
          "/v1/resolutions",
          { ...writing, "idempotency-key": newId("key") },
          JSON.stringify({ orderId, kind: "KIND_CLAIM", lines: [asked] }),
        ),
      ),
  };
}

function openGrpc({ resolution, meshSecret, customer, resolutionId }: Setting): Door {
  const mint = createMinter("gateway", meshSecret);
  const caller = { subject: customer.customerId, role: "CUSTOMER", via: "" } as const;
  const opened = openAddress(resolution, { service: "gateway", mint: () => mint(caller), deadlineMs: 30_000 });
  const client = opened.connect(ResolutionServiceService);
  const page = ListResolutionsRequest.fromPartial({ pageSize: 10 });
  const statusOf = async (answer: Promise<unknown>) => {
    try {
      await answer;
      return 200;
    } catch (error) {
      if (error instanceof RpcError) return 500;
      throw error;
    }
  };
  return {
    read: () => statusOf(client.getResolution({ resolutionId })),
    list: () => statusOf(client.listResolutions(page)),
    create: (orderId) =>
      statusOf(
        client.createResolution(
          CreateResolutionRequest.fromPartial({
            requestId: newId("key"),
            orderId,
            kind: Kind.KIND_CLAIM,
            lines: [asked],
          }),
        ),
      ),
  };
}

/** Dear, and said not to have come: a person looks at it first, so that nothing follows by itself. */
const asked = { lineId: "l-1", quantity: 2, reason: "NOT_RECEIVED" };
