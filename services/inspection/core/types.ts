// The words of an inspection. They are the contract's, without their prefix.

import type * as events from "#gen/backhaul/inspection/v1/inspection_events.js";
import type { FactOf } from "#kit/facts.js";
import type { Moves } from "#kit/pure/moves.js";

export type InspectionState = "EXPECTED" | "REGISTERED" | "INSPECTED" | "CANCELED";
export type Verdict = "ACCEPTED" | "REJECTED" | "MISSING";
export type Grade = "UNOPENED" | "LIKE_NEW" | "GOOD" | "FAIR" | "UNSELLABLE";
export type Condition =
  | "SELLABLE"
  | "DEFECTIVE"
  | "CUSTOMER_DAMAGED"
  | "CARRIER_DAMAGED"
  | "WRONG_ITEM"
  | "EMPTY_BOX"
  | "MISSING_PARTS"
  | "MISSING";
export type Disposition = "RESTOCKED" | "RESALE_GRADED" | "DISPOSE" | "RETURN_TO_CUSTOMER" | "MISSING";

/**
 * Where an inspection may go. CANCELED → REGISTERED: a cancellation calls nobody's parcel back, and one that comes all
 * the same is the customer's property in our house: unregistered it would be lost, and its refund clock never start.
 * CANCELED → EXPECTED: the resolution was reopened.
 */
export const inspectionMoves = {
  EXPECTED: ["REGISTERED", "CANCELED"],
  REGISTERED: ["INSPECTED"],
  INSPECTED: [],
  CANCELED: ["REGISTERED", "EXPECTED"],
} as const satisfies Moves<InspectionState>;

/** Units of a line; a line stands here once. */
export type ExpectedLine = { readonly lineId: string; readonly sku: string; readonly quantity: number };

/** Units of a line that share everything that can be said of them. */
export type Finding = {
  readonly lineId: string;
  readonly quantity: number;
  readonly verdict: Verdict;
  readonly grade?: Grade | undefined;
  readonly condition?: Condition | undefined;
  readonly disposition: Disposition;
  readonly note: string;
};

/** Something we could not get done: a person must do it, under the same request id so that it happens once. */
export type Attention = {
  readonly step: string;
  readonly requestId: string;
  readonly reason: string;
  readonly time: Date;
};

export type Inspection = {
  readonly inspectionId: string;
  readonly resolutionId: string;
  readonly orderId: string;
  readonly market: string;
  readonly state: InspectionState;
  readonly expected: readonly ExpectedLine[];
  readonly findings: readonly Finding[];
  readonly receiveTime: Date | undefined;
  readonly completeTime: Date | undefined;
  readonly inspector: string;
  readonly sendBackTrackingNumber: string;
  readonly attention: readonly Attention[];
  readonly createTime: Date;
  readonly version: number;
};

/** Accepted units of one product that go the same way. */
export type StockLine = {
  readonly sku: string;
  readonly quantity: number;
  readonly disposition: Disposition;
  readonly grade?: Grade | undefined;
};

/** What stock is told. */
export type Posting = { readonly lines: readonly StockLine[] };

/** What goes back to the customer. */
export type SendBack = { readonly orderId: string; readonly lines: readonly ExpectedLine[] };

/** What the dock is told. */
export type Announcement = SendBack & { readonly resolutionId: string };

/** What is still to do. It never changes, so the step carries it and need not read it back. */
export type Errand =
  | { readonly step: "announce"; readonly due: Date; readonly payload: Announcement }
  | { readonly step: "post"; readonly due: Date; readonly payload: Posting }
  | { readonly step: "send-back"; readonly due: Date; readonly payload: SendBack };

type Announced = FactOf<typeof events>;
type Completed = Extract<Announced, { name: "InspectionCompleted" }>["body"];

/** What is announced; findings are still in our words. */
export type InspectionFact =
  | Exclude<Announced, { name: "InspectionCompleted" }>
  | {
      readonly name: "InspectionCompleted";
      readonly body: Omit<Completed, "findings"> & { readonly findings: readonly Finding[] };
    };
