// What journeys are told with: orders to import, a customer who speaks REST, the sandbox's clock, scenarios and books.
import assert from "node:assert/strict";
import type { DeepPartial, Order } from "#gen/backhaul/partner/order/v1/order_service.js";
import { ClockServiceService } from "#gen/backhaul/sandbox/v1/clock_service.js";
import { ImportedOrder, MasterProduct, SandboxServiceService } from "#gen/backhaul/sandbox/v1/sandbox_service.js";
import { Scenario, ScenarioServiceService } from "#gen/backhaul/sandbox/v1/scenario_service.js";
import type { Money } from "#gen/google/type/money.js";
import { openAddress } from "#kit/client.js";
import { RpcError } from "#kit/errors.js";
import { newId } from "#kit/ids.js";
import { money, toProto } from "#kit/pure/money.js";
import { until } from "#kit/testing/peers.js";
import type { Identity } from "#kit/tls.js";
import type { PersonRole } from "../scripts/mesh/issuer.js";

const currencies: Readonly<Record<string, string>> = { GB: "GBP", KR: "KRW", TW: "TWD" };

/** A resolution as the edge tells it: what journeys look at. */
export type Seen = {
  readonly resolutionId: string;
  readonly state: string;
  readonly goods: string;
  readonly money: string;
  readonly stock: string;
  readonly onHold: boolean;
  readonly holdReason: string;
  readonly lines: readonly {
    readonly lineId: string;
    readonly quantity: number;
    readonly accepted: number;
    readonly rejected: number;
  }[];
  readonly refundId: string;
  readonly collectionId: string;
  readonly inspectionId: string;
  readonly refunded?: { readonly currencyCode: string; readonly units: string; readonly nanos: number };
  readonly decision: {
    readonly decisionId: string;
    readonly terms?: { readonly fees: readonly unknown[] };
    readonly lines: readonly { readonly ruleId: string }[];
  };
  readonly deadlines: readonly { readonly step: string; readonly dueTime: string; readonly article: string }[];
};

/** A refund as the edge tells it: what journeys look at. */
export type SeenRefund = {
  readonly refundId: string;
  readonly state: string;
  readonly settleTime?: string;
  readonly quote: {
    readonly amount: { readonly units: string; readonly nanos: number };
    readonly items: readonly {
      readonly lineId: string;
      readonly quantity: number;
      readonly amount: { readonly units: string };
    }[];
    readonly adjustments: readonly { readonly code: string; readonly amount: { readonly units: string } }[];
    readonly restored: readonly { readonly kind: string; readonly reference: string; readonly points: string }[];
    readonly tenders: readonly {
      readonly paymentId: string;
      readonly state: string;
      readonly route: string;
      readonly heldFor: string;
      readonly providerKey: string;
      readonly amount: { readonly units: string };
    }[];
  };
  readonly twins: readonly { readonly kind: string; readonly state: string; readonly correction: string }[];
  readonly differences: readonly {
    readonly code: string;
    readonly quantity: number;
    readonly amount: { readonly units: string };
  }[];
  readonly interest?: { readonly days: number; readonly amount: { readonly units: string } };
  readonly recovery?: { readonly state: string; readonly amount: { readonly units: string } };
};

/** An order to import: two units of one product, delivered two days ago, unless said otherwise. */
export type OrderOptions = {
  readonly market?: "GB" | "KR" | "TW";
  readonly quantity?: number;
  /** For all units together, in minor units. */
  readonly paidMinor?: bigint;
  readonly sku?: string;
  readonly category?: string;
  /** Not shipped for so many days yet; without it the order was delivered two days ago. */
  readonly shipsInDays?: number;
  /** Where it was delivered to; one of the market's cities if not said. */
  readonly postcode?: string;
  /** What else the catalogue knows of the product. */
  readonly product?: Partial<MasterProduct>;
  /** What else the order system knows of it: other payments, discounts, a tax document. */
  readonly more?: (order: { readonly orderId: string; readonly money: (minor: bigint) => Money }) => DeepPartial<Order>;
};

export type Shop = Awaited<ReturnType<typeof openShop>>;

/** Where a mesh's doors are, whether it lives in this process or in many. */
export type Doors = {
  readonly gatewayUrl: string;
  readonly sandboxAddress: string;
  token(role: PersonRole, subject: string): Promise<string>;
  /** Where the doors have TLS: how an operator and a customer's ingress show who they are. */
  readonly identity?: Identity;
  readonly fetch?: typeof fetch;
};

/** Opens the sandbox's doors and a customer's. */
export async function openShop(doors: Doors) {
  const operator = await doors.token("OPERATOR", "olga");
  const opened = openAddress(doors.sandboxAddress, {
    service: "journey",
    mint: () => operator,
    deadlineMs: 45_000,
    identity: doors.identity,
  });
  const sandbox = opened.connect(SandboxServiceService);
  const scenarios = opened.connect(ScenarioServiceService);
  const clocks = opened.connect(ClockServiceService);
  const now = async () => (await clocks.getClock({})).now as Date;

  async function advance(days: number): Promise<void> {
    // A sandbox that was killed a moment ago is not found at once by a channel that waits before it connects again.
    const to = await until("the sandbox answers", () => now().catch(away), 15_000);
    await clocks.advanceClock({ to: new Date(to.getTime() + days * 86_400_000 + 1000), noWait: false });
  }

  function away(error: unknown): undefined {
    if (!(error instanceof RpcError && error.reason === "")) throw error;
  }

  async function order(options: OrderOptions = {}): Promise<{ orderId: string; customerId: string; lineId: string }> {
    const { market = "KR", quantity = 2, paidMinor = 50_000n, sku = newId("sku"), category = "homeware" } = options;
    const currency = currencies[market] as string;
    const orderId = newId("ord");
    const customerId = newId("cus");
    const time = (await now()).getTime();
    const day = 86_400_000;
    const shipped = options.shipsInDays === undefined ? time - 3 * day : time + options.shipsInDays * day;
    await sandbox.importMasterData({
      products: [MasterProduct.fromPartial({ sku, category, stock: 1000, ...options.product })],
      members: [],
    });
    const paid = toProto(money(paidMinor, currency));
    await sandbox.importOrders({
      orders: [
        ImportedOrder.fromPartial({
          order: {
            orderId,
            customerId,
            market,
            currencyCode: currency,
            orderTime: new Date(Math.min(shipped, time) - day),
            lines: [{ lineId: "l-1", sku, title: "Mug", quantity, paid, category, sellerType: "SHOP" }],
            shipping: toProto(money(0n, currency)),
            payments: [{ paymentId: `pay-${orderId}`, method: "CARD", captured: paid }],
            ...options.more?.({ orderId, money: (minor) => toProto(money(minor, currency)) }),
          },
          shipTime: new Date(shipped),
          deliverTime: new Date(shipped + day),
          postcode: options.postcode ?? "",
        }),
      ],
    });
    return { orderId, customerId, lineId: "l-1" };
  }

  async function rest(
    role: PersonRole,
    subject: string,
    method: string,
    path: string,
    body?: object,
    key: string = newId("key"),
  ) {
    const response = await (doors.fetch ?? fetch)(`${doors.gatewayUrl}${path}`, {
      method,
      headers: {
        authorization: `Bearer ${await doors.token(role, subject)}`,
        ...(body ? { "content-type": "application/json" } : {}),
        ...(method === "POST" ? { "idempotency-key": key } : {}),
      },
      ...(body ? { body: JSON.stringify(body) } : {}),
    });
    // biome-ignore lint/suspicious/noExplicitAny: JSON of whatever the edge answers
    const json = (await response.json().catch(() => undefined)) as any;
    return { status: response.status, json };
  }

  /** A request of the order's own customer; fails the test if it is not taken. */
  async function ask(
    { orderId, customerId, lineId }: { orderId: string; customerId: string; lineId: string },
    kind: "CANCELLATION" | "RETURN" | "EXCHANGE" | "CLAIM",
    {
      reason = "NO_LONGER_NEEDED",
      quantity = 2,
      key = newId("key"),
      more = {},
    }: { reason?: string; quantity?: number; key?: string; more?: object } = {},
  ): Promise<Seen> {
    const body = { orderId, kind: `KIND_${kind}`, lines: [{ lineId, quantity, reason, ...more }] };
    const { status, json } = await rest("CUSTOMER", customerId, "POST", "/v1/resolutions", body, key);
    assert.equal(status, 200, JSON.stringify(json));
    return json;
  }

  async function see(resolutionId: string): Promise<Seen> {
    const { json } = await rest("AGENT", "alice", "GET", `/v1/resolutions/${resolutionId}`);
    return json;
  }

  return {
    now,
    order,
    rest,
    ask,
    see,
    sandbox,
    clocks,
    /** Lets time pass, half a day at a time: what is under way is done first, and whatever falls due is done in its time. */
    pass: async (days: number) => {
      await advance(0);
      for (let left = days; left > 0; left -= 0.5) await advance(Math.min(left, 0.5));
    },
    scenario: async (scenario: Partial<Scenario>) => {
      await scenarios.addScenario({ scenario: Scenario.fromPartial(scenario) });
    },
    /** How long carriers and the warehouse take, each, in seconds of business time. */
    setPace: async (pace: { readonly pickup: number; readonly transit: number; readonly inspection: number }) => {
      const [pickup, transit, inspection] = [pace.pickup, pace.transit, pace.inspection].map((seconds) => ({
        seconds: BigInt(seconds),
        nanos: 0,
      }));
      await scenarios.setPace({ pace: { pickup, transit, inspection, retry: pickup } });
    },
    /** Whatever was to go wrong goes right again. */
    noScenarios: async () => {
      await scenarios.clearScenarios({});
    },
    /** Waits until a resolution is in this state, and shows it. */
    reaches: (resolutionId: string, state: string, timeoutMs = 15_000): Promise<Seen> =>
      until(
        `${resolutionId} ${state}`,
        async () => {
          const seen = await see(resolutionId);
          return seen.state === `RESOLUTION_STATE_${state}` && seen;
        },
        timeoutMs,
      ),
    timeline: async (resolutionId: string): Promise<{ name: string; applied: boolean }[]> => {
      const { json } = await rest("AGENT", "alice", "GET", `/v1/resolutions/${resolutionId}/timeline`);
      return json.entries;
    },
    /** A refund as the edge shows it. */
    refund: async (refundId: string): Promise<SeenRefund> =>
      (await rest("FINANCE", "fiona", "GET", `/v1/refunds/${refundId}`)).json,
    providerRefunds: async (orderId: string) => (await sandbox.listProviderRefunds({ orderId })).refunds,
    close: opened.close,
  };
}
