// Guests, over REST: a stranger asks for a code, opens one order with it, and nothing else.
import assert from "node:assert/strict";
import { ListResolutionsRequest, ResolutionServiceService } from "#gen/backhaul/resolution/v1/resolution_service.js";
import { GuestDeskServiceService } from "#gen/backhaul/sandbox/v1/guest_desk_service.js";
import { openAddress } from "#kit/client.js";
import { newId } from "#kit/ids.js";
import { until } from "#kit/testing/peers.js";
import { type Mesh, openMesh } from "./mesh.js";
import { openShop, type Shop } from "./shop.js";

type Order = Awaited<ReturnType<Shop["order"]>>;

describe("a guest of an order", function () {
  this.timeout(60_000);
  let mesh: Mesh;
  let shop: Shop;
  let desk: ReturnType<typeof openDesk>;

  before(async () => {
    mesh = await openMesh({ settings: { resolution: { GUEST_CODES_PER_NETWORK: "200" } } });
    shop = await openShop(mesh.doors);
    const operator = await mesh.doors.token("OPERATOR", "olga");
    desk = openDesk(mesh.doors.sandboxAddress, operator);
  });
  after(async () => {
    desk?.close();
    shop?.close();
    await mesh?.stop();
  });

  function openDesk(address: string, token: string) {
    const opened = openAddress(address, { service: "guests", mint: () => token, deadlineMs: 10_000 });
    return { ...opened.connect(GuestDeskServiceService), close: opened.close };
  }

  async function rest(method: string, path: string, body?: object, token = "", key: string = newId("key")) {
    const response = await fetch(`${mesh.gatewayUrl}${path}`, {
      method,
      headers: {
        ...(token && { authorization: `Bearer ${token}` }),
        ...(body && { "content-type": "application/json" }),
        ...(method === "POST" && { "idempotency-key": key }),
      },
      ...(body && { body: JSON.stringify(body) }),
    });
    // biome-ignore lint/suspicious/noExplicitAny: JSON of whatever the edge answers
    const json = (await response.json().catch(() => undefined)) as any;
    return { status: response.status, json, headers: response.headers };
  }

  const contactOf = ({ customerId }: Order) => `${customerId}@example.com`;
  const ask = (orderId: string, contact: string, key?: string) =>
    rest("POST", "/v1/guests:requestCode", { orderId, contact }, "", key);
  const exchange = (orderId: string, contact: string, code: string, key?: string) =>
    rest("POST", "/v1/guests:exchangeCode", { orderId, contact, code }, "", key);

  /** The code that is sent next for an order; `known` is how many were before. */
  const codeSent = (orderId: string, known = 0) =>
    until("a code is sent", async () => (await desk.listGuestCodes({ orderId })).codes[known]?.code);

  async function enter(order: Order): Promise<string> {
    const { orderId } = order;
    let known = (await desk.listGuestCodes({ orderId })).codes.length;
    await ask(orderId, contactOf(order));
    for (let triesLeft = 2; ; triesLeft--) {
      const code = await codeSent(orderId, known++);
      const { status, json } = await exchange(orderId, contactOf(order), code);
      if (status === 200) return json.token;
      // A step that was done again has sent another, and the one before opens nothing.
      assert.ok(triesLeft > 0 && json.reason === "GUEST_CODE_WRONG", JSON.stringify(json));
    }
  }

  it("gets a code, gives the order back, and follows what its customer sees, too", async () => {
    const order = await shop.order();
    const token = await enter(order);
    const lines = [{ lineId: "l-1", quantity: 2, reason: "NO_LONGER_NEEDED" }];
    const body = { orderId: order.orderId, kind: "KIND_RETURN", lines };
    const made = await rest("POST", "/v1/resolutions", body, token);
    assert.equal(made.status, 200, JSON.stringify(made.json));
    const path = `/v1/resolutions/${made.json.resolutionId}`;
    const seen = await rest("GET", path, undefined, token);
    const { json: customers } = await shop.rest("CUSTOMER", order.customerId, "GET", path);
    assert.equal(seen.json.resolutionId, customers.resolutionId);
    assert.deepEqual(seen.json.decision, customers.decision);
    assert.equal((await rest("GET", `${path}/timeline`, undefined, token)).status, 200);
    const { json: list } = await rest("GET", "/v1/resolutions", undefined, token);
    assert.deepEqual(
      list.resolutions.map((one: { resolutionId: string }) => one.resolutionId),
      [made.json.resolutionId],
    );
    const back = await rest("POST", `${path}:withdraw`, {}, token);
    assert.equal(back.json.state, "RESOLUTION_STATE_WITHDRAWN", JSON.stringify(back.json));
  });

  it("gets at nothing of another order, though it were the same customer's", async () => {
    const order = await shop.order();
    const other = await shop.order({ more: () => ({ customerId: order.customerId }) });
    const { resolutionId } = await shop.ask({ ...other, customerId: order.customerId }, "RETURN");
    const token = await enter(order);
    for (const path of [`/v1/resolutions/${resolutionId}`, `/v1/orders/${other.orderId}/hand-over-options`]) {
      assert.equal((await rest("GET", path, undefined, token)).status, 404, path);
    }
    const { json } = await rest("GET", `/v1/resolutions?order_id=${other.orderId}`, undefined, token);
    assert.deepEqual(json.resolutions, []);
    const lines = [{ lineId: "l-1", quantity: 1, reason: "NO_LONGER_NEEDED" }];
    const body = { orderId: other.orderId, kind: "KIND_RETURN", lines };
    assert.equal((await rest("POST", "/v1/resolutions", body, token)).json.reason, "ORDER_NOT_FOUND");
  });

  it("is told nothing apart by who asks: an order there is, one there is not, a contact of somebody else", async () => {
    const order = await shop.order();
    const asked = [
      [order.orderId, contactOf(order)],
      [order.orderId, "somebody@example.com"],
      [newId("ord"), contactOf(order)],
    ] as const;
    const answers = await Promise.all(asked.map(([orderId, contact]) => ask(orderId, contact)));
    for (const { status, json } of answers) assert.deepEqual([status, Object.keys(json)], [200, ["expireTime"]]);
    const code = await codeSent(order.orderId);
    const wrong = code === "000000" ? "111111" : "000000";
    for (let n = 0; n < 6; n++) {
      const tries = await Promise.all(asked.map(([orderId, contact]) => exchange(orderId, contact, wrong)));
      const told = tries.map(({ status, json: { trace_id: _, ...json } }) => JSON.stringify([status, json]));
      assert.equal(new Set(told).size, 1, told.join("\n"));
      assert.deepEqual([tries[0]?.status, tries[0]?.json.reason], [409, "GUEST_CODE_WRONG"]);
    }
    assert.equal((await exchange(order.orderId, contactOf(order), code)).json.reason, "GUEST_CODE_WRONG", "locked");
    assert.equal((await desk.listGuestCodes({ orderId: order.orderId })).codes.length, 1, "nobody else was written to");
  });

  it("is let in once by a code, however many send it at once, and again the same by the same request", async () => {
    const order = await shop.order();
    await ask(order.orderId, contactOf(order));
    const code = await codeSent(order.orderId);
    const keys = Array.from({ length: 20 }, () => newId("key"));
    const tries = await Promise.all(keys.map((key) => exchange(order.orderId, contactOf(order), code, key)));
    const won = tries.flatMap(({ status, json }, i) => (status === 200 ? [{ key: keys[i], token: json.token }] : []));
    assert.equal(won.length, 1);
    for (const { status, json } of tries) if (status !== 200) assert.equal(json.reason, "GUEST_CODE_WRONG");
    const again = await exchange(order.orderId, contactOf(order), code, won[0]?.key);
    assert.equal(again.json.token, won[0]?.token);
    assert.equal(again.headers.get("idempotent-replayed"), "true");
  });

  it("has one live code: the one asked for last", async () => {
    const order = await shop.order();
    const contact = contactOf(order);
    await ask(order.orderId, contact);
    const first = await codeSent(order.orderId);
    await ask(order.orderId, contact.toUpperCase());
    const second = await codeSent(order.orderId, 1);
    if (first !== second) assert.equal((await exchange(order.orderId, contact, first)).status, 409);
    assert.equal((await exchange(order.orderId, contact, second)).status, 200);
  });

  it("may ask five times an hour for an order, and is told when to come back", async () => {
    const orderId = newId("ord");
    for (let n = 0; n < 5; n++) assert.equal((await ask(orderId, `c${n}@example.com`)).status, 200);
    const { status, json, headers } = await ask(orderId, "c5@example.com");
    assert.deepEqual([status, json.reason], [429, "GUEST_CODE_LIMITED"]);
    assert.equal(headers.get("retry-after"), json.metadata.retry_after_seconds);
  });

  it("is out within five seconds when the guests of an order are sent away", async () => {
    const order = await shop.order();
    const token = await enter(order);
    const path = `/v1/resolutions?order_id=${order.orderId}`;
    assert.equal((await rest("GET", path, undefined, token)).status, 200);
    const body = {
      orderId: order.orderId,
      kind: "KIND_RETURN",
      lines: [{ lineId: order.lineId, quantity: 1, reason: "NO_LONGER_NEEDED" }],
    };
    const { json: asked } = await rest("POST", "/v1/resolutions", body, token);
    const authorization = `Bearer ${token}`;
    const watched = await fetch(`${mesh.gatewayUrl}/v1/resolutions/${asked.resolutionId}:watch`, {
      headers: { authorization },
    });
    assert.equal(watched.status, 200);
    let followed = true;
    const ended = watched.text().finally(() => {
      followed = false;
    });
    await ask(order.orderId, contactOf(order));
    const code = await codeSent(order.orderId, 1);
    const { json } = await shop.rest("AGENT", "alice", "POST", `/v1/orders/${order.orderId}:endGuestSessions`, {});
    assert.equal(json.ended, 1);
    const endedAt = performance.now();
    const out = await until("the guest is out", async () => {
      const { status, json } = await rest("GET", path, undefined, token);
      return status === 401 && json;
    });
    assert.equal(out.reason, "UNAUTHENTICATED");
    await until("what they followed ends, too", async () => !followed);
    await ended;
    assert.ok(performance.now() - endedAt < 5000);
    assert.equal((await exchange(order.orderId, contactOf(order), code)).status, 409, "what was sent opens nothing");
  });

  it("is nobody at a service's own door, where nobody asks whether the session still holds", async () => {
    const token = await enter(await shop.order());
    const forged = `${token.slice(0, -2)}xx`;
    assert.equal((await rest("GET", "/v1/resolutions", undefined, forged)).status, 401);
    const resolution = mesh.env("gateway").RESOLUTION_ADDRESS ?? "";
    const opened = openAddress(resolution, { service: "guest", mint: () => token, deadlineMs: 5000 });
    await assert.rejects(
      opened.connect(ResolutionServiceService).listResolutions(ListResolutionsRequest.fromPartial({})),
      { reason: "UNAUTHENTICATED" },
    );
    opened.close();
  });
});
