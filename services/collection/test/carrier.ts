// A carrier with a book of its own, moods, and a gate at which a booking can be held.
import { status } from "@grpc/grpc-js";
import type { Slot, TrackingEvent } from "#gen/backhaul/collection/v1/collection.js";
import type {
  AddToPickupRequest,
  BookPickupRequest,
  BookPickupResponse,
  MovePickupRequest,
  TransportServiceService,
} from "#gen/backhaul/partner/transport/v1/transport_service.js";
import { RpcError } from "#kit/errors.js";
import { newId } from "#kit/ids.js";
import { DomainError } from "#kit/pure/check.js";
import type { Handlers } from "#kit/server.js";
import { at } from "./builders.js";

export type Mood = "timeout-after-success" | "refuse" | "slot-gone" | "mute";

const slots: readonly Slot[] = ["slt_1", "slt_2", "slt_3"].map((slotId, i) => ({
  slotId,
  startTime: at(60 + 180 * i),
  endTime: at(240 + 180 * i),
}));

export function fakeCarrier() {
  /** What was booked under each request id; the same id again gives the first answer. */
  const book = new Map<string, BookPickupResponse>();
  const asked: BookPickupRequest[] = [];
  const added: AddToPickupRequest[] = [];
  const moved: MovePickupRequest[] = [];
  const canceled = new Set<string>();
  /** What drivers were told, as it came. */
  const memos: { bookingId: string; doorMemo: string }[] = [];
  /** What it tells of a parcel when asked, and which it was asked for. */
  const known = new Map<string, TrackingEvent[]>();
  const traced: string[] = [];
  const moods: Mood[] = [];
  const gate = { wait: Promise.resolve() as Promise<unknown> };

  const handlers: Handlers<typeof TransportServiceService> = {
    async listPickupSlots() {
      return { slots: [...slots] };
    },
    async bookPickup(request) {
      asked.push(request);
      const mood = moods.shift();
      await gate.wait;
      if (mood === "refuse")
        throw new DomainError("PARTNER_REFUSED", "nobody drives there", { partner: "cj", code: "AREA" });
      if (mood === "slot-gone") throw new DomainError("SLOT_GONE", "full", { slot_id: request.slotId });
      const slot = slots.find(({ slotId }) => slotId === (request.slotId || "slt_1"));
      const name = { TW: "seven", GB: "hermes" }[request.market] ?? "cj";
      const fresh = { bookingId: newId("bkg"), carrier: name, trackingNumber: newId("trn").replace("_", "-"), slot };
      const booking = book.get(request.requestId) ?? fresh;
      book.set(request.requestId, booking);
      if (mood === "timeout-after-success")
        throw new RpcError(status.DEADLINE_EXCEEDED, "", "too late", {}, "BookPickup");
      return booking;
    },
    async addToPickup(request) {
      added.push(request);
      const host = [...book.values()].find(({ bookingId }) => bookingId === request.bookingId);
      if (!host || canceled.has(request.bookingId)) {
        throw new DomainError("PARTNER_REFUSED", "no driver comes", { partner: "cj", code: "GONE" });
      }
      if (!request.ownParcel) return host;
      const fresh = { bookingId: newId("bkg"), carrier: host.carrier, trackingNumber: newId("trn").replace("_", "-") };
      const booking = book.get(request.requestId) ?? { ...fresh, slot: host.slot };
      book.set(request.requestId, booking);
      return booking;
    },
    async movePickup(request) {
      moved.push(request);
      const slot = slots.find(({ slotId }) => slotId === request.slotId);
      if (!slot) throw new DomainError("SLOT_GONE", "full", { slot_id: request.slotId });
      return { slot };
    },
    async cancelPickup({ bookingId }) {
      canceled.add(bookingId);
      return { canceled: true };
    },
    async notePickup({ bookingId, doorMemo }) {
      memos.push({ bookingId, doorMemo });
      return {};
    },
    async getTracking({ bookingId }) {
      traced.push(bookingId);
      const mood = moods.shift();
      if (mood === "mute") throw new RpcError(status.UNIMPLEMENTED, "", "not offered", {}, "GetTracking");
      return { events: known.get(bookingId) ?? [] };
    },
  };
  return { book, asked, added, moved, canceled, memos, known, traced, moods, gate, handlers };
}
