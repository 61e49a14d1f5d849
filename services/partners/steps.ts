// The parcels' way on the agenda. First the parcel moves, with one statement that also plans what follows; then its
// carrier reports, and the dock acts: so nothing is ever told that a crash could take back.
import { status } from "@grpc/grpc-js";
import type { Agenda, StepHandler } from "#kit/agenda.js";
import type { LeasedStep, NewStep } from "#kit/commit.js";
import { RpcError } from "#kit/errors.js";
import type { Bench } from "./bench.js";
import { type CarrierReport, type Carriers, ReportRefused } from "./carriers.js";
import { type Finding, findings } from "./core/findings.js";
import { arrive, isReported, type Parcel, type ParcelState, type Report, visit } from "./core/parcel.js";
import type { Moment, Scenario } from "./core/scenario.js";
import { contentOf, type FoundUnits, numbered } from "./core/slices.js";
import type { Paced } from "./pace.js";
import { visitOf } from "./store/parcels.js";
import type { Store } from "./store/store.js";

export type StepParts = {
  readonly store: Store;
  readonly carriers: Carriers;
  readonly pace: Paced;
  readonly agenda: Agenda;
  readonly bench: Bench;
};

export type ParcelSteps = Readonly<
  Record<"visit" | "arrive" | "receive" | "inspect" | "conclude" | "report", StepHandler>
>;

/** What the steps carry. `byHand`: somebody moves the parcel now, whatever a scenario says. */
type Visit = { readonly parcel: Parcel; readonly attempt: number; readonly byHand?: boolean };
type Journey = { readonly parcel: Parcel };
type Verdicts = {
  readonly inspectionId: string;
  readonly findings: readonly Finding[];
  /** Of a parcel that is one of several. */
  readonly part?: Conclusion & { readonly found: readonly FoundUnits[] };
};
type Conclusion = { readonly resolutionId: string };

/** Tries of a step, over some ten minutes: carriers and warehouses outlast an outage. */
const attempts = 50;
/** A parcel may be reported before the mesh has stored its number, so a refusal is not believed at once. */
const believedAfter = 6;

export function parcelSteps({ store, carriers, pace, bench, agenda }: StepParts): ParcelSteps {
  const { parcels, scenarios } = store;

  /** The scenario that plays, if there is any at all. */
  async function play(moment: Moment, method: string, orderId: string): Promise<Scenario | undefined> {
    return scenarios.any ? scenarios.play(moment, method, () => orderId) : undefined;
  }

  /** The carrier's report, to be sent at once; none when there is no edge. */
  function told(parcel: Parcel, report: Report): NewStep[] {
    if (!carriers.reporting || !isReported(parcel)) return [];
    const { carrier, trackingNumber } = parcel;
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
      if (to === "LOST") return goOn(step, "PICKED_UP", to, [...told(parcel, report), concluding(parcel, step.due)]);
      const next = [...told(parcel, report), { step: "receive", due: step.due }];
      if (!(await parcels.reachDock(step, next))) await parcels.drop(step);
    }),

    // A parcel that was not announced waits at the dock: its announcement plans this step anew.
    receive: handler(async (step) => {
      const bookingId = step.aggregateId;
      const arrival = await store.dock.arrival(bookingId);
      if (!arrival) return parcels.drop(step);
      const { inspectionId, orderId, resolutionId, trackingNumber, lines, siblings } = arrival;
      const oneOfSeveral = siblings.length > 1;
      const requestId = `${bookingId}:receive`;
      if (oneOfSeveral) await bench.scan(requestId, inspectionId, trackingNumber);
      else await bench.receive(requestId, inspectionId);
      const scenario = await play("receipt", "AnnounceParcel", orderId);
      const slices = oneOfSeveral ? contentOf(lines, siblings, bookingId) : [];
      const goods = oneOfSeveral ? slices : lines;
      // Settled here, so that a repeated report says the same.
      const found = findings(goods, scenario?.twist, scenario?.units ?? 0);
      const part = oneOfSeveral && { part: { resolutionId, found: numbered(found, slices) } };
      const payload: Verdicts = { inspectionId, findings: found, ...part };
      await goOn(step, "DELIVERED", "RECEIVED", [
        { step: "inspect", due: after(step.due, pace.now().inspectionMs), payload },
      ]);
    }),

    inspect: handler(async (step) => {
      const { inspectionId, findings: found, part }: Verdicts = step.payload;
      const bookingId = step.aggregateId;
      if (part) await bench.record(bookingId, inspectionId, part.found);
      else await bench.complete(bookingId, inspectionId, found);
      await goOn(step, "RECEIVED", "INSPECTED", part ? [concluding(part, step.due)] : []);
    }),

    // Each of several parcels asks when its way ends: of two at once at least one sees that the other's has ended, too.
    conclude: handler(async (step) => {
      const { resolutionId }: Conclusion = step.payload;
      const [announced, siblings] = await Promise.all([
        store.dock.announced(resolutionId),
        parcels.siblings(resolutionId),
      ]);
      const open = siblings.some(({ state }) => state !== "INSPECTED" && state !== "LOST");
      const here = siblings.some(({ state }) => state === "INSPECTED");
      if (announced && here && !open) {
        const { inspectionId, lines } = announced;
        const lost = siblings.filter(({ state }) => state === "LOST");
        const missing = lost.flatMap(({ bookingId }) => contentOf(lines, siblings, bookingId));
        await bench.conclude(inspectionId, missing);
      }
      await parcels.drop(step);
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

function concluding({ resolutionId }: Conclusion, due: Date): NewStep {
  return { step: "conclude", due, payload: { resolutionId } };
}

function after(time: Date, ms: number): Date {
  return new Date(time.getTime() + ms);
}
