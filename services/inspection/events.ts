// What the dock hears of the collection: which labels are on their way to which centre, and how far they have come.
import * as collection from "#gen/backhaul/collection/v1/collection_events.js";
import type { FactHandlers } from "#kit/bus.js";
import { hear } from "#kit/facts.js";
import { passOver } from "#kit/passOver.js";
import type { Database } from "#kit/postgres.js";
import type { InboundParcel } from "./core/types.js";
import { openInbound } from "./inboundStore.js";

type Told = {
  readonly resolutionId: string;
  readonly collectionId: string;
  readonly trackingNumber: string;
  readonly carrier?: string;
  readonly centre?: string;
};

type Times = Pick<InboundParcel, "pickupTime" | "deliverTime" | "loseTime">;

export function inspectionFacts(db: Database): FactHandlers {
  const note = openInbound(db);

  /** A parcel without a number cannot be told from another: nothing to note. */
  async function parcel(fact: Told, eventId: string, times: Times = {}) {
    const { resolutionId, collectionId, trackingNumber, carrier = "", centre = "" } = fact;
    if (trackingNumber === "") return passOver(db, "inspection", eventId);
    await note({ eventId, resolutionId, collectionId, trackingNumber, carrier, centre, ...times });
  }

  return {
    "backhaul.collection.v1.CollectionScheduled": hear(collection.CollectionScheduled, (fact, id) => parcel(fact, id)),
    "backhaul.collection.v1.ParcelAdded": hear(collection.ParcelAdded, (fact, id) => parcel(fact, id)),
    "backhaul.collection.v1.WaybillEntered": hear(collection.WaybillEntered, (fact, id) => parcel(fact, id)),
    "backhaul.collection.v1.ParcelPickedUp": hear(collection.ParcelPickedUp, (fact, id) =>
      parcel(fact, id, { pickupTime: fact.pickupTime }),
    ),
    "backhaul.collection.v1.FurtherParcelPickedUp": hear(collection.FurtherParcelPickedUp, (fact, id) =>
      parcel(fact, id, { pickupTime: fact.pickupTime }),
    ),
    "backhaul.collection.v1.ParcelDelivered": hear(collection.ParcelDelivered, (fact, id) =>
      parcel(fact, id, { deliverTime: fact.deliverTime }),
    ),
    "backhaul.collection.v1.ParcelLost": hear(collection.ParcelLost, (fact, id) =>
      parcel(fact, id, { loseTime: fact.loseTime }),
    ),
  };
}
