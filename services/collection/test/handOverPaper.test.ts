// What goes along with a hand-over: labels, memos to the driver, numbers of parcels that customers send themselves.
import assert from "node:assert/strict";
import { PDFDocument } from "pdf-lib";
import { CollectionState } from "#gen/backhaul/collection/v1/collection.js";
import { HandOverServiceService, LabelFormat } from "#gen/backhaul/collection/v1/hand_over_service.js";
import { CollectionMethod } from "#gen/backhaul/eligibility/v1/decision.js";
import { newId } from "#kit/ids.js";
import { until } from "#kit/testing/peers.js";
import { eventOf } from "./builders.js";
import { type HandOverDesk, openHandOverDesk, reason } from "./handOverDesk.js";

describe("collection: what goes along with a hand-over, rpc", () => {
  let desk: HandOverDesk;
  before(async () => {
    desk = await openHandOverDesk();
  });
  after(() => desk?.close());

  it("prints a label of what was booked, in the format that was asked for", async () => {
    const { customer, booked } = desk;
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
    const { collections, customer, booked } = desk;
    const { collectionId } = await booked();
    await collections.cancelCollection({ requestId: newId("req"), collectionId });
    await assert.rejects(customer.getLabel({ collectionId, format: 0, parcel: 0 }), reason("COLLECTION_STATE"));
  });

  it("brings the customer's memo to the driver with the booking, and again when it changes", async () => {
    const { carrier, customer, booked } = desk;
    const collection = await booked({ doorMemo: "behind the blue gate" });
    const { collectionId } = collection;
    const asked = carrier.asked.find(({ resolutionId }) => resolutionId === collection.resolutionId);
    assert.equal(asked?.doorMemo, "behind the blue gate");
    await customer.setDoorMemo({ requestId: newId("req"), collectionId, doorMemo: "code 4711#" });
    await until("the driver was told", async () => carrier.memos.some(({ doorMemo }) => doorMemo === "code 4711#"));
    assert.equal((await customer.getDoorMemo({ collectionId })).doorMemo, "code 4711#");
  });

  it("shows the memo to the customer and to agents alone, keeps it out of all else, and forgets it with the goods", async () => {
    const { running, db, as, customer, agent, driver, read, booked, pickUp } = desk;
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
    const { carrier, cj, customer, read, booked, facts } = desk;
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
    const { running, as, cj, customer, read, booked } = desk;
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
    const { customer, booked } = desk;
    const { collectionId } = await booked({ method: CollectionMethod.COLLECTION_METHOD_CUSTOMER_SHIPS });
    const enter = (name: string, trackingNumber: string) =>
      customer.enterWaybill({ requestId: newId("req"), collectionId, carrier: name, trackingNumber });
    await assert.rejects(enter("cj", "12345"), reason("WAYBILL_INVALID", { problem: "SHAPE" }));
    await assert.rejects(enter("nobody", "1234567890"), reason("WAYBILL_INVALID", { problem: "CARRIER" }));
    const { collection } = await enter("other", "XK 55 1234");
    assert.deepEqual([collection?.carrier, collection?.trackingNumber], ["other", "XK551234"]);
  });
});
