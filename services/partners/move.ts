// Moves a parcel on now: takes its next step over from the agenda and does it, as if its time had come.
import { ownCall } from "#kit/call.js";
import type { Clock } from "#kit/clock.js";
import { leaseLost } from "#kit/postgres.js";
import { DomainError } from "#kit/pure/check.js";
import { type ParcelState, stepFrom } from "./core/parcel.js";
import type { ParcelSteps } from "./steps.js";
import type { ParcelRow } from "./store/parcels.js";
import type { Store } from "./store/store.js";

type StepName = "visit" | "arrive" | "receive" | "inspect";

/**
 * Gives the function that moves the parcel of a resolution one step, and answers where it is then. The dock receives what
 * it expects at once, so an announced parcel that arrives is RECEIVED.
 * @throws DomainError PARTNER_NOT_FOUND without a parcel, PARTNER_REFUSED when it can go no further now
 */
export function parcelMover(
  { parcels }: Store,
  steps: ParcelSteps,
  clock: Clock,
): (resolutionId: string) => Promise<ParcelState> {
  const call = ownCall("partners");

  /** Does a planned step; false when there is none, or somebody else does it. */
  async function act(bookingId: string, name: StepName): Promise<boolean> {
    const step = await parcels.takeOver(bookingId, name, clock.now());
    if (!step) return false;
    try {
      await steps[name].run({ ...step, payload: { ...step.payload, byHand: true } }, call);
      return true;
    } catch (error) {
      if (leaseLost(error)) return false;
      await parcels.giveBack(step);
      throw error;
    }
  }

  async function next(parcel: ParcelRow, name: StepName): Promise<boolean> {
    if (await act(parcel.bookingId, name)) return true;
    if (name !== "visit") return false;
    // The customer who was never going to hand it over does so after all.
    await parcels.planVisit(parcel, clock.now());
    return act(parcel.bookingId, name);
  }

  return async (resolutionId) => {
    for (;;) {
      const parcel = await parcels.latest(resolutionId);
      if (!parcel)
        throw new DomainError("PARTNER_NOT_FOUND", `no parcel of ${resolutionId}`, {
          partner: "transport",
          id: resolutionId,
        });
      const { bookingId, state } = parcel;
      const name = stepFrom[state];
      if (!name) throw refused(state, `${bookingId} is ${state}: it goes no further`);
      const done = await next(parcel, name);
      if (done && name === "arrive") await act(bookingId, "receive");
      const now = (await parcels.find(bookingId))?.state ?? state;
      if (done) return now;
      // Unless its time came just now, it waits for somebody else.
      if (now === state)
        throw refused(state, `${bookingId} is ${state} and nothing is planned: was it announced to the dock?`);
    }
  };
}

function refused(state: ParcelState, message: string): DomainError {
  return new DomainError("PARTNER_REFUSED", message, { partner: "transport", code: state });
}
