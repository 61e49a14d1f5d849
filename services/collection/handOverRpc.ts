// The rpcs of backhaul.collection.v1.HandOverService: check, one verb, reply.
import { createHash } from "node:crypto";
import { type ConfirmHandOverResponse, HandOverServiceService } from "#gen/backhaul/collection/v1/hand_over_service.js";
import { isInMarket, mayReach, principal } from "#kit/access.js";
import { byRequest, recalling, type Spend } from "#kit/aggregate.js";
import { actOf } from "#kit/audit/act.js";
import type { Call } from "#kit/call.js";
import type { Clock } from "#kit/clock.js";
import { DomainError } from "#kit/pure/check.js";
import type { Handlers } from "#kit/server.js";
import { checkCoded, checkUnlocked, confirm, renewCode, setDoorMemo, type Word } from "./core/confirm.js";
import { triesLeft, wrongCodesMax } from "./core/handOver.js";
import { handOverOf } from "./core/handOverTypes.js";
import { labelOf } from "./core/label.js";
import { parcelsOf } from "./core/parcels.js";
import type { Collection } from "./core/types.js";
import { checkNumber, enterWaybill, plainNumber } from "./core/waybill.js";
import type { HandOverCodes } from "./handOverCodes.js";
import { formatOf, toItemCheck } from "./handOverProto.js";
import { print } from "./labels/label.js";
import { toCollection } from "./proto.js";
import { type Store, unknownCollection, unknownParcel } from "./store.js";

export type HandOverParts = { readonly store: Store; readonly clock: Clock; readonly codes: HandOverCodes };

const service = HandOverServiceService;
const answer = (collection: Collection) => ({ collection: toCollection(collection) });

export function handOverRpc({ store, clock, codes }: HandOverParts): Handlers<typeof HandOverServiceService> {
  /** The collection, if it is the caller's business. @throws DomainError COLLECTION_NOT_FOUND */
  async function collectionOf(collectionId: string, call: Call): Promise<Collection> {
    const collection = await store.find(collectionId);
    if (mayReach(call.caller, collection)) return collection;
    throw unknownCollection(collectionId);
  }

  return {
    async getLabel({ collectionId, parcel, format }, call) {
      const collection = await collectionOf(collectionId, call);
      const { temperature } = handOverOf(collection.handOver);
      const destination = { centre: collection.route?.centre ?? "", temperature };
      const label = labelOf(collection, parcelsOf(collection), parcel || 1, destination);
      return { label: { ...(await print(label, formatOf(format))), extensions: [] } };
    },

    async enterWaybill(request, call) {
      await collectionOf(request.collectionId, call);
      const waybill = { carrier: request.carrier, trackingNumber: plainNumber(request.trackingNumber) };
      checkNumber(waybill);
      return store.change(request.collectionId, byRequest(service.enterWaybill, request, call, answer), (collection) =>
        enterWaybill(collection, waybill, clock.now()),
      );
    },

    async getDoorMemo({ collectionId }, call) {
      return { doorMemo: handOverOf((await collectionOf(collectionId, call)).handOver).doorMemo };
    },

    async setDoorMemo(request, call) {
      await collectionOf(request.collectionId, call);
      return store.change(request.collectionId, byRequest(service.setDoorMemo, request, call, answer), (collection) =>
        setDoorMemo(collection, request.doorMemo, clock.now()),
      );
    },

    async getHandOverCode({ collectionId }, call) {
      const collection = await collectionOf(collectionId, call);
      checkCoded(collection);
      checkUnlocked(collection);
      return { code: codes.codeOf(collection), triesLeft: triesLeft(collection) };
    },

    async renewHandOverCode(request, call) {
      return store.change(request.collectionId, byRequest(service.renewHandOverCode, request, call, answer), (before) =>
        renewCode(before, clock.now()),
      );
    },

    // A parcel, and a visit, may hold goods of several collections of one customer, who tells the code of any of them.
    async confirmHandOver(request, call) {
      const { carrier, trackingNumber, driverId, inPerson, swapped, code: told } = request;
      const holders = call.caller.subject === carrier ? await store.visits.holders(carrier, trackingNumber) : [];
      const collections = await Promise.all(holders.map(({ collectionId }) => store.find(collectionId)));
      const reached = collections.every(({ market }) => isInMarket(call.caller, market));
      if (collections.length === 0 || !reached) throw unknownParcel(trackingNumber);
      const code = told === "" ? "NONE" : collections.some((one) => codes.fits(one, told)) ? "RIGHT" : "WRONG";
      const word: Word = { driverId, code, inPerson, swapped, check: toItemCheck(request.check) };
      const answers: ConfirmHandOverResponse[] = [];
      for (const { collectionId } of collections) {
        const spend = byWord({ ...request, code: codes.sealed(told) }, collectionId, call);
        answers.push(await store.change(collectionId, spend, (before) => confirm(before, word, clock.now())));
      }
      const refused = answers.find(({ confirmed }) => !confirmed);
      if (refused) throw wrongCode(trackingNumber, refused);
      return answers[0] as ConfirmHandOverResponse;
    },
  };
}

/** Spends a driver's word on one collection; the code is sealed, for a fingerprint of six digits would tell them. */
function byWord(
  request: Parameters<typeof service.confirmHandOver.requestSerialize>[0],
  collectionId: string,
  call: Call,
): Spend<Collection, ConfirmHandOverResponse> {
  const { path, requestSerialize, responseSerialize } = service.confirmHandOver;
  const fingerprint = createHash("sha256").update(path).update(requestSerialize(request)).digest();
  return {
    token: {
      kind: "request",
      principal: principal(call.caller),
      requestId: `${request.requestId}:${collectionId}`,
      fingerprint,
      act: actOf(path, request, call),
    },
    answer: (collection) => ({
      collection: toCollection(collection),
      confirmed: collection.handOver?.confirmation !== undefined,
    }),
    keep: responseSerialize,
    recall: recalling(service.confirmHandOver, call),
  };
}

/** The try is counted and kept by now: an error before the commit would leave a guesser all tries. */
function wrongCode(trackingNumber: string, { collection }: ConfirmHandOverResponse): DomainError {
  const left = Math.max(0, wrongCodesMax - (collection?.handOver?.wrongCodes ?? 0));
  const metadata = { tracking_number: trackingNumber, tries_left: String(left) };
  return new DomainError("HAND_OVER_CODE_WRONG", `that is not the customer's code; ${left} tries are left`, metadata);
}
