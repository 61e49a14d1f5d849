import assert from "node:assert/strict";
import { DomainError } from "#kit/pure/check.js";
import { parseSecrets, sign, verifySignature } from "../webhooks.js";
import { edgeBefore, fakeServices, webhookSecrets } from "./fakes.js";

const record = "/backhaul.collection.v1.CollectionService/RecordTracking";
const message = "/backhaul.collection.v1.CollectionService/RecordCarrierMessage";
const nowMs = Date.UTC(2026, 10, 24, 9, 0, 0);
const now = String(nowMs / 1000);
const report = JSON.stringify({
  tracking_number: "TC123",
  event: { event_id: "e-1", kind: "TRACKING_KIND_PICKED_UP", event_time: "2026-11-24T08:59:00Z" },
});
const key = (secret: string) => Buffer.from(secret.slice("whsec_".length), "base64");

function headers(body: string, { secret = webhookSecrets.fresh, id = "msg_1", timestamp = now, extra = "" } = {}) {
  const signature = sign(key(secret), id, timestamp, Buffer.from(body)).toString("base64");
  return { "webhook-id": id, "webhook-timestamp": timestamp, "webhook-signature": `${extra}v1,${signature}` };
}

describe("a carrier's report", () => {
  let services: Awaited<ReturnType<typeof fakeServices>>;
  let edge: Awaited<ReturnType<typeof edgeBefore>>;

  before(async () => {
    services = await fakeServices({
      [record]: ({ trackingNumber }) => {
        if (trackingNumber === "TC404") throw new DomainError("COLLECTION_NOT_FOUND", "no such parcel");
        if (trackingNumber === "TC500") throw new DomainError("STORE_UNAVAILABLE", "the database is away");
        return { applied: true };
      },
      [message]: ({ content }) => {
        const text = Buffer.from(String(content), "base64").toString();
        if (text === "gibberish") throw new DomainError("CARRIER_MESSAGE_UNREADABLE", "no", { carrier: "tcat" });
        return { reports: 1, applied: 1, acknowledgement: text.startsWith("RtnCode") ? "1|OK" : "" };
      },
    });
    edge = await edgeBefore(services.address, { nowMs: () => nowMs });
  });
  after(async () => {
    await edge.stop();
    services.stop();
  });

  const send = (body: string, signed: Record<string, string>, carrier = "tcat") =>
    edge.fetch(`/webhooks/carriers/${carrier}`, {
      method: "POST",
      body,
      headers: { authorization: "none", ...signed },
    });

  it("reaches the collection service in the carrier's name", async () => {
    const response = await send(report, headers(report));
    assert.equal(response.status, 204);
    assert.equal(await response.text(), "");
    const seen = services.seen.at(-1);
    assert.deepEqual(seen?.input, {
      carrier: "tcat",
      trackingNumber: "TC123",
      event: { eventId: "e-1", kind: "TRACKING_KIND_PICKED_UP", eventTime: "2026-11-24T08:59:00Z" },
    });
    assert.equal(seen?.headers.authorization, "Bearer mesh-token-of-CARRIER-tcat");
  });

  it("is taken with the old secret as with the new one, and with several signatures", async () => {
    assert.equal((await send(report, headers(report, { secret: webhookSecrets.old }))).status, 204);
    assert.equal((await send(report, headers(report, { extra: "v1a,abc v1,AAAA v2,x " }))).status, 204);
  });

  it("is turned away unless exactly this was signed, just now, by this carrier", async () => {
    const calls = services.seen.length;
    const wrong: [string, Record<string, string>, string?][] = [
      [`${report} `, headers(report)],
      [report, { ...headers(report), "webhook-id": "msg_2" }],
      [report, { ...headers(report), "webhook-timestamp": String(Number(now) + 1) }],
      [report, headers(report, { timestamp: String(Number(now) - 301) })],
      [report, headers(report, { timestamp: String(Number(now) + 301) })],
      [report, headers(report, { timestamp: "soon" })],
      [report, headers(report, { timestamp: "1e9" })],
      [report, headers(report, { secret: `whsec_${Buffer.alloc(32, "x").toString("base64")}` })],
      [report, headers(report), "nobody"],
      [report, { ...headers(report), "webhook-signature": "" }],
      [report, { ...headers(report), "webhook-signature": headers(report)["webhook-signature"].slice(3) }],
      [report, { ...headers(report), "webhook-signature": `${headers(report)["webhook-signature"].slice(0, 20)}` }],
      [report, {}],
    ];
    for (const [body, signed, carrier] of wrong) {
      const response = await send(body, signed, carrier);
      assert.equal(response.status, 401, JSON.stringify(signed));
      assert.ok(response.headers.get("www-authenticate"));
      assert.equal(((await response.json()) as { reason: string }).reason, "WEBHOOK_SIGNATURE");
    }
    assert.equal(services.seen.length, calls);
  });

  it("holds to the minute, on both sides", () => {
    for (const offset of [-300, 300]) {
      const timestamp = String(Number(now) + offset);
      const { "webhook-signature": signature } = headers("{}", { timestamp });
      verifySignature([key(webhookSecrets.fresh)], { id: "msg_1", timestamp, signature }, Buffer.from("{}"), nowMs);
    }
  });

  it("names no other carrier, and is JSON of a report", async () => {
    const other = JSON.stringify({ carrier: "cj", tracking_number: "TC123", event: {} });
    assert.equal((await send(other, headers(other))).status, 400);
    const bogus = JSON.stringify({ trackingNo: "TC123" });
    assert.match(await (await send(bogus, headers(bogus))).text(), /unknown field \\"trackingNo\\"/);
  });

  it("comes back later when the parcel is not known yet", async () => {
    const unknown = report.replace("TC123", "TC404");
    assert.equal((await send(unknown, headers(unknown))).status, 404);
  });

  it("is not taken before it is stored: a carrier that hears 5xx sends it again", async () => {
    const lost = report.replace("TC123", "TC500");
    assert.equal((await send(lost, headers(lost))).status, 503);
  });

  const sendRaw = (body: string, type: string, signed = headers(body)) =>
    edge.fetch("/webhooks/carriers/tcat/messages", {
      method: "POST",
      body,
      headers: { authorization: "none", "content-type": type, ...signed },
    });

  it("may come in the carrier's own format, and is passed on to the byte", async () => {
    for (const [body, type] of [
      ['{"crgSt" : "11"}', "application/json"],
      ["대한통운", "text/plain; charset=utf-8"],
      ["<scan/>", "application/xml"],
    ] as const) {
      const response = await sendRaw(body, type);
      assert.deepEqual([response.status, await response.text()], [204, ""], type);
      const seen = services.seen.at(-1);
      assert.deepEqual(seen?.input, { carrier: "tcat", content: Buffer.from(body).toString("base64") });
      assert.equal(seen?.headers.authorization, "Bearer mesh-token-of-CARRIER-tcat");
    }
  });

  it("is acknowledged in the carrier's own words", async () => {
    const response = await sendRaw("RtnCode=2067", "application/x-www-form-urlencoded");
    assert.deepEqual([response.status, await response.text()], [200, "1|OK"]);
    assert.match(response.headers.get("content-type") ?? "", /^text\/plain/);
  });

  it("is refused in its own format as in ours: unsigned, changed, or unreadable", async () => {
    const calls = services.seen.length;
    assert.equal((await sendRaw("RtnCode=2067", "text/plain", headers("RtnCode=2068"))).status, 401);
    const stale = headers("x", { timestamp: String(Number(now) - 301) });
    assert.equal((await sendRaw("x", "text/plain", stale)).status, 401);
    assert.equal(services.seen.length, calls);
    const unreadable = await sendRaw("gibberish", "text/plain");
    assert.equal(unreadable.status, 400);
    assert.equal(((await unreadable.json()) as { reason: string }).reason, "CARRIER_MESSAGE_UNREADABLE");
  });

  it("loosens nobody else's rules: bodies elsewhere are JSON", async () => {
    const init = { method: "POST", body: "a=1", headers: { "content-type": "application/x-www-form-urlencoded" } };
    assert.equal((await edge.fetch("/v1/resolutions", init)).status, 415);
  });

  it("is signed the way the standard's example is", () => {
    // From standardwebhooks.com, "Signature scheme".
    const secret = Buffer.from("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "base64");
    const body = Buffer.from('{"test": 2432232314}');
    const signature = sign(secret, "msg_p5jXN8AQM9LWM0D4loKWxJek", "1614265330", body).toString("base64");
    assert.equal(signature, "g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
  });
});

describe("webhook secrets", () => {
  it("are read per carrier, several while one is replaced", () => {
    const secrets = parseSecrets(`tcat:${webhookSecrets.old}, tcat:${webhookSecrets.fresh},cj:${webhookSecrets.old}`);
    assert.deepEqual([secrets.get("tcat")?.length, secrets.get("cj")?.length, secrets.get("x")], [2, 1, undefined]);
    assert.equal(parseSecrets("").size, 0);
  });

  it("are refused when short or broken, without being printed", () => {
    assert.throws(() => parseSecrets("tcat:whsec_c2hvcnQ="), /has a secret of 5 bytes for tcat/);
    assert.throws(
      () => parseSecrets("tcat:hunter2"),
      (error: Error) => !error.message.includes("hunter2"),
    );
  });
});
