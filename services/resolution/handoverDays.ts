// Whether a customer could hand over today: asked of the collection once a day, for each resolution that waits for goods.
import { CollectionState } from "#gen/backhaul/collection/v1/collection.js";
import type { CollectionServiceService } from "#gen/backhaul/collection/v1/collection_service.js";
import { CollectionMethod } from "#gen/backhaul/eligibility/v1/decision.js";
import type { Call } from "#kit/call.js";
import type { ClientOf } from "#kit/client.js";

/** Nobody has booked it, or nobody will: the customer cannot help it. */
const unbooked: ReadonlySet<CollectionState> = new Set([
  CollectionState.COLLECTION_STATE_UNSPECIFIED,
  CollectionState.COLLECTION_STATE_CREATED,
  CollectionState.COLLECTION_STATE_DIRECTION_FAILED,
  CollectionState.COLLECTION_STATE_CANCELED,
]);
/** The driver has yet to come: only then the customer can still choose a day. */
const open: ReadonlySet<CollectionState> = new Set([
  CollectionState.COLLECTION_STATE_SCHEDULED,
  CollectionState.COLLECTION_STATE_CARRIER_NOTIFIED,
  CollectionState.COLLECTION_STATE_ATTEMPT_FAILED,
  CollectionState.COLLECTION_STATE_CUSTOMER_RESCHEDULED,
  CollectionState.COLLECTION_STATE_REPLANNED,
]);
const fetched: ReadonlySet<CollectionMethod> = new Set([
  CollectionMethod.COLLECTION_METHOD_PICKUP_CONTACTLESS,
  CollectionMethod.COLLECTION_METHOD_PICKUP_IN_PERSON,
  CollectionMethod.COLLECTION_METHOD_SWAP_AT_DOOR,
]);

/** Goods that a driver fetches need a slot; where the customer brings or sends them, a booking is enough. */
export async function couldHandOver(
  collections: ClientOf<typeof CollectionServiceService>,
  collectionId: string,
  call: Call,
): Promise<boolean> {
  if (collectionId === "") return false;
  const { collection } = await collections.getCollection({ collectionId }, call);
  if (!collection || unbooked.has(collection.state)) return false;
  if (!fetched.has(collection.method) || !open.has(collection.state)) return true;
  const { slots } = await collections.listSlots({ collectionId }, call);
  return slots.length > 0;
}
