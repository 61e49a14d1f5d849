// How a customer is forgotten: asked for, confirmed by somebody else, deferred for as long as something needs the data, and
// done in every service.
import type * as events from "#gen/backhaul/resolution/v1/resolution_events.js";
import type { FactOf } from "#kit/facts.js";
import { check } from "#kit/pure/check.js";
import type { Moves } from "#kit/pure/moves.js";

export type ErasureState = "ASKED" | "CONFIRMED" | "DEFERRED" | "ERASED";

/** Where an erasure may go; a deferred one looks again each day. */
export const erasureMoves = {
  ASKED: ["CONFIRMED"],
  CONFIRMED: ["DEFERRED", "ERASED"],
  DEFERRED: ["DEFERRED", "ERASED"],
  ERASED: [],
} as const satisfies Moves<ErasureState>;

/** What keeps data from being erased, and until when if that is known. */
export type Obstacle = {
  readonly code: "OPEN_RESOLUTION" | "LEGAL_HOLD" | "SERVICE_AWAY";
  readonly reference: string;
  readonly until?: Date | undefined;
};

export type Erasure = {
  readonly erasureId: string;
  readonly customerId: string;
  readonly state: ErasureState;
  readonly askedBy: string;
  readonly confirmedBy: string;
  readonly obstacles: readonly Obstacle[];
  readonly erasedBy: readonly string[];
  readonly createTime: Date;
  readonly eraseTime: Date | undefined;
  readonly version: number;
};

/** What an erasure comes to. */
export type ErasureOutcome = {
  readonly next: Erasure;
  readonly facts: readonly Extract<FactOf<typeof events>, { name: "CustomerErased" }>[];
  readonly steps: readonly { readonly step: "erase"; readonly due: Date; readonly payload: object }[];
};

const dayMs = 86_400_000;

/** Asks; nothing happens before it is confirmed. */
export function ask(erasureId: string, customerId: string, askedBy: string, now: Date): ErasureOutcome {
  const nothing = { confirmedBy: "", obstacles: [], erasedBy: [], eraseTime: undefined };
  const next: Erasure = { erasureId, customerId, state: "ASKED", askedBy, ...nothing, createTime: now, version: 1 };
  return { next, facts: [], steps: [] };
}

/** ASKED → CONFIRMED. @throws DomainError ERASURE_STATE, SELF_APPROVAL */
export function confirm(erasure: Erasure, subject: string, now: Date): ErasureOutcome {
  const { erasureId, customerId, state, askedBy } = erasure;
  check(state === "ASKED", "ERASURE_STATE", `${erasureId} is ${state}: there is nothing to confirm`, {
    customer_id: customerId,
    state,
  });
  check(askedBy !== subject, "SELF_APPROVAL", `${subject} asked for ${erasureId}: somebody else confirms it`, {
    subject,
  });
  return { ...changed(erasure, { state: "CONFIRMED", confirmedBy: subject }), steps: [again(now)] };
}

/** Something needs the data: it is looked at again tomorrow. */
export function deferred(erasure: Erasure, obstacles: readonly Obstacle[], now: Date): ErasureOutcome {
  const due = new Date(now.getTime() + dayMs);
  return { ...changed(erasure, { state: "DEFERRED", obstacles }), steps: [again(due)] };
}

/** A service has destroyed its keys. */
export function erasedIn(erasure: Erasure, service: string): ErasureOutcome {
  const erasedBy = erasure.erasedBy.includes(service) ? erasure.erasedBy : [...erasure.erasedBy, service];
  return changed(erasure, { erasedBy });
}

/** All have. */
export function erased(erasure: Erasure, now: Date): ErasureOutcome {
  const { erasureId, customerId } = erasure;
  return {
    ...changed(erasure, { state: "ERASED", obstacles: [], eraseTime: now }),
    facts: [{ name: "CustomerErased", body: { erasureId, customerId, eraseTime: now } }],
  };
}

function changed(erasure: Erasure, change: Partial<Erasure>): ErasureOutcome {
  return { next: { ...erasure, ...change, version: erasure.version + 1 }, facts: [], steps: [] };
}

function again(due: Date): ErasureOutcome["steps"][number] {
  return { step: "erase", due, payload: {} };
}
