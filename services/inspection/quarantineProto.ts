// Goods in quarantine between the contract's messages and the core's words.
import { Disposition, type ReceiptItem as ItemMessage } from "#gen/backhaul/inspection/v1/inspection.js";
import * as messages from "#gen/backhaul/inspection/v1/quarantine.js";
import { words } from "#kit/words.js";
import type { Quarantined, ReceiptItem } from "./core/types.js";

export const quarantineStates = words(messages.QuarantineState, "QUARANTINE_STATE_");
const reasons = words(messages.QuarantineReason, "QUARANTINE_REASON_");
const dispositions = words(Disposition, "DISPOSITION_");

export function readItems(items: readonly ItemMessage[]): ReceiptItem[] {
  return items.map(({ sku, quantity, serial }) => ({ sku, quantity, serial }));
}

export function toQuarantined(quarantined: Quarantined): messages.Quarantined {
  const { state, reason, disposition, items, version, ...rest } = quarantined;
  return messages.Quarantined.fromPartial({
    ...rest,
    state: quarantineStates.value(state),
    reason: reasons.value(reason),
    ...(disposition && { disposition: dispositions.value(disposition) }),
    items: items.map((item) => ({ ...item })),
    version: BigInt(version),
  });
}
