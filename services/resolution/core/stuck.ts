// Steps that gave up: what each would do if it were tried again, what becomes of the request if it is left undone, and
// which of them may be. Attention items that are no steps can be cleared when somebody has seen to them.
import { check } from "#kit/pure/check.js";
import { noted, type Scene } from "./advance.js";
import { itemsOf, stackOf } from "./attention.js";
import type { Hold, Outcome, Resolution } from "./types.js";

/** Steps that may be left undone, as the contract has it: nobody's money hangs on them, nor what the customer is owed. */
export const skippable = ["notify", "collection.cancel", "inspection.cancel", "stock.release"] as const;

/** A step that gave up. */
export type Stuck = {
  readonly step: string;
  readonly reason: string;
  /** What it goes out under, each time: what was done before is not done again. */
  readonly requestId: string;
  readonly retried: string;
  /** Empty where it may not be skipped. */
  readonly skipped: string;
};

const effects: Readonly<Record<string, readonly [retried: string, skipped?: string]>> = {
  "shipment.stop": ["asks the warehouse to hold the order back"],
  "shipment.findStop": ["asks the warehouse whether the order was held back"],
  "shipment.intercept": ["asks the carrier to bring the parcel back"],
  "shipment.replace": ["has the replacement sent"],
  "stock.hold": ["asks the inventory for the replacement"],
  "stock.renew": ["asks the inventory to go on holding the replacement"],
  "stock.release": ["puts the replacement back on the shelf", "the inventory holds it until the hold runs out"],
  "eligibility.decide": ["has the units judged as a return"],
  "collection.schedule": ["books the pick-up"],
  "collection.cancel": ["calls the pick-up off", "the driver may come for nothing"],
  "inspection.expect": ["tells the dock what comes"],
  "inspection.replace": ["tells the dock that other units come"],
  "inspection.cancel": ["tells the dock that nothing comes", "the dock waits for it in vain"],
  "payment.request": ["asks the customer for the difference"],
  "payment.check": ["looks whether the difference is paid"],
  "payment.cancel": ["takes the demand back"],
  "payment.authorize": ["sets the guarantee aside on the customer's card"],
  "payment.reauthorize": ["sets the guarantee aside anew"],
  "payment.capture": ["takes what did not come back from the guarantee"],
  "payment.void": ["lets the guarantee go"],
  "refund.issue": ["has the refund paid: it is one and the same, however often it is asked for"],
  "refund.return": ["pays back what a dispute returned"],
  "refund.recover": ["asks back what was paid too early"],
  "refund.settleRecovery": ["tells the refund service how the recovery ended"],
  notify: ["tells the customer", "the customer is not told"],
};

/** Every step that gave up, what gave up last first. */
export function stuckSteps(r: Resolution): Stuck[] {
  return itemsOf(r.hold)
    .filter(({ step }) => step !== "")
    .map(({ step, reason, payload }) => {
      const [retried = `does ${step} again`, skipped = ""] = effects[step] ?? [];
      return { step, reason, requestId: (payload as { requestId?: string }).requestId ?? "", retried, skipped };
    });
}

/** Tries one again, with what it sent before. @throws DomainError STEP_NOT_STUCK */
export function retryStep(r: Resolution, step: string, reason: string, scene: Scene): Outcome {
  const { item, others } = stuckAt(r, step);
  const happening = { name: "Resumed", text: `Trying ${step} again: ${reason}` };
  const outcome = noted(r, scene, happening, true, { hold: stackOf(others) });
  return { ...outcome, steps: [{ step, due: scene.now, payload: item.payload }] };
}

/** Leaves one undone. @throws DomainError STEP_NOT_STUCK, STEP_NOT_SKIPPABLE */
export function skipStep(r: Resolution, step: string, reason: string, scene: Scene): Outcome {
  const { others } = stuckAt(r, step);
  check((skippable as readonly string[]).includes(step), "STEP_NOT_SKIPPABLE", `${step} cannot be left undone`, {
    resolution_id: r.resolutionId,
    step,
  });
  return noted(r, scene, { name: "StepSkipped", text: `${step} is left undone: ${reason}` }, true, {
    hold: stackOf(others),
  });
}

/**
 * Takes away what a person has seen to, also of a request that has ended: the item of these words, or all that can be.
 * @throws DomainError ATTENTION_STAYS where nothing can: a step is tried again or skipped, owed money is settled
 */
export function clearAttention(r: Resolution, shown: string, reason: string, scene: Scene): Outcome {
  const owed = r.tracks?.money === "MANUAL_REQUIRED" || r.tracks?.money === "RECOVERING";
  const items = itemsOf(r.hold);
  const goes = (item: Hold) => item.step === "" && (shown === "" || item.reason === shown);
  check(
    items.some(goes) && !(owed && r.state === "OPEN"),
    "ATTENTION_STAYS",
    `nothing of what waits at ${r.resolutionId} can be cleared: try the step again, or settle the money`,
    { resolution_id: r.resolutionId },
  );
  const cleared = items
    .filter(goes)
    .map((item) => item.reason)
    .join("; ");
  return noted(r, scene, { name: "AttentionCleared", text: `${reason} (it was: ${cleared})` }, true, {
    hold: stackOf(items.filter((item) => !goes(item))),
  });
}

function stuckAt(r: Resolution, step: string): { item: Hold; others: Hold[] } {
  const items = itemsOf(r.hold);
  const item = step === "" ? undefined : items.find((one) => one.step === step);
  check(item !== undefined, "STEP_NOT_STUCK", `${step} of ${r.resolutionId} does not wait for a person`, {
    resolution_id: r.resolutionId,
    step,
  });
  return { item, others: items.filter((one) => one !== item) };
}
