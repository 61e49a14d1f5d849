// How long carriers and the warehouse take, as it is set now.
import type { Pace } from "./core/parcel.js";
import type { Settings } from "./store/settings.js";

export type Paced = { now(): Pace; set(pace: Pace): Promise<void> };

/** Takes the pace up as it was set. */
export async function openPace(settings: Settings): Promise<Paced> {
  let { pace } = await settings.read();
  return {
    now: () => pace,
    set: async (wanted) => {
      await settings.savePace(wanted);
      pace = wanted;
    },
  };
}
