// Named builders, and a sandbox to talk to.
import assert from "node:assert/strict";
import { CollectionMethod } from "#gen/backhaul/eligibility/v1/decision.js";
import {
  type DeepPartial,
  Order,
  type SaleDocument,
  TaxDocumentKind,
} from "#gen/backhaul/partner/order/v1/order_service.js";
import { BookPickupRequest, TransportServiceService } from "#gen/backhaul/partner/transport/v1/transport_service.js";
import { ClockServiceService } from "#gen/backhaul/sandbox/v1/clock_service.js";
import { type ImportedOrder, SandboxServiceService } from "#gen/backhaul/sandbox/v1/sandbox_service.js";
import { Scenario, ScenarioServiceService, type Twist } from "#gen/backhaul/sandbox/v1/scenario_service.js";
import type { ServiceContract } from "#kit/client.js";
import type { Env } from "#kit/config.js";
import type { RoleWord } from "#kit/contracts.js";
import { RpcError } from "#kit/errors.js";
import { newId } from "#kit/ids.js";
import { money, toProto } from "#kit/pure/money.js";
import { clientAs } from "#kit/testing/peers.js";
import type { Stage } from "#kit/testing/stage.js";
import { readPartnersConfig } from "../config.js";
import { start } from "../service.js";

export const webhookKey = Buffer.alloc(32, "carrier");
export const hour = 3_600_000;
export const gbp = (minor: bigint) => toProto(money(minor, "GBP"));

/** How an order may differ: in its shipping, in how it was paid, in what else was sold with it. */
type OrderChange = Partial<ImportedOrder> & { orderId?: string; method?: string; more?: DeepPartial<Order> };

/** Three mugs for £10.00 and one lamp for £25.50, delivery £3.95, paid by card; shipped and delivered long ago. */
export function order(change: OrderChange = {}): ImportedOrder {
  const { orderId = newId("ord"), method = "CARD", more = {}, ...rest } = change;
  const sold = Order.fromPartial({
    orderId,
    customerId: "c-1",
    market: "GB",
    currencyCode: "GBP",
    orderTime: new Date("2026-11-01T10:00:00Z"),
    lines: [
      {
        lineId: "mugs",
        sku: "mug",
        title: "Mug",
        quantity: 3,
        paid: gbp(1000n),
        category: "homeware",
        sellerType: "SHOP",
      },
      {
        lineId: "lamp",
        sku: "lamp",
        title: "Lamp",
        quantity: 1,
        paid: gbp(2550n),
        category: "homeware",
        sellerType: "SHOP",
      },
    ],
    shipping: gbp(395n),
    payments: [{ paymentId: `pay-${orderId}`, method, captured: gbp(3945n) }],
    ...more,
  });
  const [shipTime, deliverTime] = [new Date("2026-11-02T10:00:00Z"), new Date("2026-11-04T10:00:00Z")];
  return { order: sold, shipTime, deliverTime, postcode: "", addressKey: "", ...rest };
}

/** A tax document of a sale, with a number of its own. */
export function invoice(kind = TaxDocumentKind.TAX_DOCUMENT_KIND_VAT_INVOICE): SaleDocument {
  return { kind, number: newId("inv"), issueTime: new Date("2026-11-01T10:00:00Z") };
}

/** A sandbox with clients of every contract, each opened when it is first asked for. */
export async function sandbox(stage: Stage, more: Env = {}) {
  const secret = `whsec_${webhookKey.toString("base64")}`;
  const nowhere = { INSPECTION_ADDRESS: "127.0.0.1:1", REFUND_ADDRESS: "127.0.0.1:1" };
  const env = stage.env("partners", { WEBHOOK_SECRET: secret, ...nowhere, ...more });
  const running = await start(readPartnersConfig(env));
  const opened: { close(): void }[] = [];
  const as = <S extends ServiceContract>(contract: S, role: RoleWord = "SERVICE") => {
    const client = clientAs(contract, running.port, role);
    opened.push(client);
    return client;
  };
  const operator = as(SandboxServiceService, "OPERATOR");
  const clock = as(ClockServiceService, "OPERATOR");
  const scenarios = as(ScenarioServiceService, "OPERATOR");
  return {
    running,
    as,
    operator,
    clock,
    scenarios,
    transport: as(TransportServiceService),
    /** An order of its own for each test. */
    sold: async (change: Parameters<typeof order>[0] = {}): Promise<string> => {
      const imported = order(change);
      await operator.importOrders({ orders: [imported] });
      return imported.order!.orderId;
    },
    go: async (hours: number): Promise<Date> => {
      const { now } = await clock.getClock({});
      const { now: after } = await clock.advanceClock({ to: new Date(now!.getTime() + hours * hour), noWait: false });
      return after!;
    },
    play: (twist: Twist, change: Partial<Scenario> = {}) =>
      scenarios.addScenario({ scenario: Scenario.fromPartial({ twist, ...change }) }),
    stop: async () => {
      for (const client of opened) client.close();
      await running.stop();
    },
  };
}

export type Sandbox = Awaited<ReturnType<typeof sandbox>>;

/** A driver is to come for three units. */
export function booking(change: Partial<BookPickupRequest> = {}): BookPickupRequest {
  return BookPickupRequest.fromPartial({
    requestId: newId("req"),
    market: "GB",
    orderId: newId("ord"),
    resolutionId: newId("res"),
    method: CollectionMethod.COLLECTION_METHOD_PICKUP_CONTACTLESS,
    units: 3,
    ...change,
  });
}

/** A rejection's reason. */
export const reason = (expected: string) => (error: unknown) => {
  assert.ok(error instanceof RpcError, String(error));
  assert.equal(error.reason, expected, error.message);
  return true;
};
