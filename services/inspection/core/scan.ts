// What somebody reads and counts at the dock.
import type { ReceiptItem } from "./types.js";

/** A parcel as it was scanned. */
export type Scan = {
  readonly trackingNumber: string;
  readonly centre: string;
  readonly items: readonly ReceiptItem[];
  readonly empty: boolean;
  readonly weightGrams: number;
  readonly note: string;
  readonly scanner: string;
  readonly time: Date;
};
