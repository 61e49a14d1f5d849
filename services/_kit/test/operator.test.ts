import assert from "node:assert/strict";
import { AuditServiceService, ListAuditRequest } from "#gen/backhaul/audit/v1/audit_service.js";
import {
  BreakerState,
  DeadLetterState,
  ListDeadLettersRequest,
  ListStepsRequest,
  LogLevel,
  OperatorServiceService,
  StepFilter,
} from "#gen/backhaul/operator/v1/operator_service.js";
import { RefundServiceService } from "#gen/backhaul/refund/v1/refund_service.js";
import { HealthCheckResponse_ServingStatus, HealthService } from "#gen/grpc/health/v1/health.js";
import { byStep } from "#kit/aggregate.js";
import { readConfig } from "#kit/config.js";
import { type RoleWord, roles } from "#kit/contracts.js";
import { RpcError } from "#kit/errors.js";
import { newId } from "#kit/ids.js";
import { DomainError } from "#kit/pure/check.js";
import { openService, type Running, type Service, serviceSettings } from "#kit/service.js";
import { clientAs, until } from "#kit/testing/peers.js";
import { openStage, type Stage, testFolder } from "#kit/testing/stage.js";
import { kitMigrations } from "#kit/testing/tables.js";
import { type Counters, countersOf, counterTable } from "./counters.js";

const subject = "backhaul.test.v1.Counted";

describe("kit: the operators' door", () => {
  let stage: Stage;
  let service: Service;
  let running: Running;
  let counters: Counters;
  let broken: Error | undefined;
  let held: Promise<void> | undefined;
  let begun = 0;
  let operator: ReturnType<typeof as>;
  const as = (role: RoleWord) => clientAs(OperatorServiceService, running.port, role, "olga");

  before(async () => {
    stage = await openStage();
    const env = stage.env("test", { FACT_DELIVERIES: "2", BUILD_COMMIT: "abc1234" });
    const config = readConfig(env, serviceSettings("test", 0));
    const migrations = kitMigrations(testFolder("migrations"), { "2_counter": counterTable });
    service = await openService("test", config, { migrations, announces: true });
    counters = countersOf(service.db, service.followers);
    running = await service.run({
      rpc: [],
      facts: {
        [subject]: async ({ eventId, body }) => {
          if (broken) throw broken;
          await counters.byFact(Buffer.from(body).toString(), eventId);
        },
      },
      steps: {
        count: {
          run: async (step) => {
            begun++;
            await held;
            if (broken) throw broken;
            await counters.change(step.aggregateId, byStep(step));
          },
          giveUp: async () => {},
        },
      },
    });
    operator = as("OPERATOR");
  });
  afterEach(() => {
    broken = undefined;
    held = undefined;
  });
  after(async () => {
    operator?.close();
    await running?.stop();
    await stage?.close();
  });

  const refused = (reason: string) => (error: unknown) => error instanceof RpcError && error.reason === reason;
  const requestId = () => newId("req");
  const acts = async (resourceId: string) => {
    const auditor = clientAs(AuditServiceService, running.port, "OPERATOR", "olga");
    const { entries } = await auditor.listAudit(ListAuditRequest.fromPartial({ service: "test", resourceId }));
    auditor.close();
    return entries.map(({ rpc, principal }) => `${principal} ${rpc.split("/")[1]}`);
  };
  /** A fact on the bus that nobody here can take in while `broken` is set. */
  async function poison(): Promise<{ id: string; eventId: string }> {
    const id = await counters.begin();
    broken = new DomainError("PARTNER_REFUSED", "what it says may quote anybody");
    await counters.announce(id, { subject, body: Buffer.from(id) });
    const letter = await until("the fact is a dead letter", async () => {
      const { deadLetters } = await operator.listDeadLetters(ListDeadLettersRequest.fromPartial({ subject }));
      for (const { eventId } of deadLetters) if (await counters.announced(eventId, id)) return eventId;
      return undefined;
    });
    return { id, eventId: letter };
  }

  it("shows a fact that could not be taken in, with owner, reason and age, and takes it in once when that is mended", async () => {
    const { id, eventId } = await poison();
    const { deadLetter } = await operator.getDeadLetter({ eventId });
    assert.deepEqual(
      [deadLetter?.owner, deadLetter?.reason, deadLetter?.deliveries, deadLetter?.state],
      ["test", "PARTNER_REFUSED", 2, DeadLetterState.DEAD_LETTER_STATE_OPEN],
    );
    assert.ok(deadLetter?.age);
    const replay = { requestId: requestId(), eventId, reason: "mended in abc1234" };
    await assert.rejects(operator.replayDeadLetter(replay), refused("DEAD_LETTER_REFUSED"));
    assert.equal((await operator.getDeadLetter({ eventId })).deadLetter?.deliveries, 3);
    assert.equal((await operator.getFlow({})).deadLetters, 1);

    broken = undefined;
    const answers = await Promise.all([operator.replayDeadLetter(replay), operator.replayDeadLetter(replay)]);
    assert.deepEqual(answers[0], answers[1]);
    assert.equal(answers[0]?.deadLetter?.state, DeadLetterState.DEAD_LETTER_STATE_REPLAYED);
    assert.equal(await counters.value(id), 1);
    await assert.rejects(
      operator.replayDeadLetter({ ...replay, requestId: requestId() }),
      refused("DEAD_LETTER_STATE"),
    );
    assert.equal(await counters.value(id), 1);
    assert.deepEqual(await acts(eventId), ["OPERATOR:olga ReplayDeadLetter"]);
    await assert.rejects(operator.getDeadLetter({ eventId: "evt_none" }), refused("DEAD_LETTER_NOT_FOUND"));
  });

  it("discards a fact only for a reason, and keeps both", async () => {
    const { id, eventId } = await poison();
    await assert.rejects(
      operator.discardDeadLetter({ requestId: requestId(), eventId, reason: "" }),
      refused("INVALID_REQUEST"),
    );
    await operator.discardDeadLetter({ requestId: requestId(), eventId, reason: "a test's own" });
    const state = DeadLetterState.DEAD_LETTER_STATE_DISCARDED;
    const { deadLetters } = await operator.listDeadLetters(ListDeadLettersRequest.fromPartial({ state }));
    assert.deepEqual(
      deadLetters.map((letter) => [letter.eventId, letter.note]),
      [[eventId, "a test's own"]],
    );
    assert.deepEqual((await operator.listDeadLetters(ListDeadLettersRequest.fromPartial({}))).deadLetters, []);
    broken = undefined;
    const replay = { requestId: requestId(), eventId, reason: "after all" };
    await assert.rejects(operator.replayDeadLetter(replay), refused("DEAD_LETTER_STATE"));
    assert.equal(await counters.value(id), 0);
    assert.deepEqual(await acts(eventId), ["OPERATOR:olga DiscardDeadLetter"]);
  });

  it("shows why a step fails again and again, and has it tried now instead of when its pause ends", async () => {
    broken = new DomainError("PARTNER_REFUSED", "what it says may quote anybody");
    const id = await counters.begin([{ step: "count", due: new Date() }]);
    const stuck = await until("the step was tried three times", async () => {
      const filter = StepFilter.STEP_FILTER_STUCK;
      const { steps } = await operator.listSteps(ListStepsRequest.fromPartial({ filter, aggregateId: id }));
      return steps[0];
    });
    assert.equal(stuck.lastError, "PARTNER_REFUSED");
    const { counts } = await operator.listSteps(ListStepsRequest.fromPartial({}));
    assert.deepEqual([counts[0]?.step, counts[0]?.stuck, counts[0]?.due], ["count", 1, 1]);
    // As a long pause would have it.
    await service.db.query({
      name: "",
      text: "UPDATE agenda SET not_before = now() + interval '1 hour', lease_until = NULL, lease_epoch = lease_epoch + 1",
    });
    broken = undefined;
    await operator.runStep({ requestId: requestId(), stepId: stuck.stepId, reason: "it is back" });
    await until("the step is done", async () => (await counters.value(id)) === 1);
    assert.deepEqual(await acts(stuck.stepId), ["OPERATOR:olga RunStep"]);
    await assert.rejects(
      operator.runStep({ requestId: requestId(), stepId: stuck.stepId, reason: "" }),
      refused("STEP_NOT_FOUND"),
    );
  });

  it("tries no step before its time: deadlines are the policy's", async () => {
    const id = await counters.begin([{ step: "count", due: new Date(Date.now() + 3_600_000) }]);
    const { steps } = await operator.listSteps(ListStepsRequest.fromPartial({ aggregateId: id }));
    const stepId = steps[0]?.stepId ?? "";
    await assert.rejects(operator.runStep({ requestId: requestId(), stepId, reason: "" }), refused("STEP_NOT_DUE"));
    const due = StepFilter.STEP_FILTER_DUE;
    assert.deepEqual((await operator.listSteps(ListStepsRequest.fromPartial({ filter: due }))).steps, []);
  });

  it("drains under calls without failing one, waits for what is under way, and goes on when it is told to", async () => {
    let release = () => {};
    held = new Promise((resolve) => {
      release = resolve;
    });
    begun = 0;
    const first = await counters.begin([{ step: "count", due: new Date() }]);
    await until("the step is under way", async () => begun === 1);
    let calling = true;
    let answered = 0;
    const callers = Array.from({ length: 8 }, async () => {
      while (calling) {
        await operator.getBuild({});
        answered++;
      }
    });
    let drained = false;
    const draining = operator.drain({ requestId: requestId(), reason: "a new version" }).then(() => {
      drained = true;
    });
    await until("health says no", async () => (await healthOf(running.port)) === "NOT_SERVING");
    assert.equal(drained, false, "a step is still under way");
    release();
    await draining;
    assert.equal(await counters.value(first), 1);
    assert.equal((await operator.getBuild({})).drained, true);

    const second = await counters.begin([{ step: "count", due: new Date() }]);
    await counters.announce(second, { subject, body: Buffer.from(second) });
    const before = answered;
    await until("more calls were answered", async () => answered > before + 50);
    assert.equal(await counters.value(second), 0);

    await operator.undrain({ requestId: requestId(), reason: "" });
    await until("step and fact are taken", async () => (await counters.value(second)) === 2);
    assert.equal(await healthOf(running.port), "SERVING");
    calling = false;
    await Promise.all(callers);
    assert.deepEqual(await acts("process test"), ["OPERATOR:olga Undrain", "OPERATOR:olga Drain"]);
  });

  it("logs more for a while, and falls back by itself", async () => {
    const level = LogLevel.LOG_LEVEL_ERROR;
    const set = await operator.setLogLevel({
      requestId: requestId(),
      level,
      duration: { seconds: 0n, nanos: 200_000_000 },
    });
    assert.ok(set.untilTime);
    assert.equal((await operator.getLogLevel({})).level, level);
    const fallen = await until("it fell back", async () => {
      const now = await operator.getLogLevel({});
      return now.level === now.configured && now;
    });
    assert.deepEqual([fallen.level, fallen.untilTime], [LogLevel.LOG_LEVEL_SILENT, undefined]);
  });

  it("says whom the process leaves alone, for they do not answer", async () => {
    const nobody = service.connect("127.0.0.1:1")(RefundServiceService);
    const about = { contract: "backhaul.refund.v1.RefundService" };
    assert.deepEqual((await operator.getFlow({})).breakers, [{ ...about, state: BreakerState.BREAKER_STATE_CLOSED }]);
    const asked = Array.from({ length: 20 }, () => nobody.getRefund({ refundId: "rfd_1" }).catch(() => {}));
    await Promise.all(asked);
    assert.deepEqual((await operator.getFlow({})).breakers, [{ ...about, state: BreakerState.BREAKER_STATE_OPEN }]);
  });

  it("says what runs and how far it is", async () => {
    const build = await operator.getBuild({});
    assert.deepEqual([build.service, build.commit, build.drained], ["test", "abc1234", false]);
    assert.match(build.version, /^\d+\.\d+\.\d+/);
    assert.match(build.contractsDigest, /^[0-9a-f]{64}$/);
    assert.deepEqual(build.migrations, ["1_kit", "1_kit_audit", "1_kit_bus", "1_kit_operator", "2_counter"]);
    const flow = await until("all is announced", async () => {
      const now = await operator.getFlow({});
      return now.outboxWaiting === 0 && now.inboxWaiting === 0 && now;
    });
    assert.deepEqual([flow.busConnected, flow.deadLetters], [true, 0]);
  });

  it("opens to operators alone", async () => {
    for (const role of roles.all.filter((word) => word !== "OPERATOR")) {
      const other = as(role);
      await assert.rejects(other.getBuild({}), refused("ROLE_NOT_ALLOWED"), role);
      await assert.rejects(
        other.discardDeadLetter({ requestId: requestId(), eventId: "evt_1", reason: "x" }),
        refused("ROLE_NOT_ALLOWED"),
        role,
      );
      other.close();
    }
  });
});

async function healthOf(port: number): Promise<string> {
  const client = clientAs(HealthService, port);
  const { status } = await client.check({ service: "" });
  client.close();
  return HealthCheckResponse_ServingStatus[status] ?? "";
}
