import assert from "node:assert/strict";
import { CollectionState } from "#gen/backhaul/collection/v1/collection.js";
import { CollectionServiceService, ScheduleCollectionRequest } from "#gen/backhaul/collection/v1/collection_service.js";
import { CollectionMethod } from "#gen/backhaul/eligibility/v1/decision.js";
import { TransportServiceService } from "#gen/backhaul/partner/transport/v1/transport_service.js";
import { registry } from "#kit/contracts.js";
import { newId } from "#kit/ids.js";
import { type Database, openDatabase } from "#kit/postgres.js";
import { implement } from "#kit/server.js";
import { clientAs, playPartners, until } from "#kit/testing/peers.js";
import { openStage, type Stage } from "#kit/testing/stage.js";
import { readGatewayConfig } from "../../../gateway/config.js";
import { buildRoutes } from "../../../gateway/routes.js";
import * as gateway from "../../../gateway/service.js";
import { sign } from "../../../gateway/webhooks.js";
import { readCollectionConfig } from "../config.js";
import { start } from "../service.js";
import { fakeCarrier } from "./carrier.js";
import { cjMessage, easypostMessage, ecpayMessage } from "./messages.js";

const { COLLECTION_METHOD_PICKUP_CONTACTLESS: pickup, COLLECTION_METHOD_DROP_OFF_CVS: store } = CollectionMethod;
const key = Buffer.alloc(32, "carriers");

/** Carriers in their own words, through the signed webhook, to the state and the facts: real sockets, real database. */
describe("collection: carriers' own words", () => {
  let stage: Stage;
  let edge: Awaited<ReturnType<typeof gateway.start>>;
  let running: Awaited<ReturnType<typeof start>>;
  let partners: Awaited<ReturnType<typeof playPartners>>;
  let db: Database;
  let service: ReturnType<typeof clientAs<typeof CollectionServiceService>>;
  let operator: typeof service;
  const carrier = fakeCarrier();

  before(async () => {
    stage = await openStage();
    partners = await playPartners(stage, [implement(TransportServiceService, carrier.handlers)]);
    const env = stage.env("collection", { TRANSPORT_ADDRESS: partners.address });
    running = await start(readCollectionConfig(env));
    const here = `127.0.0.1:${running.port}`;
    const domains = new Set(buildRoutes(registry).map(({ domain }) => domain.toUpperCase()));
    const addresses = Object.fromEntries([...domains].map((domain) => [`${domain}_ADDRESS`, here]));
    const secrets = ["cj", "seven", "easypost", "hermes"].map((name) => `${name}:whsec_${key.toString("base64")}`);
    edge = await gateway.start(
      readGatewayConfig(stage.env("gateway", { ...addresses, WEBHOOK_SECRETS: secrets.join(",") })),
    );
    db = openDatabase({ url: stage.databaseUrl, schema: env.DATABASE_SCHEMA ?? "", poolSize: 2 });
    service = clientAs(CollectionServiceService, running.port);
    operator = clientAs(CollectionServiceService, running.port, "OPERATOR", "olga");
  });
  after(async () => {
    service?.close();
    operator?.close();
    await db?.close();
    await edge?.stop();
    await running?.stop();
    await partners?.stop();
    await stage?.close();
  });

  const booked = async (market: string, method = pickup) => {
    const request = { requestId: newId("req"), resolutionId: newId("res"), orderId: newId("ord"), customerId: "c-1" };
    const more = { market, method, units: 1, maxAttempts: 3 };
    const { collection } = await service.scheduleCollection(
      ScheduleCollectionRequest.fromPartial({ ...request, ...more }),
    );
    return until("it was booked", async () => {
      const { collection: now } = await service.getCollection({ collectionId: collection!.collectionId });
      return now?.trackingNumber ? now : undefined;
    });
  };
  const send = async (name: string, body: string, { secret = key, ageSeconds = 0 } = {}) => {
    const timestamp = String(Math.floor(Date.now() / 1000) - ageSeconds);
    const signature = sign(secret, "msg_1", timestamp, Buffer.from(body)).toString("base64");
    const response = await fetch(`http://127.0.0.1:${edge.port}/webhooks/carriers/${name}/messages`, {
      method: "POST",
      body,
      headers: {
        "content-type": body.startsWith("{") ? "application/json" : "application/x-www-form-urlencoded",
        "webhook-id": "msg_1",
        "webhook-timestamp": timestamp,
        "webhook-signature": `v1,${signature}`,
      },
    });
    return { status: response.status, text: await response.text() };
  };
  const stateOf = async (collectionId: string) => {
    const { collection } = await service.getCollection({ collectionId });
    return CollectionState[collection!.state].replace("COLLECTION_STATE_", "");
  };
  const facts = async (collectionId: string): Promise<string[]> => {
    const text = "SELECT subject FROM outbox WHERE aggregate_id = $1 ORDER BY event_id";
    const rows = await db.query({ name: "test.facts", text }, [collectionId]);
    return rows.map(({ subject }) => subject.split(".").at(-1));
  };
  const told = async (collectionId: string) => {
    const { events } = await service.listTracking({ collectionId });
    return events.map(({ code, reporter }) => `${reporter} ${code}`);
  };

  it("follows a parcel by CJ's scans, each message with all that came before", async () => {
    const { collectionId, trackingNumber } = await booked("KR");
    const way = [
      ["11", "PICKED_UP"],
      ["41", "IN_TRANSIT"],
      ["82", "OUT_FOR_DELIVERY"],
      ["91", "DELIVERED"],
    ] as const;
    for (const [i, [, state]] of way.entries()) {
      const body = cjMessage(
        trackingNumber,
        way.slice(0, i + 1).map(([code]) => code),
      );
      assert.deepEqual(await send("cj", body), { status: 204, text: "" });
      assert.equal(await stateOf(collectionId), state);
    }
    assert.deepEqual(await facts(collectionId), ["CollectionScheduled", "ParcelPickedUp", "ParcelDelivered"]);
    assert.deepEqual(await told(collectionId), ["cj 11", "cj 41", "cj 82", "cj 91"]);
  });

  it("follows a parcel through 7-ELEVEN's stores by ECPay's codes, and says 1|OK", async () => {
    const { collectionId, trackingNumber } = await booked("TW", store);
    for (const [code, state] of [
      ["2068", "DROPPED_OFF"],
      ["2030", "IN_TRANSIT"],
      ["2073", "OUT_FOR_DELIVERY"],
      ["2067", "DELIVERED"],
    ] as const) {
      assert.deepEqual(await send("seven", ecpayMessage(trackingNumber, code)), { status: 200, text: "1|OK" });
      assert.equal(await stateOf(collectionId), state);
    }
    assert.deepEqual(await facts(collectionId), ["CollectionScheduled", "ParcelPickedUp", "ParcelDelivered"]);
  });

  it("follows a parcel by EasyPost, who speaks for its carrier", async () => {
    const { collectionId, trackingNumber } = await booked("GB");
    const way = ["pre_transit/label_created", "in_transit/arrived_at_facility", "out_for_delivery/out_for_delivery"];
    assert.equal((await send("easypost", easypostMessage("Hermes", trackingNumber, way.slice(0, 1)))).status, 204);
    assert.equal(await stateOf(collectionId), "CARRIER_NOTIFIED");
    const whole = easypostMessage("Hermes", trackingNumber, [...way, "delivered/arrived_at_destination"]);
    assert.equal((await send("easypost", whole)).status, 204);
    assert.equal(await stateOf(collectionId), "DELIVERED");
    assert.deepEqual(await facts(collectionId), ["CollectionScheduled", "ParcelPickedUp", "ParcelDelivered"]);
    assert.equal((await told(collectionId))[1], "easypost in_transit/arrived_at_facility");
  });

  it("takes a replay once: the same message again is answered alike, and changes nothing", async () => {
    const { collectionId, trackingNumber } = await booked("KR");
    const body = cjMessage(trackingNumber, ["11", "91"]);
    await Promise.all([send("cj", body), send("cj", body), send("cj", body)]);
    assert.equal((await send("cj", body)).status, 204);
    assert.deepEqual(await facts(collectionId), ["CollectionScheduled", "ParcelPickedUp", "ParcelDelivered"]);
    assert.equal((await told(collectionId)).length, 2);
  });

  it("answers a message that repeats what was told with what each report changed when it was first told", async () => {
    const { collectionId, trackingNumber } = await booked("KR");
    await send("cj", cjMessage(trackingNumber, ["11", "41"]));
    const carrierService = clientAs(CollectionServiceService, running.port, "CARRIER", "cj");
    const content = Buffer.from(cjMessage(trackingNumber, ["11", "41", "82"]));
    const tell = () => carrierService.recordCarrierMessage({ carrier: "cj", content });
    const spent = async () => {
      const text = "SELECT count(*)::int AS n FROM tracking_event WHERE collection_id = $1";
      return (await db.query({ name: "test.told", text }, [collectionId]))[0].n;
    };
    const { reports, applied } = await tell();
    assert.deepEqual([reports, applied, await spent()], [3, 3, 3]);
    const again = await tell();
    assert.deepEqual([again.reports, again.applied, await spent()], [3, 3, 3]);
    carrierService.close();
  });

  it("answers 5xx while it cannot store, and takes the repeated message once", async () => {
    const { collectionId, trackingNumber } = await booked("KR");
    const body = cjMessage(trackingNumber, ["11"]);
    const rename = (from: string, to: string) =>
      db.query({ name: `test.${to}`, text: `ALTER TABLE ${from} RENAME TO ${to}` }, []);
    await rename("tracking_event", "away");
    try {
      const { status } = await send("cj", body);
      assert.ok(status >= 500 && status <= 599, `${status}`);
      assert.equal(await stateOf(collectionId), "SCHEDULED");
    } finally {
      await rename("away", "tracking_event");
    }
    assert.equal((await send("cj", body)).status, 204);
    assert.equal(await stateOf(collectionId), "PICKED_UP");
    assert.deepEqual(await facts(collectionId), ["CollectionScheduled", "ParcelPickedUp"]);
  });

  it("keeps a code nobody knows, changes nothing by it, and lists it for operators", async () => {
    const [one, other] = [await booked("KR"), await booked("KR")];
    for (const { trackingNumber } of [one, other]) {
      assert.equal((await send("cj", cjMessage(trackingNumber, ["77"]))).status, 204);
    }
    await send("cj", cjMessage(one.trackingNumber, ["78"]));
    assert.equal(await stateOf(one.collectionId), "SCHEDULED");
    assert.deepEqual(await told(other.collectionId), ["cj 77"]);
    assert.deepEqual(await facts(other.collectionId), ["CollectionScheduled", "TrackingCodeUnknown"]);
    const first = await operator.listUnknownCodes({ reporter: "cj", pageSize: 1, pageToken: "" });
    assert.deepEqual(
      first.codes.map(({ reporter, code, reports, collectionId }) => [reporter, code, reports, collectionId]),
      [["cj", "77", 2n, other.collectionId]],
    );
    const rest = await operator.listUnknownCodes({ reporter: "cj", pageSize: 1, pageToken: first.nextPageToken });
    assert.deepEqual([rest.codes.map(({ code }) => code), rest.nextPageToken], [["78"], ""]);
    assert.deepEqual((await operator.listUnknownCodes({ reporter: "seven", pageSize: 0, pageToken: "" })).codes, []);
    await assert.rejects(operator.listUnknownCodes({ reporter: "", pageSize: 0, pageToken: "eA" }), {
      reason: "PAGE_TOKEN_INVALID",
    });
  });

  it("refuses who forges, comes late, is not known, or speaks for another's parcel; and nothing is stored", async () => {
    const { collectionId, trackingNumber } = await booked("KR");
    const body = cjMessage(trackingNumber, ["91"]);
    assert.equal((await send("cj", body, { secret: Buffer.alloc(32, "forged") })).status, 401);
    assert.equal((await send("cj", body, { ageSeconds: 301 })).status, 401);
    assert.equal((await send("nobody", body)).status, 401);
    const easypost = easypostMessage("CJ", trackingNumber, ["delivered"]);
    assert.match((await send("easypost", easypost)).text, /CARRIER_MESSAGE_UNREADABLE.*does not speak for/);
    assert.equal((await send("easypost", easypostMessage("Hermes", trackingNumber, ["delivered"]))).status, 404);
    assert.equal((await send("seven", ecpayMessage(trackingNumber, "2067"))).status, 404);
    assert.equal((await send("cj", cjMessage("CJ-NEVER-SEEN", ["11"]))).status, 404);
    assert.equal((await send("hermes", "{}")).status, 400);
    assert.equal((await send("cj", "{}")).status, 400);
    assert.deepEqual([await stateOf(collectionId), await told(collectionId)], ["SCHEDULED", []]);
  });
});
