// The parcels' way on the agenda. First the parcel moves, with one statement that also plans what follows; then its
// carrier reports, and the dock acts: so nothing is ever told that a crash could take back.
import { status } from "@grpc/grpc-js";
import {
  Condition,
  Disposition,
  type Finding as FindingMessage,
  Grade,
  UnitVerdict,
} from "#gen/backhaul/inspection/v1/inspection.js";
import type { InspectionServiceService } from "#gen/backhaul/inspection/v1/inspection_service.js";
import type { Agenda, StepHandler } from "#kit/agenda.js";
import type { Call } from "#kit/call.js";
import type { ClientOf } from "#kit/client.js";
import type { LeasedStep, NewStep } from "#kit/commit.js";
import { RpcError } from "#kit/errors.js";
import { words } from "#kit/words.js";
import { type CarrierReport, type Carriers, ReportRefused } from "./carriers.js";
import { type Finding, findings } from "./core/findings.js";
import { arrive, type Parcel, type ParcelState, type Report, visit } from "./core/parcel.js";
import type { Moment, Scenario } from "./core/scenario.js";
import type { Paced } from "./pace.js";
import { visitOf } from "./store/parcels.js";
import type { Store } from "./store/store.js";

export type StepParts = {
  readonly store: Store;
  readonly carriers: Carriers;
  readonly pace: Paced;
  readonly agenda: Agenda;
  /** Asked for anew each time: where it answers may be told late. */
  readonly inspection: () => ClientOf<typeof InspectionServiceService>;
};

export type ParcelSteps = Readonly<Record<"visit" | "arrive" | "receive" | "inspect" | "report", StepHandler>>;

/** What the steps carry. `byHand`: somebody moves the parcel now, whatever a scenario says. */
type Visit = { readonly parcel: Parcel; readonly attempt: number; readonly byHand?: boolean };
type Journey = { readonly parcel: Parcel };
type Verdicts = { readonly inspectionId: string; readonly findings: readonly Finding[] };

/** Tries of a step, over some ten minutes: carriers and warehouses outlast an outage. */
const attempts = 50;
/** A parcel may be reported before the mesh has stored its number, so a refusal is not believed at once. */
const believedAfter = 6;

const dock: Call = { caller: { subject: "dock", role: "WAREHOUSE", via: "" } };

export function parcelSteps({ store, carriers, pace, inspection, agenda }: StepParts): ParcelSteps {
  const { parcels, scenarios } = store;

  /** The scenario that plays, if there is any at all. */
  async function play(moment: Moment, method: string, orderId: string): Promise<Scenario | undefined> {
    return scenarios.any ? scenarios.play(moment, method, () => orderId) : undefined;
  }

  /** The carrier's report, to be sent at once; none when there is no edge. */
  function told({ carrier, trackingNumber }: Parcel, report: Report): NewStep[] {
    if (!carriers.reporting) return [];
    const payload: CarrierReport = { carrier, trackingNumber, report };
    return [{ step: "report", due: report.time, payload }];
  }

  /** Moves the parcel. When it has left that state already, the step is void. */
  async function goOn(step: LeasedStep, from: ParcelState, to: ParcelState, next: readonly NewStep[]): Promise<void> {
    if (!(await parcels.goOn(step, from, to, next))) await parcels.drop(step);
  }

  return {
    visit: handler(async (step) => {
      const { parcel, attempt, byHand }: Visit = step.payload;
      const scenario = byHand ? undefined : await play("visit", "BookPickup", parcel.orderId);
      const progress = visit(parcel, attempt, scenario?.twist, step.due);
      if (!progress) return parcels.drop(step);
      const { retryMs, transitMs } = pace.now();
      const next: NewStep =
        progress.to === "BOOKED"
          ? { step: "visit", due: after(step.due, retryMs), payload: visitOf(parcel, attempt + 1) }
          : { step: "arrive", due: after(step.due, transitMs), payload: { parcel } };
      await goOn(step, "BOOKED", progress.to, [next, ...told(parcel, progress.report)]);
    }),

    arrive: handler(async (step) => {
      const { parcel }: Journey = step.payload;
      const scenario = await play("arrival", "BookPickup", parcel.orderId);
      const { to, report } = arrive(parcel, scenario?.twist, step.due);
      if (to === "LOST") return goOn(step, "PICKED_UP", to, told(parcel, report));
      const next = [...told(parcel, report), { step: "receive", due: step.due }];
      if (!(await parcels.reachDock(step, next))) await parcels.drop(step);
    }),

    // A parcel that was not announced waits at the dock: its announcement plans this step anew.
    receive: handler(async (step) => {
      const bookingId = step.aggregateId;
      const arrival = await store.dock.arrival(bookingId);
      if (!arrival) return parcels.drop(step);
      const { inspectionId, orderId, lines } = arrival;
      await inspection().receiveParcel({ requestId: `${bookingId}:receive`, inspectionId }, dock);
      const scenario = await play("receipt", "AnnounceParcel", orderId);
      // Settled here, so that a repeated report says the same.
      const payload: Verdicts = { inspectionId, findings: findings(lines, scenario?.twist, scenario?.units ?? 0) };
      await goOn(step, "DELIVERED", "RECEIVED", [
        { step: "inspect", due: after(step.due, pace.now().inspectionMs), payload },
      ]);
    }),

    inspect: handler(async (step) => {
      const { inspectionId, findings: found }: Verdicts = step.payload;
      const requestId = `${step.aggregateId}:inspect`;
      await inspection().completeInspection({ requestId, inspectionId, findings: found.map(toFinding) }, dock);
      await goOn(step, "RECEIVED", "INSPECTED", []);
    }),

    report: handler(async (step) => {
      try {
        await carriers.send(step.payload);
      } catch (error) {
        if (!(error instanceof ReportRefused) || step.attempt < believedAfter) throw error;
        throw new RpcError(status.FAILED_PRECONDITION, error.name, error.message, {}, "webhook");
      }
      // The edge takes the same report twice without harm, so the step need not go at once.
      agenda.finish(step);
    }),
  };

  /** What cannot be done is dropped: the log says so, and the parcel stays where it is. */
  function handler(run: StepHandler["run"]): StepHandler {
    return { run, giveUp: (step) => parcels.drop(step), attempts };
  }
}

function after(time: Date, ms: number): Date {
  return new Date(time.getTime() + ms);
}

const verdicts = words(UnitVerdict, "UNIT_VERDICT_");
const grades = words(Grade, "GRADE_");
const conditions = words(Condition, "CONDITION_");
const dispositions = words(Disposition, "DISPOSITION_");

function toFinding({ lineId, quantity, verdict, grade, condition, disposition }: Finding): FindingMessage {
  return {
    lineId,
    quantity,
    verdict: verdicts.value(verdict),
    grade: grades.value(grade),
    condition: conditions.value(condition),
    disposition: dispositions.value(disposition),
    note: "",
    detail: undefined,
  };
}
