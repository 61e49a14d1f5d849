// What the steps of a refund carry: all a provider is asked, so that a step need not read the refund back.
import type { Refund, Step, Tender } from "./types.js";

/** The payload of a `pay` or `look` step. */
export type Asking = {
  readonly paymentId: string;
  readonly method: string;
  readonly route: Tender["route"];
  readonly key: string;
  readonly currency: string;
  readonly minor: string;
  readonly accountToken: string;
  readonly customerId: string;
  /** When the provider was first asked. */
  readonly requestTime: string;
  /** Asked before: look first. */
  readonly again: boolean;
  /** Asked in the same breath as it was granted: nothing can have happened since the payment was read. */
  readonly fresh: boolean;
};

/** Asks a provider to pay a tender: just granted, some time after, or once more. */
export function payStep(refund: Refund, tender: Tender, due: Date, how: "FRESH" | "LATER" | "AGAIN"): Step {
  const payload: Asking = { ...asking(refund, tender, due, how === "AGAIN"), fresh: how === "FRESH" };
  return { step: "pay", due, payload };
}

/** Looks what has become of a tender; a lost webhook must not leave it waiting for ever. */
export function lookStep(refund: Refund, tender: Tender, due: Date): Step {
  return { step: "look", due, payload: asking(refund, tender, due, true) };
}

/** What is asked under a tender's key. */
export function asking(refund: Refund, tender: Tender, now: Date, again: boolean): Asking {
  const { paymentId, method, route, providerKey: key, amount, accountToken, requestTime } = tender;
  return {
    paymentId,
    method,
    route,
    key,
    currency: amount.currency,
    minor: amount.minor.toString(),
    accountToken,
    customerId: refund.customerId,
    requestTime: (requestTime ?? now).toISOString(),
    again,
    fresh: false,
  };
}
