// Whether a customer could hand over today: asked of the collection once a day, for each resolution that waits for goods.
import { CollectionState } from "#gen/backhaul/collection/v1/collection.js";
import type { CollectionServiceService } from "#gen/backhaul/collection/v1/collection_service.js";
import { CollectionMethod } from "#gen/backhaul/eligibility/v1/decision.js";
import type { Call } from "#kit/call.js";
import type { ClientOf } from "#kit/client.js";
import { RpcError } from "#kit/errors.js";

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

/**
 * Goods that a driver fetches need a slot; where the customer brings or sends them, a booking is enough. What the collection
 * will not say of itself changes nothing: the day is counted by what is known of it.
 */
export async function couldHandOver(
  collections: ClientOf<typeof CollectionServiceService>,
  collectionId: string,
  call: Call,
): Promise<boolean> {
  if (collectionId === "") return false;
  const { collection } = await unlessRefused(collections.getCollection({ collectionId }, call), {
    collection: undefined,
  });
  if (!collection || unbooked.has(collection.state)) return false;
  if (!fetched.has(collection.method) || !open.has(collection.state)) return true;
  // It moved on since it was read: it was booked, and could be handed over.
  const { slots } = await unlessRefused(collections.listSlots({ collectionId }, call), { slots: undefined });
  return slots === undefined || slots.length > 0;
}

/** Answers that no trying again would change. */
const refusals: ReadonlySet<string> = new Set(["COLLECTION_STATE", "COLLECTION_NOT_FOUND"]);

async function unlessRefused<A, B>(answer: Promise<A>, otherwise: B): Promise<A | B> {
  try {
    return await answer;
  } catch (error) {
    if (error instanceof RpcError && refusals.has(error.reason)) return otherwise;
    throw error;
  }
}
