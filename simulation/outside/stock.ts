// Stock and the shipping of orders: holds that go out once or come back once, stops that come in time or too late,
// parcels that are turned round, and what the dock is told to expect.
import type { InventoryServiceService } from "#gen/backhaul/partner/inventory/v1/inventory_service.js";
import {
  InterceptOutcome,
  Shipment,
  type ShipmentServiceService,
  StopOutcome,
} from "#gen/backhaul/partner/shipment/v1/shipment_service.js";
import type { WarehouseServiceService } from "#gen/backhaul/partner/warehouse/v1/warehouse_service.js";
import { DomainError } from "#kit/pure/check.js";
import { fromProto, toProto } from "#kit/pure/money.js";
import type { Handlers } from "#kit/server.js";
import type { World } from "../world/types.js";
import { openKeyed } from "./keyed.js";
import type { OrderBook } from "./orders.js";
import { some } from "./some.js";

const { STOP_OUTCOME_STOPPED: stopped, STOP_OUTCOME_ALREADY_SHIPPED: shipped } = StopOutcome;
const { INTERCEPT_OUTCOME_INTERCEPTED: turned, INTERCEPT_OUTCOME_REFUSED: refused } = InterceptOutcome;

/** What is set aside for an order. */
export type Hold = { readonly orderId: string; released: boolean; sent: number };

export type Stock = ReturnType<typeof openStock>;

/** @param comesBack a parcel that is turned round, on its way to our dock */
export function openStock(world: World, { orders }: OrderBook, comesBack: (requestId: string) => void) {
  const { schedule } = world;
  const keyed = openKeyed();
  const holds = new Map<string, Hold>();
  const stops = new Map<string, StopOutcome>();
  let made = 0;

  const inventory = some<typeof InventoryServiceService>({
    holdStock: async (ask) =>
      keyed(ask.requestId, ask, () => {
        const chance = schedule.chance(`hold/${ask.requestId}`);
        if (chance.percent(8)) return { soldOut: true, holdId: "", price: undefined };
        const holdId = `hold-${++made}`;
        holds.set(holdId, { orderId: ask.orderId, released: false, sent: 0 });
        return {
          soldOut: false,
          holdId,
          price: chance.percent(30) ? priceOf(ask.orderId, chance.between(60, 140)) : undefined,
        };
      }),
    renewStock: async (ask) =>
      keyed(ask.requestId, ask, () => {
        const gone = schedule.chance(`renew/${ask.requestId}`).percent(3);
        const hold = holds.get(ask.holdId);
        if (gone && hold) hold.released = true;
        return { gone };
      }),
    releaseStock: async (ask) =>
      keyed(ask.requestId, ask, () => {
        const hold = holds.get(ask.holdId);
        if (hold) hold.released = hold.sent === 0;
        return { released: hold?.released ?? false };
      }),
    postDispositions: async (ask) => keyed(ask.requestId, ask, () => ({ restocked: 0 })),
  });

  function priceOf(orderId: string, percent: number) {
    const paid = orders.get(orderId)?.lines[0]?.paid;
    if (!paid) return undefined;
    const { minor, currency } = fromProto(paid);
    return toProto({ minor: ((minor * BigInt(percent)) / 10_000n) * 100n, currency });
  }

  const shipment = some<typeof ShipmentServiceService>({
    stopRelease: async (ask) =>
      keyed(ask.requestId, ask, () => {
        const chance = schedule.chance(`stop/${ask.requestId}`);
        const outcome = chance.percent(60) ? stopped : shipped;
        stops.set(ask.requestId, outcome);
        return { outcome: chance.percent(20) ? StopOutcome.STOP_OUTCOME_PENDING : outcome };
      }),
    findStop: async ({ stopRequestId }) => {
      const outcome = stops.get(stopRequestId);
      if (outcome === undefined)
        throw new DomainError("PARTNER_NOT_FOUND", "no such stop", { partner: "shipment", id: stopRequestId });
      return { outcome };
    },
    requestIntercept: async (ask) =>
      keyed(ask.requestId, ask, () => {
        if (!schedule.chance(`turn/${ask.requestId}`).percent(50)) return { outcome: refused, trackingNumber: "" };
        comesBack(ask.requestId);
        return { outcome: turned, trackingNumber: `RTS-${ask.requestId}` };
      }),
    shipReplacement: async (ask) =>
      keyed(ask.requestId, ask, () => {
        const hold = holds.get(ask.holdId);
        if (!hold || hold.released)
          throw new DomainError("PARTNER_NOT_FOUND", "nothing is held", { partner: "shipment", id: ask.holdId });
        hold.sent++;
        if (hold.sent > 1) world.broken(`${ask.holdId} of ${ask.orderId} went out ${hold.sent} times`);
        return { shipment: Shipment.fromPartial({ shipmentId: `shp-${++made}` }) };
      }),
  });

  const warehouse: Handlers<typeof WarehouseServiceService> = {
    announceParcel: async (ask) => keyed(ask.requestId, ask, () => ({})),
    sendBack: async (ask) => keyed(ask.requestId, ask, () => ({ trackingNumber: `BACK-${++made}` })),
  };

  return {
    inventory,
    shipment,
    warehouse,
    holds,
    stops,
  };
}
