// Between the contract's messages and the core's words.
import {
  type DeliveryAttempt,
  type Delivery as DeliveryMessage,
  DeliveryState,
  DisabledReason,
  type Subscription as SubscriptionMessage,
  SubscriptionState,
} from "#gen/backhaul/outreach/v1/webhook.js";
import { words } from "#kit/words.js";
import type { Delivery, Subscription } from "./core/types.js";
import type { Attempt } from "./deliveries.js";

const subscriptionStates = words(SubscriptionState, "SUBSCRIPTION_STATE_");
export const disabledReasons = words(DisabledReason, "DISABLED_REASON_");
export const deliveryStates = words(DeliveryState, "DELIVERY_STATE_");

/** A subscription without its secrets. */
export function toMessage(subscription: Subscription): SubscriptionMessage {
  const { state, disabledReason, former, eventTypes, markets } = subscription;
  return {
    subscriptionId: subscription.subscriptionId,
    url: subscription.url,
    description: subscription.description,
    eventTypes: [...eventTypes],
    markets: [...markets],
    sellerId: subscription.sellerId,
    state: state === "DELETED" ? SubscriptionState.SUBSCRIPTION_STATE_UNSPECIFIED : subscriptionStates.value(state),
    disabledReason: disabledReason ? disabledReasons.value(disabledReason) : DisabledReason.DISABLED_REASON_UNSPECIFIED,
    failingSince: subscription.failingSince,
    formerSecretUntil: former?.until,
    createTime: subscription.createTime,
    updateTime: subscription.updateTime,
  };
}

/** A ping is about no resolution: its lane is its own. */
export function toDeliveryMessage(delivery: Delivery): DeliveryMessage {
  const { lane, eventId, state } = delivery;
  return {
    deliveryId: delivery.deliveryId,
    subscriptionId: delivery.subscriptionId,
    eventId,
    eventType: delivery.eventType,
    resolutionId: lane === eventId ? "" : lane,
    state: deliveryStates.value(state),
    attempts: delivery.attempts,
    lastStatus: delivery.lastStatus,
    lastError: delivery.lastError,
    createTime: delivery.createTime,
    endTime: delivery.endTime,
  };
}

export function toAttemptMessage(attempt: Attempt): DeliveryAttempt {
  return { ...attempt };
}
