// Sellers' and carriers' systems by their keys, over REST.
import assert from "node:assert/strict";
import { newId } from "#kit/ids.js";
import { until } from "#kit/testing/peers.js";
import { type Mesh, openMesh } from "./mesh.js";
import { openShop, type Shop } from "./shop.js";

const cancels = "backhaul.resolution.v1.ResolutionService/CancelOrderLines";
const reports = "backhaul.resolution.v1.ResolutionService/ReportUnaskedReturn";

describe("a key of a seller or a carrier", function () {
  this.timeout(60_000);
  let mesh: Mesh;
  let shop: Shop;

  before(async () => {
    mesh = await openMesh();
    shop = await openShop(mesh.doors);
  });
  after(async () => {
    shop?.close();
    await mesh?.stop();
  });

  const inAnHour = () => new Date(Date.now() + 3_600_000).toISOString();
  const staff = (path: string, body: object, key?: string) =>
    shop.rest("LEAD", "lee", "POST", `/v1/api-keys${path}`, body, key);
  const wanted = (change: object = {}) => ({
    holder: "API_KEY_HOLDER_SELLER",
    holderId: "seller-a",
    market: "KR",
    scopes: [cancels],
    expireTime: inAnHour(),
    ...change,
  });
  async function make(change: object = {}): Promise<{ id: string; secret: string }> {
    const { status, json } = await staff("", wanted(change));
    assert.equal(status, 200, JSON.stringify(json));
    return { id: json.apiKey.apiKeyId, secret: json.secret };
  }
  async function post(secret: string, path: string, body: object) {
    const response = await fetch(`${mesh.gatewayUrl}${path}`, {
      method: "POST",
      headers: {
        authorization: `Bearer ${secret}`,
        "content-type": "application/json",
        "idempotency-key": newId("key"),
      },
      body: JSON.stringify(body),
    });
    // biome-ignore lint/suspicious/noExplicitAny: JSON of whatever the edge answers
    return { status: response.status, json: (await response.json()) as any };
  }
  const cancel = (secret: string, orderId: string) =>
    post(secret, `/v1/orders/${orderId}:cancelLines`, {
      lines: [{ lineId: "l-1", quantity: 1 }],
      code: "CANCEL_CODE_OUT_OF_STOCK",
    });
  /** Whether a key is somebody's: what it asks for is not there, but it is told so. */
  const opens = async (secret: string) => (await cancel(secret, "nothing")).status === 404;

  const sold = (sellerId: string, market: "KR" | "GB" = "KR") =>
    shop.order({
      market,
      shipsInDays: 5,
      more: ({ money }) => ({
        lines: [
          { lineId: "l-1", sku: newId("sku"), title: "Mug", quantity: 2, paid: money(50_000n), category: "homeware" },
        ].map((line) => ({ ...line, sellerType: "MARKETPLACE", sellerId })),
      }),
    });

  it("calls as its holder: their own order is there, another seller's and another market's are not", async () => {
    const { secret } = await make();
    const own = await cancel(secret, (await sold("seller-a")).orderId);
    assert.equal(own.status, 200, JSON.stringify(own.json));
    for (const order of [await sold("seller-b"), await sold("seller-a", "GB")]) {
      const { status, json } = await cancel(secret, order.orderId);
      assert.deepEqual([status, json.reason], [404, "ORDER_NOT_FOUND"]);
    }
  });

  it("is told once: neither a repeated request nor a look at it shows it again", async () => {
    const [key, body] = [newId("key"), wanted({ label: "shop system" })];
    const first = await staff("", body, key);
    const again = await staff("", body, key);
    assert.deepEqual(again.json, { ...first.json, secret: "" });
    const { json } = await shop.rest("LEAD", "lee", "GET", `/v1/api-keys/${first.json.apiKey.apiKeyId}`);
    assert.deepEqual([json.label, json.creator, json.state], ["shop system", "lee", "API_KEY_STATE_ACTIVE"]);
    assert.ok(!JSON.stringify(json).includes(first.json.secret.slice(40)));
    const { json: listed } = await shop.rest("LEAD", "lee", "GET", "/v1/api-keys?holder_id=seller-a&page_size=1");
    assert.deepEqual(listed.apiKeys[0].apiKeyId, json.apiKeyId, "newest first");
    assert.ok(listed.nextPageToken);
  });

  it("is for what its holder may call, and for no longer than 400 days", async () => {
    const wrong = [
      wanted({ scopes: [cancels, "backhaul.refund.v1.RefundService/IssueRefund"] }),
      wanted({ scopes: ["backhaul.nothing.v1.Service"] }),
      wanted({ expireTime: new Date(Date.now() + 500 * 86_400_000).toISOString() }),
      wanted({ expireTime: new Date(Date.now() - 1000).toISOString() }),
    ];
    for (const body of wrong) {
      const { status, json } = await staff("", body);
      assert.deepEqual([status, json.reason], [400, "INVALID_REQUEST"]);
    }
    const { secret } = await make({ scopes: ["backhaul.inspection.v1.InspectionService"] });
    const { status, json } = await cancel(secret, "nothing");
    assert.deepEqual([status, json.reason, json.metadata.method], [403, "SCOPE_NOT_ALLOWED", cancels]);
  });

  it("opens nothing after five seconds once it is taken back", async () => {
    const { id, secret } = await make();
    assert.ok(await opens(secret));
    const revoked = await staff(`/${id}:revoke`, {});
    assert.equal(revoked.json.state, "API_KEY_STATE_REVOKED");
    const revokedAt = performance.now();
    await until("the key is out", async () => (await cancel(secret, "nothing")).status === 401);
    assert.ok(performance.now() - revokedAt < 5000);
    assert.equal((await staff(`/${id}:rotate`, { overlapSeconds: 60 })).json.reason, "API_KEY_STATE");
  });

  it("is changed with an overlap without a call that fails, and its use is on record", async () => {
    const { id, secret } = await make();
    const keys = [secret];
    const failed: number[] = [];
    let calls = 0;
    let ended = false;
    const caller = (async () => {
      for (; !ended; calls++) if (!(await opens(keys.at(-1) ?? ""))) failed.push(calls);
    })();
    await until("calls are under way", async () => calls > 5);
    const { json } = await staff(`/${id}:rotate`, { overlapSeconds: 2 });
    await until("calls go on by the former", async () => calls > 20);
    keys.push(json.secret);
    await until("the former is over", async () => !(await opens(secret)));
    ended = true;
    await caller;
    assert.deepEqual(failed, []);
    assert.equal(json.former.successorId, json.apiKey.apiKeyId);
    const used = await until("its use is written", async () => {
      const { json: seen } = await shop.rest("LEAD", "lee", "GET", `/v1/api-keys/${id}`);
      return seen.lastUseTime;
    });
    assert.ok(Date.parse(used) <= Date.now());
  });

  it("of a carrier reports what that carrier carries, and nothing of others", async () => {
    const { orderId } = await shop.order({ shipsInDays: 1 });
    await shop.sandbox.shipOrder({ orderId });
    const report = (secret: string, order: string) =>
      post(secret, `/v1/orders/${order}:reportUnaskedReturn`, {
        shipmentId: `shp-${order}`,
        reason: "UNASKED_REASON_REFUSED_DELIVERY",
      });
    const carrier = (holderId: string, market = "KR") =>
      make({ holder: "API_KEY_HOLDER_CARRIER", holderId, market, scopes: [reports] });
    const [own, other, elsewhere] = await Promise.all([carrier("cj"), carrier("hanjin"), carrier("cj", "TW")]);
    const nobodys = `${orderId.slice(0, -6)}ZZZZZZ`;
    const unknown = await report(own.secret, nobodys);
    assert.deepEqual([unknown.status, unknown.json.reason], [404, "SHIPMENT_NOT_FOUND"]);
    for (const { secret } of [other, elsewhere]) {
      const { status, json } = await report(secret, orderId);
      assert.deepEqual([status, json.reason], [404, "SHIPMENT_NOT_FOUND"]);
      assert.equal(json.detail.replaceAll(orderId, "ID"), unknown.json.detail.replaceAll(nobodys, "ID"));
    }
    assert.equal((await report(own.secret, orderId)).status, 200);
    assert.equal((await report(other.secret, orderId)).status, 404, "nor once it is reported");
  });
});
