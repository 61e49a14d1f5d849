// What an inspector wrote, for facts that come without it: a fact on the bus names no words of anybody, so they are asked
// for where they are kept. Without them nothing could be said to the customer of why something was taken off.
import type { Deduction, Dispute, Finding, Inspection } from "#gen/backhaul/inspection/v1/inspection.js";
import type { DisputeDecided, InspectionCompleted } from "#gen/backhaul/inspection/v1/inspection_events.js";
import type { InspectionServiceService } from "#gen/backhaul/inspection/v1/inspection_service.js";
import type { Call } from "#kit/call.js";
import type { ClientOf } from "#kit/client.js";

/** Fills the words of facts in. Both throw while the inspection service is away: the fact comes again. */
export function inspectedWords(inspection: ClientOf<typeof InspectionServiceService>) {
  const read = async (inspectionId: string, call: Call): Promise<Inspection | undefined> =>
    (await inspection.getInspection({ inspectionId }, call)).inspection;

  return {
    /** Findings with the words of their deductions. */
    ofFindings: async ({ inspectionId, findings }: InspectionCompleted, call: Call): Promise<Finding[]> => {
      if (!findings.some(({ detail }) => detail && detail.deductions.length > 0)) return findings;
      const known = await read(inspectionId, call);
      return findings.map((finding) => {
        const { detail, lineId } = finding;
        if (!detail) return finding;
        return { ...finding, detail: { ...detail, deductions: worded(detail.deductions, lineId, known) } };
      });
    },

    /** A decided dispute with what was said of it. */
    ofDispute: async (fact: DisputeDecided, call: Call): Promise<DisputeDecided> => {
      const { inspectionId, dispute, returned, added } = fact;
      if (!dispute) return fact;
      const known = await read(inspectionId, call);
      const kept: Dispute | undefined = known?.disputes.find(({ disputeId }) => disputeId === dispute.disputeId);
      return {
        ...fact,
        dispute: { ...dispute, note: kept?.note ?? "" },
        returned: worded(returned, dispute.lineId, known),
        added: worded(added, dispute.lineId, known),
      };
    },
  };
}

/** By line and cause: what was found of one is said once. */
function worded(deductions: readonly Deduction[], lineId: string, known: Inspection | undefined): Deduction[] {
  const ofLine = [...(known?.findings ?? []), ...(known?.disputes ?? []).flatMap(({ corrected }) => corrected ?? [])]
    .filter((finding) => finding.lineId === lineId)
    .flatMap(({ detail }) => detail?.deductions ?? []);
  return deductions.map((deduction) => {
    const note = ofLine.find(({ cause, note }) => cause === deduction.cause && note !== "")?.note ?? "";
    return { ...deduction, note };
  });
}
