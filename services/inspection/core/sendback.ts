// Where goods go that were rejected, and who bears the way: by the market's rule and whose fault the return was. What the
// customer never had is nobody's to be sent: it stands in quarantine until a person says what becomes of it.
import type { ExpectedLine, Fault, Inspection, Quarantined } from "./types.js";

/** Where the customer bears it, for returns of their own cause, and the law that says so or forbids it. */
export type SendBackRule = { readonly customerBears: boolean; readonly article: string };

/** Nobody is charged for a cause that is not theirs; what nobody said anything of, we bear. */
export function payerOf(rule: SendBackRule, fault: Fault | undefined): Fault {
  if (fault === "CUSTOMER") return rule.customerBears ? "CUSTOMER" : "PLATFORM";
  return fault === undefined || fault === "GENERAL" ? "PLATFORM" : fault;
}

/** Rejected units of goods that the customer never had. */
export function keptBack(
  { inspectionId, terms, receipts, inspector }: Inspection,
  rejected: readonly ExpectedLine[],
  quarantineId: string,
  now: Date,
): Quarantined {
  const { trackingNumber = "", centre = terms.centre } = receipts.at(-1) ?? {};
  return {
    quarantineId,
    state: "HELD",
    reason: "NEVER_HAD",
    inspectionId,
    trackingNumber,
    centre,
    items: rejected.map(({ sku, quantity }) => ({ sku, quantity, serial: "" })),
    note: "",
    scanner: inspector,
    receiveTime: now,
    decider: "",
    version: 1,
  };
}
