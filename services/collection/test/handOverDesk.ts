// A collection service with a carrier that plays along, and everybody who calls at a hand-over.
import assert from "node:assert/strict";
import type { Collection } from "#gen/backhaul/collection/v1/collection.js";
import { CollectionState } from "#gen/backhaul/collection/v1/collection.js";
import { CollectionServiceService, ScheduleCollectionRequest } from "#gen/backhaul/collection/v1/collection_service.js";
import { ConfirmHandOverRequest, HandOverServiceService } from "#gen/backhaul/collection/v1/hand_over_service.js";
import { CollectionMethod, Verification } from "#gen/backhaul/eligibility/v1/decision.js";
import { type AddEvidenceRequest, CustodyServiceService } from "#gen/backhaul/inspection/v1/custody_service.js";
import { Inspection } from "#gen/backhaul/inspection/v1/inspection.js";
import { InspectionServiceService } from "#gen/backhaul/inspection/v1/inspection_service.js";
import { TransportServiceService } from "#gen/backhaul/partner/transport/v1/transport_service.js";
import type { ServiceContract } from "#kit/client.js";
import { RpcError } from "#kit/errors.js";
import { newId } from "#kit/ids.js";
import { openDatabase } from "#kit/postgres.js";
import { type Handlers, implement } from "#kit/server.js";
import { clientAs, playPartners, until } from "#kit/testing/peers.js";
import { openStage } from "#kit/testing/stage.js";
import { readCollectionConfig } from "../config.js";
import { start } from "../service.js";
import { eventOf } from "./builders.js";
import { fakeCarrier } from "./carrier.js";

/** A fake that has only what is asked of it here. */
function onlyThese<S extends ServiceContract>(contract: S, some: Partial<Handlers<S>>): Handlers<S> {
  const refuse = async () => Promise.reject(new Error("not played"));
  return Object.fromEntries(
    Object.keys(contract).map((name) => [name, some[name as keyof S] ?? refuse]),
  ) as unknown as Handlers<S>;
}

export type HandOverDesk = Awaited<ReturnType<typeof openHandOverDesk>>;

/** Starts it. */
export async function openHandOverDesk() {
  const carrier = fakeCarrier();
  /** Resolutions whose goods are expected, and what was added to their chains. */
  const expected = new Set<string>();
  const evidence: AddEvidenceRequest[] = [];
  const open: { close(): void }[] = [];
  const as: typeof clientAs = (...args) => {
    const client = clientAs(...args);
    open.push(client);
    return client;
  };
  const stage = await openStage();
  const inspection: Partial<Handlers<typeof InspectionServiceService>> = {
    async listInspections({ resolutionId }) {
      const found = Inspection.fromPartial({ inspectionId: `ins_${resolutionId.slice(4)}`, resolutionId });
      return { inspections: expected.has(resolutionId) ? [found] : [], nextPageToken: "" };
    },
  };
  const custody: Partial<Handlers<typeof CustodyServiceService>> = {
    async addEvidence(request) {
      evidence.push(request);
      return { evidence: undefined };
    },
  };
  const partners = await playPartners(stage, [
    implement(TransportServiceService, carrier.handlers),
    implement(InspectionServiceService, onlyThese(InspectionServiceService, inspection)),
    implement(CustodyServiceService, onlyThese(CustodyServiceService, custody)),
  ]);
  const env = stage.env("collection", {
    TRANSPORT_ADDRESS: partners.address,
    INSPECTION_ADDRESS: partners.address,
  });
  const running = await start(readCollectionConfig(env));
  const db = openDatabase({ url: stage.databaseUrl, schema: env.DATABASE_SCHEMA ?? "", poolSize: 2 });
  const collections = as(CollectionServiceService, running.port);
  const cj = as(CollectionServiceService, running.port, "CARRIER", "cj");
  const customer = as(HandOverServiceService, running.port, "CUSTOMER", "c-1");
  const agent = as(HandOverServiceService, running.port, "AGENT", "a-1");
  const driver = as(HandOverServiceService, running.port, "CARRIER", "cj");

  const read = async (collectionId: string) =>
    (await collections.getCollection({ collectionId })).collection as Collection;
  const schedule = async (change: Partial<ScheduleCollectionRequest> = {}): Promise<Collection> => {
    const request = ScheduleCollectionRequest.fromPartial({
      requestId: newId("req"),
      resolutionId: newId("res"),
      // An address of its own, so that no test joins another's visit.
      orderId: newId("ord"),
      customerId: "c-1",
      market: "KR",
      method: CollectionMethod.COLLECTION_METHOD_PICKUP_IN_PERSON,
      units: 2,
      maxAttempts: 2,
      ...change,
    });
    const { collection } = await collections.scheduleCollection(request);
    return collection as Collection;
  };
  const booked = async (change: Partial<ScheduleCollectionRequest> = {}): Promise<Collection> => {
    const { collectionId } = await schedule(change);
    return until(`${collectionId} is booked`, async () => {
      const collection = await read(collectionId);
      return collection.state === CollectionState.COLLECTION_STATE_SCHEDULED && collection;
    });
  };
  const withCode = (change: Partial<ScheduleCollectionRequest> = {}) =>
    booked({ verification: Verification.VERIFICATION_OTP, ...change });
  const codeOf = async ({ collectionId }: Collection) => (await customer.getHandOverCode({ collectionId })).code;
  const confirm = ({ carrier: name, trackingNumber }: Collection, change: Partial<ConfirmHandOverRequest> = {}) =>
    driver.confirmHandOver(
      ConfirmHandOverRequest.fromPartial({
        requestId: newId("req"),
        carrier: name,
        trackingNumber,
        driverId: "d-7",
        ...change,
      }),
    );
  const pickUp = ({ carrier: name, trackingNumber }: Collection) =>
    cj.recordTracking({ carrier: name, trackingNumber, event: eventOf("PICKED_UP") });
  const proof = async ({ collectionId }: Collection) => (await read(collectionId)).handOver?.proof;
  const facts = async (collectionId: string): Promise<string[]> => {
    const text = "SELECT subject FROM outbox WHERE aggregate_id = $1 ORDER BY event_id";
    return (await db.query({ name: "test.facts", text }, [collectionId])).map(({ subject }) =>
      subject.split(".").at(-1),
    );
  };

  return {
    stage,
    running,
    db,
    carrier,
    expected,
    evidence,
    as,
    collections,
    cj,
    customer,
    agent,
    driver,
    read,
    schedule,
    booked,
    withCode,
    codeOf,
    confirm,
    pickUp,
    proof,
    facts,
    close: async () => {
      for (const client of open) client.close();
      await db.close();
      await running.stop();
      await partners.stop();
      await stage.close();
    },
  };
}

/** A rejection's reason, and what it says besides. */
export const reason =
  (expectedReason: string, metadata: object = {}) =>
  (error: unknown) => {
    assert.ok(error instanceof RpcError, String(error));
    assert.equal(error.reason, expectedReason, error.message);
    assert.deepEqual({ ...error.metadata, ...metadata }, error.metadata);
    return true;
  };
