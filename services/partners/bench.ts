// The warehouse's people at the dock and the bench, as the mesh hears of them: one person looks at most goods, two where
// the policy wants two. Goods that come in several parcels are looked at parcel by parcel, and judged when all are here.
import { DockServiceService } from "#gen/backhaul/inspection/v1/dock_service.js";
import {
  Condition,
  Disposition,
  type ExpectedLine,
  Finding as FindingMessage,
  Grade,
  type Inspection,
  UnitVerdict,
} from "#gen/backhaul/inspection/v1/inspection.js";
import { InspectionServiceService } from "#gen/backhaul/inspection/v1/inspection_service.js";
import type { Call } from "#kit/call.js";
import type { ClientOf, ServiceContract } from "#kit/client.js";
import { RpcError } from "#kit/errors.js";
import { words } from "#kit/words.js";
import type { Finding } from "./core/findings.js";
import { type FoundUnits, numbered } from "./core/slices.js";

/** Connects to wherever the inspection service is now: where it answers may be told late. */
export type InspectionAt = <S extends ServiceContract>(contract: S) => ClientOf<S>;

export type Bench = ReturnType<typeof openBench>;

const person = (subject: string): Call => ({ caller: { subject, role: "WAREHOUSE", via: "" } });
const dock = person("dock");
const people = [dock, person("dock-2")];

/** Where a parcel is scanned of which nobody said to which centre it goes. */
const anyCentre = "dock";

export function openBench(at: InspectionAt) {
  /** Every unit by its number, by each of the people. */
  async function record(key: string, inspectionId: string, found: readonly FoundUnits[]): Promise<void> {
    for (const [who, call] of people.entries()) {
      for (const { first, quantity, ...finding } of found) {
        for (let unitNumber = first; unitNumber < first + quantity; unitNumber++) {
          const requestId = `${key}:look-${who}-${finding.lineId}-${unitNumber}`;
          const one = FindingMessage.fromPartial({ ...toFinding({ ...finding, quantity: 1 }), detail: { unitNumber } });
          await at(InspectionServiceService).recordFinding({ requestId, inspectionId, finding: one }, call);
        }
      }
    }
  }

  return {
    /** All goods of an inspection are here, in one parcel. */
    receive: async (requestId: string, inspectionId: string): Promise<void> => {
      await at(InspectionServiceService).receiveParcel({ requestId, inspectionId }, dock);
    },

    /** A parcel of several is here; the first one starts the clocks. */
    scan: async (requestId: string, inspectionId: string, trackingNumber: string): Promise<void> => {
      const { inspection } = await at(InspectionServiceService).getInspection({ inspectionId }, dock);
      const inbound = inspection?.inbound.find((parcel) => parcel.trackingNumber === trackingNumber);
      const centre = inbound?.centre || inspection?.terms?.centre || anyCentre;
      const label = { inspectionId, trackingNumber, resolutionId: "", orderId: "", serial: "" };
      const scanned = { centre, ...label, items: [], empty: false, weightGrams: 0, note: "" };
      await at(DockServiceService).scanParcel({ requestId, ...scanned }, dock);
    },

    record,

    /** A verdict for every unit at once. */
    complete: async (key: string, inspectionId: string, findings: readonly Finding[]): Promise<void> => {
      const say = (requestId: string, said: readonly Finding[]) =>
        at(InspectionServiceService).completeInspection(
          { requestId, inspectionId, findings: said.map(toFinding), withoutOutstanding: false },
          dock,
        );
      try {
        await say(`${key}:inspect`, findings);
      } catch (error) {
        if (!(error instanceof RpcError && error.reason === "SECOND_INSPECTOR")) throw error;
        await record(key, inspectionId, numbered(findings, []));
        await say(`${key}:inspect-two`, []);
      }
    },

    /** The last of several parcels was looked at: what was not recorded was only counted, or never came. */
    conclude: async (inspectionId: string, lost: readonly ExpectedLine[]): Promise<void> => {
      const { inspection } = await at(InspectionServiceService).getInspection({ inspectionId }, dock);
      const findings = inspection ? unrecorded(inspection, lost) : [];
      const requestId = `${inspectionId}:conclude`;
      // The dock may hear of a parcel's loss after the bench, or never, where carriers report to nobody.
      const said = { findings, withoutOutstanding: lost.length > 0 };
      await at(InspectionServiceService).completeInspection({ requestId, inspectionId, ...said }, dock);
    },
  };
}

function unrecorded({ expected, recorded }: Inspection, lost: readonly ExpectedLine[]): FindingMessage[] {
  return expected.flatMap(({ lineId, quantity }) => {
    const units = recorded.filter((finding) => finding.lineId === lineId).map(({ detail }) => detail?.unitNumber);
    const left = quantity - new Set(units).size;
    const gone = lost.reduce((sum, line) => sum + (line.lineId === lineId ? line.quantity : 0), 0);
    const missing = Math.min(left, gone);
    const both = [
      FindingMessage.fromPartial({
        lineId,
        quantity: missing,
        verdict: UnitVerdict.UNIT_VERDICT_MISSING,
        disposition: Disposition.DISPOSITION_MISSING,
      }),
      toFinding({
        lineId,
        quantity: left - missing,
        verdict: "ACCEPTED",
        grade: "LIKE_NEW",
        condition: "SELLABLE",
        disposition: "RESTOCKED",
      }),
    ];
    return both.filter((finding) => finding.quantity > 0);
  });
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
