// The system that ships orders out.
import {
  type Shipment,
  ShipmentServiceService,
  ShipmentState,
  StopOutcome,
} from "#gen/backhaul/partner/shipment/v1/shipment_service.js";
import type { Clock } from "#kit/clock.js";
import { InvalidRequest } from "#kit/errors.js";
import { newId } from "#kit/ids.js";
import { violated } from "#kit/postgres.js";
import { DomainError } from "#kit/pure/check.js";
import { words } from "#kit/words.js";
import { linesToStop, type ShipmentNow, shipmentAt, shipmentsAt } from "../core/shipments.js";
import type { Paced } from "../pace.js";
import type { Partner } from "../played.js";
import { toStop } from "../store/orders.js";
import type { Store } from "../store/store.js";

const states = words(ShipmentState, "SHIPMENT_STATE_");
const stopped = { outcome: StopOutcome.STOP_OUTCOME_STOPPED };
const alreadyShipped = { outcome: StopOutcome.STOP_OUTCOME_ALREADY_SHIPPED };

export function shipmentPartner(store: Store, clock: Clock, pace: Paced): Partner<typeof ShipmentServiceService> {
  const { orders, stock } = store;
  const about = ({ orderId }: { orderId: string }) => orderId;

  return {
    listShipments: {
      about,
      answer: async ({ orderId }) => {
        const { fulfilment } = await orders.find(orderId);
        return { shipments: shipmentsAt(fulfilment, clock.now()).map(toShipment) };
      },
    },

    stopRelease: {
      about,
      answer: async (request, call, twist) => {
        const { orderId, lines } = request;
        const wrong = lines.findIndex((line) => line.quantity <= 0);
        if (wrong >= 0)
          throw new InvalidRequest([{ field: `lines[${wrong}].quantity`, description: "must be greater than 0" }]);
        const { fulfilment } = await orders.find(orderId);
        const asked = store.asked(ShipmentServiceService.stopRelease, request, call);
        const toHoldBack = linesToStop(fulfilment, lines);
        const left = shipmentAt({ ...fulfilment, shipmentId: "" }, clock.now()).state !== "PLANNED";
        if (left || twist === "ALREADY_SHIPPED") return stock.keep(asked, alreadyShipped, orderId);
        try {
          return await orders.stop(asked, stopped, orderId, toStop(toHoldBack));
        } catch (error) {
          if (violated(error) !== "stopped_units_cap_check") throw error;
          const message = `more units of order ${orderId} than were bought and not stopped yet`;
          throw new DomainError("UNITS_EXCEED_PURCHASED", message, { order_id: orderId });
        }
      },
    },

    shipReplacement: {
      about,
      answer: async (request, call) => {
        const { orderId, holdId } = request;
        const [{ order }, held] = await Promise.all([orders.find(orderId), stock.find(holdId)]);
        const lineOf = new Map(order.lines.map((line) => [line.sku, line.lineId]));
        const shipTime = clock.now();
        const planned = {
          shipmentId: newId("shp"),
          // A replacement of another kind has no line in the order: its product names it.
          lines: (held?.lines ?? []).map(({ sku, quantity }) => ({ lineId: lineOf.get(sku) ?? sku, quantity })),
          shipTime,
          deliverTime: new Date(shipTime.getTime() + pace.now().transitMs),
        };
        const answer = { shipment: toShipment(shipmentAt(planned, shipTime)) };
        const asked = store.asked(ShipmentServiceService.shipReplacement, request, call);
        const sent = await orders.replace(asked, answer, orderId, holdId, planned);
        if (sent) return sent;
        throw new DomainError("PARTNER_NOT_FOUND", `nothing of ${orderId} is held under ${holdId}`, {
          partner: "shipment",
          id: holdId,
        });
      },
    },
  };
}

function toShipment({ shipmentId, state, lines, shipTime, deliverTime }: ShipmentNow): Shipment {
  return { shipmentId, state: states.value(state), lines: lines.map((line) => ({ ...line })), shipTime, deliverTime };
}
