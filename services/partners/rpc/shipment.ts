// The system that ships orders out.
import {
  InterceptOutcome,
  type Shipment,
  type ShipmentLine,
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
import { carrierOf } from "../core/parcel.js";
import { isAllOf, linesToStop, type ShipmentNow, shipmentAt, shipmentsAt } from "../core/shipments.js";
import type { Paced } from "../pace.js";
import type { Partner } from "../played.js";
import { toStop } from "../store/orders.js";
import type { Store } from "../store/store.js";

const states = words(ShipmentState, "SHIPMENT_STATE_");
const stopped = { outcome: StopOutcome.STOP_OUTCOME_STOPPED };
const alreadyShipped = { outcome: StopOutcome.STOP_OUTCOME_ALREADY_SHIPPED };
const pending = { outcome: StopOutcome.STOP_OUTCOME_PENDING };
const intercepts = words(InterceptOutcome, "INTERCEPT_OUTCOME_");
const refused = { outcome: intercepts.value("REFUSED"), trackingNumber: "" };

export function shipmentPartner(store: Store, clock: Clock, pace: Paced): Partner<typeof ShipmentServiceService> {
  const { orders, stock, releases } = store;
  const about = ({ orderId }: { orderId: string }) => orderId;

  /** The units asked for, merged. @throws InvalidRequest, DomainError ORDER_NOT_FOUND, LINE_NOT_IN_ORDER */
  async function wanted({ orderId, lines }: { orderId: string; lines: ShipmentLine[] }) {
    const wrong = lines.findIndex((line) => line.quantity <= 0);
    if (wrong >= 0)
      throw new InvalidRequest([{ field: `lines[${wrong}].quantity`, description: "must be greater than 0" }]);
    return toStop(linesToStop((await orders.find(orderId)).fulfilment, lines));
  }

  return {
    listShipments: {
      about,
      answer: async ({ orderId }) => {
        const { fulfilment, order } = await orders.find(orderId);
        const shipments = shipmentsAt(fulfilment, clock.now());
        return { shipments: shipments.map((one) => toShipment(one, order.market)) };
      },
    },

    stopRelease: {
      about,
      answer: async (request, call, twist) => {
        const { orderId } = request;
        const lines = await wanted(request);
        const asked = store.asked(ShipmentServiceService.stopRelease, request, call);
        if (twist === "ALREADY_SHIPPED") return stock.keep(asked, alreadyShipped, orderId);
        const later = twist === "STOP_PENDING";
        const answers = later ? { inTime: pending, tooLate: pending } : { inTime: stopped, tooLate: alreadyShipped };
        try {
          return await releases.stop(asked, answers, later ? "later" : "now", orderId, lines, clock.now());
        } catch (error) {
          if (violated(error) !== "stopped_units_cap_check") throw error;
          const message = `more units of order ${orderId} than were bought and not stopped yet`;
          throw new DomainError("UNITS_EXCEED_PURCHASED", message, { order_id: orderId });
        }
      },
    },

    findStop: {
      about,
      answer: async ({ orderId, stopRequestId }, _call, twist) => {
        const found = await releases.found(orderId, stopRequestId);
        if (!found) {
          const message = `no stop of ${orderId} was asked for under ${stopRequestId}`;
          throw new DomainError("PARTNER_NOT_FOUND", message, { partner: "shipment", id: stopRequestId });
        }
        if (twist === "STOP_PENDING") return pending;
        return found === "IN_TIME" ? stopped : alreadyShipped;
      },
    },

    // A carrier turns a parcel round as it is: all that is in it, or nothing.
    requestIntercept: {
      about,
      answer: async (request, call, twist) => {
        const { orderId } = request;
        const lines = await wanted(request);
        const asked = store.asked(ShipmentServiceService.requestIntercept, request, call);
        const { fulfilment } = await orders.find(orderId);
        if (twist === "INTERCEPT_REFUSED" || !isAllOf(lines, fulfilment)) return stock.keep(asked, refused, orderId);
        const intercepted = { outcome: intercepts.value("INTERCEPTED"), trackingNumber: `RTS-${orderId}` };
        return releases.intercept(asked, { intercepted, refused }, orderId, lines, clock.now());
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
        const answer = { shipment: toShipment(shipmentAt(planned, shipTime), order.market) };
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

function toShipment({ shipmentId, state, lines, shipTime, deliverTime }: ShipmentNow, market: string): Shipment {
  return {
    shipmentId,
    state: states.value(state),
    lines: lines.map((line) => ({ ...line })),
    shipTime,
    deliverTime,
    carrier: carrierOf(market),
  };
}
