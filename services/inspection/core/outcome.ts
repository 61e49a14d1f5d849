// What a verb of an inspection comes to.
import type { Evidence } from "./evidence.js";
import type { Errand, Inspection, InspectionFact, Quarantined } from "./types.js";

/** The inspection as it becomes, what to announce, to do, and no longer to do. */
export type Outcome = {
  readonly next: Inspection;
  readonly facts?: readonly InspectionFact[];
  readonly steps?: readonly Errand[];
  readonly dropped?: readonly Errand["step"][];
  /** Rows beside it: what joins its custody chain, and what of a parcel goes to quarantine. */
  readonly evidence?: readonly Evidence[];
  readonly quarantined?: readonly Quarantined[];
};
