// Cuts the logs: deliveries that came to an end long ago go, their tries and events with them, and so do old notices. One step that is put off each time it
// comes due; it goes by real time, as deliveries do.
import type { StepHandler } from "#kit/agenda.js";
import type { Clocks } from "#kit/clock.js";
import type { LeasedStep } from "#kit/commit.js";
import type { Database, Statement } from "#kit/postgres.js";

const everyMs = 3_600_000;
/** Rows that one round takes of each table. */
const batch = 5_000;

const deliveries: Statement = {
  name: "prune.deliveries",
  text: `WITH old AS (SELECT delivery_id FROM delivery WHERE end_time < $1 AND state <> 'PENDING' LIMIT $2
    FOR UPDATE SKIP LOCKED),
    tries AS (DELETE FROM attempt USING old WHERE attempt.delivery_id = old.delivery_id)
  DELETE FROM delivery USING old WHERE delivery.delivery_id = old.delivery_id RETURNING delivery.delivery_id`,
};
const events: Statement = {
  name: "prune.events",
  text: `DELETE FROM webhook_event WHERE event_id IN (
    SELECT event_id FROM webhook_event e WHERE create_time < $1
      AND NOT EXISTS (SELECT FROM delivery d WHERE d.event_id = e.event_id) LIMIT $2)`,
};
/** A lane without deliveries; one that is needed again is made again. */
const lanes: Statement = {
  name: "prune.lanes",
  text: `DELETE FROM lane WHERE pending = 0 AND lease_until IS NULL
    AND NOT EXISTS (SELECT FROM delivery d WHERE d.subscription_id = lane.subscription_id AND d.lane = lane.lane)`,
};
/** Of business time, as they were sent. */
const notices: Statement = { name: "prune.notices", text: "DELETE FROM notice WHERE create_time < $1" };
const putOff: Statement = {
  name: "prune.putOff",
  text: `UPDATE agenda SET due_time = $3, attempt = 0, lease_until = NULL WHERE agenda_id = $1 AND lease_epoch = $2`,
};

/** Removes deliveries that ended, and notices that were sent, before these times. */
export async function prune(db: Database, before: Date, noticesBefore: Date): Promise<void> {
  while ((await db.query(deliveries, [before, batch])).length === batch);
  await db.query(events, [before, batch]);
  await db.query(lanes);
  await db.query(notices, [noticesBefore]);
}

/** How long deliveries and notices are kept. */
export type Retention = { readonly deliveriesMs: number; readonly noticesMs: number };

export function pruneStep(db: Database, clocks: Clocks, { deliveriesMs, noticesMs }: Retention): StepHandler {
  const next = (step: LeasedStep) =>
    db.query(putOff, [step.id, step.epoch, new Date(clocks.business.now().getTime() + everyMs)]);
  return {
    run: async (step) => {
      const ago = (now: Date, ms: number) => new Date(now.getTime() - ms);
      await prune(db, ago(clocks.real.now(), deliveriesMs), ago(clocks.business.now(), noticesMs));
      await next(step);
    },
    giveUp: async (step) => {
      await next(step);
    },
  };
}
