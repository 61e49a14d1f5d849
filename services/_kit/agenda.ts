// What is still to do, done when it is due: each step is leased to one worker of one replica, done, and removed by the
// commit that books its outcome. A crash lets the lease run out; a late worker is fenced off by the lease's epoch.
import { NotAsked } from "#kit/breakers.js";
import { type Call, ownCall } from "#kit/call.js";
import type { Clock } from "#kit/clock.js";
import { handOverLeaseMs, type LeasedStep } from "#kit/commit.js";
import { briefOf, RpcError } from "#kit/errors.js";
import { failpoint } from "#kit/failpoint.js";
import type { Log } from "#kit/log.js";
import { type Database, leaseLost, type Statement } from "#kit/postgres.js";
import { delayMs } from "#kit/pure/backoff.js";
import { DomainError } from "#kit/pure/check.js";
import { measure, spanned, traceFrom } from "#kit/telemetry.js";
import type { Vault } from "#kit/vault.js";

/** How one kind of step is done. */
export type StepHandler = {
  /** Does it and books the outcome, spending the step. Thrown errors are tried again, unless they are final. */
  readonly run: (step: LeasedStep, call: Call) => Promise<void>;
  /** Books that it cannot be done, spending the step. */
  readonly giveUp: (step: LeasedStep, error: Error) => Promise<void>;
  /** tries before giving up; 12 if not said, over about two minutes. */
  readonly attempts?: number;
};

/** A service's agenda. */
export type Agenda = {
  hasRoom(): boolean;
  take(steps: LeasedStep[]): void;
  /** Looks for due steps now: business time moved. */
  poke(): void;
  /** Removes a step whose outcome changes nothing else, soon: after a crash it is done again, so it must bear that. */
  finish(step: LeasedStep): void;
  /** Steps due or under way. */
  dueCount(): Promise<number>;
  start(handlers: Readonly<Record<string, StepHandler>>): void;
  /** Takes no more steps, and gives back what it had claimed; resolves when those under way have ended. */
  pause(): Promise<void>;
  resume(): void;
  stop(): Promise<void>;
};

const pollMs = 500;
/** Under way at a time, if not said. */
const usualAtOnce = 24;
const backoff = { baseMs: 100, capMs: 30_000 };
const leastPauseMs = 20;
const defaultAttempts = 12;

const claim: Statement = {
  name: "agenda.claim",
  text: `UPDATE agenda SET lease_until = now() + ${handOverLeaseMs} * interval '1 millisecond',
    lease_epoch = lease_epoch + 1, attempt = attempt + 1
  WHERE agenda_id IN (
    SELECT agenda_id FROM agenda
    WHERE due_time <= $1 AND not_before <= now() AND (lease_until IS NULL OR lease_until < now())
    ORDER BY due_time LIMIT $2 FOR UPDATE SKIP LOCKED)
  RETURNING agenda_id AS id, aggregate_id AS "aggregateId", step, due_time AS due, attempt, lease_epoch AS epoch,
    payload, traceparent`,
};
const postpone: Statement = {
  name: "agenda.postpone",
  text: `UPDATE agenda SET not_before = now() + $3::int * interval '1 millisecond', lease_until = NULL, last_error = $4
  WHERE agenda_id = $1 AND lease_epoch = $2`,
};
/** Nobody was asked, so it was no attempt. One is kept, for an earlier one may have got further. */
const excuse: Statement = {
  name: "agenda.excuse",
  text: `UPDATE agenda SET not_before = now() + $3::int * interval '1 millisecond', lease_until = NULL, last_error = $4,
    attempt = greatest(attempt - 1, 1) WHERE agenda_id = $1 AND lease_epoch = $2`,
};
/** Claimed and not begun: as if it had never been claimed, but for the epoch. */
const release: Statement = {
  name: "agenda.release",
  text: `UPDATE agenda SET lease_until = NULL, attempt = greatest(attempt - 1, 0)
  FROM unnest($1::text[], $2::int[]) AS r(id, epoch) WHERE agenda_id = r.id AND lease_epoch = r.epoch`,
};
const remove: Statement = {
  name: "agenda.finish",
  text: `DELETE FROM agenda USING unnest($1::text[], $2::int[]) AS f(id, epoch)
  WHERE agenda_id = f.id AND lease_epoch = f.epoch`,
};
/** Finished steps are removed in batches: their lease lasts far longer. */
const removeMs = 50;
const countDue: Statement = {
  name: "agenda.count",
  text: `SELECT count(*)::int AS n FROM agenda WHERE due_time <= $1`,
};

/** What an agenda may do without. */
export type AgendaOptions = {
  /** Opens what steps take along before they are done. */
  readonly vault?: Vault | undefined;
  /** Steps under way at a time. */
  readonly atOnce?: number | undefined;
  /** Whether other work goes before: then they are done one by one. */
  readonly yields?: (() => boolean) | undefined;
};

/** Opens the agenda of one service; nothing is done before `start`. */
export function openAgenda(
  service: string,
  db: Database,
  business: Clock,
  log: Log,
  { vault, atOnce = usualAtOnce, yields = () => false }: AgendaOptions = {},
): Agenda {
  /** Claimed at a time: enough to keep them at work, and few enough to be begun within their lease. */
  const batch = Math.ceil((atOnce * 8) / 3);
  const queue: LeasedStep[] = [];
  const running = new Set<Promise<void>>();
  let handlers: Readonly<Record<string, StepHandler>> = {};
  let timer: NodeJS.Timeout | undefined;
  let looking: Promise<void> | undefined;
  let lookAgain = false;
  let started = false;
  const finished: LeasedStep[] = [];
  let removing: NodeJS.Timeout | undefined;
  const call = ownCall(service);

  function drain(): void {
    while (started && running.size < (yields() ? 1 : atOnce)) {
      const step = queue.shift();
      if (!step) break;
      const work = perform(step).finally(() => {
        running.delete(work);
        // Keep the workers fed while more is due than was claimed.
        if (lookAgain && queue.length < batch / 2) void look();
        drain();
      });
      running.add(work);
    }
  }

  async function inClear(sealed: LeasedStep): Promise<LeasedStep> {
    const [step] = vault ? await vault.open("agenda", (it) => it.aggregateId, [sealed], { payload: ["*"] }) : [sealed];
    return step as LeasedStep;
  }

  async function perform(sealed: LeasedStep): Promise<void> {
    let step = sealed;
    const handler = handlers[step.step];
    const startedAt = performance.now();
    let outcome = "done";
    await spanned(`step ${step.step}`, "CONSUMER", traceFrom(step.traceparent), async () => {
      try {
        if (!handler) throw new DomainError("INTERNAL", `no handler for step ${step.step}`);
        failpoint("step", step.step, "claimed");
        step = await inClear(sealed);
        await handler.run(step, call);
        failpoint("step", step.step, "done");
      } catch (error) {
        outcome = await failed(step, handler, error as Error);
      }
    });
    measure("step", startedAt, { service, step: step.step, outcome });
  }

  async function failed(step: LeasedStep, handler: StepHandler | undefined, error: Error): Promise<string> {
    if (leaseLost(error)) return "lease lost";
    const fields = { step: step.step, aggregate_id: step.aggregateId, attempt: step.attempt, reason: reasonOf(error) };
    try {
      if (error instanceof NotAsked) {
        log.debug(fields, "step waits for whom it asks");
        const pauseMs = Math.ceil((error.retryAfterMs ?? 1_000) * (1 + Math.random()));
        await db.query(excuse, [step.id, step.epoch, pauseMs, briefOf(error)]);
        return "excused";
      }
      failpoint("step", step.step, "failed");
      if (handler && isOver(step, handler, error)) {
        log.warn({ ...fields, error }, "step given up");
        await handler.giveUp(step, error);
        failpoint("step", step.step, "givenUp");
        return "given up";
      }
      log.info({ ...fields, error }, "step postponed");
      await db.query(postpone, [step.id, step.epoch, pauseMs(step, Math.random()), briefOf(error)]);
      return "postponed";
    } catch (second) {
      // The lease runs out and somebody tries again.
      if (!leaseLost(second)) log.warn({ ...fields, error: second }, "step left to its lease");
      return "left";
    }
  }

  function takeOver(steps: LeasedStep[]): void {
    queue.push(...steps);
    if (started) drain();
    else void giveBack();
  }

  /** So that others need not wait for the lease to run out. */
  async function giveBack(): Promise<void> {
    const steps = queue.splice(0);
    if (steps.length === 0) return;
    try {
      await db.query(release, [steps.map(({ id }) => id), steps.map(({ epoch }) => epoch)]);
    } catch (error) {
      log.debug({ error }, "steps not given back; others take them up when their lease ends");
    }
  }

  function look(): Promise<void> {
    const room = batch - queue.length;
    // Whoever finishes looks again.
    if (looking || room <= 0) {
      lookAgain = true;
      return looking ?? Promise.resolve();
    }
    lookAgain = false;
    looking = claimDue(room).finally(() => {
      looking = undefined;
      if (lookAgain && queue.length < batch && started) setImmediate(() => void look());
    });
    return looking;
  }

  async function claimDue(room: number): Promise<void> {
    try {
      const steps = await db.query<LeasedStep>(claim, [business.now(), room]);
      if (steps.length === room) lookAgain = true;
      takeOver(steps);
    } catch (error) {
      log.debug({ error }, "agenda not readable");
    }
  }

  async function removeFinished(): Promise<void> {
    clearTimeout(removing);
    removing = undefined;
    const steps = finished.splice(0);
    if (steps.length === 0) return;
    try {
      await db.query(remove, [steps.map(({ id }) => id), steps.map(({ epoch }) => epoch)]);
    } catch (error) {
      log.debug({ error }, "finished steps not removable; they are done again when their lease ends");
    }
  }

  function resume(): void {
    if (started) return;
    started = true;
    timer = setInterval(() => {
      drain();
      void look();
    }, pollMs);
    void look();
  }

  async function pause(): Promise<void> {
    started = false;
    clearInterval(timer);
    await looking;
    await giveBack();
    await Promise.all(running);
    await removeFinished();
  }

  return {
    hasRoom: () => started && queue.length < batch * 4,
    take: takeOver,
    poke: () => {
      if (started) void look();
    },
    finish: (step) => {
      finished.push(step);
      removing ??= setTimeout(() => void removeFinished(), removeMs);
    },
    dueCount: async () => {
      await removeFinished();
      return (await db.query<{ n: number }>(countDue, [business.now()]))[0]?.n ?? 0;
    },
    start: (given) => {
      handlers = given;
      resume();
    },
    pause,
    resume,
    stop: pause,
  };
}

function reasonOf(error: Error): string {
  return (error as Partial<DomainError>).reason || error.name;
}

/** Whether a step is given up after this error: it was its last try, or none can help. */
export function isOver({ attempt }: LeasedStep, { attempts = defaultAttempts }: StepHandler, error: Error): boolean {
  return isFinal(error) || attempt >= attempts;
}

/** How long a step waits for its next try. @param random in [0, 1) */
export function pauseMs({ attempt }: LeasedStep, random: number): number {
  return delayMs(attempt, backoff, random) + leastPauseMs;
}

/** Whether trying again can never help: the other side understood us and said no. */
function isFinal(error: Error): boolean {
  if (error instanceof RpcError) return !error.retryable;
  return false;
}
