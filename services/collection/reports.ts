// The one way in for reports, whoever brings them: a carrier's webhook in our words or its own, or its answer when asked.
import { createHash } from "node:crypto";
import type { Collection as CollectionMessage, TrackingEvent } from "#gen/backhaul/collection/v1/collection.js";
import {
  CollectionServiceService,
  type RecordTrackingResponse,
} from "#gen/backhaul/collection/v1/collection_service.js";
import type { Spend } from "#kit/aggregate.js";
import { actOf } from "#kit/audit/act.js";
import { ownCall } from "#kit/call.js";
import type { Clock } from "#kit/clock.js";
import { report } from "./core/tracking.js";
import type { Collection, Report } from "./core/types.js";
import { reportOf, toCollection } from "./proto.js";
import type { Reporters } from "./reporters.js";
import { type Store, unknownParcel } from "./store.js";
import type { Holder } from "./visits.js";

/** A parcel as reports name it. */
export type ParcelName = { readonly carrier: string; readonly trackingNumber: string };

export type Reports = {
  /**
   * Takes a report in, for every collection with goods in the parcel; it is committed for all of them when this resolves.
   * To who may report in one market, parcels of others are not there.
   * @throws DomainError COLLECTION_NOT_FOUND; InvalidRequest
   */
  take(
    parcel: ParcelName,
    event: TrackingEvent | undefined,
    reporter: string,
    market?: string,
  ): Promise<RecordTrackingResponse>;
  /**
   * Takes in what one message tells, in this order, and answers how many changed something, now or when they were first told.
   * Carriers tell a parcel's whole way each time: what is on record already costs one look for all of it.
   * @throws DomainError COLLECTION_NOT_FOUND; InvalidRequest
   */
  takeAll(told: readonly Told[], reporter: string, market?: string): Promise<number>;
};

/** One report of a message. */
export type Told = ParcelName & { readonly event: TrackingEvent };

const { path, responseSerialize, responseDeserialize } = CollectionServiceService.recordTracking;

export function openReports(parts: { store: Store; reporters: Reporters; clock: Clock }): Reports {
  const { store, reporters, clock } = parts;

  /** What each report was answered before; undefined unless for every collection with goods in its parcel. */
  async function answered(told: readonly Told[]): Promise<(readonly RecordTrackingResponse[] | undefined)[]> {
    const holders = new Map<string, Holder[]>();
    for (const { carrier, trackingNumber } of told) {
      const parcel = `${carrier}/${trackingNumber}`;
      if (!holders.has(parcel)) holders.set(parcel, await store.visits.holders(carrier, trackingNumber));
    }
    const names = told.map((report) => {
      const { carrier, trackingNumber, event } = report;
      const own = holders.get(`${carrier}/${trackingNumber}`) ?? [];
      return own.map((holder) => ({
        principal: principalOf(report),
        requestId: nameOf(report, holder, event.eventId),
      }));
    });
    const spent = await store.answers(names.flat());
    return names.map((own) => {
      const known = own.flatMap(({ principal, requestId }) => spent.get(`${principal}/${requestId}`) ?? []);
      return own.length > 0 && known.length === own.length
        ? known.map((bytes) => responseDeserialize(bytes))
        : undefined;
    });
  }

  return {
    async takeAll(told, reporter, market) {
      const before = told.length > 1 ? await answered(told) : [];
      let changes = 0;
      for (const [i, { event, ...parcel }] of told.entries()) {
        const answers = before[i] ?? [await this.take(parcel, event, reporter, market)];
        if (answers.some(({ applied }) => applied)) changes++;
      }
      return changes;
    },

    take: async (parcel, event, reporter, market) => {
      const { carrier, trackingNumber } = parcel;
      const said = inOurWords({ ...reportOf(event), trackingNumber, reporter }, reporters);
      const [first, ...others] = await store.visits.holders(carrier, trackingNumber);
      if (!first) throw unknownParcel(trackingNumber);
      // A parcel is in one market.
      if (market !== undefined && (await store.find(first.collectionId)).market !== market)
        throw unknownParcel(trackingNumber);
      const takeFor = async (holder: Holder) => {
        let applied = false;
        const spend = byReport(parcel, holder, said.eventId, (collection) => ({
          collection,
          applied,
          furtherCollectionIds: [],
        }));
        return store.report(holder.collectionId, said, spend, (collection) => {
          const reported = report(collection, said, clock.now(), holder.first);
          applied = reported.applied;
          return reported;
        });
      };
      const answer = await takeFor(first);
      let applied = answer.applied;
      for (const other of others) applied = (await takeFor(other)).applied || applied;
      return { ...answer, applied, furtherCollectionIds: others.map(({ collectionId }) => collectionId) };
    },
  };
}

/** A report without a kind has the one of its code. Whose fault it was, the carrier may say itself. */
function inOurWords(said: Report, reporters: Reporters): Report {
  if (said.kind) return said;
  const { kind, fault, aside } = reporters.read(said.reporter, said.code);
  return { ...said, kind, fault: said.fault ?? fault, aside };
}

/**
 * Spends a report: one per (carrier, parcel, event id) and collection, whoever passes it on. Its body does not count:
 * carriers send the same event again with a corrected code, and have nobody who could choose a new id. The collection that
 * had the parcel first has the name to itself, as when a parcel was one collection's.
 */
function byReport(
  parcel: ParcelName,
  holder: Holder,
  eventId: string,
  answer: (collection: CollectionMessage) => RecordTrackingResponse,
): Spend<Collection, RecordTrackingResponse> {
  const requestId = nameOf(parcel, holder, eventId);
  const fingerprint = createHash("sha256").update(path).update(`${parcel.carrier}/${requestId}`).digest();
  return {
    token: { kind: "request", principal: principalOf(parcel), requestId, fingerprint, act: reported() },
    answer: (collection) => answer(toCollection(collection)),
    keep: responseSerialize,
    recall: responseDeserialize,
  };
}

/** Whoever brings a report, it is the carrier's word. */
const reported = () => actOf(path, {}, ownCall("collection"));
const principalOf = ({ carrier }: ParcelName): string => `CARRIER:${carrier}`;

function nameOf({ trackingNumber }: ParcelName, { collectionId, first }: Holder, eventId: string): string {
  const name = `${trackingNumber}:${eventId}`;
  return first ? name : `${name}:${collectionId}`;
}
