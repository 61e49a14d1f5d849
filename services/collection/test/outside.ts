// Whom the network asks, and a carrier who comes when it is told to: enough of the outside to route by.
import { status } from "@grpc/grpc-js";
import type { Slot } from "#gen/backhaul/collection/v1/collection.js";
import { AddressServiceService } from "#gen/backhaul/partner/address/v1/address_service.js";
import { CalendarServiceService } from "#gen/backhaul/partner/calendar/v1/calendar_service.js";
import { CatalogServiceService, Product } from "#gen/backhaul/partner/catalog/v1/catalog_service.js";
import { Order, OrderServiceService } from "#gen/backhaul/partner/order/v1/order_service.js";
import {
  type AddToPickupRequest,
  type BookPickupRequest,
  type MovePickupRequest,
  TransportServiceService,
} from "#gen/backhaul/partner/transport/v1/transport_service.js";
import { RpcError } from "#kit/errors.js";
import { newId } from "#kit/ids.js";
import { DomainError } from "#kit/pure/check.js";
import { type Implementation, implement } from "#kit/server.js";
import { fakeCarrier } from "./carrier.js";

export function outside() {
  const carrier = fakeCarrier();
  const asked: BookPickupRequest[] = [];
  const moved: MovePickupRequest[] = [];
  const added: AddToPickupRequest[] = [];
  /** Slots that the carrier does not keep to, whatever is held. */
  const broken = new Set<string>();
  /** Slots to which it moves a visit without its answer ever coming. */
  const silent = new Set<string>();
  /** Bookings whose driver takes nothing more along. */
  const full = new Set<string>();
  const orders = new Map<string, Order>();
  /** By order; all others are in the city. */
  const postcodes = new Map<string, string>();
  /** By order; none is told of all others. */
  const doors = new Map<string, string>();
  const addressesAsked: string[] = [];
  /** What happens to the address partner before it answers. */
  const moods: { address?: (() => Promise<unknown>) | undefined } = {};
  const products = new Map<string, Product>();
  const answers = new Map<
    string,
    { bookingId: string; carrier: string; trackingNumber: string; slot: Slot | undefined }
  >();

  const keep = (slot: Slot | undefined) => {
    if (slot && broken.has(slot.slotId)) throw new DomainError("SLOT_GONE", "full", { slot_id: slot.slotId });
  };

  const contracts: readonly Implementation[] = [
    implement(TransportServiceService, {
      ...carrier.handlers,
      async bookPickup(request) {
        const { requestId, heldSlot: slot } = request;
        asked.push(request);
        keep(request.slotId === "" ? undefined : slot);
        const booking = {
          bookingId: newId("bkg"),
          carrier: request.carrier || "any",
          trackingNumber: newId("trn"),
          slot,
        };
        const first = answers.get(requestId) ?? {
          ...booking,
          trackingNumber: booking.trackingNumber.replace("_", "-"),
        };
        answers.set(requestId, first);
        return first;
      },
      async addToPickup(request) {
        added.push(request);
        if (full.has(request.bookingId))
          throw new DomainError("PARTNER_REFUSED", "no room", { partner: "cj", code: "FULL" });
        const host = [...answers.values()].find(({ bookingId }) => bookingId === request.bookingId)!;
        if (!request.ownParcel) return host;
        return { ...host, bookingId: newId("bkg"), trackingNumber: newId("trn").replace("_", "-") };
      },
      async movePickup(request) {
        moved.push(request);
        keep(request.heldSlot);
        if (silent.has(request.slotId)) throw new RpcError(status.DEADLINE_EXCEEDED, "", "too late", {}, "MovePickup");
        return { slot: request.heldSlot };
      },
    }),
    implement(AddressServiceService, {
      async checkServiceability({ orderId }) {
        addressesAsked.push(orderId);
        await moods.address?.();
        return { pickup: true, postcode: postcodes.get(orderId) ?? "04524", addressKey: doors.get(orderId) ?? "" };
      },
    }),
    implement(CatalogServiceService, {
      async batchGetProducts({ skus }) {
        return { products: skus.flatMap((sku) => products.get(sku) ?? []) };
      },
    }),
    implement(OrderServiceService, {
      async getOrder({ orderId }) {
        const order = orders.get(orderId);
        if (order) return { order };
        throw new DomainError("ORDER_NOT_FOUND", `no order ${orderId}`, { order_id: orderId });
      },
    }),
    implement(CalendarServiceService, {
      async getCalendar({ market }) {
        const range = { fromDate: "2020-01-01", toDate: "2020-12-31" };
        const none = { weekend: [0, 6], holidays: {}, workdays: [] };
        return { calendar: { market, version: "test", timeZone: "Asia/Seoul", ...range, ...none } };
      },
    }),
  ];

  return {
    contracts,
    asked,
    moved,
    added,
    addressesAsked,
    moods,
    broken,
    silent,
    full,
    canceled: carrier.canceled,
    /** An order of this customer with one line of so many units. */
    order(
      change: {
        customerId?: string;
        postcode?: string;
        door?: string;
        quantity?: number;
        product?: Partial<Product>;
      } = {},
    ): string {
      const orderId = newId("ord");
      const sku = newId("sku");
      products.set(sku, Product.fromPartial({ sku, temperature: "AMBIENT", ...change.product }));
      postcodes.set(orderId, change.postcode ?? "04524");
      doors.set(orderId, change.door ?? "");
      const lines = [{ lineId: "l-1", sku, quantity: change.quantity ?? 1 }];
      orders.set(orderId, Order.fromPartial({ orderId, customerId: change.customerId ?? "c-1", market: "KR", lines }));
      return orderId;
    },
    skuOf: (orderId: string): string => orders.get(orderId)?.lines[0]?.sku ?? "",
  };
}
