// Carriers: they book, and then things happen to the goods, whatever anybody hears of it. A customer may never hand over;
// a driver may come although he was called off; a parcel may get lost, and turn up. What is reported comes late, twice,
// shuffled, or only when somebody asks.
import { TrackingEvent, TrackingKind } from "#gen/backhaul/collection/v1/collection.js";
import { CollectionServiceService } from "#gen/backhaul/collection/v1/collection_service.js";
import type { TransportServiceService } from "#gen/backhaul/partner/transport/v1/transport_service.js";
import { Fault } from "#gen/backhaul/type/v1/kind.js";
import { DomainError } from "#kit/pure/check.js";
import { insist, letGo } from "../people/person.js";
import type { World } from "../world/types.js";
import { openKeyed } from "./keyed.js";
import { some } from "./some.js";

const hour = 3_600_000;
const day = 24 * hour;
const carrier = "swift";

/** A parcel as it really is. */
export type Parcel = {
  readonly bookingId: string;
  readonly trackingNumber: string;
  readonly resolutionId: string;
  readonly units: number;
  readonly events: TrackingEvent[];
  canceled: boolean;
  handedOver: boolean;
};

type Asked = { readonly requestId: string; readonly resolutionId: string; readonly units: number };

/** @param arrives a parcel that reaches our dock, or was lost and is not coming */
export function openCarriers(world: World, arrives: (parcel: Parcel) => void) {
  const { schedule } = world;
  const keyed = openKeyed();
  const parcels = new Map<string, Parcel>();
  const collections = world.network.as({ subject: carrier, role: "CARRIER", via: "" })(CollectionServiceService);

  function book({ requestId, resolutionId, units }: Asked) {
    const chance = schedule.chance(`booking/${requestId}`);
    if (schedule.now() < world.calmMs && chance.percent(3))
      throw new DomainError("PARTNER_REFUSED", "no driver", { partner: carrier, code: "no_driver" });
    const bookingId = `bkg-${parcels.size + 1}`;
    const trackingNumber = `SW-${parcels.size + 1}`;
    const parcel = { bookingId, trackingNumber, resolutionId, units, events: [], canceled: false, handedOver: false };
    parcels.set(bookingId, parcel);
    visit(parcel, schedule.now() + chance.between(4 * hour, 3 * day), chance.between(0, 3));
    const startTime = new Date(schedule.now() + day);
    const slot = { slotId: `slt_${bookingId}`, startTime, endTime: new Date(startTime.getTime() + hour) };
    return { bookingId, carrier, trackingNumber, slot };
  }

  /** A driver comes, or the customer is expected to bring it. */
  function visit(parcel: Parcel, time: number, failures: number): void {
    const chance = schedule.chance(`parcel/${parcel.bookingId}`);
    schedule.at(time, () => {
      if (parcel.canceled && !chance.percent(10)) return;
      if (failures > 0 && chance.percent(40)) {
        const fault = chance.pick([Fault.FAULT_CUSTOMER, Fault.FAULT_LOGISTICS]);
        tell(parcel, TrackingKind.TRACKING_KIND_ATTEMPT_FAILED, fault);
        return visit(parcel, time + chance.between(day, 3 * day), failures - 1);
      }
      // Some never hand over.
      if (chance.percent(12)) return;
      parcel.handedOver = true;
      tell(parcel, TrackingKind.TRACKING_KIND_PICKED_UP);
      travel(parcel, chance.percent(8));
    });
  }

  function travel(parcel: Parcel, lost: boolean): void {
    const chance = schedule.chance(`parcel/${parcel.bookingId}`);
    schedule.after(chance.between(2 * hour, day), () => tell(parcel, TrackingKind.TRACKING_KIND_IN_TRANSIT));
    if (lost) {
      schedule.after(chance.between(3 * day, 8 * day), () => tell(parcel, TrackingKind.TRACKING_KIND_LOST));
      if (chance.percent(70)) return;
    }
    schedule.after(chance.between(day, lost ? 12 * day : 4 * day), () => {
      tell(parcel, TrackingKind.TRACKING_KIND_DELIVERED);
      arrives(parcel);
    });
  }

  /** It happened; and somebody is told, sooner or later. */
  function tell(parcel: Parcel, kind: TrackingKind, fault = Fault.FAULT_UNSPECIFIED): void {
    const chance = schedule.chance(`report/${parcel.bookingId}`);
    const { trackingNumber, events } = parcel;
    const eventId = `${trackingNumber}-${events.length + 1}`;
    const eventTime = new Date(schedule.now());
    const event = TrackingEvent.fromPartial({ eventId, kind, fault, eventTime, trackingNumber, code: "" });
    events.push(event);
    const report = () =>
      letGo(
        world,
        "report",
        insist(world, `report of ${trackingNumber}`, () =>
          collections.recordTracking({ carrier, trackingNumber, event }),
        ),
      );
    // The last word always comes in the end: a parcel of which nothing is ever told waits for a person.
    schedule.after(chance.percent(20) ? chance.between(hour, 2 * day) : chance.between(1_000, hour), report);
    if (chance.percent(25)) schedule.after(chance.between(1_000, 3 * day), report);
  }

  const contract = some<typeof TransportServiceService>({
    bookPickup: async (ask) => keyed(ask.requestId, ask, () => book(ask)),
    listPickupSlots: async () => {
      // On some days nobody comes.
      const startTime = new Date(schedule.now() + day);
      const slot = { slotId: "slt_1", startTime, endTime: new Date(startTime.getTime() + hour) };
      return { slots: schedule.chance("slots").percent(85) ? [slot] : [] };
    },
    addToPickup: async (ask) =>
      keyed(ask.requestId, ask, () => {
        const host = parcels.get(ask.bookingId);
        if (!host || host.canceled || host.handedOver)
          throw new DomainError("PARTNER_REFUSED", "the driver is gone", { partner: carrier, code: "taken_over" });
        const { bookingId, trackingNumber } = book(ask);
        return { bookingId, carrier, trackingNumber };
      }),
    movePickup: async (ask) => keyed(ask.requestId, ask, () => ({ slot: undefined })),
    cancelPickup: async (ask) =>
      keyed(ask.requestId, ask, () => {
        const parcel = parcels.get(ask.bookingId);
        if (parcel) parcel.canceled = true;
        return { canceled: parcel?.handedOver === false };
      }),
    notePickup: async (ask) => keyed(ask.requestId, ask, () => ({})),
    getTracking: async ({ bookingId }) => ({ events: parcels.get(bookingId)?.events ?? [] }),
  });

  return { contract, parcels };
}
