// What a production build has in the place of failpoint.ts: places that do nothing, and no setting that says otherwise.
import type * as failpoints from "#kit/failpoint.js";

export const failpoint: typeof failpoints.failpoint = () => {};

export const failpointsArmed: typeof failpoints.failpointsArmed = () => false;

export const armFailpoint: typeof failpoints.armFailpoint = () => {};
