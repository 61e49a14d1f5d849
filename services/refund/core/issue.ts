// Issuing: every share of a granted refund is asked for, but those that wait; and whose eyes have seen it.
import { payStep } from "./asking.js";
import { announced, type Change } from "./change.js";
import { stateOf, tenderTo } from "./tenders.js";
import type { Outcome, Refund, Tender } from "./types.js";

/** Every tender is asked for, but those that wait, and those that are void by now. */
export function issue(refund: Refund, actor: string, now: Date, how: "FRESH" | "LATER", first: Change): Outcome {
  const tenders = refund.tenders.map((t) => {
    if (t.state !== "GRANTED") return t;
    return t.heldFor ? tenderTo(refund, t, "HELD", { heldFor: t.heldFor }) : requested(refund, t, now);
  });
  const next: Refund = { ...refund, tenders, issuedBy: actor };
  const outcome: Outcome = {
    next: { ...next, state: stateOf(next) },
    facts: [...(first.facts ?? [])],
    journals: first.journals ?? [],
    steps: [
      ...tenders.filter(({ state }) => state === "REQUESTED").map((t) => payStep(refund, t, now, how)),
      ...(first.steps ?? []),
    ],
  };
  return announced(refund, outcome, now);
}

/** To be asked for now: from here the provider's memory of the key counts. */
export function requested(refund: Refund, tender: Tender, now: Date): Tender {
  return tenderTo(refund, tender, "REQUESTED", { requestTime: now });
}

/** A principal is a role and a person: who has two roles has one pair of eyes. */
export function personOf(principal: string): string {
  return principal.slice(principal.indexOf(":") + 1);
}
