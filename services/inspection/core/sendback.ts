// Who bears the way back of goods that were rejected: by the market's rule and whose fault the return was.
import type { Fault } from "./types.js";

/** Where the customer bears it, for returns of their own cause, and the law that says so or forbids it. */
export type SendBackRule = { readonly customerBears: boolean; readonly article: string };

/** Nobody is charged for a cause that is not theirs; what nobody said anything of, we bear. */
export function payerOf(rule: SendBackRule, fault: Fault | undefined): Fault {
  if (fault === "CUSTOMER") return rule.customerBears ? "CUSTOMER" : "PLATFORM";
  return fault === undefined || fault === "GENERAL" ? "PLATFORM" : fault;
}
