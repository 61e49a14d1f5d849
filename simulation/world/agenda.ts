// Steps done when they are due, by whichever process of the service claims them: leases, epochs, tries and pauses as the
// kit's agenda has them, and its own rules for when a step is given up.
import { isOver, pauseMs } from "#kit/agenda.js";
import { ownCall } from "#kit/call.js";
import { handOverLeaseMs, type LeasedStep } from "#kit/commit.js";
import { leaseLost } from "#kit/postgres.js";
import type { Schema } from "../database/schema.js";
import type { Row } from "../database/table.js";
import type { Host, SimulatedAgenda, World } from "./types.js";

export function openAgenda(world: World): SimulatedAgenda {
  const { schedule, weather } = world;
  const chance = schedule.chance("agenda");

  /** Has a step claimed when it may be: a step that is gone, or under a newer lease by then, is nobody's affair. */
  function wait(schema: Schema, { agendaId, epoch, dueMs, notBeforeMs, leaseUntilMs }: Row): void {
    const free = leaseUntilMs > 0 ? leaseUntilMs + 1 : 0;
    const time = Math.max(dueMs, notBeforeMs, free, schedule.now()) + chance.between(1, 600);
    schedule.at(
      time,
      () => claim(schema, agendaId),
      () => schema.agenda.get(agendaId)?.epoch === epoch,
    );
  }

  function claim(schema: Schema, agendaId: string): void {
    const row = schema.agenda.get(agendaId);
    if (!row) return;
    const { service } = schema;
    const host = world.liveHost(service);
    if (!host)
      return void schedule.after(
        1_000,
        () => claim(schema, agendaId),
        () => schema.agenda.get(agendaId) === row,
      );
    const leaseUntilMs = schedule.now() + handOverLeaseMs;
    const claimed = { ...row, epoch: row.epoch + 1, attempt: row.attempt + 1, leaseUntilMs };
    schema.agenda.put(agendaId, claimed);
    wait(schema, claimed);
    const { aggregateId, step, dueMs, payload, attempt, epoch } = claimed as Row;
    const due = new Date(dueMs);
    perform(host, { id: agendaId, aggregateId, step, due, attempt, epoch, payload, traceparent: "" });
  }

  function perform(host: Host, step: LeasedStep): void {
    const slow = weather.strikes("worker slow") ? chance.between(10_000, 40_000) : chance.between(1, 5);
    schedule.after(
      slow,
      () => void work(host, step),
      () => host.alive,
    );
  }

  async function work(host: Host, step: LeasedStep): Promise<void> {
    const handler = host.parts?.steps?.[step.step];
    const told = (how: string) =>
      schedule.tell(`${host.name} step ${step.step} ${step.aggregateId} ${step.attempt} ${how}`);
    try {
      if (!handler) throw new Error(`no handler for step ${step.step}`);
      await handler.run(step, ownCall(host.service));
      told("done");
    } catch (error) {
      if (!host.alive) return;
      if (leaseLost(error)) return told("lease lost");
      world.heardOf(`step ${step.step}`, error);
      try {
        if (handler && isOver(step, handler, error as Error)) {
          told("given up");
          await handler.giveUp(step, error as Error);
        } else {
          told("postponed");
          postpone(host, step);
        }
      } catch (second) {
        // Its lease runs out, and somebody tries again.
        if (!leaseLost(second)) world.heardOf(`giving up ${step.step}`, second);
      }
    }
  }

  function postpone(host: Host, { id, epoch, ...step }: LeasedStep): void {
    const schema = world.schemas[host.service] as Schema;
    const row = schema.agenda.get(id);
    if (row?.epoch !== epoch) return;
    const pause = pauseMs({ id, epoch, ...step }, chance.below(1000) / 1000);
    const postponed = { ...row, notBeforeMs: schedule.now() + pause, leaseUntilMs: 0 };
    schema.agenda.put(id, postponed);
    wait(schema, postponed);
  }

  return {
    wait,
    perform,
    // Who dies until then leaves it to others.
    finish: (host, { id, epoch }) => {
      const schema = world.schemas[host.service] as Schema;
      const gone = () => host.alive && schema.agenda.get(id)?.epoch === epoch;
      schedule.after(chance.between(1, 80), () => void schema.agenda.remove(id), gone);
    },
  };
}
