// Stops a subscription whose subscriber is gone, and announces it. Several tries may find that out at once: it is stopped
// once for each version of the subscription.
import { byFact } from "#kit/aggregate.js";
import type { Clock } from "#kit/clock.js";
import { disable } from "./core/subscription.js";
import type { DisabledReason, Subscription } from "./core/types.js";
import { disabledReasons } from "./proto.js";
import type { Subscriptions } from "./subscriptions.js";

export function openDisabling(subscriptions: Subscriptions, clock: Clock) {
  return async (subscriptionId: string, reason: DisabledReason): Promise<void> => {
    const { state, version, sellerId } = await subscriptions.find(subscriptionId);
    if (state !== "ACTIVE") return;
    const now = clock.now();
    const spend = byFact<Subscription>("outreach", `disabled.${subscriptionId}.${version}`);
    await subscriptions.change(subscriptionId, spend, (it) => {
      const next = disable(it, reason, now);
      if (next === it) return { next: { ...it, version: it.version + 1 } };
      const body = { subscriptionId, sellerId, reason: disabledReasons.value(reason), disableTime: now };
      return { next, fact: { name: "SubscriptionDisabled", body } };
    });
  };
}
