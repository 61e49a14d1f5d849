// Who handed over, and how that is proved: codes, drivers, and what the carrier tells.
import assert from "node:assert/strict";
import { HandOverProof } from "#gen/backhaul/collection/v1/hand_over.js";
import { ConfirmHandOverRequest, HandOverServiceService } from "#gen/backhaul/collection/v1/hand_over_service.js";
import { CollectionMethod, Verification } from "#gen/backhaul/eligibility/v1/decision.js";
import { CustodyStage } from "#gen/backhaul/inspection/v1/inspection.js";
import type { RpcError } from "#kit/errors.js";
import { newId } from "#kit/ids.js";
import { until } from "#kit/testing/peers.js";
import { type HandOverDesk, openHandOverDesk, reason } from "./handOverDesk.js";

describe("collection: hand-over rpc", () => {
  let desk: HandOverDesk;
  before(async () => {
    desk = await openHandOverDesk();
  });
  after(() => desk?.close());

  const wrong = (code: string) => String((Number(code) + 1) % 1_000_000).padStart(6, "0");

  it("is proved with the code that the customer reads and the driver tells", async () => {
    const { withCode, codeOf, confirm, pickUp, proof, facts } = desk;
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
    const { withCode, codeOf, confirm, proof, facts } = desk;
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
    const { withCode, codeOf, confirm } = desk;
    const collection = await withCode();
    const code = await codeOf(collection);
    const guesses = Array.from({ length: 12 }, (_, i) => String((Number(code) + 1 + i) % 1_000_000).padStart(6, "0"));
    const answers = await Promise.allSettled(guesses.map((guess) => confirm(collection, { code: guess })));
    const reasons = answers.map((answer) => (answer.status === "rejected" ? (answer.reason as RpcError).reason : "in"));
    assert.equal(reasons.filter((word) => word === "HAND_OVER_CODE_WRONG").length, 5, reasons.join());
    assert.equal(reasons.filter((word) => word === "HAND_OVER_LOCKED").length, 7, reasons.join());
  });

  it("opens with a new code, which a person gives, and no longer with the old one", async () => {
    const { customer, agent, withCode, codeOf, confirm } = desk;
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
    const { withCode, codeOf, confirm, pickUp, proof, facts } = desk;
    const collection = await withCode();
    const code = await codeOf(collection);
    await pickUp(collection);
    assert.equal(await proof(collection), HandOverProof.HAND_OVER_PROOF_MISSING);
    assert.deepEqual((await facts(collection.collectionId)).slice(1), ["ParcelPickedUp", "HandOverUnverified"]);
    await confirm(collection, { code });
    assert.equal(await proof(collection), HandOverProof.HAND_OVER_PROOF_CONFIRMED);
  });

  it("stores the code nowhere, not even what a request with it looked like", async () => {
    const { db, withCode, codeOf, confirm } = desk;
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
    const { booked, codeOf, confirm, proof } = desk;
    const at = { customerId: "c-1", addressKey: newId("adr"), verification: Verification.VERIFICATION_OTP };
    const first = await booked(at);
    const second = await booked(at);
    assert.equal(second.trackingNumber, first.trackingNumber);
    const code = await codeOf(second);
    await confirm(first, { code });
    for (const one of [first, second]) assert.equal(await proof(one), HandOverProof.HAND_OVER_PROOF_CONFIRMED);
  });

  it("hears a driver only of parcels that their own carrier has", async () => {
    const { running, as, withCode } = desk;
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
    const { expected, evidence, read, booked, confirm } = desk;
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

  it("has a driver bring the replacement, and tells with the pick-up that it was handed out", async () => {
    const { carrier, collections, read, booked, confirm, pickUp } = desk;
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
    const { running, as, driver, withCode } = desk;
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
