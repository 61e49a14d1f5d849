import assert from "node:assert/strict";
import { connect } from "nats";
import { Verdict } from "#gen/backhaul/eligibility/v1/decision.js";
import { PolicyActivated } from "#gen/backhaul/eligibility/v1/eligibility_events.js";
import { RequestedLine } from "#gen/backhaul/eligibility/v1/eligibility_service.js";
import { type Policy, PolicyState, Severity } from "#gen/backhaul/eligibility/v1/policy.js";
import { Kind } from "#gen/backhaul/type/v1/kind.js";
import { newId } from "#kit/ids.js";
import { until } from "#kit/testing/peers.js";
import { changed, jsonOf, type Market, markets, ruleAt } from "./builders.js";
import { type Desk, openDesk, reason } from "./desk.js";

const day = 86_400_000;
const stateOf = (policy: Policy | undefined) => PolicyState[policy?.state ?? 0]?.replace("POLICY_STATE_", "");
/** Korea's document with n days to change one's mind. */
const withDays = (days: number) =>
  changed("KR", `${ruleAt("KR", "window", "kr-window-withdrawal")}.days`, String(days));
/** One that gives back money later than Taiwan's law. */
const unsound = () => changed("TW", "clocks.refund.days", 90);
/** A sound document that nobody else has. */
let names = 0;
const another = (market: Market = "TW") => changed(market, "name", `Another ${names++}`);

describe("eligibility: the life of a policy", () => {
  let desk: Desk;
  const of = (policyId: string) => ({ requestId: newId("req"), policyId });
  before(async () => {
    desk = await openDesk();
  });
  after(() => desk?.close());

  const read = async (policyId: string): Promise<Policy> => (await desk.lead.getPolicy({ policyId })).policy!;
  const actsOf = async (policyId: string) => (await desk.lead.listPolicyActs({ policyId })).acts;
  const deedsOf = async (policyId: string) =>
    (await actsOf(policyId)).map(({ subject, verb }) => `${subject}: ${verb}`);
  const rollBack = (policyId: string, over = {}) =>
    desk.approver.rollbackPolicy({ ...of(policyId), reason: "too many refunds", ...over });
  const pageAll = async (market: string) => {
    const found: Policy[] = [];
    for (let pageToken = ""; ; ) {
      const page = await desk.lead.listPolicies({ market, pageSize: 2, pageToken });
      found.push(...page.policies);
      pageToken = page.nextPageToken;
      if (pageToken === "") return found;
    }
  };
  const activeOf = async (market: string) =>
    (await pageAll(market)).filter(({ state }) => state === PolicyState.POLICY_STATE_ACTIVE);

  describe("a draft", () => {
    it("is kept whatever it says, if it has the shape of a document; and it judges nothing", async () => {
      const policy = await desk.drafted(withDays(5));
      assert.equal(stateOf(policy), "DRAFT");
      assert.deepEqual([policy.author, policy.approver, policy.market], ["ann", "", "KR"]);
      assert.match(policy.documentHash, /^[0-9a-f]{64}$/);
      assert.deepEqual(await read(policy.policyId), policy);
      const late = await desk.decide(desk.world.sell({ delivered: 30, orderTime: new Date() }));
      assert.equal(late.policyVersion, 1);
    });

    it("is refused without that shape, and nothing is kept", async () => {
      const before = await pageAll("KR");
      await assert.rejects(desk.drafted("{]"), reason("POLICY_BROKEN", { path: "document" }));
      await assert.rejects(
        desk.drafted(changed("KR", "clocks.refund.days", "3")),
        reason("POLICY_BROKEN", { path: "clocks.refund.days" }),
      );
      assert.deepEqual(await pageAll("KR"), before);
    });

    it("is refused where it is too large, or nests without end, before anybody looks into it", async () => {
      const large = changed("KR", "name", "x".repeat(200_000));
      await assert.rejects(desk.drafted(large), reason("INVALID_REQUEST"));
      await assert.rejects(desk.author.lintPolicy({ document: large }), reason("INVALID_REQUEST"));
      const { policyId } = await desk.drafted(another());
      const revision = { ...of(policyId), document: large, effectiveTime: undefined };
      await assert.rejects(desk.author.revisePolicy(revision), reason("INVALID_REQUEST"));

      const deep = "[".repeat(100_000) + "]".repeat(100_000);
      await assert.rejects(desk.drafted(deep), reason("POLICY_BROKEN", { path: "document" }));
      const { findings } = await desk.author.lintPolicy({ document: deep });
      assert.deepEqual(
        findings.map(({ code }) => code),
        ["DOCUMENT_BROKEN"],
      );
    });

    it("may be the first of a market, and waits there until it is found sound", async () => {
      const policy = await desk.drafted(changed("KR", "market", "JP"));
      assert.deepEqual([policy.market, policy.version, stateOf(policy)], ["JP", 1, "DRAFT"]);
      const orderId = desk.world.sell({ market: "JP" });
      await assert.rejects(desk.decide(orderId), reason("NO_POLICY", { market: "JP" }));
    });

    it("can be revised: another document, another time, or both; never another market", async () => {
      const { policyId, effectiveTime } = await desk.validated(another());
      const document = another();
      const revise = (over: object) =>
        desk.author.revisePolicy({ ...of(policyId), document: "", effectiveTime: undefined, ...over });
      const { policy: rewritten } = await revise({ document });
      assert.equal(stateOf(rewritten), "DRAFT");
      assert.deepEqual([rewritten?.document, rewritten?.effectiveTime], [document, effectiveTime]);
      const later = new Date(Date.now() + day);
      const { policy: moved } = await revise({ effectiveTime: later });
      assert.deepEqual([moved?.document, moved?.effectiveTime], [document, later]);
      assert.deepEqual(await read(policyId), moved);
      await assert.rejects(revise({ document: jsonOf("GB") }), reason("POLICY_BROKEN", { path: "market" }));
      await assert.rejects(revise({ document: "{}" }), reason("POLICY_BROKEN"));
      const hashes = (await actsOf(policyId)).map(({ documentHash }) => documentHash);
      assert.equal(new Set(hashes).size, 2, "each act names the document of its time");
    });
  });

  describe("validation", () => {
    it("leaves a draft that takes a right away where it is, naming the article and an order that shows it", async () => {
      const { policyId } = await desk.drafted(withDays(5));
      const { policy, findings } = await desk.author.validatePolicy(of(policyId));
      assert.equal(stateOf(policy), "DRAFT");
      const found = findings.find(({ article }) => article === "E-Commerce Act art. 17(1)");
      assert.equal(found?.severity, Severity.SEVERITY_ERROR);
      assert.ok(found.counterexample?.askTime && found.counterexample.text.length > 20);
      assert.ok(found.counterexample.deliverTime! < found.counterexample.askTime);
      const [, act] = await actsOf(policyId);
      assert.deepEqual([act?.subject, act?.verb], ["ann", "validate"]);
      assert.match(act?.note ?? "", /^[1-9]\d* errors?, \d+ warnings?$/);
    });

    it("finds the shipped documents sound, uploaded again in every market", async () => {
      for (const market of markets) assert.equal(stateOf(await desk.validated(jsonOf(market))), "VALIDATED");
    });

    it("is of the document that the version has, however a revision gets in between", async () => {
      for (let attempt = 0; attempt < 3; attempt++) {
        const { policyId } = await desk.drafted(another());
        const revision = { ...of(policyId), document: unsound(), effectiveTime: undefined };
        await Promise.allSettled([desk.author.validatePolicy(of(policyId)), desk.author.revisePolicy(revision)]);
        const { state, documentHash } = await read(policyId);
        const validations = (await actsOf(policyId)).filter(({ verb }) => verb === "validate");
        const isValidated = state === PolicyState.POLICY_STATE_VALIDATED;
        assert.ok(!isValidated || validations.at(-1)?.documentHash === documentHash);
        assert.ok(!isValidated || (await read(policyId)).document !== revision.document, "not sound, yet VALIDATED");
      }
    });

    it("can be had without keeping anything", async () => {
      const before = await pageAll("");
      const { findings } = await desk.lead.lintPolicy({ document: withDays(5) });
      assert.ok(findings.some(({ article }) => article === "E-Commerce Act art. 17(1)"));
      const severities = findings.map(({ severity }) => severity);
      assert.deepEqual(severities, severities.toSorted(), "errors come first");
      const shipped = await desk.lead.lintPolicy({ document: jsonOf("GB") });
      assert.deepEqual(
        shipped.findings.filter(({ severity }) => severity === Severity.SEVERITY_ERROR),
        [],
      );
      const broken = await desk.lead.lintPolicy({ document: "{]" });
      assert.deepEqual(
        broken.findings.map(({ path, severity }) => [path, severity]),
        [["document", Severity.SEVERITY_ERROR]],
      );
      assert.deepEqual(await pageAll(""), before);
    });
  });

  describe("the way into force", () => {
    it("leads over validation, simulation and approval, each on record with who did it", async () => {
      const { policyId } = await desk.drafted(another());
      await assert.rejects(desk.approver.approvePolicy({ ...of(policyId), note: "" }), reason("POLICY_STATE"));
      const policy = await desk.bringToLife(another());
      assert.deepEqual([stateOf(policy), policy.author, policy.approver], ["ACTIVE", "ann", "bob"]);
      assert.match(policy.simulationId, /^sim_/);
      assert.deepEqual(await deedsOf(policy.policyId), [
        "ann: create",
        "ann: validate",
        "ann: simulate",
        "bob: approve",
        "bob: activate",
      ]);
      const acts = await actsOf(policy.policyId);
      assert.equal(acts[3]?.note, "as discussed");
      for (const { documentHash, actTime } of acts) {
        assert.equal(documentHash, policy.documentHash);
        assert.ok(actTime instanceof Date);
      }
    });

    it("needs a second person: nobody approves their own document", async () => {
      const { policyId } = await desk.simulated(another());
      const both = desk.policiesAs("POLICY_APPROVER", "ann");
      await assert.rejects(
        both.approvePolicy({ ...of(policyId), note: "" }),
        reason("POLICY_STATE", { policy_id: policyId, verb: "approve", state: "SIMULATED" }),
      );
      await assert.rejects(desk.author.approvePolicy({ ...of(policyId), note: "" }), reason("ROLE_NOT_ALLOWED"));
    });

    it("is closed to a document that takes a right away, naming article and counterexample at every gate", async () => {
      const { policyId } = await desk.drafted(withDays(5));
      const below = (error: unknown) => {
        reason("POLICY_BELOW_FLOOR", { article: "E-Commerce Act art. 17(1)" })(error);
        assert.ok(((error as { metadata: Record<string, string> }).metadata.counterexample ?? "").length > 20);
        return true;
      };
      await assert.rejects(desk.approver.approvePolicy({ ...of(policyId), note: "" }), below);
      await assert.rejects(desk.approver.activatePolicy(of(policyId)), below);
      const rule = `${ruleAt("KR", "verdict", "kr-too-late")}.verdict`;
      const broken = await desk.drafted(changed("KR", rule, "(("));
      await assert.rejects(desk.approver.activatePolicy(of(broken.policyId)), reason("POLICY_BROKEN", { path: rule }));
    });

    it("ends in judging the orders placed from then on, at every replica at once", async () => {
      const { world, decide } = desk;
      const placedBefore = world.sell({ delivered: 20, orderTime: new Date() });
      const document = withDays(30); // PLUS has no more
      const { policyId } = await desk.approved(document);
      await decide(world.sell(), 1); // the other replica has read the book
      const { policy: active } = await desk.approver.activatePolicy(of(policyId));
      assert.equal(active?.document, document);
      const placedAfter = world.sell({ delivered: 20, orderTime: new Date() });
      for (const replica of [1, 0] as const) {
        const [old, young] = [await decide(placedBefore, replica), await decide(placedAfter, replica)];
        assert.deepEqual([old.verdict, old.policyVersion], [Verdict.VERDICT_DECLINE, 1]);
        assert.deepEqual([young.verdict, young.policyId], [Verdict.VERDICT_ACCEPT, policyId]);
      }
      const all = await pageAll("KR");
      assert.equal(stateOf(all.find(({ version }) => version === 1)), "RETIRED");
      assert.ok(
        all.every(({ document }) => document === ""),
        "lists have no documents",
      );
      await assert.rejects(desk.approver.activatePolicy(of(policyId)), reason("POLICY_STATE", { state: "ACTIVE" }));
    });

    it("may end later: until its time the version before it judges, though RETIRED", async () => {
      const before = await desk.bringToLife(another("GB"));
      const effectiveTime = new Date(Date.now() + 3 * day);
      const next = await desk.bringToLife(another("GB"), effectiveTime);
      assert.deepEqual([stateOf(next), next.effectiveTime], ["ACTIVE", effectiveTime]);
      assert.equal(stateOf(await read(before.policyId)), "RETIRED");
      const placed = async (orderTime: Date) =>
        (await desk.decide(desk.world.sell({ market: "GB", orderTime, delivered: undefined }))).policyId;
      assert.equal(await placed(new Date()), before.policyId);
      assert.equal(await placed(new Date(effectiveTime.getTime() - 1)), before.policyId);
      assert.equal(await placed(effectiveTime), next.policyId);
      const early = await desk.approved(another("GB"), new Date(effectiveTime.getTime() - day));
      await assert.rejects(desk.approver.activatePolicy(of(early.policyId)), reason("POLICY_STATE"));
      await rollBack(before.policyId); // for the tests that follow
    });

    it("is seen by a replica that has not decided since", async () => {
      const checker = desk.decisionsAs("SERVICE", "test", 1);
      const check = async () => {
        const orderId = desk.world.sell({ market: "TW", orderTime: new Date() });
        const lines = [RequestedLine.fromPartial({ lineId: "l-1", quantity: 1, reason: "NO_LONGER_NEEDED" })];
        const asked = { orderId, kind: Kind.KIND_RETURN, lines };
        return (await checker.checkEligibility(asked)).decision?.policyId;
      };
      await check();
      const { policyId } = await desk.bringToLife(another());
      assert.equal(await check(), policyId);
    });
  });

  describe("a rollback", () => {
    it("brings an older document back at once, as a new version, by somebody else than its author", async () => {
      const old = await desk.bringToLife(another());
      const bad = await desk.bringToLife(another());
      await assert.rejects(
        desk.policiesAs("POLICY_APPROVER", "ann").rollbackPolicy({ ...of(old.policyId), reason: "mine" }),
        reason("POLICY_STATE", { verb: "rollback" }),
      );
      const { policy } = await rollBack(old.policyId);
      assert.deepEqual([stateOf(policy), policy?.version], ["ACTIVE", bad.version + 1]);
      assert.deepEqual([policy?.author, policy?.approver, policy?.restoredPolicyId], ["ann", "bob", old.policyId]);
      assert.deepEqual([policy?.document, policy?.documentHash], [old.document, old.documentHash]);
      for (const replica of [0, 1] as const) {
        const orderId = desk.world.sell({ market: "TW", orderTime: new Date() });
        assert.equal((await desk.decide(orderId, replica)).policyId, policy?.policyId);
      }
      assert.deepEqual(await deedsOf(policy!.policyId), ["bob: rollback"]);
      assert.equal((await actsOf(policy!.policyId))[0]?.note, "too many refunds");
      assert.equal((await deedsOf(bad.policyId)).at(-1), "bob: retire");
    });

    it("calls off what was to come, which then never judges", async () => {
      const current = await desk.bringToLife(another());
      const soon = new Date(Date.now() + day);
      const scheduled = await desk.bringToLife(another(), soon);
      const { policy } = await rollBack(current.policyId);
      assert.equal(stateOf(await read(scheduled.policyId)), "RETIRED");
      const later = desk.world.sell({ market: "TW", orderTime: new Date(soon.getTime() + day), delivered: undefined });
      assert.equal((await desk.decide(later)).policyId, policy?.policyId);
      await assert.rejects(rollBack(scheduled.policyId), reason("POLICY_STATE", { verb: "rollback" }));
    });

    it("is refused for a version that never judged, and for the one that does", async () => {
      const { policyId } = await desk.drafted(another());
      await assert.rejects(rollBack(policyId), reason("POLICY_STATE", { state: "DRAFT" }));
      const [active] = await activeOf("TW");
      await assert.rejects(rollBack(active!.policyId), reason("POLICY_STATE", { state: "ACTIVE" }));
    });
  });

  it("announces what comes into force, and what it takes the place of", async () => {
    const nats = await connect({ servers: desk.stage.nats.url });
    const heard: PolicyActivated[] = [];
    nats.subscribe("backhaul.eligibility.v1.PolicyActivated", {
      callback: (_, message) => {
        heard.push(PolicyActivated.decode(message.data));
      },
    });
    await nats.flush();
    const [before] = await activeOf("TW");
    const next = await desk.bringToLife(another());
    const { policy: restored } = await rollBack(before!.policyId);
    const about = (policyId: string) =>
      until("the fact is announced", async () => heard.find((fact) => fact.policyId === policyId));
    const { version, effectiveTime } = next;
    assert.deepEqual(await about(next.policyId), {
      policyId: next.policyId,
      market: "TW",
      version,
      effectiveTime,
      retiredPolicyId: before!.policyId,
      rollback: false,
    });
    const { rollback, retiredPolicyId } = await about(restored!.policyId);
    assert.deepEqual([rollback, retiredPolicyId], [true, next.policyId]);
    await nats.close();
  });

  describe("the record", () => {
    it("begins with the shipped documents, put in force by the installation", async () => {
      const shipped = (await pageAll("GB")).find(({ version }) => version === 1);
      const deeds = await deedsOf(shipped!.policyId);
      assert.deepEqual(deeds.slice(0, 2), ["backhaul: create", "installation: activate"]);
    });

    it("cannot be changed, nor what has judged, nor who wrote it, not even in the database", async () => {
      const { policyId } = await desk.bringToLife(another());
      const sql = (text: string) => desk.db.query({ name: "", text });
      for (const text of ["UPDATE policy_act SET subject = 'eve'", "DELETE FROM policy_act", "TRUNCATE policy_act"]) {
        await assert.rejects(sql(text), { code: "BH005" });
      }
      const mine = `WHERE policy_id = '${policyId}'`;
      for (const change of ["document = '{}'", "author = 'eve'", "version = 0", "document = '{}', state = 'DRAFT'"]) {
        await assert.rejects(sql(`UPDATE policy SET ${change} ${mine}`), { code: "BH005" });
      }
      await assert.rejects(sql(`UPDATE policy SET approver = author ${mine}`), { constraint: "policy_approver_check" });
      const second = await desk.approved(another());
      await assert.rejects(sql(`UPDATE policy SET state = 'ACTIVE' WHERE policy_id = '${second.policyId}'`), {
        constraint: "policy_active",
      });
    });
  });

  describe("a difference", () => {
    it("is told against the version in force, unless another one is named", async () => {
      const base = await desk.bringToLife(another());
      const { policyId } = await desk.drafted(changed("TW", "handover.reminder_days", [9, 2]));
      const { changes, basePolicyId } = await desk.lead.diffPolicies({ policyId, basePolicyId: "" });
      assert.equal(basePolicyId, base.policyId);
      const paths = changes.map(({ path }) => path);
      assert.deepEqual(paths, ["name", "handover.reminder_days"]);
      assert.match(changes[1]?.text ?? "", /^handover reminder days: .* → 9, 2$/);
      const same = await desk.lead.diffPolicies({ policyId, basePolicyId: policyId });
      assert.deepEqual(same, { changes: [], basePolicyId: policyId });
    });

    it("is not told across markets, nor of versions that do not exist", async () => {
      const [mine, theirs] = [await desk.drafted(another("TW")), await desk.drafted(another("GB"))];
      const asked = { policyId: mine.policyId, basePolicyId: theirs.policyId };
      const notFound = reason("POLICY_NOT_FOUND", { policy_id: theirs.policyId });
      await assert.rejects(desk.lead.diffPolicies(asked), notFound);
      const first = await desk.drafted(changed("KR", "market", "JP"));
      await assert.rejects(
        desk.lead.diffPolicies({ policyId: first.policyId, basePolicyId: "" }),
        reason("NO_POLICY", { market: "JP" }),
      );
    });
  });

  it("publishes the schema that documents must have", async () => {
    const { schema } = await desk.lead.getPolicySchema({});
    const { $schema, required, properties } = JSON.parse(schema);
    assert.equal($schema, "https://json-schema.org/draft/2020-12/schema");
    const mayBeLeftOut = ["$schema", "exchange", "inspection", "law"];
    for (const part of Object.keys(JSON.parse(jsonOf("KR")))) {
      assert.ok(part in properties, part);
      assert.equal(required.includes(part), !mayBeLeftOut.includes(part), part);
    }
  });

  describe("at two replicas at once", () => {
    it("one market's versions follow each other, however many are drafted and activated", async () => {
      const drafts = await Promise.all(Array.from({ length: 5 }, () => desk.drafted(another("GB"))));
      assert.equal(new Set(drafts.map(({ version }) => version)).size, 5);
      const ids: string[] = [];
      for (let i = 0; i < 3; i++) ids.push((await desk.approved(another("GB"))).policyId);
      const approvers = [desk.approver, desk.policiesAs("POLICY_APPROVER", "bob", 1)] as const;
      await Promise.all(ids.map((id, i) => approvers[(i % 2) as 0 | 1].activatePolicy(of(id))));
      assert.equal((await activeOf("GB")).length, 1);
      const times = await Promise.all(ids.map(async (id) => (await read(id)).effectiveTime?.getTime()));
      assert.equal(new Set(times).size, 3, "each has its own time");
    });

    /** Eight times the same request, four to each replica; the one answer. */
    const eightTimes = async <A>(ask: (replica: number) => Promise<A>): Promise<A> => {
      const answers = await Promise.all(Array.from({ length: 8 }, (_, i) => ask(i % 2)));
      for (const answer of answers) assert.deepEqual(answer, answers[0]);
      return answers[0] as A;
    };

    it("the same request does each step once, and gets the first answer for ever", async () => {
      const authors = [desk.author, desk.policiesAs("POLICY_AUTHOR", "ann", 1)] as const;
      const approvers = [desk.approver, desk.policiesAs("POLICY_APPROVER", "bob", 1)] as const;
      const author = (replica: number) => authors[replica as 0 | 1];
      const approver = (replica: number) => approvers[replica as 0 | 1];
      const effectiveTime = new Date();
      const creation = { requestId: newId("req"), document: another(), effectiveTime };
      const { policy } = await eightTimes((replica) => author(replica).createPolicy(creation));
      const { policyId } = policy!;
      const revision = { ...of(policyId), document: another(), effectiveTime: undefined };
      await eightTimes((replica) => author(replica).revisePolicy(revision));
      const validation = of(policyId);
      const first = await eightTimes((replica) => author(replica).validatePolicy(validation));
      assert.equal(stateOf(first.policy), "VALIDATED");
      const simulation = { ...of(policyId), sinceTime: undefined, untilTime: undefined };
      await eightTimes((replica) => author(replica).simulatePolicy(simulation));
      await until("it is simulated", async () => stateOf(await read(policyId)) === "SIMULATED");
      const approval = { ...of(policyId), note: "once" };
      await eightTimes((replica) => approver(replica).approvePolicy(approval));
      const activation = of(policyId);
      await eightTimes((replica) => approver(replica).activatePolicy(activation));
      assert.deepEqual(
        (await actsOf(policyId)).map(({ verb }) => verb),
        ["create", "revise", "validate", "simulate", "approve", "activate"],
      );
      const [{ version }] = (await activeOf("TW")) as [Policy];
      const older = (await pageAll("TW")).find((p) => stateOf(p) === "RETIRED" && p.approver === "bob");
      const rollback = { ...of(older!.policyId), reason: "once" };
      const { policy: restored } = await eightTimes((replica) => approver(replica).rollbackPolicy(rollback));
      assert.equal(restored?.version, version + 1);

      assert.deepEqual(await desk.author.validatePolicy(validation), first);
      assert.equal(stateOf((await desk.author.createPolicy(creation)).policy), "DRAFT");
      assert.equal(stateOf((await desk.approver.approvePolicy(approval)).policy), "APPROVED");
      await assert.rejects(
        desk.approver.approvePolicy({ ...approval, note: "twice" }),
        reason("REQUEST_ID_REUSED", { request_id: approval.requestId }),
      );
    });
  });

  it("knows versions by their ids, and pages by the tokens it gave", async () => {
    const policyId = newId("pol");
    const notFound = reason("POLICY_NOT_FOUND", { policy_id: policyId });
    await assert.rejects(desk.lead.getPolicy({ policyId }), notFound);
    await assert.rejects(desk.lead.listPolicyActs({ policyId }), notFound);
    await assert.rejects(desk.lead.diffPolicies({ policyId, basePolicyId: "" }), notFound);
    await assert.rejects(desk.author.validatePolicy(of(policyId)), notFound);
    await assert.rejects(
      desk.author.revisePolicy({ ...of(policyId), document: "", effectiveTime: undefined }),
      notFound,
    );
    await assert.rejects(desk.approver.approvePolicy({ ...of(policyId), note: "" }), notFound);
    await assert.rejects(desk.approver.activatePolicy(of(policyId)), notFound);
    await assert.rejects(rollBack(policyId), notFound);
    await assert.rejects(
      desk.lead.listPolicies({ market: "", pageSize: 0, pageToken: "%" }),
      reason("PAGE_TOKEN_INVALID"),
    );
  });
});
