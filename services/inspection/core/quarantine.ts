// Goods in quarantine: whose they turn out to be, or what becomes of nobody's.
import { check } from "#kit/pure/check.js";
import { allows } from "#kit/pure/moves.js";
import {
  type Attention,
  type Disposition,
  type InspectionFact,
  type Quarantined,
  type QuarantineState,
  quarantineMoves,
  type StockLine,
} from "./types.js";

/** What is still to do with goods that left the quarantine. */
export type QuarantineErrand =
  | { readonly step: "take-in"; readonly due: Date; readonly payload: { readonly inspectionId: string } }
  | { readonly step: "post"; readonly due: Date; readonly payload: { readonly lines: readonly StockLine[] } };

/** What a verb comes to. */
export type QuarantineOutcome = {
  readonly next: Quarantined;
  readonly facts?: readonly InspectionFact[];
  readonly steps?: readonly QuarantineErrand[];
};

export type Decision = { readonly decider: string; readonly note: string; readonly now: Date };

/**
 * They belong to an inspection, which receives them as of the time at which they came.
 * @throws DomainError QUARANTINE_STATE
 */
export function assign(quarantined: Quarantined, inspectionId: string, decision: Decision): QuarantineOutcome {
  const next = ended(quarantined, "ASSIGNED", "assign", { inspectionId }, decision);
  return { ...next, steps: [{ step: "take-in", due: decision.now, payload: { inspectionId } }] };
}

/**
 * They are nobody's: what was counted goes this way. Goods that leave the house are no affair of stock.
 * @throws DomainError QUARANTINE_STATE; also if the customer, who never had them, would get them
 */
export function dispose(quarantined: Quarantined, disposition: Disposition, decision: Decision): QuarantineOutcome {
  const { quarantineId, state, reason } = quarantined;
  const message = `the customer never had goods ${quarantineId}: they go to stock, to the vendor, or are disposed of`;
  check(reason !== "NEVER_HAD" || disposition !== "RETURN_TO_CUSTOMER", "QUARANTINE_STATE", message, {
    quarantine_id: quarantineId,
    state,
    verb: "dispose",
    reason,
  });
  const outcome = ended(quarantined, "DISPOSED", "dispose", { disposition }, decision);
  const lines = quarantined.items.map(({ sku, quantity }, at) => {
    return { sku, quantity, disposition, units: [{ lineId: `item-${at + 1}`, first: 1, quantity }] };
  });
  if (lines.length === 0 || disposition === "RETURN_TO_CUSTOMER") return outcome;
  return { ...outcome, steps: [{ step: "post", due: decision.now, payload: { lines } }] };
}

/** Something could not be done for goods that have no inspection to show it: their note does. */
export function undone(quarantined: Quarantined, { step, requestId, reason }: Attention): QuarantineOutcome {
  const note = [quarantined.note, `not done: ${step} (${requestId}): ${reason}`]
    .filter((text) => text !== "")
    .join("\n");
  return { next: { ...quarantined, note, version: quarantined.version + 1 } };
}

function ended(
  quarantined: Quarantined,
  state: QuarantineState,
  verb: string,
  change: Partial<Quarantined>,
  { decider, note, now }: Decision,
): QuarantineOutcome {
  const { quarantineId, version } = quarantined;
  check(
    allows<QuarantineState>(quarantineMoves, quarantined.state, state),
    "QUARANTINE_STATE",
    `goods ${quarantineId} are ${quarantined.state}: they left the quarantine before`,
    { quarantine_id: quarantineId, state: quarantined.state, verb },
  );
  const said = [quarantined.note, note].filter((text) => text !== "").join("\n");
  const next = { ...quarantined, ...change, state, note: said, decider, decideTime: now, version: version + 1 };
  return { next, facts: [{ name: "QuarantineEnded", body: { quarantined: next } }] };
}
