// What customers are told over the whole mesh: each step once, in their language, and nothing if they want nothing.
import assert from "node:assert/strict";
import { Twist } from "#gen/backhaul/sandbox/v1/scenario_service.js";
import { newId } from "#kit/ids.js";
import { type Mesh, openMesh } from "./mesh.js";
import { openShop, type Shop } from "./shop.js";

describe("notices to customers", function () {
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

  const sentTo = async (resolutionId: string) => (await shop.sandbox.listNotifications({ resolutionId })).notifications;
  const told = async (resolutionId: string) => (await sentTo(resolutionId)).map(({ template }) => template);
  const journey = ["approved", "pickup-booked", "pickup-done", "refund-sent", "refund-completed", "received"];

  async function returned(more: object = {}, market: "KR" | "TW" = "KR"): Promise<string> {
    const { orderId, customerId, lineId } = await shop.order({ market });
    const lines = [{ lineId, quantity: 2, reason: "NO_LONGER_NEEDED" }];
    const body = { orderId, kind: "KIND_RETURN", lines, ...more };
    const { status, json } = await shop.rest("CUSTOMER", customerId, "POST", "/v1/resolutions", body, newId("key"));
    assert.equal(status, 200, JSON.stringify(json));
    await shop.pass(4.1);
    await shop.reaches(json.resolutionId, "CLOSED");
    await shop.pass(0.01);
    return json.resolutionId;
  }

  it("a return's whole journey, each step once and in the market's language", async () => {
    const resolutionId = await returned();
    assert.deepEqual((await told(resolutionId)).sort(), [...journey].sort());
    const sent = await sentTo(resolutionId);
    assert.ok(sent.every(({ channel, language, subject }) => channel === "SMS" && language === "ko" && subject === ""));
    const paid = sent.find(({ template }) => template === "refund-completed");
    assert.match(paid?.body ?? "", /₩47,000 환불되었습니다/);
    const { json } = await shop.rest("AGENT", "alice", "GET", `/v1/resolutions/${resolutionId}/notices`);
    assert.deepEqual(
      json.notices.map(({ body }: { body: string }) => body).sort(),
      sent.map(({ body }) => body).sort(),
      "the same words, made again",
    );
  });

  it("in the customer's own language, if they say which", async () => {
    const sent = await sentTo(await returned({ notices: { language: "en" } }, "TW"));
    assert.ok(sent.length > 0 && sent.every(({ language }) => language === "en"));
    assert.ok(sent.some(({ body }) => /^We have refunded/.test(body)));
  });

  it("none, if they want none", async () => {
    assert.deepEqual(await told(await returned({ notices: { none: true } })), []);
  });

  it("why it was declined, in the words of who declined", async () => {
    const { orderId, customerId, lineId } = await shop.order({ market: "KR", category: "fresh" });
    const body = { orderId, kind: "KIND_RETURN", lines: [{ lineId, quantity: 1, reason: "NO_LONGER_NEEDED" }] };
    const { json } = await shop.rest("CUSTOMER", customerId, "POST", "/v1/resolutions", body);
    assert.equal(json.state, "RESOLUTION_STATE_DECLINED");
    await shop.pass(0.01);
    const [declined, ...others] = await sentTo(json.resolutionId);
    assert.deepEqual([declined?.template, others], ["declined", []]);
    const reason = json.decision.lines[0].text as string;
    assert.ok(declined?.body.includes(reason), declined?.body);
  });

  it("once, though the notification system was away, and once more answered too late", async () => {
    const order = await shop.order({ market: "KR" });
    await shop.scenario({
      twist: Twist.TWIST_ERROR,
      method: "SendNotification",
      times: 3,
    });
    await shop.scenario({
      twist: Twist.TWIST_TIMEOUT_AFTER_SUCCESS,
      method: "SendNotification",
      times: 1,
    });
    const { resolutionId } = await shop.ask(order, "RETURN");
    await shop.pass(4.1);
    await shop.reaches(resolutionId, "CLOSED");
    await shop.pass(0.01);
    assert.deepEqual((await told(resolutionId)).sort(), [...journey].sort());
  });

  it("new words are in force as soon as they are published, and broken ones never", async () => {
    const texts = ["ko", "zh-TW", "en"].map((language) => ({ language, body: `${language}: {order} {amount}` }));
    const template = { event: "refund-completed", market: "KR", channel: "NOTICE_CHANNEL_SMS" };
    const publish = (more: object) =>
      shop.rest("OPERATOR", "olga", "POST", "/v1/notice-templates", { ...template, ...more });
    const broken = await publish({ texts: texts.slice(1) });
    assert.deepEqual([broken.status, broken.json.reason], [400, "NOTICE_TEMPLATE_BROKEN"]);
    const unknown = await publish({ texts, event: "never-heard-of" });
    assert.equal(unknown.json.reason, "NOTICE_TEMPLATE_UNKNOWN");
    assert.equal((await publish({ texts })).json.version, 1);
    const preview = await shop.rest("OPERATOR", "olga", "POST", "/v1/notice-templates:preview", template);
    assert.equal(preview.json.body, "ko: 581587 ₩47,000");
    assert.equal(preview.json.templateVersion, 1);
    const { json } = await shop.rest("OPERATOR", "olga", "GET", "/v1/notice-templates?event=refund-completed");
    assert.deepEqual(
      json.templates.map((it: { market?: string; version?: number }) => `${it.market || "all"} ${it.version ?? 0}`),
      ["all 0", "all 0", "KR 1"],
    );
  });
});
