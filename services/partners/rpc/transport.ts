// Carriers: slots, bookings, and the parcels they plan.
import { type Slot as SlotMessage, TrackingEvent, TrackingKind } from "#gen/backhaul/collection/v1/collection.js";
import { CollectionMethod } from "#gen/backhaul/eligibility/v1/decision.js";
import { TransportServiceService } from "#gen/backhaul/partner/transport/v1/transport_service.js";
import type { Agenda } from "#kit/agenda.js";
import type { Clock } from "#kit/clock.js";
import { newId } from "#kit/ids.js";
import { DomainError } from "#kit/pure/check.js";
import { words } from "#kit/words.js";
import { type Calendars, weekdays } from "../calendars.js";
import { carrierOf, isBrought, type Report, whereabouts } from "../core/parcel.js";
import { type Slot, slotAt, slotOf, slotsFrom } from "../core/slots.js";
import type { Paced } from "../pace.js";
import type { Partner } from "../played.js";
import type { Asked } from "../store/once.js";
import type { Store } from "../store/store.js";

const methods = words(CollectionMethod, "COLLECTION_METHOD_");
const kinds = words(TrackingKind, "TRACKING_KIND_");

export type TransportParts = {
  readonly store: Store;
  readonly clock: Clock;
  readonly pace: Paced;
  readonly calendars: Calendars;
  readonly agenda: Agenda;
};

export function transportPartner({
  store,
  clock,
  pace,
  calendars,
  agenda,
}: TransportParts): Partner<typeof TransportServiceService> {
  const { parcels } = store;
  const calendarOf = (market: string) => calendars.get(market) ?? weekdays;
  const ofBooking = async ({ bookingId }: { bookingId: string }) =>
    (await parcels.find(bookingId))?.orderId ?? bookingId;

  /** When a driver comes: in the slot that was asked for, else as the pace has it. Undefined when the slot is gone. */
  function appointment(market: string, slotId: string, now: Date): { due: Date; slot: Slot | undefined } | undefined {
    const calendar = calendarOf(market);
    if (slotId === "") {
      const due = new Date(now.getTime() + pace.now().pickupMs);
      return { due, slot: slotAt(calendar, due) };
    }
    const slot = slotOf(calendar, slotId, now);
    return slot && { due: slot.startTime, slot };
  }

  /** The same where somebody else keeps the slots: one that nobody insists on is no reason to wait for it. */
  function held(window: SlotMessage, slotId: string, now: Date): { due: Date; slot: Slot } | undefined {
    const { startTime = now, endTime = startTime } = window;
    if (startTime <= now) return undefined;
    const due = slotId === "" ? new Date(now.getTime() + pace.now().pickupMs) : startTime;
    return { due, slot: { slotId: window.slotId, startTime, endTime } };
  }

  /** A repeated request still gets its first answer when its slot has gone by. */
  async function slotGone<R>(asked: Asked<R>, slotId: string): Promise<R> {
    const before = await asked.before();
    if (before) return before;
    throw new DomainError("SLOT_GONE", `no driver comes in ${slotId} any more; list the slots`, { slot_id: slotId });
  }

  /** A visit that is due at once need not wait for the agenda's next look. */
  function pokeIfDue(due: Date, now: Date): void {
    if (due <= now) agenda.poke();
  }

  return {
    listPickupSlots: {
      about: ({ orderId }) => orderId,
      answer: async ({ market }) => ({
        slots: slotsFrom(calendarOf(market), clock.now()).map((slot) => ({ ...slot })),
      }),
    },

    bookPickup: {
      about: ({ orderId }) => orderId,
      answer: async (request, call) => {
        const { market, orderId, resolutionId, units, slotId, heldSlot } = request;
        const method = methods.word(request.method);
        if (!method || method === "NONE") throw refused("method", "say how the goods are handed over");
        const asked = store.asked(TransportServiceService.bookPickup, request, call);
        const bookTime = clock.now();
        const wanted = isBrought(method) ? "" : slotId;
        const visit = heldSlot ? held(heldSlot, wanted, bookTime) : appointment(market, wanted, bookTime);
        if (!visit) return slotGone(asked, slotId);
        const { due, slot } = visit;
        const carrier = request.carrier || carrierOf(market);
        const bookingId = newId("bkg");
        const trackingNumber = `${carrier.toUpperCase()}-${bookingId.slice(4)}`;
        const answer = { bookingId, carrier, trackingNumber, slot: isBrought(method) ? undefined : slot };
        const parcel = { bookingId, trackingNumber, carrier, market, orderId, resolutionId, method, units, bookTime };
        const booked = await parcels.book(asked, answer, parcel, due);
        pokeIfDue(due, bookTime);
        return booked;
      },
    },

    // Each addition is a parcel of its own here, and goes with the driver of the visit.
    addToPickup: {
      about: ({ orderId }) => orderId,
      answer: async (request, call) => {
        const { orderId, resolutionId, units } = request;
        const host = await parcels.find(request.bookingId);
        if (!host) throw unknown(request.bookingId);
        const asked = store.asked(TransportServiceService.addToPickup, request, call);
        if (host.state !== "BOOKED") {
          const before = await asked.before();
          if (before) return before;
          throw refused("taken-over", `${request.bookingId} is taken over or called off already`);
        }
        const { carrier, market, method } = host;
        const bookTime = clock.now();
        const due = (await parcels.visitDue(host.bookingId)) ?? new Date(bookTime.getTime() + pace.now().pickupMs);
        const bookingId = newId("bkg");
        const answer = { bookingId, carrier, trackingNumber: `${carrier.toUpperCase()}-${bookingId.slice(4)}` };
        const added = await parcels.book(
          asked,
          answer,
          { ...answer, market, orderId, resolutionId, method, units, bookTime },
          due,
        );
        pokeIfDue(due, bookTime);
        return added;
      },
    },

    movePickup: {
      about: ofBooking,
      answer: async (request, call) => {
        const { bookingId, slotId, heldSlot } = request;
        const parcel = await parcels.find(bookingId);
        if (!parcel) throw unknown(bookingId);
        if (isBrought(parcel.method)) throw refused("drop-off", `no driver comes for ${bookingId}`);
        const asked = store.asked(TransportServiceService.movePickup, request, call);
        const now = clock.now();
        const visit = heldSlot ? held(heldSlot, slotId, now) : appointment(parcel.market, slotId, now);
        if (!visit) return slotGone(asked, slotId);
        const moved = await parcels.move(asked, { slot: visit.slot }, parcel, visit.due);
        if (!moved) throw refused("taken-over", `${bookingId} is taken over or called off already`);
        pokeIfDue(visit.due, now);
        return moved;
      },
    },

    cancelPickup: {
      about: ofBooking,
      answer: async (request, call) => {
        const asked = store.asked(TransportServiceService.cancelPickup, request, call);
        const { bookingId } = request;
        const answer = await parcels.cancel(asked, { canceled: true }, { canceled: false }, bookingId, clock.now());
        if (!answer) throw unknown(bookingId);
        return answer;
      },
    },

    // The sandbox's drivers read nothing: a memo for a booking that there is counts as told.
    notePickup: {
      about: ofBooking,
      answer: async ({ bookingId }) => {
        if (!(await parcels.find(bookingId))) throw unknown(bookingId);
        return {};
      },
    },

    getTracking: {
      about: ofBooking,
      answer: async ({ bookingId }) => {
        const parcel = await parcels.find(bookingId);
        if (!parcel) throw unknown(bookingId);
        const known = whereabouts(parcel, parcel.state, parcel.moveTime);
        return { events: known ? [toEvent(known)] : [] };
      },
    },
  };
}

/** Fields that a carrier of the sandbox does not fill stay empty. */
function toEvent({ eventId, kind, code, time }: Report): TrackingEvent {
  return TrackingEvent.fromPartial({ eventId, kind: kinds.value(kind), code, eventTime: time });
}

function unknown(bookingId: string): DomainError {
  return new DomainError("PARTNER_NOT_FOUND", `no booking ${bookingId}`, { partner: "transport", id: bookingId });
}

function refused(code: string, message: string): DomainError {
  return new DomainError("PARTNER_REFUSED", message, { partner: "transport", code });
}
