// The sandbox's one row of settings: how far business time runs ahead, and the pace.
import type { Database, Statement } from "#kit/postgres.js";
import type { Pace } from "../core/parcel.js";

const read: Statement = { name: "settings.read", text: "SELECT * FROM sandbox" };
const saveOffset: Statement = {
  name: "settings.offset",
  text: "UPDATE sandbox SET offset_ms = greatest(offset_ms, $1::bigint) RETURNING offset_ms",
};
const savePace: Statement = {
  name: "settings.pace",
  text: "UPDATE sandbox SET pickup_ms = $1, transit_ms = $2, inspection_ms = $3, retry_ms = $4",
};

/** Opens the settings. */
export function openSettings(db: Database) {
  return {
    read: async (): Promise<{ offsetMs: number; pace: Pace }> => {
      const [row] = await db.query(read);
      const pace = {
        pickupMs: Number(row.pickup_ms),
        transitMs: Number(row.transit_ms),
        inspectionMs: Number(row.inspection_ms),
        retryMs: Number(row.retry_ms),
      };
      return { offsetMs: Number(row.offset_ms), pace };
    },
    /** Never back: the answer is the offset that holds. */
    saveOffset: async (offsetMs: number): Promise<number> =>
      Number((await db.query(saveOffset, [offsetMs]))[0].offset_ms),
    savePace: async ({ pickupMs, transitMs, inspectionMs, retryMs }: Pace): Promise<void> => {
      await db.query(savePace, [pickupMs, transitMs, inspectionMs, retryMs]);
    },
  };
}

export type Settings = ReturnType<typeof openSettings>;
