// The words of an inspection. They are the contract's, without their prefix.

import type * as events from "#gen/backhaul/inspection/v1/inspection_events.js";
import type { FactOf } from "#kit/facts.js";
import type { Money } from "#kit/pure/money.js";
import type { Moves } from "#kit/pure/moves.js";

export type InspectionState = "EXPECTED" | "REGISTERED" | "INSPECTED" | "CANCELED";
/** ESCALATED units wait for somebody else: an inspection is not complete with them. */
export type Verdict = "ACCEPTED" | "REJECTED" | "MISSING" | "ESCALATED";
export type Grade = "UNOPENED" | "LIKE_NEW" | "GOOD" | "FAIR" | "UNSELLABLE";
export type Condition =
  | "SELLABLE"
  | "DEFECTIVE"
  | "CUSTOMER_DAMAGED"
  | "CARRIER_DAMAGED"
  | "WRONG_ITEM"
  | "EMPTY_BOX"
  | "MISSING_PARTS"
  | "MISSING"
  | "FULFILLER_DAMAGED"
  | "COUNTERFEIT_SUSPECT"
  | "HAZMAT";
export type Disposition =
  | "RESTOCKED"
  | "RESALE_GRADED"
  | "DISPOSE"
  | "RETURN_TO_CUSTOMER"
  | "MISSING"
  | "REFURBISH"
  | "RETURN_TO_VENDOR"
  | "DONATE";
export type Fault = "CUSTOMER" | "SELLER" | "PLATFORM" | "LOGISTICS" | "GENERAL";
export type DisputeParty = "CUSTOMER" | "SELLER";
export type DisputeOutcome = "UPHELD" | "DISMISSED";

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

/** A photo that the media system keeps; `sha256` of its bytes, in hexadecimal digits. */
export type Photo = { readonly mediaId: string; readonly sha256: string };

/** Something taken off the refund of a finding's units, all of them together. */
export type Deduction = { readonly cause: string; readonly amount: Money; readonly note: string };

/** What is known of a finding beyond its words. `unitNumber` 0: units were not told apart. */
export type FindingDetail = {
  readonly unitNumber: number;
  readonly serial: string;
  readonly missingParts: readonly string[];
  readonly weightGrams: number;
  readonly expectedWeightGrams: number;
  readonly photos: readonly Photo[];
  readonly deductions: readonly Deduction[];
  readonly serialMismatch: boolean;
  readonly recorder: string;
  readonly recordTime: Date | undefined;
};

/** What is known of a line's units before they come. */
export type LineDetail = {
  readonly lineId: string;
  readonly category: string;
  readonly unitValue?: Money | undefined;
  readonly serials: readonly string[];
  readonly unitWeightGrams: number;
  /** Who sold it, where somebody else than the shop did; undefined where nobody said. */
  readonly sellerId?: string;
};

/** What the decision and the collection say of an expected receipt. */
export type Terms = {
  readonly centre: string;
  readonly dueTime?: Date | undefined;
  readonly deductionCauses: readonly string[];
  readonly secondOpinionOver?: Money | undefined;
  readonly trackingNumbers: readonly string[];
  readonly details: readonly LineDetail[];
  /** Whose fault the return is; undefined where nobody said. */
  readonly fault?: Fault | undefined;
  /** The customer never had the goods; undefined where nobody said. */
  readonly neverHad?: boolean;
};

/** A parcel on its way, as the collection tells of it. */
export type InboundParcel = {
  readonly trackingNumber: string;
  readonly carrier: string;
  readonly centre: string;
  readonly collectionId: string;
  readonly pickupTime?: Date | undefined;
  readonly deliverTime?: Date | undefined;
  readonly loseTime?: Date | undefined;
};

/** What nobody said anything of. */
export const noTerms: Terms = { centre: "", deductionCauses: [], trackingNumbers: [], details: [] };

/** Units of one product in a parcel; with a serial number it is one unit. */
export type ReceiptItem = { readonly sku: string; readonly quantity: number; readonly serial: string };

/** A parcel that was scanned. `items` belong here, `strays` went to quarantine. */
export type Receipt = {
  readonly trackingNumber: string;
  readonly centre: string;
  readonly items: readonly ReceiptItem[];
  readonly strays: readonly (ReceiptItem & { readonly reason: "OVER" | "WRONG_ITEM" })[];
  readonly empty: boolean;
  readonly weightGrams: number;
  readonly scanner: string;
  readonly receiveTime: Date;
};

/** A finding that somebody does not accept. `unitNumber` 0: the line as a whole. */
export type Dispute = {
  readonly disputeId: string;
  readonly party: DisputeParty;
  readonly lineId: string;
  readonly unitNumber: number;
  readonly statement: string;
  readonly evidence: readonly Photo[];
  readonly openTime: Date;
  readonly dueTime: Date;
  readonly outcome?: DisputeOutcome | undefined;
  readonly decider: string;
  readonly decideTime?: Date | undefined;
  readonly note: string;
  readonly corrected?: Finding | undefined;
  /** What was to happen with the goods and waits for its end; undefined on those from before anything waited. */
  readonly waiting?: readonly Waiting[];
};

/** What a correction changes for whoever pays. */
export type Change = {
  /** Units that count as given back now and did not before; negative for the other way round. */
  readonly moreAccepted: number;
  readonly returned: readonly Deduction[];
  readonly added: readonly Deduction[];
};

/** A way of the goods that waits for the end of a dispute. */
export type Waiting = Pick<Extract<Errand, { step: "post" | "send-back" }>, "step" | "payload">;

/** Units of a line that share everything that can be said of them. */
export type Finding = {
  readonly lineId: string;
  readonly quantity: number;
  readonly verdict: Verdict;
  readonly grade?: Grade | undefined;
  readonly condition?: Condition | undefined;
  readonly disposition: Disposition;
  readonly note: string;
  readonly detail?: FindingDetail | undefined;
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
  readonly terms: Terms;
  /** Unit by unit, in the order in which they were recorded; the last of a unit holds. */
  readonly recorded: readonly Finding[];
  readonly receipts: readonly Receipt[];
  readonly disputes: readonly Dispute[];
  /** The custody chain's anchor: how many entries it has, and the hash of the last. */
  readonly custodyCount: number;
  readonly custodyHead: string;
  /** Who bears the way back of what was rejected; "" while nothing was. */
  readonly sendBackPayer: Fault | "";
  /** Parcels that were still on their way when it was completed without them. */
  readonly completedWithout: readonly string[];
  /** Read along, never written with it: what was heard since it was last read is missing from one kept in memory. */
  readonly inbound: readonly InboundParcel[];
  readonly createTime: Date;
  readonly version: number;
};

export type QuarantineReason = "UNKNOWN_PARCEL" | "BLIND" | "INSPECTION_CLOSED" | "OVER" | "WRONG_ITEM" | "NEVER_HAD";
export type QuarantineState = "HELD" | "ASSIGNED" | "DISPOSED";

/** Where goods in quarantine may go: out, once. */
export const quarantineMoves = {
  HELD: ["ASSIGNED", "DISPOSED"],
  ASSIGNED: [],
  DISPOSED: [],
} as const satisfies Moves<QuarantineState>;

/** Goods that belong to no inspection, or not to the one they came with. */
export type Quarantined = {
  readonly quarantineId: string;
  readonly state: QuarantineState;
  readonly reason: QuarantineReason;
  /** The inspection it came with, or was assigned to; "" for none. */
  readonly inspectionId: string;
  readonly trackingNumber: string;
  readonly centre: string;
  readonly items: readonly ReceiptItem[];
  readonly note: string;
  readonly scanner: string;
  readonly receiveTime: Date;
  readonly decider: string;
  readonly decideTime?: Date | undefined;
  readonly disposition?: Disposition | undefined;
  readonly version: number;
};

/** Consecutive units of one line, counted from 1. */
export type UnitRange = { readonly lineId: string; readonly first: number; readonly quantity: number };

/** Accepted units of one product that go the same way. */
export type StockLine = {
  readonly sku: string;
  readonly quantity: number;
  readonly disposition: Disposition;
  readonly grade?: Grade | undefined;
  /** Which units they are, so that none is booked twice. */
  readonly units: readonly UnitRange[];
};

/** What stock is told. */
export type Posting = { readonly lines: readonly StockLine[] };

/** What goes back to the customer, and who bears it; steps from before that was said name nobody. */
export type SendBack = {
  readonly orderId: string;
  readonly lines: readonly ExpectedLine[];
  readonly payer?: Fault | "";
};

/** What the dock is told. */
export type Announcement = Omit<SendBack, "payer"> & {
  readonly resolutionId: string;
  /** The customer never had them, so nobody books their way; not said in steps of before it was known. */
  readonly neverHad?: boolean;
};

/** An inspection's part of a parcel that carries the goods of several; `time` as text, for the step is JSON. */
export type SharedParcel = {
  readonly inspectionId: string;
  readonly scan: {
    readonly trackingNumber: string;
    readonly centre: string;
    readonly items: readonly ReceiptItem[];
    readonly empty: boolean;
    readonly weightGrams: number;
    readonly note: string;
    readonly scanner: string;
    readonly time: string;
  };
  readonly lines?: undefined;
};

/** What is still to do. It never changes, so the step carries it and need not read it back. */
export type Errand =
  | { readonly step: "announce"; readonly due: Date; readonly payload: Announcement }
  | { readonly step: "post"; readonly due: Date; readonly payload: Posting }
  | { readonly step: "send-back"; readonly due: Date; readonly payload: SendBack }
  | { readonly step: "receive-shared"; readonly due: Date; readonly payload: SharedParcel }
  | { readonly step: "dispute-due"; readonly due: Date; readonly payload: DisputeDue };

/** Which dispute must be decided by then. */
export type DisputeDue = { readonly disputeId: string; readonly lines?: undefined };

type Announced = FactOf<typeof events>;
type Body<N extends Announced["name"]> = Extract<Announced, { name: N }>["body"];
type OfDispute = Omit<Body<"FindingDisputed">, "dispute"> & { readonly dispute: Dispute };
type OfGoods = { readonly quarantined: Quarantined };

/** What is announced, still in our words. */
export type InspectionFact =
  | Extract<Announced, { name: "ParcelReceived" | "EvidenceAdded" }>
  | {
      readonly name: "GoodsSentBack";
      readonly body: Omit<Body<"GoodsSentBack">, "payer"> & { readonly payer: Fault | "" };
    }
  | {
      readonly name: "InspectionCompleted";
      readonly body: Omit<Body<"InspectionCompleted">, "findings" | "abridged"> & {
        readonly findings: readonly Finding[];
      };
    }
  | { readonly name: "FindingDisputed"; readonly body: OfDispute }
  | { readonly name: "DisputeDecided"; readonly body: OfDispute & Change }
  | { readonly name: "GoodsQuarantined"; readonly body: OfGoods & { readonly resolutionId: string } }
  | { readonly name: "QuarantineEnded"; readonly body: OfGoods };
