// The schedule: one step that is put off each time it comes due. It does not wait for the run, which may take longer than
// a step's lease; one that fails, or dies with its process, is made up for by the next.
import { ReconcilerServiceService } from "#gen/backhaul/reconciler/v1/reconciler_service.js";
import type { StepHandler } from "#kit/agenda.js";
import { byRequest } from "#kit/aggregate.js";
import type { Clocks } from "#kit/clock.js";
import type { Log } from "#kit/log.js";
import { ranAs } from "./proto.js";
import type { Reconciliation } from "./run.js";
import type { Store } from "./store.js";

export type StepParts = {
  readonly store: Store;
  readonly reconciliation: Reconciliation;
  readonly clocks: Clocks;
  readonly log: Log;
  readonly everyMs: number;
  readonly pauseMs: number;
};

export function reconcilerSteps(parts: StepParts): Readonly<Record<"reconcile", StepHandler>> {
  const { store, reconciliation, clocks, log, everyMs, pauseMs } = parts;
  let startedMs = Number.NEGATIVE_INFINITY;
  const nextDue = () => new Date(clocks.business.now().getTime() + everyMs);
  return {
    reconcile: {
      async run(step, call) {
        if (!(await store.putOff(step, nextDue()))) return;
        const nowMs = clocks.real.now().getTime();
        if (nowMs - startedMs < pauseMs) return;
        // What is still being compared includes what this tick would look at.
        if (reconciliation.busy()) return;
        startedMs = nowMs;
        const request = { requestId: `schedule-${step.due.getTime()}` };
        void reconciliation
          .reconcile(byRequest(ReconcilerServiceService.reconcile, request, call, ranAs))
          .catch((error) => log.error({ error }, "books not compared; the next run makes up for it"));
      },
      giveUp: async (step) => {
        await store.putOff(step, nextDue());
      },
    },
  };
}
