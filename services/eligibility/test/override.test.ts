// Decisions looked at again: overridden by staff, seen by customers, counted by another calendar, weighed by lists.
import assert from "node:assert/strict";
import { RefundTrigger, Verdict } from "#gen/backhaul/eligibility/v1/decision.js";
import { DecisionOverridden } from "#gen/backhaul/eligibility/v1/eligibility_events.js";
import { EligibilityServiceService, RequestedLine } from "#gen/backhaul/eligibility/v1/eligibility_service.js";
import { ListKind, ListSubject } from "#gen/backhaul/eligibility/v1/policy.js";
import { PolicyServiceService } from "#gen/backhaul/eligibility/v1/policy_service.js";
import { Fault, Kind } from "#gen/backhaul/type/v1/kind.js";
import type { RoleWord } from "#kit/contracts.js";
import { RpcError } from "#kit/errors.js";
import { newId } from "#kit/ids.js";
import { toJson } from "#kit/json.js";
import { openDatabase } from "#kit/postgres.js";
import { clientAs, playPartners, until } from "#kit/testing/peers.js";
import { openStage, type Stage } from "#kit/testing/stage.js";
import { readEligibilityConfig } from "../config.js";
import { start } from "../service.js";
import { partners } from "./partners.js";

const { VERDICT_ACCEPT, VERDICT_DECLINE } = Verdict;
const reason = (expected: string) => (error: unknown) => error instanceof RpcError && error.reason === expected;

describe("eligibility: a stored decision", () => {
  const world = partners();
  let stage: Stage;
  let playing: Awaited<ReturnType<typeof playPartners>>;
  let service: Awaited<ReturnType<typeof start>>;
  const clients: { close(): void }[] = [];
  let env: Record<string, string | undefined>;

  const as = (role: RoleWord = "SERVICE", subject = "test") => {
    const client = clientAs(EligibilityServiceService, service.port, role, subject);
    clients.push(client);
    return client;
  };
  const lists = (role: RoleWord, subject: string) => {
    const client = clientAs(PolicyServiceService, service.port, role, subject);
    clients.push(client);
    return client;
  };

  before(async () => {
    stage = await openStage();
    playing = await playPartners(stage, world.contracts);
    const names = ["ORDER", "SHIPMENT", "CATALOG", "MEMBERSHIP", "RISK", "CALENDAR"];
    const addresses = Object.fromEntries(names.map((name) => [`${name}_ADDRESS`, playing.address]));
    env = stage.env("eligibility", { ...addresses, CALENDAR_REFRESH_MS: "1000" });
    service = await start(readEligibilityConfig(env));
  });
  after(async () => {
    for (const client of clients) client.close();
    await service?.stop();
    await playing?.stop();
    await stage?.close();
  });

  const decide = async (orderId: string, over: Partial<RequestedLine> = {}, client = as()) => {
    const line = RequestedLine.fromPartial({ lineId: "l-1", quantity: 1, reason: "NO_LONGER_NEEDED", ...over });
    const asked = { requestId: newId("req"), orderId, kind: Kind.KIND_RETURN, lines: [line] };
    const { decision } = await client.decideEligibility(asked);
    assert.ok(decision);
    return decision;
  };
  const overriding = (decisionId: string, over: object = {}) => ({
    requestId: newId("req"),
    decisionId,
    lines: [{ lineId: "l-1", verdict: VERDICT_ACCEPT }],
    waiveFees: false,
    reason: "the parcel lay at the neighbour's",
    ...over,
  });

  it("can be overridden: another verdict, the policy's own terms, in the name of whoever did it", async () => {
    const declined = await decide(world.sell({ delivered: 10 }));
    assert.equal(declined.verdict, VERDICT_DECLINE);
    const { decision } = await as("LEAD", "lena").overrideDecision(overriding(declined.decisionId));
    assert.notEqual(decision?.decisionId, declined.decisionId);
    assert.deepEqual(decision?.override, {
      decisionId: declined.decisionId,
      subject: "lena",
      reason: "the parcel lay at the neighbour's",
      waiveFees: false,
    });
    const [line] = decision?.lines ?? [];
    assert.deepEqual([decision?.verdict, line?.verdict, line?.ruleId], [VERDICT_ACCEPT, VERDICT_ACCEPT, "kr-staff"]);
    assert.equal(decision?.terms?.refundTrigger, RefundTrigger.REFUND_TRIGGER_ON_PICKUP_SCAN);
    assert.equal(decision?.terms?.fees.length, 1);
    assert.deepEqual(decision?.quote?.lines, [{ lineId: "l-1", quantity: 1 }]);
    // What was given stays as it was given.
    const before = (await as("LEAD", "lena").getDecision({ decisionId: declined.decisionId })).decision;
    assert.deepEqual(before, declined);
  });

  it("is overridden once by the same request, and the override is a fact of its own", async () => {
    const declined = await decide(world.sell({ delivered: 10 }));
    const request = overriding(declined.decisionId);
    const lead = as("LEAD", "lena");
    const answers = await Promise.all([1, 2, 3, 4].map(() => lead.overrideDecision(request)));
    assert.equal(new Set(answers.map(({ decision }) => decision?.decisionId)).size, 1);
    const db = openDatabase({ url: env.DATABASE_URL ?? "", schema: env.DATABASE_SCHEMA ?? "", poolSize: 1 });
    const facts = await db.query<{ body: Buffer }>(
      { name: "test.facts", text: "SELECT body FROM outbox WHERE subject LIKE '%DecisionOverridden'" },
      [],
    );
    const mine = facts
      .map(({ body }) => DecisionOverridden.decode(body))
      .filter((fact) => fact.overriddenDecisionId === declined.decisionId);
    await db.close();
    assert.equal(mine.length, 1);
    // The words are asked for, not told: no fact has them.
    assert.deepEqual([mine[0]?.subject, mine[0]?.reason], ["lena", ""]);
    const { decision } = await lead.getDecision({ decisionId: mine[0]?.decisionId ?? "" });
    assert.equal(decision?.override?.reason, "the parcel lay at the neighbour's");
  });

  it("can be freed of its fee", async () => {
    const granted = await decide(world.sell());
    assert.equal(granted.terms?.fees.length, 1);
    const { decision } = await as("LEAD", "lena").overrideDecision(
      overriding(granted.decisionId, { lines: [], waiveFees: true }),
    );
    assert.deepEqual([decision?.verdict, decision?.terms?.fees, decision?.quote?.fees], [VERDICT_ACCEPT, [], []]);
    assert.equal(decision?.lines[0]?.returnCostPayer, Fault.FAULT_PLATFORM);
    assert.deepEqual(decision?.lines[0]?.counterfactuals, []);
    assert.equal(decision?.lines[0]?.ruleId, granted.lines[0]?.ruleId);
  });

  it("stays what the law grants, and free of its fee, however often staff look at it again and however late", async () => {
    const granted = await decide(world.sell());
    const lead = as("LEAD", "lena");
    const freed = await lead.overrideDecision(overriding(granted.decisionId, { lines: [], waiveFees: true }));
    const { decisionId = "" } = freed.decision ?? {};
    const no = { lines: [{ lineId: "l-1", verdict: VERDICT_DECLINE }] };
    await assert.rejects(lead.overrideDecision(overriding(decisionId, no)), reason("POLICY_BELOW_FLOOR"));
    const review = { lines: [{ lineId: "l-1", verdict: Verdict.VERDICT_REVIEW }] };
    const looked = await lead.overrideDecision(overriding(decisionId, review));
    assert.deepEqual([looked.decision?.verdict, looked.decision?.terms?.fees], [Verdict.VERDICT_REVIEW, []]);
  });

  it("that says nothing new, or two things of one line, is refused", async () => {
    const granted = await decide(world.sell());
    const lead = as("LEAD", "lena");
    await assert.rejects(lead.overrideDecision(overriding(granted.decisionId)), reason("INVALID_REQUEST"));
    const both = [VERDICT_ACCEPT, VERDICT_DECLINE].map((verdict) => ({ lineId: "l-1", verdict }));
    await assert.rejects(
      lead.overrideDecision(overriding(granted.decisionId, { lines: both })),
      reason("INVALID_REQUEST"),
    );
  });

  it("counts knowing from the delivery on, and not beyond now, whatever is said", async () => {
    const asked = (discoverTime: string) =>
      decide(world.sell(), { reason: "DEFECTIVE", discoverTime: new Date(discoverTime) });
    for (const time of ["9999-12-31T23:00:00Z", "1970-01-01T00:00:00Z"]) {
      const decision = await asked(time);
      assert.equal(decision.verdict, VERDICT_ACCEPT, time);
      assert.ok((decision.lines[0]?.windowEndTime as Date) > new Date(), time);
    }
  });

  it("cannot be turned into less than the law, nor be about other lines, nor be overridden by anybody", async () => {
    const granted = await decide(world.sell());
    const lead = as("LEAD", "lena");
    const no = { lines: [{ lineId: "l-1", verdict: VERDICT_DECLINE }] };
    await assert.rejects(lead.overrideDecision(overriding(granted.decisionId, no)), reason("POLICY_BELOW_FLOOR"));
    const other = { lines: [{ lineId: "l-7", verdict: VERDICT_ACCEPT }] };
    await assert.rejects(lead.overrideDecision(overriding(granted.decisionId, other)), reason("LINE_NOT_IN_ORDER"));
    await assert.rejects(lead.overrideDecision(overriding(newId("dec"))), reason("DECISION_NOT_FOUND"));
    await assert.rejects(
      as("AGENT", "alice").overrideDecision(overriding(granted.decisionId)),
      reason("ROLE_NOT_ALLOWED"),
    );
    await assert.rejects(
      lead.overrideDecision(overriding(granted.decisionId, { reason: "" })),
      reason("INVALID_REQUEST"),
    );
  });

  it("shows customers neither their risk nor the lists", async () => {
    world.scores.set("c-1", 7);
    const orderId = world.sell();
    const own = await decide(orderId, {}, as("CUSTOMER", "c-1"));
    const { decisionId } = own;
    const staff = (await as("AGENT", "alice").getDecision({ decisionId })).decision;
    assert.equal(staff?.lines[0]?.confidentialInputs.risk_score, "7");
    for (const seen of [own, (await as("CUSTOMER", "c-1").getDecision({ decisionId })).decision]) {
      assert.ok(!toJson(seen).includes("risk_score"));
      assert.deepEqual(seen?.lines[0]?.confidentialInputs, {});
    }
  });

  it("knows who stands on a list, and which entries counted", async () => {
    const lead = lists("LEAD", "lena");
    const inAnHour = new Date(Date.now() + 3_600_000);
    const entry = { kind: ListKind.LIST_KIND_BLOCK, subject: ListSubject.LIST_SUBJECT_CUSTOMER, value: "c-77" };
    const { listEntry } = await lead.createListEntry({
      ...{ ...entry, requestId: newId("req"), market: "KR" },
      ...{ reason: "empty boxes, three times", endTime: inAnHour },
    });
    const blocked = await decide(world.sell({ customerId: "c-77" }));
    assert.deepEqual(blocked.listEntryIds, [listEntry?.listEntryId]);
    // More careful, and granted all the same: the law is the law.
    assert.equal(blocked.verdict, VERDICT_ACCEPT);
    assert.equal(blocked.terms?.refundTrigger, RefundTrigger.REFUND_TRIGGER_ON_INSPECTION);
    const shown = await decide(world.sell({ customerId: "c-77" }), {}, as("CUSTOMER", "c-77"));
    assert.deepEqual([shown.listEntryIds, /blocked|risk|listed/i.test(toJson(shown))], [[], false]);
    const ended = { requestId: newId("req"), listEntryId: listEntry?.listEntryId ?? "" };
    await lead.endListEntry(ended);
    assert.deepEqual((await decide(world.sell({ customerId: "c-77" }))).listEntryIds, []);
  });

  it("has its windows counted again by the calendar of today, and stays as it was given", async () => {
    const decision = await decide(world.sell());
    const given = decision.lines[0]?.windowEndTime as Date;
    const ask = () => as().recountWindows({ decisionId: decision.decisionId });
    assert.deepEqual((await ask()).lines[0]?.endTime, given);
    // The last day becomes a holiday: 24:00 in Seoul is 15:00 UTC of that day.
    world.holidays.set("KR", [new Date(given.getTime() - 1).toISOString().slice(0, 10)]);
    const moved = await until("the calendar is read again", async () => {
      const { lines, calendarVersion } = await ask();
      return calendarVersion !== decision.calendarVersion && lines[0];
    });
    assert.ok((moved.endTime as Date) > given);
    const again = (await as().getDecision({ decisionId: decision.decisionId })).decision;
    assert.deepEqual(again?.lines[0]?.windowEndTime, given);
  });
});
