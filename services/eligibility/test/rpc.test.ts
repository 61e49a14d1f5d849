import assert from "node:assert/strict";
import { CollectionMethod, RefundTrigger, Verdict } from "#gen/backhaul/eligibility/v1/decision.js";
import {
  type DecideEligibilityRequest,
  EligibilityServiceService,
  RequestedLine,
} from "#gen/backhaul/eligibility/v1/eligibility_service.js";
import { PolicyServiceService } from "#gen/backhaul/eligibility/v1/policy_service.js";
import { ShipmentState } from "#gen/backhaul/partner/shipment/v1/shipment_service.js";
import { Kind } from "#gen/backhaul/type/v1/kind.js";
import type { RoleWord } from "#kit/contracts.js";
import { RpcError } from "#kit/errors.js";
import { newId } from "#kit/ids.js";
import { fromProto } from "#kit/pure/money.js";
import { clientAs, playPartners, until } from "#kit/testing/peers.js";
import { openStage, type Stage } from "#kit/testing/stage.js";
import { readEligibilityConfig } from "../config.js";
import { start } from "../service.js";
import { jsonOf } from "./builders.js";
import { partners } from "./partners.js";

const reason =
  (expected: string, metadata: Record<string, string> = {}) =>
  (error: unknown) => {
    assert.ok(error instanceof RpcError, String(error));
    assert.equal(error.reason, expected);
    for (const [key, value] of Object.entries(metadata)) assert.equal(error.metadata[key], value);
    return true;
  };

describe("eligibility: rpc", () => {
  const world = partners();
  let stage: Stage;
  let playing: Awaited<ReturnType<typeof playPartners>>;
  const replicas: Awaited<ReturnType<typeof start>>[] = [];
  const clients: { close(): void }[] = [];

  /** A client of one of the two replicas. */
  function as(role: RoleWord = "SERVICE", subject = "test", replica = 0) {
    const client = clientAs(EligibilityServiceService, replicas[replica]?.port ?? 0, role, subject);
    clients.push(client);
    return client;
  }

  /** The same for the policies. */
  function policiesAs(role: RoleWord, subject = "test", replica = 0) {
    const client = clientAs(PolicyServiceService, replicas[replica]?.port ?? 0, role, subject);
    clients.push(client);
    return client;
  }

  before(async () => {
    stage = await openStage();
    playing = await playPartners(stage, world.contracts);
    const names = ["ORDER", "SHIPMENT", "CATALOG", "MEMBERSHIP", "RISK", "CALENDAR"];
    const addresses = Object.fromEntries(names.map((name) => [`${name}_ADDRESS`, playing.address]));
    const config = readEligibilityConfig(stage.env("eligibility", { ...addresses, CALENDAR_REFRESH_MS: "1000" }));
    // Two replicas at once, on one schema that nobody has used before.
    replicas.push(...(await Promise.all([start(config), start(config)])));
  });
  after(async () => {
    for (const client of clients) client.close();
    await Promise.all(replicas.map((replica) => replica.stop()));
    await playing?.stop();
    await stage?.close();
  });

  type Ask = { kind?: Kind; lines?: Partial<RequestedLine>[] };
  const request = (orderId: string, { kind = Kind.KIND_RETURN, lines = [{}] }: Ask = {}): DecideEligibilityRequest => {
    const plain = { lineId: "l-1", quantity: 1, reason: "NO_LONGER_NEEDED" };
    return {
      requestId: newId("req"),
      orderId,
      kind,
      lines: lines.map((l) => RequestedLine.fromPartial({ ...plain, ...l })),
    };
  };
  const decide = async (orderId: string, over: Ask = {}, client = as()) => {
    const { decision } = await client.decideEligibility(request(orderId, over));
    assert.ok(decision);
    return decision;
  };

  it("installs the shipped policies once, though two replicas start together", async () => {
    const { policies } = await policiesAs("OPERATOR").listPolicies({ market: "", pageSize: 0, pageToken: "" });
    const mine = policies.filter(({ author }) => author === "backhaul");
    assert.deepEqual(mine.map(({ market, version }) => `${market} ${version}`).sort(), ["GB 1", "KR 1", "TW 1"]);
  });

  it("decides a return in Korea: accepted, refunded at pickup, for a fee, in 3 business days", async () => {
    const decision = await decide(world.sell());
    assert.equal(decision.verdict, Verdict.VERDICT_ACCEPT);
    const [line] = decision.lines;
    assert.equal(line?.ruleId, "kr-withdrawal");
    assert.match(line?.text ?? "", /반품/);
    assert.equal(line?.text, line?.texts["ko-KR"]);
    assert.deepEqual(
      line?.firedRules.map((r) => r.table),
      ["fault", "window", "verdict", "outcomes", "terms", "methods", "deadlines"],
    );
    assert.ok(line?.windowEndTime && line.windowEndTime > new Date());
    const { terms } = decision;
    assert.equal(terms?.refundTrigger, RefundTrigger.REFUND_TRIGGER_ON_PICKUP_SCAN);
    assert.equal(terms?.collectionMethods[0], CollectionMethod.COLLECTION_METHOD_PICKUP_CONTACTLESS);
    assert.deepEqual(
      terms?.fees.map((fee) => fromProto(fee.amount!)),
      [{ minor: 3000n, currency: "KRW" }],
    );
    assert.deepEqual(terms?.refundClock, { days: 3, businessDays: true, article: "E-Commerce Act art. 18(2)" });
    assert.equal(terms?.collectionClock, undefined);
    const [facts] = decision.facts;
    assert.deepEqual([facts?.lineId, facts?.purchased, facts?.deliverTime instanceof Date], ["l-1", 2, true]);
    assert.deepEqual([decision.market, decision.currencyCode, decision.policyVersion], ["KR", "KRW", 1]);
  });

  it("keeps a decision for good, and shows it to its customer alone", async () => {
    const decision = await decide(world.sell());
    const { decisionId } = decision;
    assert.match(decisionId, /^dec_/);
    assert.deepEqual((await as("LEAD", "lena", 1).getDecision({ decisionId })).decision, decision);
    assert.equal((await as("CUSTOMER", "c-1", 1).getDecision({ decisionId })).decision?.decisionId, decisionId);
    await assert.rejects(
      as("CUSTOMER", "c-2").getDecision({ decisionId }),
      reason("DECISION_NOT_FOUND", { decision_id: decisionId }),
    );
    const nobodys = newId("dec");
    await assert.rejects(
      as().getDecision({ decisionId: nobodys }),
      reason("DECISION_NOT_FOUND", { decision_id: nobodys }),
    );
  });

  it("answers a check as it would decide, and stores nothing", async () => {
    const orderId = world.sell();
    const { requestId: _, ...check } = request(orderId);
    const { decision } = await as("AGENT", "alice").checkEligibility(check);
    const decided = await decide(orderId);
    assert.equal(decision?.decisionId, "");
    assert.deepEqual({ ...decision, createTime: 0 }, { ...decided, decisionId: "", createTime: 0 });
  });

  it("gives the first decision to the same request, whatever has changed since", async () => {
    const orderId = world.sell();
    const asked = request(orderId);
    const first = await as().decideEligibility(asked);
    world.shipments.get(orderId)![0]!.deliverTime = new Date(0);
    assert.deepEqual(await as().decideEligibility(asked), first);
    world.orders.delete(orderId);
    assert.deepEqual(await as("SERVICE", "test", 1).decideEligibility(asked), first);
    await assert.rejects(
      as().decideEligibility({ ...asked, kind: Kind.KIND_EXCHANGE }),
      reason("REQUEST_ID_REUSED", { request_id: asked.requestId }),
    );
  });

  it("decides once when the same request comes eight times at once, at both replicas", async () => {
    const asked = request(world.sell());
    const answers = await Promise.all(
      Array.from({ length: 8 }, (_, i) => as("SERVICE", "test", i % 2).decideEligibility(asked)),
    );
    assert.equal(new Set(answers.map(({ decision }) => decision?.decisionId)).size, 1);
  });

  it("knows what the catalogue, the membership and the risk system know", async () => {
    const fresh = await decide(world.sell({ category: "fresh" }));
    assert.deepEqual(
      [fresh.verdict, fresh.lines[0]?.ruleId, fresh.terms],
      [Verdict.VERDICT_DECLINE, "kr-perishable", undefined],
    );
    world.tiers.set("c-plus", "PLUS");
    assert.deepEqual((await decide(world.sell({ customerId: "c-plus", delivered: 20 }))).terms?.fees, []);
    world.scores.set("c-risky", 90);
    const claim = { kind: Kind.KIND_CLAIM, lines: [{ lineId: "l-1", quantity: 1, reason: "DEFECTIVE" }] };
    const risky = await decide(world.sell({ customerId: "c-risky" }), claim);
    const trusted = await decide(world.sell(), claim);
    // Risk changes how, never whether.
    assert.deepEqual([risky.verdict, trusted.verdict], [Verdict.VERDICT_ACCEPT, Verdict.VERDICT_ACCEPT]);
    assert.deepEqual([risky.terms?.inspectionRequired, trusted.terms?.collectionRequired], [true, false]);
  });

  it("cancels what is under way, and says to ask for a return once it has arrived", async () => {
    const cancel = { kind: Kind.KIND_CANCELLATION };
    const open = await decide(world.sell({ market: "TW", delivered: undefined }), cancel);
    assert.deepEqual([open.verdict, open.lines[0]?.windowEndTime], [Verdict.VERDICT_ACCEPT, undefined]);
    const late = await decide(world.sell({ market: "TW" }), cancel);
    assert.deepEqual([late.verdict, late.lines[0]?.ruleId], [Verdict.VERDICT_DECLINE, "tw-cancel-too-late"]);
  });

  it("asks the four who know the rest only for lines the order has; a check leans on it for a while, a decision never", async () => {
    const orderId = world.sell({ customerId: newId("cus") });
    world.asked.length = 0;
    await assert.rejects(
      decide(orderId, { lines: [{ lineId: "l-9", quantity: 1, reason: "STYLE" }] }),
      reason("LINE_NOT_IN_ORDER", { order_id: orderId, line_id: "l-9" }),
    );
    assert.deepEqual(
      world.asked.filter((rpc) => rpc !== "calendar"),
      ["order"],
    );
    await decide(orderId);
    const all = ["catalog", "membership", "order", "order", "risk", "shipment"];
    assert.deepEqual(world.asked.filter((rpc) => rpc !== "calendar").sort(), all);
    world.asked.length = 0;
    const { requestId: _, ...check } = request(orderId);
    await as().checkEligibility(check);
    assert.deepEqual(world.asked, []);
    await decide(orderId);
    assert.deepEqual(world.asked.sort(), ["catalog", "membership", "order", "risk", "shipment"]);
    world.asked.length = 0;
    await assert.rejects(as("CUSTOMER", "c-2").checkEligibility(check), reason("ORDER_NOT_FOUND"));
  });

  it("refuses what cannot be: unknown orders, other people's, too many units, unknown reasons and markets", async () => {
    await assert.rejects(decide("ord-none"), reason("ORDER_NOT_FOUND", { order_id: "ord-none" }));
    const orderId = world.sell();
    await assert.rejects(decide(orderId, {}, as("CUSTOMER", "c-2")), reason("ORDER_NOT_FOUND", { order_id: orderId }));
    await assert.rejects(
      decide(orderId, { lines: [{ lineId: "l-1", quantity: 3, reason: "STYLE" }] }),
      reason("UNITS_EXCEED_PURCHASED", { line_id: "l-1", requested: "3", purchased: "2" }),
    );
    await assert.rejects(
      decide(orderId, { lines: [{ lineId: "l-1", quantity: 1, reason: "BORED" }] }),
      reason("REASON_UNKNOWN", { reason: "BORED", market: "KR" }),
    );
    await assert.rejects(decide(world.sell({ market: "JP" })), reason("NO_POLICY", { market: "JP" }));
    const before = world.sell({ orderTime: new Date("2009-12-31T00:00:00Z"), market: "GB" });
    await assert.rejects(decide(before), reason("NO_POLICY", { market: "GB", time: "2009-12-31T00:00:00.000Z" }));
  });

  it("asks customers for the words that a reason demands, and staff for none", async () => {
    const line = { lineId: "l-1", quantity: 1, reason: "OTHER" };
    const customer = as("CUSTOMER", "c-1");
    await assert.rejects(
      decide(world.sell(), { lines: [line] }, customer),
      reason("EVIDENCE_MISSING", { line_id: "l-1", reason: "OTHER" }),
    );
    assert.ok(await decide(world.sell(), { lines: [{ ...line, note: "the cat does not like it" }] }, customer));
    assert.ok(await decide(world.sell(), { lines: [line] }, as("AGENT", "alice")));
  });

  it("judges orders of 2010 by the policy of Great Britain", async () => {
    const orderId = world.sell({ market: "GB", orderTime: new Date("2010-12-01T08:26:00Z"), delivered: undefined });
    const parcel = world.shipments.get(orderId)![0]!;
    Object.assign(parcel, {
      state: ShipmentState.SHIPMENT_STATE_DELIVERED,
      deliverTime: new Date("2010-12-03T12:00:00Z"),
    });
    const { verdict, lines } = await decide(orderId);
    assert.deepEqual([verdict, lines[0]?.ruleId], [Verdict.VERDICT_DECLINE, "gb-too-late"]);
    assert.equal(lines[0]?.windowEndTime?.toISOString(), "2011-01-03T00:00:00.000Z");
  });

  it("keeps roles to their rights", async () => {
    const policy = { requestId: newId("req"), document: jsonOf("KR"), effectiveTime: new Date() };
    await assert.rejects(policiesAs("AGENT", "amy").createPolicy(policy), reason("ROLE_NOT_ALLOWED"));
    await assert.rejects(decide(world.sell(), {}, as("SELLER", "s-1")), reason("ROLE_NOT_ALLOWED"));
  });

  it("reads calendars again: a holiday announced at short notice moves the end without a restart", async () => {
    const orderId = world.sell();
    const end = async () => (await decide(orderId)).lines[0]!.windowEndTime!;
    const before = await end();
    const lastDay = new Date(before.getTime() + 9 * 3_600_000 - 1).toISOString().slice(0, 10); // Korea's date
    world.holidays.set("KR", [lastDay]);
    const after = await until("the window's end moved", async () => {
      const now = await end();
      return now > before && now;
    });
    assert.ok(after.getTime() - before.getTime() >= 86_400_000);
    world.holidays.delete("KR");
  });

  it("says that somebody is away, and decides when they are back", async () => {
    const orderId = world.sell();
    const asked = request(orderId);
    const orders = world.orders.get(orderId)!;
    world.orders.delete(orderId);
    await assert.rejects(as().decideEligibility(asked), reason("ORDER_NOT_FOUND"));
    world.orders.set(orderId, orders);
    assert.equal((await as().decideEligibility(asked)).decision?.verdict, Verdict.VERDICT_ACCEPT);
  });
});
