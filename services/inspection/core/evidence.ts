// The words of a custody chain.
import type { Photo } from "./types.js";

export type CustodyStage = "CUSTOMER" | "DRIVER" | "DOCK" | "QA";

/** What somebody saw. */
export type Sighting = {
  readonly stage: CustodyStage;
  readonly actor: string;
  readonly time: Date;
  readonly photo: Photo;
  readonly note: string;
};

/** A piece of evidence in its chain. */
export type Evidence = Sighting & {
  readonly inspectionId: string;
  readonly sequence: number;
  readonly previousHash: string;
  readonly hash: string;
};
