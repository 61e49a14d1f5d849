// Webhooks over the whole mesh: a subscriber of the shop's is told what happens to a return, in order and signed.
import assert from "node:assert/strict";
import { newId } from "#kit/ids.js";
import { until } from "#kit/testing/peers.js";
import { type Mesh, openMesh } from "./mesh.js";
import { openShop, type Shop } from "./shop.js";
import { openSubscriber, type Subscriber } from "./subscriber.js";

const base = "/v1/webhook-subscriptions";

describe("webhooks to subscribers", function () {
  this.timeout(60_000);
  let mesh: Mesh;
  let shop: Shop;
  let subscriber: Subscriber;
  before(async () => {
    [mesh, subscriber] = await Promise.all([openMesh(), openSubscriber()]);
    shop = await openShop(mesh.doors);
  });
  after(async () => {
    shop?.close();
    subscriber?.close();
    await mesh?.stop();
  });

  // biome-ignore lint/suspicious/noExplicitAny: JSON of whatever the edge answers
  type Json = any;
  const operator = async (method: string, path: string, body?: object, key?: string): Promise<Json> => {
    const { status, json } = await shop.rest("OPERATOR", "olga", method, path, body, key);
    assert.equal(status, 200, JSON.stringify(json));
    return json;
  };
  const subscribe = (more: object = {}) => operator("POST", base, { url: subscriber.url, ...more });
  const idOf = ({ subscription }: Json): string => subscription.subscriptionId;

  it("a return, from the request to the refund, comes in order, once each and signed", async () => {
    const made = await subscribe({ markets: ["KR"], description: "the shop's own books" });
    const order = await shop.order({ market: "KR" });
    const { resolutionId } = await shop.ask(order, "RETURN");
    await shop.pass(4.1);
    await shop.reaches(resolutionId, "CLOSED");
    const events = await until("all of it came", async () => {
      const about = subscriber.about(resolutionId);
      return about.at(-1)?.body.type === "resolution.closed" && about;
    });
    const told = (await shop.timeline(resolutionId)).flatMap(({ name, applied }, i) =>
      applied ? [`${name} ${i + 1}`] : [],
    );
    const snake = (type: string) => type.replace("resolution.", "").replaceAll("_", "");
    assert.deepEqual(
      events.map(({ body, id }) => `${snake(body.type)} ${id.split(".")[1]}`),
      told.map((it) => it.toLowerCase()),
    );
    assert.ok(events.some(({ body }) => body.type === "resolution.refund_succeeded"));
    for (const { body, id, valid } of events) {
      assert.equal(body.id, id);
      assert.ok(valid(made.secret), id);
    }
    assert.ok(!JSON.stringify(events).includes(order.customerId), "nobody is named");
    await operator("POST", `${base}/${idOf(made)}:delete`, {});
  });

  it("a secret is shown once; after a rotation both sign, and the log tells what came of a ping", async () => {
    const key = newId("key");
    const wanted = { url: subscriber.url, eventTypes: ["resolution.closed"] };
    const made = await operator("POST", base, wanted, key);
    assert.match(made.secret, /^whsec_/);
    assert.equal((await operator("POST", base, wanted, key)).secret ?? "", "");
    assert.equal((await operator("GET", `${base}/${idOf(made)}`)).secret, undefined);
    const turned = await operator("POST", `${base}/${idOf(made)}:rotateSecret`, {});
    const ping = await operator("POST", `${base}/${idOf(made)}:ping`, {});
    const [got] = await until("the ping came", async () => {
      const pings = subscriber.got.filter(({ id }) => id === ping.eventId);
      return pings.length > 0 && pings;
    });
    assert.ok(got?.valid(made.secret) && got.valid(turned.secret));
    const seen = await until("it is booked", async () => {
      const one = await operator("GET", `${base}/${idOf(made)}/deliveries/${ping.deliveryId}`);
      return one.delivery.state === "DELIVERY_STATE_DELIVERED" && one;
    });
    assert.deepEqual([seen.attempts.length, seen.attempts[0].status], [1, 204]);
  });

  it("what is not allowed is refused: inside addresses, unknown events, other sellers' subscriptions", async () => {
    const refused = async (body: object, reason: string) => {
      const { status, json } = await shop.rest("OPERATOR", "olga", "POST", base, body);
      assert.deepEqual([status, json.reason], [400, reason]);
    };
    await refused({ url: "https://169.254.169.254/latest/meta-data" }, "WEBHOOK_URL_REFUSED");
    await refused({ url: "https://10.0.0.8/" }, "WEBHOOK_URL_REFUSED");
    await refused({ url: subscriber.url, eventTypes: ["resolution.guessed"] }, "WEBHOOK_EVENT_UNKNOWN");
    const mine = await shop.rest("SELLER", "s-1", "POST", base, { url: subscriber.url, sellerId: "s-2" });
    assert.equal(mine.json.subscription.sellerId, "s-1");
    const path = `${base}/${idOf(mine.json)}`;
    assert.equal((await shop.rest("SELLER", "s-1", "GET", path)).status, 200);
    for (const [method, suffix, body] of [
      ["GET", "", undefined],
      ["GET", "/deliveries", undefined],
      ["POST", ":rotateSecret", {}],
      ["POST", ":delete", {}],
      ["POST", ":ping", {}],
    ] as const) {
      const { status, json } = await shop.rest("SELLER", "s-2", method, `${path}${suffix}`, body);
      assert.deepEqual([status, json.reason], [404, "WEBHOOK_SUBSCRIPTION_NOT_FOUND"], suffix);
    }
    const { json } = await shop.rest("SELLER", "s-2", "GET", base);
    assert.deepEqual(json.subscriptions ?? [], []);
  });

  it("a paused subscription is told nothing, and a deleted one is not there", async () => {
    const made = await subscribe({ eventTypes: ["resolution.requested"] });
    const path = `${base}/${idOf(made)}`;
    const paused = await operator("POST", `${path}:update`, { url: subscriber.url, active: false });
    assert.equal(paused.state, "SUBSCRIPTION_STATE_PAUSED");
    const { resolutionId } = await shop.ask(await shop.order(), "RETURN");
    await shop.pass(0.01);
    const { deliveries = [] } = await operator("GET", `${path}/deliveries?resolution_id=${resolutionId}`);
    assert.deepEqual(deliveries, []);
    const ping = await shop.rest("OPERATOR", "olga", "POST", `${path}:ping`, {});
    assert.equal(ping.json.reason, "WEBHOOK_STATE");
    await operator("POST", `${path}:delete`, {});
    assert.equal((await shop.rest("OPERATOR", "olga", "GET", path)).status, 404);
  });
});
