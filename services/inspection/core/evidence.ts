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
  /** Its note was erased with the customer's data: what it says can no longer be held against its hash, only its place. */
  readonly erased?: boolean;
};
