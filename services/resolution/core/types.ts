// The words of a resolution. State words are the contract's, without their prefix.

import type * as events from "#gen/backhaul/resolution/v1/resolution_events.js";
import type { FactOf } from "#kit/facts.js";
import type { Money } from "#kit/pure/money.js";

export type Kind = "CANCELLATION" | "RETURN" | "EXCHANGE" | "CLAIM";
export type Fault = "CUSTOMER" | "SELLER" | "PLATFORM" | "LOGISTICS" | "GENERAL";
export type Channel = "APP" | "WEB" | "CS" | "API" | "SYSTEM";
export type Trigger = "ON_APPROVAL" | "ON_PICKUP_SCAN" | "ON_RECEIPT" | "ON_INSPECTION" | "ON_DEADLINE";
export type ExchangeMode = "STANDARD" | "CROSS_SHIP" | "ADVANCE";
export type Verdict = "ACCEPT" | "REVIEW" | "DECLINE";
export type OnUnpaid = "REFUND" | "CANCEL";
export type CancelCode = "OUT_OF_STOCK" | "PRICE_ERROR" | "ADDRESS_UNSERVICEABLE" | "PAYMENT_EXPIRED" | "FRAUD";
export type UnaskedReason = "REFUSED_DELIVERY" | "UNCLAIMED" | "RETURN_TO_SENDER";

export type State =
  | "REQUESTED"
  | "PENDING_REVIEW"
  | "OPEN"
  | "DECLINED"
  | "WITHDRAWN"
  | "AUTO_WITHDRAWN"
  | "CANCELED"
  | "CLOSED";
export type Goods =
  | "NOT_REQUIRED"
  | "STOPPING"
  | "STOPPED"
  | "INTERCEPTING"
  | "ALREADY_SHIPPED"
  | "COLLECTING"
  | "IN_TRANSIT"
  | "RECEIVED"
  | "INSPECTING"
  | "INSPECTED"
  | "LOST"
  | "RETURNED_TO_CUSTOMER";
export type MoneyState =
  | "NONE"
  | "WAITING"
  | "REFUNDING"
  | "REFUNDED"
  | "REFUSED"
  | "MANUAL_REQUIRED"
  | "AWAITING_PAYMENT"
  | "RECOVERING"
  | "RECOVERED"
  | "WRITTEN_OFF";
export type Stock = "NONE" | "HOLDING" | "HELD" | "RESHIPPING" | "FULFILLED" | "SOLD_OUT" | "RELEASED";

/** Where the three tracks stand; none before the request is granted. */
export type Tracks = { readonly goods: Goods; readonly money: MoneyState; readonly stock: Stock };

/** A statutory time limit, from the policy. */
export type StatutoryClock = { readonly days: number; readonly businessDays: boolean; readonly article: string };

export type Fee = { readonly code: string; readonly amount: Money; readonly ruleId: string };

/** What is known of a line's units before they come; kept with the terms. */
export type LineGoods = {
  readonly lineId: string;
  readonly category: string;
  readonly unitValue: Money | undefined;
  readonly sellerId: string;
};

/** Something taken off what units bring. An amount as text, for lines are kept as plain JSON. */
export type Deducted = {
  readonly cause: string;
  readonly currency: string;
  readonly minor: string;
  readonly note: string;
};

/** How the request is carried out: the frozen decision, as far as the core needs it. */
export type Terms = {
  readonly trigger: Trigger;
  readonly collection: boolean;
  /** The hand-over the customer chose, or the policy's first: the contract's CollectionMethod. */
  readonly method: number;
  readonly slotId: string;
  readonly inspection: boolean;
  readonly replacement: boolean;
  readonly exchange: ExchangeMode | undefined;
  readonly fees: readonly Fee[];
  /** Whose fault the return is: the worst of its lines'. */
  readonly fault: Fault;
  readonly handoverDays: number;
  readonly reminderDays: readonly number[];
  readonly autoWithdrawal: boolean;
  readonly maxPickupAttempts: number;
  /** How sure the carrier must be of who hands over: the contract's Verification. Decisions of before have none. */
  readonly verification?: number;
  readonly refundClock: StatutoryClock | undefined;
  readonly collectionClock: StatutoryClock | undefined;
  /** Until when the customer could ask; nothing withdraws itself before. */
  readonly windowEnd: Date | undefined;
  /** What the inspection goes by; undefined in what was frozen before it was kept. */
  readonly deductionCauses?: readonly string[];
  readonly secondOpinionOver?: Money | undefined;
  readonly goods?: readonly LineGoods[];
  /** In which time after receipt the refund is promised though nobody has looked. */
  readonly guaranteeClock?: StatutoryClock | undefined;
  /** A replacement that goes out first does so against an amount set aside on the customer's card. */
  readonly exchangeGuarantee?: boolean;
  /** What the customer wants to be told; requests of before say nothing of it. */
  readonly notices?: { readonly none: boolean; readonly language: string };
};

export type Line = {
  readonly lineId: string;
  readonly sku: string;
  readonly title: string;
  readonly quantity: number;
  readonly purchased: number;
  readonly reason: string;
  readonly note: string;
  readonly replacementSku: string;
  readonly accepted: number;
  readonly rejected: number;
  readonly missing: number;
  /** What the inspection took off; undefined where nobody has looked. */
  readonly deductions?: readonly Deducted[];
  /** Units the carrier lost on the way here; undefined on lines from before that was kept. */
  readonly lost?: number;
  /** Where the units are counted, if not under the line: those of a replacement are units of their own. */
  readonly heldAs?: string;
  /** What was paid for the units where that is not what was paid for the line: a replacement's of another price. */
  readonly worth?: Worth;
};

/** An amount as text, for lines are kept as plain JSON. */
export type Worth = { readonly currency: string; readonly minor: string };

/** Units of a line. */
export type Units = { readonly lineId: string; readonly quantity: number };

/** Where a request comes from, if not from the buyer who asks for one order; it never changes. */
export type Origin = {
  readonly cancelCode: CancelCode | undefined;
  readonly unaskedReason: UnaskedReason | undefined;
  /** The shipment that comes back unasked. */
  readonly shipmentId: string;
  /** The requester's id of an event that is about several orders. */
  readonly returnEventId: string;
  /** The exchange whose replacement this is about. */
  readonly originResolutionId: string;
  /** The receiver of a gift asks; the customer is theirs. */
  readonly gift: boolean;
};

/** What a replacement costs, and how its difference is paid. */
export type Exchange = {
  /** Until when the inventory holds it. */
  readonly expires: Date;
  /** Undefined where the inventory tells no price, which is then taken to be the same. */
  readonly price?: Money | undefined;
  readonly paid?: Money | undefined;
  readonly demandId?: string;
  readonly demandUrl?: string;
  readonly payBy?: Date;
  /** The amount of that demand. */
  readonly asked?: Money;
  /** What the customer paid of the difference so far, each demand once. */
  readonly received?: readonly PaidDemand[];
  /** The units it is held for; undefined in what was held before this was kept. */
  readonly units?: readonly Units[];
  readonly guarantee?: Guarantee;
};

/** A demand that was paid. */
export type PaidDemand = { readonly demandId: string; readonly amount: Money };

/** What is set aside on the customer's card for a replacement that goes out before its goods come back. */
export type Guarantee = {
  readonly state: "SET_ASIDE" | "REFUSED" | "TAKEN" | "LET_GO";
  readonly authorizationId?: string;
  readonly amount?: Money;
  readonly expires?: Date;
  /** What was paid for the units of each line. */
  readonly shares?: readonly Share[];
  readonly taken?: Money;
};

/** What was paid for some units of a line, in minor units as text, for it is kept as plain JSON. */
export type Share = { readonly lineId: string; readonly quantity: number; readonly minor: string };

export type Deadline = {
  readonly step: string;
  readonly due: Date;
  readonly article: string;
  readonly provisional: boolean;
  /** From when it is counted, and by which calendar; undefined on those counted before this was kept. */
  readonly from?: Date;
  readonly calendar?: string;
  /** Of a hand-over; undefined on those that were counted in one go. */
  readonly count?: HandoverCount;
};

/** The days of a hand-over so far. */
export type HandoverCount = {
  /** Days that the customer could use. */
  readonly usable: number;
  /** Whether the last day was none of them. */
  readonly stopped: boolean;
  /** When reminders went out. */
  readonly reminded: readonly Date[];
};

/** What a person must look at. A step that gave up is kept to be tried again, also `behind` what was raised after it. */
export type Hold = {
  readonly step: string;
  readonly payload: object;
  readonly reason: string;
  readonly behind?: readonly Hold[];
  /** What it is about, where that does not move with the request. */
  readonly about?: string;
};

/** The statechart's own part: small JSON, no money. */
export type Chart = { readonly machine: string; readonly value: unknown; readonly context: object };

export type Resolution = {
  readonly resolutionId: string;
  readonly orderId: string;
  readonly customerId: string;
  readonly market: string;
  readonly kind: Kind;
  readonly channel: Channel;
  readonly state: State;
  readonly tracks: Tracks | undefined;
  readonly hold: Hold | undefined;
  readonly lines: readonly Line[];
  readonly terms: Terms;
  /** The decision as the eligibility service gave it: bytes of its message, never changed. */
  readonly decision: Uint8Array;
  /** The decision of staff it rests on, which serves one resolution; empty if the policy decided. */
  readonly staffDecisionId: string;
  readonly chart: Chart;
  readonly collectionId: string;
  readonly inspectionId: string;
  readonly refundId: string;
  readonly stockHoldId: string;
  /** Undefined until a replacement is held. */
  readonly exchange: Exchange | undefined;
  readonly origin: Origin;
  readonly refunded: Money | undefined;
  readonly deadlines: readonly Deadline[];
  /** Entries of its timeline so far. */
  readonly entries: number;
  readonly createTime: Date;
  readonly updateTime: Date;
  readonly closeTime: Date | undefined;
  readonly version: number;
};

/** Who does something. */
export type Actor = { readonly subject: string; readonly role: string };

/** One line of the history. */
export type Entry = {
  readonly sequence: number;
  readonly name: string;
  readonly text: string;
  readonly state: State;
  readonly tracks: Tracks | undefined;
  readonly actor: Actor;
  readonly time: Date;
  /** False when it came too late to change anything. */
  readonly applied: boolean;
};

/** A step to do: a call with what it sends, or a deadline. */
export type Step = { readonly step: string; readonly due: Date; readonly payload: object };

/** A fact's content in the core's words, where the contract has numbers. */
type Worded<B> = { readonly [K in keyof B]: K extends "state" ? State : K extends "kind" ? Kind : B[K] };
type InWords<F> = F extends { readonly name: infer N; readonly body: infer B }
  ? { readonly name: N; readonly body: Worded<B> }
  : never;

export type ResolutionFact = InWords<FactOf<typeof events>>;

/** What an event comes to. */
export type Outcome = {
  readonly next: Resolution;
  readonly entries: readonly Entry[];
  readonly facts: readonly ResolutionFact[];
  readonly steps: readonly Step[];
  /** Names of steps no longer to be done. */
  readonly dropped: readonly string[];
  /** Change of units held, per line; negative gives units back. */
  readonly held: readonly { readonly lineId: string; readonly purchased: number; readonly delta: number }[];
};
