// Evidence between the contract's messages and the core's words.
import * as messages from "#gen/backhaul/inspection/v1/custody_service.js";
import { CustodyStage } from "#gen/backhaul/inspection/v1/inspection.js";
import { words } from "#kit/words.js";
import type { Fault } from "./core/custody.js";
import type { Evidence } from "./core/evidence.js";

export const custodyStages = words(CustodyStage, "CUSTODY_STAGE_");
const faults = words(messages.CustodyFault, "CUSTODY_FAULT_");

export function toEvidence({ inspectionId: _, erased: __, stage, time, photo, ...entry }: Evidence): messages.Evidence {
  return messages.Evidence.fromPartial({
    ...entry,
    stage: custodyStages.value(stage),
    addTime: time,
    photo: { ...photo },
  });
}

export function toFault({ sequence, fault, description }: Fault): messages.CustodyFinding {
  return { sequence, fault: faults.value(fault), description };
}
