// Moves a parcel on now: takes its next step over from the agenda and does it, as if its time had come.
import type { Clock } from "#kit/clock.js";
import type { LeasedStep } from "#kit/commit.js";
import { ownCall } from "#kit/call.js";
import { DomainError } from "#kit/pure/check.js";
import { type ParcelState, stepFrom } from "./core/parcel.js";
import type { ParcelSteps } from "./steps.js";
import type { ParcelRow } from "./store/parcels.js";
import type { Store } from "./store/store.js";

/**
 * Gives the function that moves the parcel of a resolution one step, and answers where it is then.
 * @throws DomainError PARTNER_NOT_FOUND without a parcel, PARTNER_REFUSED when it can go no further now
 */
export function parcelMover({ parcels }: Store, steps: ParcelSteps, clock: Clock): (resolutionId: string) => Promise<ParcelState> {
  async function takeOver(parcel: ParcelRow, name: "visit" | "arrive" | "receive" | "inspect"): Promise<LeasedStep> {
    const { bookingId, state } = parcel;
    const planned = await parcels.takeOver(bookingId, name, clock.now());
    if (planned) return planned;
    // The customer who was never going to hand it over does so after all.
    if (name === "visit") await parcels.planVisit(parcel, clock.now());
    const step = name === "visit" ? await parcels.takeOver(bookingId, name, clock.now()) : undefined;
    if (step) return step;
    throw refused(parcel, `${bookingId} is ${state} and waits for somebody else: was it announced to the dock?`);
  }

  return async (resolutionId) => {
    const parcel = await parcels.latest(resolutionId);
    if (!parcel) throw new DomainError("PARTNER_NOT_FOUND", `no parcel of ${resolutionId}`, { partner: "transport", id: resolutionId });
    const name = stepFrom[parcel.state];
    if (!name) throw refused(parcel, `${parcel.bookingId} is ${parcel.state}: it goes no further`);
    const step = await takeOver(parcel, name);
    try {
      await steps[name].run({ ...step, payload: { ...step.payload, byHand: true } }, ownCall("partners"));
    } catch (error) {
      await parcels.giveBack(step);
      throw error;
    }
    return (await parcels.find(parcel.bookingId))?.state ?? parcel.state;
  };
}

function refused({ state }: ParcelRow, message: string): DomainError {
  return new DomainError("PARTNER_REFUSED", message, { partner: "transport", code: state });
}
