import assert from "node:assert/strict";
import { CollectionMethod, RefundTrigger, Verdict } from "#gen/backhaul/eligibility/v1/decision.js";
import {
  type DecideEligibilityRequest,
  EligibilityServiceService,
  RequestedLine,
} from "#gen/backhaul/eligibility/v1/eligibility_service.js";
import { PolicyState } from "#gen/backhaul/eligibility/v1/policy.js";
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
import { changed, jsonOf, type Market, ruleAt } from "./builders.js";
import { partners } from "./partners.js";

const reason =
  (expected: string, metadata: Record<string, string> = {}) =>
  (error: unknown) => {
    assert.ok(error instanceof RpcError, String(error));
    assert.equal(error.reason, expected);
    for (const [key, value] of Object.entries(metadata)) assert.equal(error.metadata[key], value);
    return true;
  };
/** KR with n days to change one's mind. */
const withDays = (days: number) =>
  changed("KR", `${ruleAt("KR", "window", "kr-window-withdrawal")}.days`, String(days));

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
    assert.equal(line?.text, "반품할 수 있습니다.");
    assert.deepEqual(
      line?.firedRules.map((r) => r.table),
      ["window", "verdict", "terms"],
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
    assert.deepEqual((await as("CUSTOMER", "c-1", 1).getDecision({ decisionId })).decision, decision);
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
    const { decision } = await as("CUSTOMER", "c-1").checkEligibility(check);
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
    assert.deepEqual([risky.verdict, risky.lines[0]?.ruleId], [Verdict.VERDICT_REVIEW, "kr-claim-careful"]);
  });

  it("cancels what is under way, and says to ask for a return once it has arrived", async () => {
    const cancel = { kind: Kind.KIND_CANCELLATION };
    const open = await decide(world.sell({ market: "TW", delivered: undefined }), cancel);
    assert.deepEqual([open.verdict, open.lines[0]?.windowEndTime], [Verdict.VERDICT_ACCEPT, undefined]);
    const late = await decide(world.sell({ market: "TW" }), cancel);
    assert.deepEqual([late.verdict, late.lines[0]?.ruleId], [Verdict.VERDICT_DECLINE, "tw-cancel-too-late"]);
  });

  it("asks the four who know the rest only for lines the order has", async () => {
    const orderId = world.sell();
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

  describe("policies", () => {
    const create = (document: string, over = {}) =>
      policiesAs("POLICY_AUTHOR", "ann").createPolicy({
        requestId: newId("req"),
        document,
        effectiveTime: new Date(),
        ...over,
      });
    const activate = (policyId: string, approver = "bob", replica = 0) =>
      policiesAs("POLICY_APPROVER", approver, replica).activatePolicy({ requestId: newId("req"), policyId });
    const pageAll = async (market: string) => {
      const found: { policyId: string; version: number; state: PolicyState; document: string }[] = [];
      for (let pageToken = ""; ; ) {
        const page = await policiesAs("LEAD").listPolicies({ market, pageSize: 2, pageToken });
        found.push(...page.policies);
        pageToken = page.nextPageToken;
        if (pageToken === "") return found;
      }
    };

    it("become drafts when sound, and judge nothing yet", async () => {
      const { policy } = await create(withDays(14));
      assert.equal(policy?.state, PolicyState.POLICY_STATE_DRAFT);
      assert.deepEqual([policy?.author, policy?.approver, policy?.market], ["ann", "", "KR"]);
      assert.match(policy?.documentHash ?? "", /^[0-9a-f]{64}$/);
      assert.deepEqual((await policiesAs("LEAD").getPolicy({ policyId: policy!.policyId })).policy, policy);
      const late = await decide(world.sell({ delivered: 30, orderTime: new Date() }));
      assert.equal(late.policyVersion, 1);
    });

    it("are refused when broken or below the floor, and nothing is kept", async () => {
      const before = await pageAll("KR");
      await assert.rejects(create("{]"), reason("POLICY_BROKEN", { path: "document" }));
      await assert.rejects(create(changed("KR", "market", "JP")), reason("POLICY_BROKEN", { path: "market" }));
      await assert.rejects(
        create(changed("KR", `${ruleAt("KR", "terms", "kr-terms-plus")}.tier`, "((")),
        reason("POLICY_BROKEN", { path: `${ruleAt("KR", "terms", "kr-terms-plus")}.tier` }),
      );
      await assert.rejects(create(withDays(5)), reason("POLICY_BELOW_FLOOR", { article: "E-Commerce Act art. 17(1)" }));
      assert.deepEqual(await pageAll("KR"), before);
    });

    it("come into force by somebody else's word, for orders placed from then on, at every replica at once", async () => {
      const placedBefore = world.sell({ delivered: 20, orderTime: new Date() });
      const { policy } = await create(withDays(60));
      const policyId = policy!.policyId;
      await decide(world.sell(), {}, as("SERVICE", "test", 1)); // the other replica has read the book
      await assert.rejects(
        activate(policyId, "ann"),
        reason("POLICY_STATE", { policy_id: policyId, verb: "activate" }),
      );
      const { policy: active } = await activate(policyId);
      assert.deepEqual([active?.state, active?.approver], [PolicyState.POLICY_STATE_ACTIVE, "bob"]);
      assert.equal(active?.document, withDays(60));

      const placedAfter = world.sell({ delivered: 20, orderTime: new Date() });
      for (const replica of [1, 0]) {
        const client = as("SERVICE", "test", replica);
        const [old, young] = [await decide(placedBefore, {}, client), await decide(placedAfter, {}, client)];
        assert.deepEqual([old.verdict, old.policyVersion], [Verdict.VERDICT_DECLINE, 1]);
        assert.deepEqual([young.verdict, young.policyId], [Verdict.VERDICT_ACCEPT, policyId]);
      }
      const states = (await pageAll("KR")).map((p) => [p.version, PolicyState[p.state], p.document]);
      assert.ok(states.some(([version, state]) => version === 1 && state === "POLICY_STATE_RETIRED"));
      assert.ok(states.every(([, , document]) => document === ""));
      await assert.rejects(activate(policyId), reason("POLICY_STATE", { state: "ACTIVE" }));
    });

    it("are checked afresh by a replica that has not decided since", async () => {
      const { requestId: _, ...check } = request(world.sell({ market: "TW", orderTime: new Date() }));
      const checker = as("SERVICE", "test", 1);
      await checker.checkEligibility(check);
      const { policy } = await create(changed("TW", "name", "Another"));
      await activate(policy!.policyId);
      const { requestId: __, ...again } = request(world.sell({ market: "TW", orderTime: new Date() }));
      assert.equal((await checker.checkEligibility(again)).decision?.policyId, policy?.policyId);
    });

    it("of one market follow each other, however many are activated at once", async () => {
      const drafts = await Promise.all(Array.from({ length: 5 }, (_, i) => create(changed("GB", "name", `GB ${i}`))));
      const ids = drafts.map(({ policy }) => policy!.policyId);
      assert.equal(new Set(drafts.map(({ policy }) => policy?.version)).size, 5);
      await Promise.allSettled(ids.map((id, i) => activate(id, "bob", i % 2)));
      const active = (await pageAll("GB")).filter(({ state }) => state === PolicyState.POLICY_STATE_ACTIVE);
      assert.equal(active.length, 1);
    });

    it("are activated once by the same request, and drafted once", async () => {
      const asked = { requestId: newId("req"), document: withDays(61), effectiveTime: new Date() };
      const [first, second] = [await create(asked.document, asked), await create(asked.document, asked)];
      assert.deepEqual(second, first);
      const activation = { requestId: newId("req"), policyId: first.policy!.policyId };
      const approver = policiesAs("POLICY_APPROVER", "bob");
      assert.deepEqual(await approver.activatePolicy(activation), await approver.activatePolicy(activation));
    });

    it("that do not exist are not found, and pages that were not given are refused", async () => {
      const policyId = newId("pol");
      await assert.rejects(
        policiesAs("LEAD").getPolicy({ policyId }),
        reason("POLICY_NOT_FOUND", { policy_id: policyId }),
      );
      await assert.rejects(activate(policyId), reason("POLICY_NOT_FOUND", { policy_id: policyId }));
      await assert.rejects(
        policiesAs("LEAD").listPolicies({ market: "", pageSize: 0, pageToken: "%" }),
        reason("PAGE_TOKEN_INVALID"),
      );
    });

    it("as they are shipped can be uploaded again in every market", async () => {
      for (const market of ["GB", "KR", "TW"] satisfies Market[]) {
        assert.equal((await create(jsonOf(market))).policy?.market, market);
      }
    });
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
