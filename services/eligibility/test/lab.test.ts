import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import pg from "pg";
import { Verdict } from "#gen/backhaul/eligibility/v1/decision.js";
import { EligibilityServiceService, RequestedLine } from "#gen/backhaul/eligibility/v1/eligibility_service.js";
import { type Comparison, PolicyState, type Simulation, SimulationState } from "#gen/backhaul/eligibility/v1/policy.js";
import { PolicyServiceService } from "#gen/backhaul/eligibility/v1/policy_service.js";
import { Kind } from "#gen/backhaul/type/v1/kind.js";
import type { Env } from "#kit/config.js";
import type { RoleWord } from "#kit/contracts.js";
import { RpcError } from "#kit/errors.js";
import { newId } from "#kit/ids.js";
import { toJson } from "#kit/json.js";
import { freePort } from "#kit/local/ports.js";
import { openDatabase } from "#kit/postgres.js";
import { fromProto } from "#kit/pure/money.js";
import { clientAs, playPartners, until } from "#kit/testing/peers.js";
import { openStage, type Stage } from "#kit/testing/stage.js";
import { readEligibilityConfig } from "../config.js";
import { noComparison, type Comparison as Sum } from "../core/compare.js";
import { start } from "../service.js";
import { openShadows } from "../store/shadows.js";
import { draftOf, type Json } from "./drafts.js";
import { partners } from "./partners.js";

const reason = (expected: string) => (error: unknown) => {
  assert.ok(error instanceof RpcError, String(error));
  assert.equal(error.reason, expected);
  return true;
};

/** KR with 30 days instead of 7 to change one's mind, for 4,500 instead of 3,000 won; `name` tells drafts apart. */
const generous = (name: string) =>
  draftOf(
    "KR",
    {
      window: { "kr-window-withdrawal": { days: "30" } },
      terms: { "kr-terms-withdrawal-fast": { fee_minor: "4500" }, "kr-terms-withdrawal": { fee_minor: "4500" } },
    },
    (json) => Object.assign(json, { name }),
  );

const shiftsOf = (comparison: Comparison | undefined, what: string) =>
  (comparison?.shifts ?? [])
    .filter((shift) => shift.what === what)
    .map(({ from, to, lines }) => `${lines} ${from} → ${to}`);
const minorOf = (comparison: Comparison | undefined) => fromProto(comparison!.cost!).minor;

describe("eligibility: the replay lab", () => {
  const world = partners();
  let stage: Stage;
  let playing: Awaited<ReturnType<typeof playPartners>>;
  const ended: (() => unknown)[] = [];

  before(async () => {
    stage = await openStage();
    playing = await playPartners(stage, world.contracts);
  });
  after(async () => {
    for (const end of ended.reverse()) await end();
    await playing?.stop();
    await stage?.close();
  });

  /** Settings of replicas on a schema of their own. */
  function envOf(name: string, more: Env = {}): Env {
    const names = ["ORDER", "SHIPMENT", "CATALOG", "MEMBERSHIP", "RISK", "CALENDAR"];
    const addresses = Object.fromEntries(names.map((partner) => [`${partner}_ADDRESS`, playing.address]));
    return stage.env(name, { ...addresses, ...more });
  }

  async function databaseOf(env: Env) {
    const client = new pg.Client({
      connectionString: stage.databaseUrl,
      options: `-c search_path=${env.DATABASE_SCHEMA}`,
    });
    await client.connect();
    ended.push(() => client.end());
    return client;
  }

  /** What is asked of the replicas at these ports. */
  function desk(ports: readonly number[]) {
    function client<S extends typeof EligibilityServiceService | typeof PolicyServiceService>(
      contract: S,
      role: RoleWord,
      subject: string,
      replica: number,
    ) {
      const made = clientAs(contract, ports[replica % ports.length] ?? 0, role, subject);
      ended.push(made.close);
      return made;
    }
    const decisions = ports.map((_, replica) => client(EligibilityServiceService, "SERVICE", "test", replica));
    const authors = ports.map((_, replica) => client(PolicyServiceService, "POLICY_AUTHOR", "ann", replica));
    const author = authors[0]!;
    const request = (deliveredDaysAgo: number, why = "NO_LONGER_NEEDED") => ({
      orderId: world.sell({ delivered: deliveredDaysAgo }),
      kind: Kind.KIND_RETURN,
      lines: [RequestedLine.fromPartial({ lineId: "l-1", quantity: 1, reason: why })],
    });

    return {
      author,
      other: authors.at(-1)!,
      /** A return of one of two things for ₩20,000 together, answered by any replica. */
      decide: async (deliveredDaysAgo: number, why?: string, replica = 0) => {
        const asked = { requestId: newId("req"), ...request(deliveredDaysAgo, why) };
        const { decision } = await decisions[replica % ports.length]!.decideEligibility(asked);
        return decision!;
      },
      check: async (deliveredDaysAgo: number) => decisions[0]!.checkEligibility(request(deliveredDaysAgo)),
      /** A draft that was found sound. */
      validated: async (document: string): Promise<string> => {
        const asked = { requestId: newId("req"), document, effectiveTime: new Date() };
        const { policy } = await author.createPolicy(asked);
        const { policyId } = policy!;
        const answer = await author.validatePolicy({ requestId: newId("req"), policyId });
        assert.equal(answer.policy?.state, PolicyState.POLICY_STATE_VALIDATED, JSON.stringify(answer.findings));
        return policyId;
      },
      begin: async (policyId: string, range: { sinceTime?: Date; untilTime?: Date } = {}): Promise<Simulation> => {
        const asked = { requestId: newId("req"), policyId, sinceTime: undefined, untilTime: undefined, ...range };
        const { simulation } = await author.simulatePolicy(asked);
        return simulation!;
      },
      find: async (simulationId: string): Promise<Simulation> =>
        (await authors.at(-1)!.getSimulation({ simulationId })).simulation!,
      ended: (simulationId: string): Promise<Simulation> =>
        until("the simulation ended", async () => {
          const { simulation } = await authors.at(-1)!.getSimulation({ simulationId });
          return simulation?.state !== SimulationState.SIMULATION_STATE_RUNNING && simulation;
        }),
      policy: async (policyId: string) => (await authors.at(-1)!.getPolicy({ policyId })).policy!,
      shadow: (verb: "startShadow" | "stopShadow", policyId: string, replica = 0) =>
        authors[replica % ports.length]![verb]({ requestId: newId("req"), policyId }),
      seen: async (policyId: string) => (await authors.at(-1)!.getShadow({ policyId })).comparison!,
    };
  }

  describe("with two replicas", () => {
    let lab: ReturnType<typeof desk>;
    let database: pg.Client;
    let env: Env;

    before(async () => {
      env = envOf("eligibility");
      const config = readEligibilityConfig(env);
      const replicas = await Promise.all([start(config), start(config)]);
      for (const replica of replicas) ended.push(() => replica.stop());
      lab = desk(replicas.map(({ port }) => port));
      database = await databaseOf(env);
    });

    it("says what a draft would have changed: lines by verdict, rule and fee, and the cost", async () => {
      const sinceTime = new Date();
      await Promise.all([3, 3, 3, 3, 20, 20, 20, 60, 60].map((days, nth) => lab.decide(days, undefined, nth)));
      const policyId = await lab.validated(generous("by verdict, rule and fee"));
      const begun = await lab.begin(policyId, { sinceTime });
      assert.deepEqual([begun.state, begun.total], [SimulationState.SIMULATION_STATE_RUNNING, 9n]);

      const { state, comparison, total, policyId: about, documentHash } = await lab.ended(begun.simulationId);
      assert.equal(state, SimulationState.SIMULATION_STATE_DONE);
      assert.deepEqual([comparison?.decisions, comparison?.lines, total], [9n, 9n, 9n]);
      assert.deepEqual(shiftsOf(comparison, "verdict"), ["3 DECLINE → ACCEPT"]);
      assert.deepEqual(shiftsOf(comparison, "rule"), ["3 kr-too-late → kr-withdrawal"]);
      assert.deepEqual(shiftsOf(comparison, "fee"), ["4 RETURN_SHIPPING ₩3,000 → RETURN_SHIPPING ₩4,500"]);
      // Three more are paid back ₩10,000 each less ₩4,500, and four bear ₩1,500 more.
      assert.equal(minorOf(comparison), 3n * (10_000n - 4_500n) - 4n * 1_500n);
      assert.deepEqual([comparison?.violations, comparison?.unknownLines, comparison?.changedLines], [0n, 0n, 9n]);
      const late = comparison!.samples.filter(({ otherRuleId }) => otherRuleId === "kr-withdrawal");
      assert.ok(
        late.some(({ verdict, otherVerdict, text }) => {
          return (
            verdict === Verdict.VERDICT_DECLINE && otherVerdict === Verdict.VERDICT_ACCEPT && /20 days after/.test(text)
          );
        }),
      );

      const policy = await lab.policy(policyId);
      assert.deepEqual([policy.state, policy.simulationId], [PolicyState.POLICY_STATE_SIMULATED, begun.simulationId]);
      assert.deepEqual([about, documentHash], [policyId, policy.documentHash]);
      const { acts } = await lab.author.listPolicyActs({ policyId });
      assert.deepEqual(
        acts.filter(({ verb }) => verb === "simulate").map(({ subject }) => subject),
        ["ann"],
      );
    });

    it("takes decisions from a time on and until another, and what staff decided not at all", async () => {
      await lab.decide(3);
      const sinceTime = new Date();
      const first = await lab.decide(3);
      const untilTime = new Date(first.createTime!.getTime() + 1);
      await until("the next millisecond", async () => new Date() > untilTime);
      await lab.decide(3);
      const policyId = await lab.validated(generous("from and until"));
      const { simulationId, total } = await lab.begin(policyId, { sinceTime, untilTime });
      assert.equal(total, 1n);
      assert.equal((await lab.ended(simulationId)).comparison?.decisions, 1n);

      await database.query("UPDATE decision SET by_staff = true WHERE decision_id = $1", [first.decisionId]);
      const { simulationId: second } = await lab.begin(policyId, { sinceTime, untilTime });
      assert.equal((await lab.ended(second)).comparison?.decisions, 0n);
    });

    it("fails for a range without a decision where others were given: nothing was tried, so nothing is SIMULATED", async () => {
      await lab.decide(3);
      const policyId = await lab.validated(generous("before the first decision"));
      const { simulationId, total } = await lab.begin(policyId, { untilTime: new Date(1) });
      const { state, note } = await lab.ended(simulationId);
      assert.deepEqual([total, state], [0n, SimulationState.SIMULATION_STATE_FAILED]);
      assert.match(note, /no decision lies between since_time and until_time, .*: choose another range/);
      assert.equal((await lab.policy(policyId)).state, PolicyState.POLICY_STATE_VALIDATED);

      const { simulationId: second } = await lab.begin(policyId);
      assert.equal((await lab.ended(second)).state, SimulationState.SIMULATION_STATE_DONE);
      assert.equal((await lab.policy(policyId)).state, PolicyState.POLICY_STATE_SIMULATED);
    });

    it("refuses a range that no decision can lie in", async () => {
      const policyId = await lab.validated(generous("no range"));
      const [past, later] = [new Date(Date.now() - 60_000), new Date(Date.now() + 60_000)];
      for (const range of [
        { sinceTime: past, untilTime: past },
        { sinceTime: past, untilTime: new Date(1) },
        { sinceTime: later },
        { sinceTime: new Date("9999-01-01"), untilTime: new Date("9999-02-01") },
      ]) {
        await assert.rejects(lab.begin(policyId, range), reason("INVALID_REQUEST"));
      }
    });

    it("is done at once where nothing was decided", async () => {
      const policyId = await lab.validated(
        draftOf("TW", {}, (json) => Object.assign(json, { name: "Nothing decided" })),
      );
      const { simulationId, total } = await lab.begin(policyId);
      const done = await lab.ended(simulationId);
      assert.deepEqual([total, done.state, done.total], [0n, SimulationState.SIMULATION_STATE_DONE, 0n]);
      assert.deepEqual(done.comparison?.shifts, []);
      assert.equal((await lab.policy(policyId)).state, PolicyState.POLICY_STATE_SIMULATED);
    });

    it("begins once for one request, and refuses drafts, unknown versions and a second one at the same time", async () => {
      const document = generous("once");
      const { policy } = await lab.author.createPolicy({
        requestId: newId("req"),
        document,
        effectiveTime: new Date(),
      });
      await assert.rejects(lab.begin(policy!.policyId), reason("POLICY_STATE"));
      await assert.rejects(lab.begin(newId("pol")), reason("POLICY_NOT_FOUND"));
      await assert.rejects(lab.find(newId("sim")), reason("SIMULATION_NOT_FOUND"));

      const policyId = await lab.validated(generous("twice"));
      const asked = { requestId: newId("req"), policyId, sinceTime: new Date(), untilTime: undefined };
      const first = await lab.author.simulatePolicy(asked);
      await lab.ended(first.simulation!.simulationId);
      assert.deepEqual(await lab.other.simulatePolicy(asked), first);

      const { simulationId } = first.simulation!;
      await database.query("UPDATE simulation SET state = 'RUNNING' WHERE simulation_id = $1", [simulationId]);
      await assert.rejects(lab.begin(policyId), reason("POLICY_STATE"));
    });

    it("fails, and says why, where the version was revised while it ran", async () => {
      const policyId = await lab.validated(generous("to be revised"));
      const { simulationId } = await lab.begin(policyId, { sinceTime: new Date() });
      await lab.ended(simulationId);
      const document = generous("revised");
      await lab.author.revisePolicy({ requestId: newId("req"), policyId, document, effectiveTime: undefined });
      // As if the step had been left by a replica that is gone.
      await database.query("UPDATE simulation SET state = 'RUNNING', version = version + 1 WHERE simulation_id = $1", [
        simulationId,
      ]);
      await database.query(
        `INSERT INTO agenda (agenda_id, aggregate_id, step, due_time, payload, traceparent)
         VALUES ($1, $2, 'simulate', now(), '{}', '')`,
        [newId("stp"), simulationId],
      );
      const { state, note } = await lab.ended(simulationId);
      assert.equal(state, SimulationState.SIMULATION_STATE_FAILED);
      assert.match(note, /revised/);
      assert.equal((await lab.policy(policyId)).state, PolicyState.POLICY_STATE_DRAFT);
    });

    describe("a shadow", () => {
      it("counts what it would have changed, decision by decision at both replicas, and changes no answer", async () => {
        const policyId = await lab.validated(generous("shadow"));
        await lab.decide(3);
        const { policy } = await lab.shadow("startShadow", policyId, 1);
        assert.equal(policy?.shadow, true);
        const days = [3, 3, 3, 20, 20, 60];
        const given = await Promise.all(days.map((ago, nth) => lab.decide(ago, undefined, nth)));
        await lab.check(3);
        assert.deepEqual(
          given.map(({ verdict, policyVersion }) => [Verdict[verdict], policyVersion]),
          days.map((ago) => [ago === 3 ? "VERDICT_ACCEPT" : "VERDICT_DECLINE", 1]),
        );
        const seen = await lab.seen(policyId);
        await lab.shadow("stopShadow", policyId);
        await lab.decide(3, undefined, 0);
        await lab.decide(3, undefined, 1);
        assert.deepEqual(await lab.seen(policyId), seen);

        assert.deepEqual([seen.decisions, seen.lines, seen.unknownLines, seen.violations], [6n, 6n, 0n, 0n]);
        assert.deepEqual(shiftsOf(seen, "verdict"), ["2 DECLINE → ACCEPT"]);
        assert.deepEqual(shiftsOf(seen, "fee"), ["3 RETURN_SHIPPING ₩3,000 → RETURN_SHIPPING ₩4,500"]);
        assert.equal(minorOf(seen), 2n * (10_000n - 4_500n) - 3n * 1_500n);
        const known = new Set(given.map(({ decisionId }) => decisionId));
        assert.ok(seen.samples.length > 0 && seen.samples.every(({ decisionId }) => known.has(decisionId)));
      });

      it("that does not know a reason counts unknown lines, and every decision is made all the same", async () => {
        const withoutStyle = draftOf("KR", {}, (json) => {
          for (const group of json.reasons) {
            group.leaves = group.leaves.filter(({ code }: Json) => code !== "STYLE");
          }
        });
        const policyId = await lab.validated(withoutStyle);
        await lab.shadow("startShadow", policyId);
        const given = [await lab.decide(3, "STYLE"), await lab.decide(3)];
        assert.deepEqual(
          given.map(({ verdict }) => verdict),
          [Verdict.VERDICT_ACCEPT, Verdict.VERDICT_ACCEPT],
        );
        const seen = await lab.seen(policyId);
        assert.deepEqual([seen.decisions, seen.lines, seen.unknownLines, seen.changedLines], [2n, 2n, 1n, 0n]);
      });

      it("that is revised begins anew", async () => {
        const policyId = await lab.validated(generous("before"));
        await lab.shadow("startShadow", policyId);
        await lab.decide(20);
        assert.equal((await lab.seen(policyId)).decisions, 1n);
        const document = generous("after");
        await lab.author.revisePolicy({ requestId: newId("req"), policyId, document, effectiveTime: undefined });
        await lab.decide(20);
        assert.equal((await lab.seen(policyId)).decisions, 0n);
        await assert.rejects(lab.shadow("stopShadow", policyId), reason("POLICY_STATE"));
      });

      it("is summed up exactly, also by one who comes to fold what another has folded meanwhile", async () => {
        const db = openDatabase({ url: stage.databaseUrl, schema: env.DATABASE_SCHEMA!, poolSize: 4 });
        ended.push(() => db.close());
        const shadowing = { policyId: newId("pol"), documentHash: "a hash" };
        const one = { ...noComparison("KRW"), decisions: 1, lines: 2, changedLines: 1, costMinor: 3n };
        one.shifts.rule["a|b"] = 1;
        const noteMore = (from: number, to: number) =>
          database.query(
            `INSERT INTO shadow_note (decision_id, policy_id, document_hash, comparison)
             SELECT $1 || '-' || n, $1, $2, $3 FROM generate_series(${from}, ${to}) AS n`,
            [shadowing.policyId, shadowing.documentHash, toJson(one)],
          );
        const assertSum = ({ decisions, lines, costMinor, shifts }: Sum, count: number) =>
          assert.deepEqual(
            [decisions, lines, costMinor, shifts.rule],
            [count, 2 * count, 3n * BigInt(count), { "a|b": count }],
          );
        await noteMore(1, 2_500);

        let letGo = () => {};
        const gate = new Promise<void>((resolve) => {
          letGo = resolve;
        });
        let arrived = () => {};
        const atGate = new Promise<void>((resolve) => {
          arrived = resolve;
        });
        const slow: typeof db = {
          ...db,
          query: async (statement, values) => {
            if (statement.name === "shadow.fold") {
              arrived();
              await gate;
            }
            return db.query(statement, values);
          },
        };
        const late = openShadows(slow).shadow(shadowing, "KRW");
        await atGate;
        assertSum(await openShadows(db).shadow(shadowing, "KRW"), 2_500);
        await noteMore(2_501, 2_600);
        letGo();
        assertSum(await late, 2_600);
        assertSum(await openShadows(db).shadow(shadowing, "KRW"), 2_600);
        const { rows } = await database.query("SELECT FROM shadow_note WHERE policy_id = $1", [shadowing.policyId]);
        assert.ok(rows.length < 1_000, `${rows.length} notes are left`);
      });

      it("has its notes folded by the replicas themselves", async () => {
        const db = openDatabase({ url: stage.databaseUrl, schema: env.DATABASE_SCHEMA!, poolSize: 4 });
        ended.push(() => db.close());
        const shadowing = { policyId: newId("pol"), documentHash: "a hash" };
        const note = { ...shadowing, comparison: { ...noComparison("KRW"), decisions: 1 } };
        await database.query(
          `INSERT INTO shadow_note (decision_id, policy_id, document_hash, comparison)
           SELECT $1 || '-' || n, $1, $2, $3 FROM generate_series(1, 500) AS n`,
          [shadowing.policyId, shadowing.documentHash, toJson(note.comparison)],
        );
        const { noted, shadow } = openShadows(db);
        for (let nth = 0; nth < 500; nth++) noted(note);
        await until("the notes were folded", async () => {
          const { rows } = await database.query("SELECT FROM shadow_note WHERE policy_id = $1", [shadowing.policyId]);
          return rows.length === 0;
        });
        assert.equal((await shadow(shadowing, "KRW")).decisions, 500);
      });
    });
  });

  describe("when a replica is killed", () => {
    it("goes on from what was booked, counting nothing twice", async function () {
      this.timeout(60_000);
      const port = await freePort();
      const env = envOf("killed", { SIMULATION_SLICE_MS: "1" });
      const main = fileURLToPath(new URL("../main.ts", import.meta.url));
      const doomed = spawn(process.execPath, ["--import", "tsx", "--conditions=source", main], {
        env: { ...process.env, ...env, PORT: String(port), FAILPOINT: "eligibility.commit.simulation.update.before:3" },
        stdio: "ignore",
      });
      ended.push(() => doomed.kill("SIGKILL"));
      const death = once(doomed, "exit");
      const first = desk([port]);
      await until("it serves", () => first.decide(3).catch(() => false as const), 30_000);
      const database = await databaseOf(env);
      await database.query("DELETE FROM decision");
      for (const days of [3, 20, 60]) await first.decide(days);
      await database.query(
        `INSERT INTO decision (decision_id, order_id, customer_id, market, verdict, policy_id, body, seen, answer, create_time)
         SELECT decision_id || '-' || n, order_id, customer_id, market, verdict, policy_id, body, seen, answer,
           create_time - n * interval '1 second' FROM decision, generate_series(1, 999) AS n`,
      );
      const policyId = await first.validated(generous("killed"));
      const { simulationId, total } = await first.begin(policyId);
      assert.equal(total, 3_000n);
      assert.deepEqual((await death)[1], "SIGKILL");

      const replica = await start(readEligibilityConfig({ ...env, SIMULATION_SLICE_MS: "1000" }));
      ended.push(() => replica.stop());
      const second = desk([replica.port]);
      const halfway = await second.find(simulationId);
      assert.equal(halfway.state, SimulationState.SIMULATION_STATE_RUNNING);
      const booked = halfway.comparison!.decisions;
      assert.ok(booked > 0n && booked < 3_000n, `${booked} booked`);
      await database.query("UPDATE agenda SET lease_until = now()"); // the lease runs out
      const { comparison, state } = await second.ended(simulationId);
      assert.equal(state, SimulationState.SIMULATION_STATE_DONE);
      assert.deepEqual([comparison?.decisions, comparison?.lines], [3_000n, 3_000n]);
      assert.deepEqual(shiftsOf(comparison, "verdict"), ["1000 DECLINE → ACCEPT"]);
      assert.equal(minorOf(comparison), 1_000n * (10_000n - 4_500n) - 1_000n * 1_500n);
      assert.equal((await second.policy(policyId)).simulationId, simulationId);
    });
  });
});
