// Policies at work in the whole mesh, over REST: what a customer is told before they ask, what staff may put in its place,
// a calendar that changes under open requests, and a policy that changes within minutes.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { Calendar } from "#gen/backhaul/partner/calendar/v1/calendar_service.js";
import type { CalendarData } from "#kit/pure/calendar.js";
import { localDate } from "#kit/pure/days.js";
import { until } from "#kit/testing/peers.js";
import { type Mesh, openMesh } from "./mesh.js";
import { openShop, type Shop } from "./shop.js";

const won = (units: number) => ({ currencyCode: "KRW", units: String(units), nanos: 0 });

describe("policies in the mesh", function () {
  this.timeout(60_000);
  let mesh: Mesh;
  let shop: Shop;
  before(async () => {
    const quick = { CALENDAR_REFRESH_MS: "1000" };
    mesh = await openMesh({ replicas: 2, settings: { resolution: quick, eligibility: quick } });
    shop = await openShop(mesh.doors);
  });
  after(async () => {
    shop?.close();
    await mesh?.stop();
  });

  const asked = (orderId: string, quantity: number, reason = "NO_LONGER_NEEDED") => ({
    orderId,
    kind: "KIND_RETURN",
    lines: [{ lineId: "l-1", quantity, reason }],
  });
  const preview = async ({ orderId, customerId }: { orderId: string; customerId: string }, quantity: number) => {
    const { status, json } = await shop.rest(
      "CUSTOMER",
      customerId,
      "POST",
      "/v1/resolutions:preview",
      asked(orderId, quantity),
    );
    assert.equal(status, 200, JSON.stringify(json));
    return json;
  };

  it("a customer is told what a return would bring: units, fee and money, and nothing is stored", async () => {
    const order = await shop.order({ market: "KR", quantity: 5, paidMinor: 50_000n });
    const told = await preview(order, 5);
    assert.equal(told.decision.verdict, "VERDICT_ACCEPT");
    assert.deepEqual(told.decision.lines[0].fees[0].amount, won(3_000));
    assert.deepEqual(told.quote.amount, won(47_000));
    assert.deepEqual(told.unavailable, []);
    const { json } = await shop.rest("AGENT", "alice", "GET", `/v1/resolutions?orderId=${order.orderId}`);
    assert.deepEqual(json.resolutions, []);
  });

  it("of 5 units 3 may come back, and the other 2 are named with the request they are in", async () => {
    const order = await shop.order({ market: "KR", quantity: 5, paidMinor: 50_000n });
    const { resolutionId } = await shop.ask(order, "RETURN", { quantity: 2 });
    const told = await preview(order, 5);
    assert.deepEqual(
      told.decision.lines.map((line: { quantity: number; verdict: string }) => [line.quantity, line.verdict]),
      [[3, "VERDICT_ACCEPT"]],
    );
    assert.deepEqual(told.unavailable, [{ lineId: "l-1", quantity: 2, resolutionIds: [resolutionId] }]);
  });

  it("somebody else's order is not previewed", async () => {
    const { orderId } = await shop.order();
    const { status, json } = await shop.rest(
      "CUSTOMER",
      "cus-other",
      "POST",
      "/v1/resolutions:preview",
      asked(orderId, 1),
    );
    assert.deepEqual([status, json.reason], [404, "ORDER_NOT_FOUND"]);
  });

  it("a lead overrides a no with a reason, and the customer's request is carried out on that", async () => {
    const order = await shop.order({ market: "KR", quantity: 2, paidMinor: 50_000n });
    await shop.pass(10);
    const declined = await shop.ask(order, "RETURN");
    assert.equal(declined.state, "RESOLUTION_STATE_DECLINED");
    const { decisionId } = declined.decision as unknown as { decisionId: string };
    const path = `/v1/decisions/${decisionId}:override`;
    const body = { lines: [{ lineId: "l-1", verdict: "VERDICT_ACCEPT" }], waiveFees: true, reason: "was in hospital" };
    const refused = await shop.rest("AGENT", "alice", "POST", path, body);
    assert.equal(refused.status, 403);
    const { status, json } = await shop.rest("LEAD", "lena", "POST", path, body);
    assert.equal(status, 200, JSON.stringify(json));
    assert.deepEqual(
      [json.verdict, json.override],
      ["VERDICT_ACCEPT", { decisionId, subject: "lena", reason: "was in hospital", waiveFees: true }],
    );
    assert.deepEqual(json.terms.fees, []);

    const again = { ...asked(order.orderId, 2), decisionId: json.decisionId };
    const taken = await shop.rest("CUSTOMER", order.customerId, "POST", "/v1/resolutions", again);
    assert.equal(taken.status, 200, JSON.stringify(taken.json));
    assert.equal(taken.json.state, "RESOLUTION_STATE_OPEN");
    // Who decided, and in which words, is for staff.
    assert.equal(taken.json.decision.override.reason, "");
    const twice = await shop.rest("CUSTOMER", order.customerId, "POST", "/v1/resolutions", again);
    assert.deepEqual([twice.status, twice.json.reason], [422, "DECISION_MISMATCH"]);
    await shop.pass(4);
    const closed = await shop.see(taken.json.resolutionId);
    assert.deepEqual([closed.state, closed.refunded], ["RESOLUTION_STATE_CLOSED", won(50_000)]);
  });

  it("a decision that staff took back cannot be used any more", async () => {
    const order = await shop.order({ market: "KR", quantity: 2, paidMinor: 50_000n });
    await shop.pass(10);
    const { decision } = await shop.ask(order, "RETURN", { quantity: 1 });
    const override = async (id: string, verdict: string) => {
      const body = { lines: [{ lineId: "l-1", verdict }], reason: "looked at it again" };
      return shop.rest("LEAD", "lena", "POST", `/v1/decisions/${id}:override`, body);
    };
    const { decisionId } = decision as unknown as { decisionId: string };
    const granted = (await override(decisionId, "VERDICT_ACCEPT")).json.decisionId;
    const contested = await override(decisionId, "VERDICT_ACCEPT");
    assert.deepEqual([contested.status, contested.json.reason], [409, "DECISION_OVERRIDDEN"]);
    assert.equal((await override(granted, "VERDICT_DECLINE")).status, 200);
    const body = { ...asked(order.orderId, 1), decisionId: granted };
    const { status, json } = await shop.rest("CUSTOMER", order.customerId, "POST", "/v1/resolutions", body);
    assert.deepEqual([status, json.reason], [422, "DECISION_MISMATCH"]);
  });

  it("what is previewed is what is paid, delivery and fee included", async () => {
    const order = await shop.order({
      market: "GB",
      paidMinor: 4_000n,
      more: ({ orderId, money }) => ({
        shipping: money(495n),
        payments: [{ paymentId: `pay-${orderId}`, method: "CARD", captured: money(4_495n) }],
      }),
    });
    const told = await preview(order, 2);
    const { resolutionId } = await shop.ask(order, "RETURN");
    await shop.pass(5);
    const closed = await shop.see(resolutionId);
    assert.equal(closed.state, "RESOLUTION_STATE_CLOSED");
    assert.deepEqual(closed.refunded, told.quote.amount);
  });

  it("a decision of the policy's own, or about other units, cannot be given along", async () => {
    const order = await shop.order({ market: "KR", quantity: 2, paidMinor: 50_000n });
    const { decision } = await shop.ask(order, "RETURN", { quantity: 1 });
    const { decisionId } = decision as unknown as { decisionId: string };
    const body = { ...asked(order.orderId, 1), decisionId };
    const { status, json } = await shop.rest("CUSTOMER", order.customerId, "POST", "/v1/resolutions", body);
    assert.deepEqual([status, json.reason], [422, "DECISION_MISMATCH"]);
  });

  it("staff cannot decline what the law grants", async () => {
    const order = await shop.order({ market: "KR", quantity: 2, paidMinor: 50_000n });
    const { decision } = await shop.ask(order, "RETURN");
    const { decisionId } = decision as unknown as { decisionId: string };
    const body = { lines: [{ lineId: "l-1", verdict: "VERDICT_DECLINE" }], reason: "returns too much" };
    const { status, json } = await shop.rest("LEAD", "lena", "POST", `/v1/decisions/${decisionId}:override`, body);
    assert.deepEqual([status, json.reason], [422, "POLICY_BELOW_FLOOR"]);
    assert.equal(json.metadata.article, "E-Commerce Act art. 17(1)");
  });

  it("a holiday announced at short notice moves open deadlines, and the history keeps the old time", async () => {
    const order = await shop.order({ market: "KR", quantity: 1, paidMinor: 500_000n });
    const { resolutionId } = await shop.ask(order, "RETURN", { quantity: 1 });
    // In the house, not inspected yet: three business days are running.
    let seen = await shop.see(resolutionId);
    for (let days = 0; days < 6 && seen.goods !== "GOODS_STATE_INSPECTING"; days += 0.25) {
      await shop.pass(0.25);
      seen = await shop.see(resolutionId);
    }
    const before = seen.deadlines.find(({ step }) => step === "statutory-refund");
    assert.ok(before, seen.goods);

    const file = new URL("../services/partners/calendars/KR.json", import.meta.url);
    const known: CalendarData = JSON.parse(readFileSync(file, "utf8"));
    const lastDay = localDate(new Date(Date.parse(before.dueTime) - 1), known.timeZone);
    const { market, version, timeZone, from: fromDate, to: toDate, weekend, holidays, workdays } = known;
    const calendar = Calendar.fromPartial({
      ...{ market, timeZone, fromDate, toDate, weekend: [...weekend], workdays: Object.keys(workdays) },
      version: `${version} and a temporary holiday`,
      holidays: { ...holidays, [lastDay]: "temporary holiday" },
    });
    await shop.sandbox.publishCalendar({ calendar });
    const after = await until("the deadline moves", async () => {
      const found = (await shop.see(resolutionId)).deadlines.find(({ step }) => step === "statutory-refund");
      return found && found.dueTime !== before.dueTime && found;
    });
    assert.ok(Date.parse(after.dueTime) > Date.parse(before.dueTime));
    const entries = (await shop.timeline(resolutionId)) as unknown as { name: string; text: string }[];
    const told = entries.filter(({ name }) => name === "DeadlinesRecounted");
    assert.equal(told.length, 1);
    assert.match(told[0]?.text ?? "", new RegExp(new Date(before.dueTime).toISOString()));
  });
});
