// What the collection says of a day, and what it does not.
import assert from "node:assert/strict";
import { status } from "@grpc/grpc-js";
import { CollectionState } from "#gen/backhaul/collection/v1/collection.js";
import { CollectionMethod } from "#gen/backhaul/eligibility/v1/decision.js";
import { ownCall } from "#kit/call.js";
import { RpcError } from "#kit/errors.js";
import { couldHandOver } from "../handoverDays.js";

type Collections = Parameters<typeof couldHandOver>[0];
const refusal = (code: status, reason: string) => new RpcError(code, reason, "no", {}, "m");
const moved = refusal(status.FAILED_PRECONDITION, "COLLECTION_STATE");
const gone = refusal(status.NOT_FOUND, "COLLECTION_NOT_FOUND");
const down = refusal(status.UNAVAILABLE, "DRAINING");

/** A collection that waits for its driver, with these slots; either answer may be an error. */
function asked({ collection = {}, slots = [{}] }: { collection?: object | Error; slots?: object[] | Error }) {
  const answer = async (of: object | Error, name: string) => {
    if (of instanceof Error) throw of;
    return { [name]: of };
  };
  const booked = {
    state: CollectionState.COLLECTION_STATE_SCHEDULED,
    method: CollectionMethod.COLLECTION_METHOD_PICKUP_CONTACTLESS,
  };
  const read = collection instanceof Error ? collection : { ...booked, ...collection };
  const collections = {
    getCollection: () => answer(read, "collection"),
    listSlots: () => answer(slots, "slots"),
  } as unknown as Collections;
  return couldHandOver(collections, "col_1", ownCall("resolution"));
}

describe("resolution: whether a day could be used", () => {
  it("is for the free slots to say while a driver is waited for", async () => {
    assert.deepEqual([await asked({}), await asked({ slots: [] })], [true, false]);
    assert.equal(await asked({ collection: { state: CollectionState.COLLECTION_STATE_CREATED } }), false);
  });

  it("is counted by what is known where the collection has moved on, or is not there", async () => {
    assert.equal(await asked({ slots: moved }), true, "it was booked when it was read");
    assert.equal(await asked({ slots: gone }), true);
    assert.equal(await asked({ collection: gone }), false, "what nobody knows of, nobody has booked");
    assert.equal(await asked({ collection: moved }), false);
  });

  it("is asked again while the collection is down", async () => {
    await assert.rejects(asked({ collection: down }), { reason: "DRAINING" });
    await assert.rejects(asked({ slots: down }), { reason: "DRAINING" });
  });
});
