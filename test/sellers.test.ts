// Sellers, over REST: asked about what they sold, answering by key or by token, or not at all.
import assert from "node:assert/strict";
import pg from "pg";
import { newId } from "#kit/ids.js";
import { until } from "#kit/testing/peers.js";
import { type Mesh, openMesh } from "./mesh.js";
import { openShop, type Shop } from "./shop.js";

const scope = "backhaul.resolution.v1.SellerService";

describe("a seller", function () {
  this.timeout(60_000);
  let mesh: Mesh;
  let shop: Shop;
  let secret: string;

  before(async () => {
    mesh = await openMesh();
    shop = await openShop(mesh.doors);
    const expireTime = new Date(Date.now() + 3_600_000).toISOString();
    const key = { holder: "API_KEY_HOLDER_SELLER", holderId: "seller-a", market: "KR", scopes: [scope], expireTime };
    secret = (await shop.rest("OPERATOR", "olga", "POST", "/v1/api-keys", key)).json.secret;
  });
  after(async () => {
    shop?.close();
    await mesh?.stop();
  });

  /** A line of each of two sellers and one of the shop's, all returned. */
  async function returned(market: "KR" | "GB" = "KR") {
    const line = (lineId: string, sellerId: string, paid: object) => ({
      ...{ lineId, sellerId, paid, sku: newId("sku"), title: "Mug", quantity: 2, category: "homeware" },
      sellerType: sellerId === "" ? "SHOP" : "MARKETPLACE",
    });
    const order = await shop.order({
      market,
      more: ({ money }) => ({
        lines: ["seller-a", "seller-b", ""].map((id, i) => line(`l-${i + 1}`, id, money(10_000n))),
        payments: [{ paymentId: newId("pay"), method: "CARD", captured: money(30_000n) }],
      }),
    });
    const lines = [1, 2, 3].map((n) => ({ lineId: `l-${n}`, quantity: 1, reason: "NO_LONGER_NEEDED" }));
    const body = { orderId: order.orderId, kind: "KIND_RETURN", lines };
    const made = await shop.rest("CUSTOMER", order.customerId, "POST", "/v1/resolutions", body);
    assert.equal(made.status, 200, JSON.stringify(made.json));
    const resolutionId = made.json.resolutionId as string;
    const cases = await until("both are asked", async () => {
      const { json } = await shop.rest("AGENT", "alice", "GET", `/v1/seller-cases?resolution_id=${resolutionId}`);
      return json.sellerCases.length === 2 && json.sellerCases;
    });
    const of = (sellerId: string) => cases.find((one: { sellerId: string }) => one.sellerId === sellerId).sellerCaseId;
    return { ...order, resolutionId, own: of("seller-a") as string, other: of("seller-b") as string };
  }
  async function byKey(method: string, path: string, body?: object) {
    const response = await fetch(`${mesh.gatewayUrl}${path}`, {
      method,
      headers: {
        authorization: `Bearer ${secret}`,
        ...(body && { "content-type": "application/json", "idempotency-key": newId("key") }),
      },
      ...(body && { body: JSON.stringify(body) }),
    });
    // biome-ignore lint/suspicious/noExplicitAny: JSON of whatever the edge answers
    return { status: response.status, json: (await response.json()) as any };
  }

  it("sees requests with their own lines, of those their own lines, and nothing of the customer", async () => {
    const { own, other, customerId, resolutionId } = await returned();
    const { json } = await byKey("GET", `/v1/seller-cases/${own}`);
    assert.deepEqual(
      json.lines.map(({ lineId }: { lineId: string }) => lineId),
      ["l-1"],
    );
    assert.deepEqual([json.resolutionId, json.state], [resolutionId, "SELLER_CASE_STATE_ASKED"]);
    assert.ok(!JSON.stringify(json).includes(customerId));
    const nobodys = `${own.slice(0, -6)}ZZZZZZ`;
    const unknown = await byKey("GET", `/v1/seller-cases/${nobodys}`);
    const foreign = await byKey("GET", `/v1/seller-cases/${other}`);
    const said = ({ json: { trace_id: _, ...told } }: typeof unknown, id: string) =>
      JSON.stringify(told).replaceAll(id, "ID");
    assert.equal(foreign.status, 404);
    assert.equal(said(foreign, other), said(unknown, nobodys));
    const answered = await byKey("POST", `/v1/seller-cases/${other}:answer`, { answer: "SELLER_ANSWER_ACCEPT" });
    assert.equal(answered.status, 404);
    const { json: list } = await byKey("GET", "/v1/seller-cases?seller_id=seller-b");
    assert.ok(list.sellerCases.length > 0);
    assert.ok(list.sellerCases.every(({ sellerId }: { sellerId: string }) => sellerId === "seller-a"));
    const abroad = await returned("GB");
    assert.equal((await byKey("GET", `/v1/seller-cases/${abroad.own}`)).status, 404, "a key is for one market");
    const token = await shop.rest("SELLER", "seller-a", "GET", `/v1/seller-cases/${abroad.own}`);
    assert.equal(token.status, 200, "a token is for all of them");
  });

  it("is asked as soon as staff put their goods into a request, and once however often they do", async () => {
    const { resolutionId, orderId, customerId } = await returned();
    await shop.rest("CUSTOMER", customerId, "POST", `/v1/resolutions/${resolutionId}:withdraw`, {});
    const line = (lineId: string) => ({ lineId, quantity: 1, reason: "NO_LONGER_NEEDED" });
    const body = { orderId, kind: "KIND_RETURN", lines: [line("l-1")] };
    const { json: alone } = await shop.rest("CUSTOMER", customerId, "POST", "/v1/resolutions", body);
    const path = `/v1/desk/cases/${alone.resolutionId}:changeUnits`;
    for (const lines of [["l-1", "l-2"], ["l-1"], ["l-2", "l-1"]]) {
      await until("the dock has answered", async () => {
        const changed = await shop.rest("AGENT", "alice", "POST", path, { lines: lines.map(line), reason: "more" });
        return changed.status === 200;
      });
    }
    const { json } = await until("the other is asked", async () => {
      const seen = await shop.rest("AGENT", "alice", "GET", `/v1/seller-cases?resolution_id=${alone.resolutionId}`);
      return seen.json.sellerCases.length > 1 && seen;
    });
    assert.deepEqual(json.sellerCases.map(({ sellerId }: { sellerId: string }) => sellerId).sort(), [
      "seller-a",
      "seller-b",
    ]);
    const db = new pg.Client({ connectionString: mesh.stage.databaseUrl });
    await db.connect();
    try {
      await until("nobody is left to be asked", async () => {
        const agenda = `"${mesh.env("resolution").DATABASE_SCHEMA}".agenda`;
        const text = `SELECT FROM ${agenda} WHERE aggregate_id = $1 AND step = 'seller.ask'`;
        return (await db.query(text, [alone.resolutionId])).rowCount === 0;
      });
    } finally {
      await db.end();
    }
  });

  it("answers by key: a dispute calls the desk, which settles it, and the request goes on", async () => {
    const { own, resolutionId } = await returned();
    const empty = await byKey("POST", `/v1/seller-cases/${own}:answer`, { answer: "SELLER_ANSWER_DISPUTE" });
    assert.equal(empty.json.reason, "INVALID_REQUEST");
    const statement = "it was whole when it left";
    const said = { answer: "SELLER_ANSWER_DISPUTE", statement, evidence: ["med_1"] };
    const { status, json } = await byKey("POST", `/v1/seller-cases/${own}:answer`, said);
    assert.deepEqual([status, json.state, json.statement], [200, "SELLER_CASE_STATE_DISPUTED", statement]);
    assert.equal(json.lines.length, 1);
    await until("the desk is called", async () => {
      const seen = await shop.see(resolutionId);
      return seen.onHold && /seller-a disputes/.test(seen.holdReason);
    });
    const again = await byKey("POST", `/v1/seller-cases/${own}:answer`, { answer: "SELLER_ANSWER_ACCEPT" });
    assert.deepEqual([again.status, again.json.reason], [409, "SELLER_CASE_STATE"]);
    const settled = await shop.rest("AGENT", "alice", "POST", `/v1/seller-cases/${own}:settle`, { note: "seen" });
    assert.deepEqual([settled.json.state, settled.json.decidedReason], ["SELLER_CASE_STATE_SETTLED", "seen"]);
  });

  it("who is silent has accepted when the working days are over, not while the clock is stopped; the customer never waited", async () => {
    const { own, other, resolutionId } = await returned();
    const stopped = await shop.rest("AGENT", "alice", "POST", `/v1/seller-cases/${other}:pause`, {
      reason: "SELLER_PAUSE_REASON_CARRIER_DELAY",
    });
    assert.equal(stopped.json.daysLeft, 7, JSON.stringify(stopped.json));
    await shop.pass(6);
    await shop.reaches(resolutionId, "CLOSED");
    assert.equal((await byKey("GET", `/v1/seller-cases/${own}`)).json.state, "SELLER_CASE_STATE_ASKED");
    await shop.pass(8);
    const { json } = await byKey("GET", `/v1/seller-cases/${own}`);
    assert.deepEqual([json.state, json.decidedReason], ["SELLER_CASE_STATE_ACCEPTED", "SELLER_SILENT"]);
    const { notifications } = await shop.sandbox.listNotifications({ resolutionId });
    const told = notifications.filter(({ customerId }) => customerId === "seller:seller-a").map((one) => one.template);
    assert.deepEqual(told, ["seller-asked", "seller-reminder", "seller-reminder", "seller-silent"]);
    const paused = await shop.rest("SELLER", "seller-b", "GET", `/v1/seller-cases/${other}`);
    assert.equal(paused.json.state, "SELLER_CASE_STATE_PAUSED");
    const resumed = await shop.rest("AGENT", "alice", "POST", `/v1/seller-cases/${other}:resume`, {});
    assert.ok(Date.parse(resumed.json.dueTime) > (await shop.now()).getTime());
  });
});
