import assert from "node:assert/strict";
import { PDFDocument } from "pdf-lib";
import type { Collection } from "#gen/backhaul/collection/v1/collection.js";
import { CollectionState } from "#gen/backhaul/collection/v1/collection.js";
import { CollectionServiceService, ScheduleCollectionRequest } from "#gen/backhaul/collection/v1/collection_service.js";
import { HandOverProof } from "#gen/backhaul/collection/v1/hand_over.js";
import {
  ConfirmHandOverRequest,
  HandOverServiceService,
  LabelFormat,
} from "#gen/backhaul/collection/v1/hand_over_service.js";
import { CollectionMethod, Verification } from "#gen/backhaul/eligibility/v1/decision.js";
import { type AddEvidenceRequest, CustodyServiceService } from "#gen/backhaul/inspection/v1/custody_service.js";
import { CustodyStage, Inspection } from "#gen/backhaul/inspection/v1/inspection.js";
import { InspectionServiceService } from "#gen/backhaul/inspection/v1/inspection_service.js";
import { TransportServiceService } from "#gen/backhaul/partner/transport/v1/transport_service.js";
import type { ServiceContract } from "#kit/client.js";
import { RpcError } from "#kit/errors.js";
import { newId } from "#kit/ids.js";
import { type Database, openDatabase } from "#kit/postgres.js";
import { type Handlers, implement } from "#kit/server.js";
import { clientAs, playPartners, until } from "#kit/testing/peers.js";
import { openStage, type Stage } from "#kit/testing/stage.js";
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

describe("collection: hand-over rpc", () => {
  let stage: Stage;
  let running: Awaited<ReturnType<typeof start>>;
  let partners: Awaited<ReturnType<typeof playPartners>>;
  let db: Database;
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
  let collections: ReturnType<typeof clientAs<typeof CollectionServiceService>>;
  let cj: typeof collections;
  let customer: ReturnType<typeof clientAs<typeof HandOverServiceService>>;
  let agent: typeof customer;
  let driver: typeof customer;

  before(async () => {
    stage = await openStage();
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
    partners = await playPartners(stage, [
      implement(TransportServiceService, carrier.handlers),
      implement(InspectionServiceService, onlyThese(InspectionServiceService, inspection)),
      implement(CustodyServiceService, onlyThese(CustodyServiceService, custody)),
    ]);
    const env = stage.env("collection", {
      TRANSPORT_ADDRESS: partners.address,
      INSPECTION_ADDRESS: partners.address,
    });
    running = await start(readCollectionConfig(env));
    db = openDatabase({ url: stage.databaseUrl, schema: env.DATABASE_SCHEMA ?? "", poolSize: 2 });
    collections = as(CollectionServiceService, running.port);
    cj = as(CollectionServiceService, running.port, "CARRIER", "cj");
    customer = as(HandOverServiceService, running.port, "CUSTOMER", "c-1");
    agent = as(HandOverServiceService, running.port, "AGENT", "a-1");
    driver = as(HandOverServiceService, running.port, "CARRIER", "cj");
  });
  after(async () => {
    for (const client of open) client.close();
    await db?.close();
    await running?.stop();
    await partners?.stop();
    await stage?.close();
  });

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
  const wrong = (code: string) => String((Number(code) + 1) % 1_000_000).padStart(6, "0");
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
  const reason =
    (expectedReason: string, metadata: object = {}) =>
    (error: unknown) => {
      assert.ok(error instanceof RpcError, String(error));
      assert.equal(error.reason, expectedReason, error.message);
      assert.deepEqual({ ...error.metadata, ...metadata }, error.metadata);
      return true;
    };

  it("prints a label of what was booked, in the format that was asked for", async () => {
    const { collectionId, trackingNumber } = await booked();
    const label = async (format: LabelFormat) => {
      const answer = await customer.getLabel({ collectionId, format, parcel: 0 });
      return answer.label as NonNullable<typeof answer.label>;
    };
    const pdf = await label(LabelFormat.LABEL_FORMAT_UNSPECIFIED);
    assert.equal(pdf.contentType, "application/pdf");
    assert.equal((await PDFDocument.load(pdf.data)).getTitle(), trackingNumber);
    assert.equal((await label(LabelFormat.LABEL_FORMAT_PNG)).contentType, "image/png");
    assert.ok((await label(LabelFormat.LABEL_FORMAT_ZPL)).data.toString().includes(trackingNumber));
    await assert.rejects(
      customer.getLabel({ collectionId, format: LabelFormat.LABEL_FORMAT_PDF, parcel: 2 }),
      reason("COLLECTION_STATE"),
    );
  });

  it("prints none for a collection that is called off", async () => {
    const { collectionId } = await booked();
    await collections.cancelCollection({ requestId: newId("req"), collectionId });
    await assert.rejects(customer.getLabel({ collectionId, format: 0, parcel: 0 }), reason("COLLECTION_STATE"));
  });

  it("is proved with the code that the customer reads and the driver tells", async () => {
    const collection = await withCode();
    assert.equal(await proof(collection), HandOverProof.HAND_OVER_PROOF_AWAITED);
    const { collection: after, confirmed } = await confirm(collection, { code: await codeOf(collection) });
    assert.equal(confirmed, true);
    assert.equal(after?.handOver?.proof, HandOverProof.HAND_OVER_PROOF_CONFIRMED);
    await pickUp(collection);
    assert.deepEqual(await facts(collection.collectionId), [
      "CollectionScheduled",
      "HandOverConfirmed",
      "ParcelPickedUp",
    ]);
    await assert.rejects(codeOf(collection), reason("HAND_OVER_CODE_NONE"));
  });

  it("counts a wrong code once, however often the same request comes, and locks with the fifth", async () => {
    const collection = await withCode();
    const code = wrong(await codeOf(collection));
    const requestId = newId("req");
    for (let repeat = 0; repeat < 3; repeat++)
      await assert.rejects(
        confirm(collection, { requestId, code }),
        reason("HAND_OVER_CODE_WRONG", { tries_left: "4" }),
      );
    for (const left of ["3", "2", "1", "0"])
      await assert.rejects(confirm(collection, { code }), reason("HAND_OVER_CODE_WRONG", { tries_left: left }));
    await assert.rejects(confirm(collection, { code: wrong(code) }), reason("HAND_OVER_LOCKED"));
    assert.equal(await proof(collection), HandOverProof.HAND_OVER_PROOF_LOCKED);
    assert.deepEqual(await facts(collection.collectionId), ["CollectionScheduled", "HandOverLocked"]);
    await assert.rejects(codeOf(collection), reason("HAND_OVER_LOCKED"));
  });

  it("leaves a guesser five tries in all, however many are made at once", async () => {
    const collection = await withCode();
    const code = await codeOf(collection);
    const guesses = Array.from({ length: 12 }, (_, i) => String((Number(code) + 1 + i) % 1_000_000).padStart(6, "0"));
    const answers = await Promise.allSettled(guesses.map((guess) => confirm(collection, { code: guess })));
    const reasons = answers.map((answer) => (answer.status === "rejected" ? (answer.reason as RpcError).reason : "in"));
    assert.equal(reasons.filter((word) => word === "HAND_OVER_CODE_WRONG").length, 5, reasons.join());
    assert.equal(reasons.filter((word) => word === "HAND_OVER_LOCKED").length, 7, reasons.join());
  });

  it("opens with a new code, which a person gives, and no longer with the old one", async () => {
    const collection = await withCode();
    const { collectionId } = collection;
    const old = await codeOf(collection);
    for (let i = 0; i < 5; i++) await confirm(collection, { code: wrong(old) }).catch(() => {});
    await assert.rejects(
      customer.renewHandOverCode({ requestId: newId("req"), collectionId }),
      reason("ROLE_NOT_ALLOWED"),
    );
    await agent.renewHandOverCode({ requestId: newId("req"), collectionId });
    const fresh = await codeOf(collection);
    assert.notEqual(fresh, old);
    await assert.rejects(confirm(collection, { code: old }), reason("HAND_OVER_CODE_WRONG"));
    assert.equal((await confirm(collection, { code: fresh })).confirmed, true);
  });

  it("follows goods that were taken without the code, marks them, and believes a late word", async () => {
    const collection = await withCode();
    const code = await codeOf(collection);
    await pickUp(collection);
    assert.equal(await proof(collection), HandOverProof.HAND_OVER_PROOF_MISSING);
    assert.deepEqual((await facts(collection.collectionId)).slice(1), ["ParcelPickedUp", "HandOverUnverified"]);
    await confirm(collection, { code });
    assert.equal(await proof(collection), HandOverProof.HAND_OVER_PROOF_CONFIRMED);
  });

  it("stores the code nowhere, not even what a request with it looked like", async () => {
    const collection = await withCode();
    const code = await codeOf(collection);
    await confirm(collection, { code });
    const text = `SELECT to_jsonb(c)::text || (SELECT string_agg(encode(response, 'escape'), ' ') FROM request) AS kept
      FROM collection c WHERE collection_id = $1`;
    const [{ kept }] = (await db.query<{ kept: string }>({ name: "test.kept", text }, [collection.collectionId])) as [
      { kept: string },
    ];
    assert.ok(!kept.includes(code));
  });

  it("takes one word for all that the driver fetches in one visit", async () => {
    const at = { customerId: "c-1", addressKey: newId("adr"), verification: Verification.VERIFICATION_OTP };
    const first = await booked(at);
    const second = await booked(at);
    assert.equal(second.trackingNumber, first.trackingNumber);
    const code = await codeOf(second);
    await confirm(first, { code });
    for (const one of [first, second]) assert.equal(await proof(one), HandOverProof.HAND_OVER_PROOF_CONFIRMED);
  });

  it("hears a driver only of parcels that their own carrier has", async () => {
    const collection = await withCode();
    const other = as(HandOverServiceService, running.port, "CARRIER", "hanjin");
    const request = { ...ConfirmHandOverRequest.fromPartial({}), requestId: newId("req"), driverId: "d-1", code: "" };
    const { trackingNumber } = collection;
    await assert.rejects(
      other.confirmHandOver({ ...request, carrier: "cj", trackingNumber }),
      reason("COLLECTION_NOT_FOUND"),
    );
    await assert.rejects(
      other.confirmHandOver({ ...request, carrier: "hanjin", trackingNumber }),
      reason("COLLECTION_NOT_FOUND"),
    );
  });

  it("begins the custody chain with what the driver saw, as soon as somebody expects the goods, once", async () => {
    const collection = await booked();
    const { resolutionId } = collection;
    const photos = ["1", "2"].map((digit) => ({ mediaId: `med_${digit}`, sha256: digit.repeat(64) }));
    await confirm(collection, { inPerson: true, check: { unitsSeen: 2, rightItem: true, photos } });
    expected.add(resolutionId);
    const mine = () => evidence.filter(({ inspectionId }) => inspectionId === `ins_${resolutionId.slice(4)}`);
    await until("the photos are passed on", async () => mine().length === 2);
    assert.deepEqual(
      mine().map(({ photo }) => photo),
      photos,
    );
    assert.ok(mine().every(({ stage: seen }) => seen === CustodyStage.CUSTODY_STAGE_DRIVER));
    assert.equal(new Set(mine().map(({ requestId }) => requestId)).size, 2);
    const { check } = (await read(collection.collectionId)).handOver ?? {};
    assert.deepEqual(check, { unitsSeen: 2, rightItem: true, mediaIds: ["med_1", "med_2"] });
  }).timeout(30_000);

  it("brings the customer's memo to the driver with the booking, and again when it changes", async () => {
    const collection = await booked({ doorMemo: "behind the blue gate" });
    const { collectionId } = collection;
    const asked = carrier.asked.find(({ resolutionId }) => resolutionId === collection.resolutionId);
    assert.equal(asked?.doorMemo, "behind the blue gate");
    await customer.setDoorMemo({ requestId: newId("req"), collectionId, doorMemo: "code 4711#" });
    await until("the driver was told", async () => carrier.memos.some(({ doorMemo }) => doorMemo === "code 4711#"));
    assert.equal((await customer.getDoorMemo({ collectionId })).doorMemo, "code 4711#");
  });

  it("shows the memo to the customer and to agents alone, keeps it out of all else, and forgets it with the goods", async () => {
    const secret = "the key is under the third pot";
    const collection = await booked({ doorMemo: secret });
    const { collectionId } = collection;
    await customer.setDoorMemo({ requestId: newId("req"), collectionId, doorMemo: `${secret} now` });
    assert.equal((await agent.getDoorMemo({ collectionId })).doorMemo, `${secret} now`);
    const stranger = as(HandOverServiceService, running.port, "CUSTOMER", "c-2");
    await assert.rejects(stranger.getDoorMemo({ collectionId }), reason("COLLECTION_NOT_FOUND"));
    await assert.rejects(driver.getDoorMemo({ collectionId }), reason("ROLE_NOT_ALLOWED"));
    assert.ok(
      !JSON.stringify(await read(collectionId), (_, v) => (typeof v === "bigint" ? String(v) : v)).includes(secret),
    );
    const text = `SELECT (SELECT string_agg(encode(body, 'escape'), '') FROM outbox)
      || coalesce((SELECT string_agg(payload::text, '') FROM agenda), '')
      || (SELECT string_agg(encode(response, 'escape'), '') FROM request) AS kept`;
    const [{ kept }] = (await db.query<{ kept: string }>({ name: "test.memo", text }, [])) as [{ kept: string }];
    assert.ok(!kept.includes("third pot"));
    await pickUp(collection);
    assert.equal((await customer.getDoorMemo({ collectionId })).doorMemo, "");
  });

  it("follows a parcel under the number that the customer read off their receipt", async () => {
    const ships = await booked({ method: CollectionMethod.COLLECTION_METHOD_CUSTOMER_SHIPS });
    const { collectionId } = ships;
    const enter = (trackingNumber: string, name = "cj") =>
      customer.enterWaybill({ requestId: newId("req"), collectionId, carrier: name, trackingNumber });
    const number = String(Math.floor(1e11 + Math.random() * 9e11));
    const { collection } = await enter(number.replace(/(.{4})/g, "$1 ").trim());
    assert.deepEqual([collection?.carrier, collection?.trackingNumber], ["cj", number]);
    await until("our own label is called off", async () => carrier.canceled.has(ships.bookingId));
    await assert.rejects(
      cj.recordTracking({ carrier: ships.carrier, trackingNumber: ships.trackingNumber, event: eventOf("PICKED_UP") }),
      reason("COLLECTION_NOT_FOUND"),
    );
    await cj.recordTracking({ carrier: "cj", trackingNumber: number, event: eventOf("DROPPED_OFF") });
    assert.equal((await read(collectionId)).state, CollectionState.COLLECTION_STATE_DROPPED_OFF);
    await assert.rejects(enter("1234567890"), reason("COLLECTION_STATE"));
    assert.ok((await facts(collectionId)).includes("WaybillEntered"));
  });

  it("takes one number for two of a customer's collections, and for no other customer's", async () => {
    const method = CollectionMethod.COLLECTION_METHOD_CUSTOMER_SHIPS;
    const number = String(Math.floor(1e11 + Math.random() * 9e11));
    const enter = (collectionId: string, client = customer) =>
      client.enterWaybill({ requestId: newId("req"), collectionId, carrier: "cj", trackingNumber: number });
    const [mine, also] = [await booked({ method }), await booked({ method })];
    await enter(mine.collectionId);
    await enter(also.collectionId);
    const theirs = await booked({ method, customerId: "c-2" });
    const stranger = as(HandOverServiceService, running.port, "CUSTOMER", "c-2");
    await assert.rejects(enter(theirs.collectionId, stranger), reason("WAYBILL_TAKEN", { tracking_number: number }));
    await cj.recordTracking({ carrier: "cj", trackingNumber: number, event: eventOf("DROPPED_OFF") });
    for (const { collectionId } of [mine, also])
      assert.equal((await read(collectionId)).state, CollectionState.COLLECTION_STATE_DROPPED_OFF);
    assert.equal((await read(theirs.collectionId)).state, CollectionState.COLLECTION_STATE_SCHEDULED);
  });

  it("says what is wrong with a number, and which carriers are not on file", async () => {
    const { collectionId } = await booked({ method: CollectionMethod.COLLECTION_METHOD_CUSTOMER_SHIPS });
    const enter = (name: string, trackingNumber: string) =>
      customer.enterWaybill({ requestId: newId("req"), collectionId, carrier: name, trackingNumber });
    await assert.rejects(enter("cj", "12345"), reason("WAYBILL_INVALID", { problem: "SHAPE" }));
    await assert.rejects(enter("nobody", "1234567890"), reason("WAYBILL_INVALID", { problem: "CARRIER" }));
    const { collection } = await enter("other", "XK 55 1234");
    assert.deepEqual([collection?.carrier, collection?.trackingNumber], ["other", "XK551234"]);
  });

  it("has a driver bring the replacement, and tells with the pick-up that it was handed out", async () => {
    const method = CollectionMethod.COLLECTION_METHOD_SWAP_AT_DOOR;
    const collection = await booked({ method, bringsHoldId: "hold-1" });
    const asked = carrier.asked.find(({ resolutionId }) => resolutionId === collection.resolutionId);
    assert.equal(asked?.bringsHoldId, "hold-1");
    assert.equal((await collections.listSlots({ collectionId: collection.collectionId })).slots.length > 0, true);
    await confirm(collection, { swapped: true, inPerson: true });
    await pickUp(collection);
    assert.equal((await read(collection.collectionId)).handOver?.swapped, true);
    await assert.rejects(confirm(await booked(), { swapped: true }), reason("COLLECTION_STATE"));
  });

  it("keeps customers to their own", async () => {
    const { collectionId } = await withCode();
    const stranger = as(HandOverServiceService, running.port, "CUSTOMER", "c-2");
    const requestId = newId("req");
    const notFound = reason("COLLECTION_NOT_FOUND");
    await assert.rejects(stranger.getLabel({ collectionId, format: 0, parcel: 0 }), notFound);
    await assert.rejects(stranger.getHandOverCode({ collectionId }), notFound);
    await assert.rejects(stranger.setDoorMemo({ requestId, collectionId, doorMemo: "x" }), notFound);
    await assert.rejects(
      stranger.enterWaybill({ requestId, collectionId, carrier: "cj", trackingNumber: "1234567890" }),
      notFound,
    );
    await assert.rejects(driver.getHandOverCode({ collectionId }), reason("ROLE_NOT_ALLOWED"));
  });
});
