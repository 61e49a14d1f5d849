// The words of webhooks. State words are the contract's, without their prefix.
import type { Progress } from "#gen/backhaul/resolution/v1/resolution_events.js";
import type { Kind } from "#gen/backhaul/type/v1/kind.js";
import type { Money } from "#gen/google/type/money.js";

/** DELETED is nobody's business but the store's: to callers such a subscription is not there. */
export type SubscriptionState = "ACTIVE" | "PAUSED" | "DISABLED" | "DELETED";
export type DisabledReason = "GONE" | "FAILING";

/** Bytes under a key that this service has and the database has not. */
export type Sealed = Uint8Array;

export type Subscription = {
  readonly subscriptionId: string;
  /** Whose goods it is about; empty for all. */
  readonly sellerId: string;
  readonly url: string;
  readonly description: string;
  /** None is every one. */
  readonly eventTypes: readonly string[];
  readonly markets: readonly string[];
  readonly state: SubscriptionState;
  readonly disabledReason: DisabledReason | undefined;
  /** Since when nothing was delivered though it was tried, in real time. */
  readonly failingSince: Date | undefined;
  readonly secret: Sealed;
  readonly former: Former | undefined;
  readonly createTime: Date;
  readonly updateTime: Date;
  readonly version: number;
};

/** The secret before the last rotation, which signs along until then in real time. */
export type Former = { readonly secret: Sealed; readonly until: Date };

/** What of a resolution's history came in. */
export type History = {
  readonly resolutionId: string;
  readonly orderId: string;
  readonly market: string;
  readonly kind: Kind;
  readonly sellerIds: readonly string[];
  readonly refunded: Money | undefined;
  /** In order and without a gap. */
  readonly entries: readonly Progress[];
};

export type DeliveryState = "PENDING" | "DELIVERED" | "DEAD" | "DISCARDED";

export type Delivery = {
  readonly deliveryId: string;
  readonly subscriptionId: string;
  readonly eventId: string;
  readonly eventType: string;
  /** The resolution, or the ping itself: of a lane one goes out at a time, in order. */
  readonly lane: string;
  readonly sequence: number;
  readonly state: DeliveryState;
  /** Since it was last made pending; the schedule goes by it. */
  readonly tries: number;
  readonly attempts: number;
  readonly lastStatus: number;
  readonly lastError: string;
  readonly createTime: Date;
  readonly endTime: Date | undefined;
  readonly version: number;
};

/** What came back from a subscriber. */
export type Answer = {
  /** 0 when there was none. */
  readonly status: number;
  readonly latencyMs: number;
  /** Why there was none; empty otherwise. */
  readonly error: string;
  readonly head: string;
  /** What Retry-After asked for. */
  readonly retryAfterMs: number | undefined;
};
