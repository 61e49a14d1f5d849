// Whether a process is at work, and how far its service is with facts and steps.
import type { Agenda } from "#kit/agenda.js";
import type { Sealer } from "#kit/audit/sealer.js";
import type { Breakers, BreakerView } from "#kit/breakers.js";
import type { Bus } from "#kit/bus.js";
import type { Relay } from "#kit/outbox.js";
import type { Database, Statement } from "#kit/postgres.js";
import type { Readiness } from "#kit/readiness.js";
import type { RunningServer } from "#kit/server.js";

export type Flow = {
  readonly outboxWaiting: number;
  readonly outboxAgeMs: number;
  readonly busConnected: boolean;
  readonly inboxWaiting: number;
  readonly stepsDue: number;
  readonly actsUnsealed: number;
  /** Of this process. */
  readonly breakers: readonly BreakerView[];
};

export type Duty = {
  drained(): boolean;
  /** Calls under way, the one that asks included. */
  calls(): number;
  /** Health says no, no more facts and steps are taken; resolves when those under way have ended. */
  drain(): Promise<void>;
  undrain(): void;
  flow(): Promise<Flow>;
};

export type DutyParts = {
  readonly db: Database;
  readonly relay: Relay;
  readonly bus: Bus;
  readonly agenda: Agenda;
  readonly sealer: Sealer;
  /** Once it answers. */
  readonly server: () => RunningServer;
  readonly readiness: () => Readiness;
  readonly breakers: Breakers;
};

const oldest: Statement = {
  name: "outbox.oldest",
  text: `SELECT coalesce(extract(epoch FROM now() - min(create_time)) * 1000, 0)::float8 AS ms
  FROM outbox WHERE publish_time IS NULL`,
};

export function openDuty({ db, relay, bus, agenda, sealer, server, readiness, breakers }: DutyParts): Duty {
  let drained = false;
  return {
    drained: () => drained,
    calls: () => server().calls(),
    drain: async () => {
      drained = true;
      readiness().setInWork(false);
      await Promise.all([bus.pause(), agenda.pause()]);
    },
    undrain: () => {
      drained = false;
      bus.resume();
      agenda.resume();
      readiness().setInWork(true);
    },
    flow: async () => ({
      outboxWaiting: await relay.unpublished(),
      outboxAgeMs: (await db.query<{ ms: number }>(oldest))[0]?.ms ?? 0,
      busConnected: bus.connected,
      inboxWaiting: bus.connected ? await bus.pending() : 0,
      stepsDue: await agenda.dueCount(),
      actsUnsealed: await sealer.unsealed(),
      breakers: breakers.all(),
    }),
  };
}
